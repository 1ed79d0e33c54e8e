"""Everything that the node of another country can do wrong: one small function per fault, one line in a table.

A fault acts at one place of the answer's way out: on the values of the assertion before it is built and encrypted, on
the values of the Response, on the Response before or after it is signed, or on its bytes.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.eidas.assertion import EidasAssertion
from routeringsvoorziening.saml.eidas.attributes import Value
from routeringsvoorziening.saml.eidas.response import EidasResponse
from routeringsvoorziening.saml.eidas.vocabulary import DATE_OF_BIRTH, LEGAL_IDENTIFIER, LEGAL_NAME, PERSON_IDENTIFIER
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.simulators.declaring.faults_content import ELSEWHERE, stranger

_HOUR: Final = timedelta(hours=1)
_ENCRYPTED: Final = names.saml("EncryptedAssertion")


@dataclass(slots=True)
class Memory:
    """What faults remember between answers."""

    earlier: Element | None = None
    response_id: str | None = None


@dataclass(slots=True)
class Scene:
    """One answer in the making.

    Args:
        memory: shared by all answers.
        clear: the assertion before it was encrypted.
    """

    memory: Memory
    clear: Element | None = None


def _nothing(_: Element, __: Scene) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    Args:
        name: stable; what tests and forms call it.
        nl: what happens, in Dutch.
        en: the same in English.
        on_assertion: changes the values of the assertion.
        on_response: changes the values of the Response.
        on_unsigned: changes the Response before it is signed.
        on_signed: changes it afterwards.
        on_wire: changes its bytes.
        signing: with which key.
    """

    name: str
    nl: str
    en: str
    on_assertion: Callable[[EidasAssertion, Scene], EidasAssertion] = lambda assertion, _: assertion
    on_response: Callable[[EidasResponse, Scene], EidasResponse] = lambda response, _: response
    on_unsigned: Callable[[Element, Scene], None] = _nothing
    on_signed: Callable[[Element, Scene], None] = _nothing
    on_wire: Callable[[bytes], bytes] = lambda data: data
    signing: Callable[[SigningKey], SigningKey] = lambda key: key


def _identified(assertion: EidasAssertion, change: Callable[[str], str]) -> EidasAssertion:
    kind = PERSON_IDENTIFIER if PERSON_IDENTIFIER in assertion.values else LEGAL_IDENTIFIER
    changed = change(assertion.values[kind].latin)
    return replace(assertion, values={**assertion.values, kind: Value(changed)})


