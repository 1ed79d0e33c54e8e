"""Status: how it went, in one or two codes (ARR-04, RSP-04)."""

from dataclasses import dataclass
from typing import Final

from saml2 import samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import Element, text

_TOP_LEVEL: Final = frozenset(
    {names.STATUS_SUCCESS, names.STATUS_REQUESTER, names.STATUS_RESPONDER, names.STATUS_VERSION_MISMATCH}
)


@dataclass(frozen=True, slots=True)
class Status:
    """Status of an answer.

    Args:
        code: one of the four of SAML core 3.2.2.2.
        second: URI that says more; only when `code` is not Success.
        message: text; only when `code` is not Success.
    """

    code: str
    second: str | None = None
    message: str | None = None

    @property
    def success(self) -> bool:
        """Whether it went well."""
        return self.code == names.STATUS_SUCCESS


SUCCESS: Final = Status(names.STATUS_SUCCESS)


def build_status(status: Status) -> samlp.Status:
    """The pysaml2 element, for within an answer."""
    second = None if status.second is None else samlp.StatusCode(value=status.second)
    message = None if status.message is None else samlp.StatusMessage(text=status.message)
    return samlp.Status(status_code=samlp.StatusCode(value=status.code, status_code=second), status_message=message)


def read_status(answer: Element) -> Status:
    """The Status of an answer that a signature covers. StatusDetail is not looked at.

    Raises:
        SamlError: `status`: an unknown top-level code, more than two levels, or more to say about a success (S68).
    """
    element = reading.one(answer, names.samlp("Status"), "status")
    top = reading.one(element, names.samlp("StatusCode"), "status")
    second = reading.at_most_one(top, names.samlp("StatusCode"), "status")
    if second is not None and len(second):
        raise SamlError("status", "more than two levels")
    message = reading.at_most_one(element, names.samlp("StatusMessage"), "status")
    status = Status(
        code=_value(top),
        second=None if second is None else _value(second),
        message=None if message is None else text(message),
    )
    if status.code not in _TOP_LEVEL:
        raise SamlError("status", "not a top-level code of SAML core")
    if status.success and (second is not None or message is not None):
        raise SamlError("status", "a success with a second code or a message")
    return status


def _value(code: Element) -> str:
    return reading.optional(code, "Value") or ""
