"""Everything a declaring party can do wrong: one small function per fault, one line in a table, so tests run over it.

A fault acts at one place of the answer's way out: on the values of the Assertion before it is built, on the signed
Assertion, on the Response, on the signed ArtifactResponse, or on the wire.
Each party adds what only it can do wrong, and has its own `FaultSwitches`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from aiohttp import web

from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.simulators.declaring import faults_content as content
from routeringsvoorziening.simulators.declaring import faults_wire as wire
from routeringsvoorziening.simulators.declaring.scene import Scene

OnAssertion = Callable[[Assertion, Scene], Assertion]
OnSigned = Callable[[Element, Scene], list[Element]]
OnResponse = Callable[[Element, Scene], Element | None]
OnEnvelope = Callable[[Element, Scene], None]
OnWire = Callable[[web.Request, bytes, Scene], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    Args:
        name: stable; what tests and forms call it.
        nl: what happens, in Dutch.
        en: the same in English.
        on_assertion: changes the values of the Assertion before it is built and signed.
        on_signed: turns the signed Assertion into what the Response will hold.
        on_response: changes the Response; None leaves it out.
        on_envelope: changes the signed ArtifactResponse.
        on_wire: answers the HTTP request in its own way, given the right body.
    """

    name: str
    nl: str
    en: str
    on_assertion: OnAssertion | None = None
    on_signed: OnSigned | None = None
    on_response: OnResponse | None = None
    on_envelope: OnEnvelope | None = None
    on_wire: OnWire | None = None


COMMON: Final = (
    Fault("slow", "antwoordt traag", "answers slowly", on_wire=wire.slow),
    Fault("hang-up", "verbreekt de verbinding", "hangs up", on_wire=wire.hang_up),
    Fault("unavailable", "HTTP 503", "HTTP 503", on_wire=wire.unavailable),
    Fault("drip", "stuurt byte voor byte", "sends byte by byte", on_wire=wire.drip),
    Fault("truncated", "breekt het antwoord af", "cuts the answer short", on_wire=wire.truncated),
    Fault("garbage", "stuurt onzin", "sends garbage", on_wire=wire.garbage),
    Fault("huge", "stuurt vele megabytes", "sends many megabytes", on_wire=wire.huge),
    Fault("html", "stuurt een webpagina", "sends a web page", on_wire=wire.html),
    Fault("redirect", "stuurt door naar elders", "redirects elsewhere", on_wire=wire.redirect),
    Fault("expired", "verlopen Assertion", "expired Assertion", content.expired),
    Fault("not-yet-valid", "Assertion van morgen", "Assertion of tomorrow", content.not_yet_valid),
    Fault("other-issuer", "andere Issuer", "other Issuer", content.other_issuer),
    Fault("other-audience", "andere Audience", "other Audience", content.other_audience),
    Fault("other-recipient", "andere Recipient", "other Recipient", content.other_recipient),
    Fault(
        "other-in-response-to",
        "andere InResponseTo in de Assertion",
        "other InResponseTo in the Assertion",
        content.other_in_response_to,
    ),
    Fault("other-service", "andere ServiceUUID", "other ServiceUUID", content.other_service),
    Fault("with-advice", "Assertion met Advice", "Assertion with Advice", content.with_advice),
    Fault("with-authority", "met AuthenticatingAuthority", "with AuthenticatingAuthority", content.with_authority),
    Fault("no-acting-subject", "zonder ActingSubjectID", "no ActingSubjectID", content.no_acting_subject),
    Fault("no-recipient", "EncryptedKey zonder Recipient", "EncryptedKey without Recipient", content.no_recipient),
    Fault("for-another", "versleuteld voor een ander", "encrypted for another", content.for_another),
    Fault("same-assertion-id", "steeds hetzelfde Assertion-ID", "the same Assertion ID again", content.same_id),
    Fault("two-acting-subjects", "ActingSubjectID dubbel", "two ActingSubjectIDs", on_signed=content.two_subjects),
    Fault(
        "wrong-signature", "Assertion met kapotte handtekening", "broken Assertion signature", on_signed=content.broken
    ),
    Fault(
        "altered", "Assertion gewijzigd na ondertekening", "Assertion altered after signing", on_signed=content.altered
    ),
    Fault("other-key", "Assertion van een vreemde sleutel", "Assertion by another key", on_signed=content.other_key),
    Fault("unsigned-assertion", "Assertion zonder handtekening", "unsigned Assertion", on_signed=content.unsigned),
    Fault("no-assertion", "Success zonder Assertion", "Success without Assertion", on_signed=content.no_assertion),
    Fault("two-assertions", "twee Assertions", "two Assertions", on_signed=content.two_assertions),
    Fault("encrypted-assertion", "EncryptedAssertion", "EncryptedAssertion", on_signed=content.encrypted_assertion),
    Fault("no-response", "Success zonder Response", "Success without Response", on_response=content.no_response),
    Fault(
        "recoverable", "RequestUnsupported met tekst", "RequestUnsupported with text", on_response=content.recoverable
    ),
    Fault("other-destination", "andere Destination", "other Destination", on_response=content.other_destination),
    Fault(
        "response-in-response-to",
        "andere InResponseTo in de Response",
        "other InResponseTo in the Response",
        on_response=content.response_in_response_to,
    ),
    Fault(
        "unsigned-envelope",
        "ArtifactResponse zonder handtekening",
        "unsigned ArtifactResponse",
        on_envelope=content.unsigned_envelope,
    ),
    Fault(
        "altered-envelope",
        "ArtifactResponse gewijzigd na ondertekening",
        "ArtifactResponse altered after signing",
        on_envelope=content.altered_envelope,
    ),
)
"""What every declaring party can do wrong."""


def table_of(*faults: Fault) -> Mapping[str, Fault]:
    """Faults by name."""
    return {fault.name: fault for fault in faults}


class FaultSwitches:
    """What is switched on, for every answer. Tests hold this object; a person's page switches for one login only.

    Args:
        names: switched on from the start.
        seconds: how long `slow` waits, and `drip` between bytes.

    Raises:
        KeyError: no such fault.
    """

    table: ClassVar[Mapping[str, Fault]] = table_of(*COMMON)
    """What this party can do wrong, by name."""

    def __init__(self, names: Iterable[str] = (), *, seconds: float = 5.0) -> None:
        self.seconds = seconds
        self._on: dict[str, Fault] = {}
        self.switch_on(*names)

    def switch_on(self, *names: str) -> None:
        """Add faults."""
        self._on |= {name: self.table[name] for name in names}

    def clear(self) -> None:
        """Behave again."""
        self._on.clear()

    def active(self, also: Iterable[str] = ()) -> tuple[Fault, ...]:
        """Every fault that is on, with those of one login."""
        return tuple((self._on | {name: self.table[name] for name in also}).values())