def _other_country(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return _identified(assertion, lambda text: ("LU" if text[:2] != "LU" else "MT") + text[2:])


def _other_destination_country(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return _identified(assertion, lambda text: text.replace("/NL/", "/BE/", 1))


def _bare_identifier(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return _identified(assertion, lambda text: text.rpartition("/")[2])


def _lower_level(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return replace(assertion, level=20)


def _incomplete(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    left_out = DATE_OF_BIRTH if DATE_OF_BIRTH in assertion.values else LEGAL_NAME
    return replace(assertion, values={kind: value for kind, value in assertion.values.items() if kind != left_out})


def _expired(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return _shifted(assertion, -_HOUR)


def _of_tomorrow(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return _shifted(assertion, 24 * _HOUR)


def _shifted(assertion: EidasAssertion, by: timedelta) -> EidasAssertion:
    confirmation = assertion.confirmation
    return replace(
        assertion,
        not_before=assertion.not_before + by,
        not_on_or_after=assertion.not_on_or_after + by,
        confirmation=replace(confirmation, not_on_or_after=confirmation.not_on_or_after + by),
    )


def _other_audience(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return replace(assertion, audience=ELSEWHERE)


def _other_recipient(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return replace(assertion, confirmation=replace(assertion.confirmation, recipient=ELSEWHERE))


def _other_question(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return replace(assertion, confirmation=replace(assertion.confirmation, in_response_to=new_message_id()))


def _other_issuer(assertion: EidasAssertion, _: Scene) -> EidasAssertion:
    return replace(assertion, issuer=ELSEWHERE)


def _no_such_question(response: EidasResponse, _: Scene) -> EidasResponse:
    return replace(response, in_response_to=new_message_id())


def _no_such_address(response: EidasResponse, _: Scene) -> EidasResponse:
    return replace(response, destination=ELSEWHERE)


def _unknown_node(response: EidasResponse, _: Scene) -> EidasResponse:
    return replace(response, issuer=ELSEWHERE)


def _nobody(response: EidasResponse, _: Scene) -> EidasResponse:
    return replace(response, encrypted_assertion=None)


def _old(response: EidasResponse, _: Scene) -> EidasResponse:
    return replace(response, issue_instant=response.issue_instant - _HOUR)


def _same_id(response: EidasResponse, scene: Scene) -> EidasResponse:
    scene.memory.response_id = scene.memory.response_id or response.id
    return replace(response, id=scene.memory.response_id)


def _two(element: Element, _: Scene) -> None:
    for encrypted in element.findall(_ENCRYPTED):
        element.append(copy.deepcopy(encrypted))


def _in_clear(element: Element, scene: Scene) -> None:
    for encrypted in element.findall(_ENCRYPTED):
        if scene.clear is not None:
            element.replace(encrypted, scene.clear)


def _clear_beside(element: Element, scene: Scene) -> None:
    if scene.clear is not None:
        element.append(scene.clear)


def _swap(element: Element, scene: Scene) -> None:
    """Somebody else's: that of the first answer that these nodes ever gave."""
    for encrypted in element.findall(_ENCRYPTED):
        if scene.memory.earlier is not None:
            element.replace(encrypted, copy.deepcopy(scene.memory.earlier))


def _garble(element: Element, _: Scene) -> None:
    for value in list(element.iter(names.xenc("CipherValue")))[-1:]:
        text = value.text or ""
        middle = len(text) // 2
        value.text = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]


def _unsign(element: Element, _: Scene) -> None:
    for signature in element.findall(names.ds("Signature")):
        element.remove(signature)


def _redirect(element: Element, _: Scene) -> None:
    element.set("Destination", element.get("Destination", "") + "?again")


NO_FAULT: Final = Fault("", "zoals het hoort", "as it should be")
_TABLE: Final = (
    Fault("other-country", "identificatie van een ander land", "identifier of another country", _other_country),
    Fault(
        "other-destination-country",
        "identificatie voor een ander land",
        "identifier for another country",
        _other_destination_country,
    ),
    Fault("bare-identifier", "identificatie zonder landen", "identifier without countries", _bare_identifier),
    Fault("lower-loa", "niveau laag, wat er ook gevraagd is", "level low, whatever was asked", _lower_level),
    Fault("incomplete", "onvolledige minimale gegevens", "incomplete minimum data set", _incomplete),
    Fault("expired", "verlopen Assertion", "expired Assertion", _expired),
    Fault("not-yet-valid", "Assertion van morgen", "Assertion of tomorrow", _of_tomorrow),
    Fault("other-audience", "andere Audience", "other Audience", _other_audience),
    Fault("other-recipient", "andere Recipient", "other Recipient", _other_recipient),
    Fault("other-question", "Assertion op een andere vraag", "Assertion to another question", _other_question),
    Fault("other-issuer", "Assertion van een ander", "Assertion of another node", _other_issuer),
    Fault(
        "response-question", "antwoord op een andere vraag", "answer to another question", on_response=_no_such_question
    ),
    Fault("response-destination", "andere Destination", "other Destination", on_response=_no_such_address),
    Fault("response-issuer", "onbekend knooppunt", "unknown node", on_response=_unknown_node),
    Fault("no-assertion", "Success zonder Assertion", "Success without Assertion", on_response=_nobody),
    Fault("old", "antwoord van een uur geleden", "answer of an hour ago", on_response=_old),
    Fault("same-id", "steeds hetzelfde Response-ID", "the same Response ID again", on_response=_same_id),
    Fault("two-assertions", "twee EncryptedAssertions", "two EncryptedAssertions", on_unsigned=_two),
    Fault("in-clear", "Assertion zonder versleuteling", "Assertion in clear", on_unsigned=_in_clear),
    Fault(
        "clear-beside", "een tweede Assertion, onversleuteld", "a second Assertion, in clear", on_unsigned=_clear_beside
    ),
    Fault(
        "swapped",
        "EncryptedAssertion van een eerdere inlog",
        "EncryptedAssertion of an earlier login",
        on_unsigned=_swap,
    ),
    Fault(
        "swapped-after-signing",
        "EncryptedAssertion verwisseld na ondertekening",
        "EncryptedAssertion swapped after signing",
        on_signed=_swap,
    ),
    Fault("garbled", "kapotte versleuteling", "broken ciphertext", on_unsigned=_garble),
    Fault(
        "garbled-after-signing",
        "versleuteling gewijzigd na ondertekening",
        "ciphertext altered after signing",
        on_signed=_garble,
    ),
    Fault("altered", "antwoord gewijzigd na ondertekening", "answer altered after signing", on_signed=_redirect),
    Fault("unsigned", "antwoord zonder handtekening", "answer without signature", on_signed=_unsign),
    Fault(
        "other-key",
        "antwoord van een vreemde sleutel",
        "answer by another key",
        signing=lambda key: stranger(key.key_name),
    ),
    Fault("garbage", "stuurt onzin", "sends garbage", on_wire=lambda _: b"\x00\xff\xfe not XML at all <<<"),
    Fault("truncated", "breekt het antwoord af", "cuts the answer short", on_wire=lambda data: data[: len(data) // 2]),
)
FAULTS: Final[Mapping[str, Fault]] = {fault.name: fault for fault in _TABLE}
"""Every fault by name."""


@dataclass(slots=True)
class FaultSwitch:
    """At most one fault is on, for every answer; tests hold this object. A person's page switches for one login."""

    current: Fault = NO_FAULT
    memory: Memory = field(default_factory=Memory)

    def switch_on(self, name: str) -> None:
        """Misbehave in this way.

        Raises:
            KeyError: no such fault.
        """
        self.current = FAULTS[name]

    def clear(self) -> None:
        """Behave again."""
        self.current = NO_FAULT
