"""What is written down about a message that gets no answer: one log line and one count, with the stable code."""

from typing import Final, Protocol

import structlog

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.errors import SamlError

REJECTIONS: Final = (SamlError, MessageRefused)
"""What a handler catches."""

_log = structlog.get_logger(__name__)


class RejectionMeter(Protocol):
    """Counts messages that were rejected."""

    def message_rejected(self, code: str) -> None:
        """`code` is from a closed set: those of `SamlError`, of `MessageRefused`, and of `asking`."""
        ...


class Rejections:
    """Notes rejections. Codes and details hold nothing of the message, so both can be logged as they are."""

    def __init__(self, meter: RejectionMeter) -> None:
        self._meter = meter

    def note(self, message: str, reference: Reference, error: SamlError | MessageRefused) -> None:
        """A message of a kind (`AuthnRequest`) was not trusted; its sender sees only the reference."""
        self._write(message, reference, error.code, error.detail)

    def note_failure(self, message: str, reference: Reference, code: str, detail: str) -> None:
        """A message was trusted, but breaks a rule; its sender gets a status."""
        self._write(message, reference, code, detail)

    def _write(self, message: str, reference: Reference, code: str, detail: str) -> None:
        self._meter.message_rejected(code)
        _log.warning("message rejected", message=message, reference=reference, code=code, detail=detail)
