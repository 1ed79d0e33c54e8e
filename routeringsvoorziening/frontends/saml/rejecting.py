"""What is written down about a message that gets no answer: one log line and one count, with the stable code."""

from collections.abc import Iterable
from typing import Final, Protocol

import structlog

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.errors import SamlError

REJECTIONS: Final = (SamlError, MessageRefused)
"""What a handler catches."""

_log = structlog.get_logger(__name__)


class RejectionMeter(Protocol):
    """Counts messages that were rejected, and deviations that were needed."""

    def message_rejected(self, endpoint: str, code: str) -> None:
        """`code` is from a closed set: those of `SamlError`, of `MessageRefused`, of `asking` and of `artifact`."""
        ...

    def compat_used(self, connection: str, switch: str) -> None:
        """A connection needed what was agreed with it."""
        ...


class Rejections:
    """Notes rejections at one endpoint. Codes and details hold nothing of the message: they are logged as they are."""

    def __init__(self, endpoint: str, meter: RejectionMeter) -> None:
        self._endpoint = endpoint
        self._meter = meter

    def note(self, reference: Reference, error: SamlError | MessageRefused) -> None:
        """A message was not trusted; its sender sees only the reference."""
        self.note_code(reference, error.code, error.detail)

    def note_code(self, reference: Reference, code: str, detail: str, connection: str = "") -> None:
        """A message was trusted to be from `connection`, but breaks a rule; its sender gets a status."""
        self._meter.message_rejected(self._endpoint, code)
        _log.warning(
            "message rejected",
            endpoint=self._endpoint,
            reference=reference,
            code=code,
            detail=detail,
            connection=connection,
        )

    def note_compat(self, connection: str, switches: Iterable[str]) -> None:
        """A message was accepted because of what was agreed with its sender."""
        for switch in switches:
            self._meter.compat_used(connection, switch)
