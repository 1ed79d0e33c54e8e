"""Everything the DigiD simulator can do wrong when a session must end: one small function per fault, one line each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.simulators.declaring.faults_content import ELSEWHERE, SOMEBODY_ELSE, stranger
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings

REFUSED: Final = Status(names.STATUS_RESPONDER, names.STATUS_REQUEST_DENIED)


@dataclass(frozen=True, slots=True)
class LogoutFault:
    """One way to misbehave.

    Args:
        name: stable; what tests call it.
        about: what happens.
        on_values: changes the LogoutResponse before it is built and signed.
        on_signed: changes the signed LogoutResponse.
        ends: whether the session ends at all.
        answers: whether the browser is sent back.
        signing: with which key.
    """

    name: str
    about: str
    on_values: Callable[[LogoutResponse], LogoutResponse] = lambda response: response
    on_signed: Callable[[Element], object] = lambda _: None
    ends: bool = True
    answers: bool = True
    signing: Callable[[DeclaringSettings], SigningKey] = lambda settings: settings.signing


def _unsign(message: Element) -> None:
    message.remove(message[1])


def _say_success(message: Element) -> None:
    code = message.find("samlp:Status/samlp:StatusCode", names.PREFIXES)
    if code is not None:
        code.set("Value", names.STATUS_SUCCESS)


NO_FAULT: Final = LogoutFault("", "as it should be")
_TABLE: Final = (
    LogoutFault("refuse", "keeps the session and says so", lambda each: replace(each, status=REFUSED), ends=False),
    LogoutFault("silent", "never sends the browser back", ends=False, answers=False),
    LogoutFault("unsigned", "a LogoutResponse without signature", on_signed=_unsign),
    LogoutFault(
        "altered",
        "refuses, and becomes a Success after signing",
        lambda each: replace(each, status=REFUSED),
        _say_success,
        ends=False,
    ),
    LogoutFault(
        "other-in-response-to", "another InResponseTo", lambda each: replace(each, in_response_to=new_message_id())
    ),
    LogoutFault("other-issuer", "another Issuer", lambda each: replace(each, issuer=SOMEBODY_ELSE)),
    LogoutFault("other-destination", "another Destination", lambda each: replace(each, destination=ELSEWHERE)),
    LogoutFault(
        "other-key",
        "signed by a key that only bears the right KeyName",
        signing=lambda settings: stranger(settings.signing.key_name),
    ),
)
LOGOUT_FAULTS: Final[Mapping[str, LogoutFault]] = {fault.name: fault for fault in _TABLE}
"""Every fault by name."""


class LogoutFaultSwitch:
    """At most one fault is on; tests hold this object."""

    def __init__(self) -> None:
        self.current = NO_FAULT

    def switch_on(self, name: str) -> None:
        """Misbehave in this way.

        Raises:
            KeyError: no such fault.
        """
        self.current = LOGOUT_FAULTS[name]

    def clear(self) -> None:
        """Behave again."""
        self.current = NO_FAULT
