"""Mistakes in metadata: gathered, so that `rv check` can show them all and reading can refuse at the first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.errors import SamlError

ValueT = TypeVar("ValueT")


class Unusable(Exception):
    """There is nothing left to inspect; what was wrong has been noted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake.

    Args:
        code: stable, see `errors.CODES`.
        eis: the requirement that it breaks.
        text: plain words in English, with the place.
        tolerated: True when the document is used all the same: a remark, or a rule that configuration waives.
    """

    code: str
    eis: str
    text: str
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """How to judge a document. Strict by default; every leniency is the configuration's decision for one party.

    Args:
        trust: the PKIoverheid certificates under which every certificate must stand.
        at: now, UTC.
        allow_loopback: http is allowed for hosts under `.localhost`, for demonstration and test.
        allow_missing_expiry: neither validUntil nor cacheDuration is needed (`metadata_without_expiry`).
        allow_missing_service_uuid: an AttributeConsumingService may lack its ServiceUUID (`service_index`).
    """

    trust: TrustBundle
    at: datetime
    allow_loopback: bool = False
    allow_missing_expiry: bool = False
    allow_missing_service_uuid: bool = False


@dataclass(slots=True)
class Inspection:
    """One reading of one document: the rules, and what was found."""

    rules: Rules
    found: list[Finding] = field(default_factory=list)

    def refuse(self, code: str, eis: str, text: str, *, unless: bool = False) -> None:
        """Note a mistake; with `unless`, one that is tolerated."""
        self.found.append(Finding(code, eis, text, tolerated=unless))

    def remark(self, code: str, eis: str, text: str) -> None:
        """Note something that deserves attention, and go on."""
        self.refuse(code, eis, text, unless=True)

    def attempt(self, eis: str, place: str, step: Callable[[], ValueT], code: str | None = None) -> ValueT | None:
        """What a step gives; None when it breaks a rule, which is noted; with `code`, under that one."""
        try:
            return step()
        except SamlError as error:
            detail = f"{error.code}: {error.detail}" if code else error.detail or error.code
            self.refuse(code or error.code, eis, f"{place}: {detail}")
            return None

    @contextmanager
    def needing(self, eis: str) -> Iterator[None]:
        """Note what the block raises, for what the rest cannot do without.

        Raises:
            Unusable: there was a mistake.
        """
        try:
            yield
        except SamlError as error:
            self.refuse(error.code, eis, error.detail or error.code)
            raise Unusable from None

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The findings for which the document is not used."""
        return tuple(each for each in self.found if not each.tolerated)

    def inspect(self, reader: Callable[["Inspection"], ValueT]) -> ValueT | None:
        """What the reader makes of the document; None when it may not be used."""
        try:
            value = reader(self)
        except Unusable:
            return None
        return None if self.refused else value

    def read(self, reader: Callable[["Inspection"], ValueT]) -> ValueT:
        """What the reader makes of the document.

        Raises:
            SamlError: the code of the first mistake.
        """
        value = self.inspect(reader)
        if value is None:
            first = self.refused[0]
            raise SamlError(first.code, first.text)
        return value
