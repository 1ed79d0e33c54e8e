"""Judging what the node of another country answers. Nothing is read before the signature over it is verified.

issuer known > signature > Response: errand, address, age > decrypt > assertion: issuer, audience, recipient, times >
level not below what was asked > identifier of that country and for the Netherlands > minimum data set
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml.eidas.assertion import EidasAssertion, read_eidas_assertion
from routeringsvoorziening.saml.eidas.attributes import Values, text_of
from routeringsvoorziening.saml.eidas.encrypted_assertion import decrypt_assertion
from routeringsvoorziening.saml.eidas.identifiers import parse_identifier
from routeringsvoorziening.saml.eidas.response import EidasResponse, read_eidas_response
from routeringsvoorziening.saml.eidas.vocabulary import LEGAL, LEGAL_IDENTIFIER, NATURAL, PERSON_IDENTIFIER
from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.parsing import decode_base64, parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.declaring.requests import SKEW, check_age, check_not_replayed
from routeringsvoorziening.simulators.eidas.asking_abroad import Errand
from routeringsvoorziening.simulators.short_lived import ShortLived

LONGEST_VALIDITY: Final = timedelta(minutes=15)
"""An assertion of another country that wants to live longer is not believed."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody from another country, proven.

    Args:
        level: 20, 25 or 30.
        identifier: PersonIdentifier or LegalPersonIdentifier.
        values: the attributes.
        legal: a company and not a person.
    """

    level: int
    identifier: str = field(repr=False)
    values: Values = field(repr=False)
    legal: bool = False


class NotTrusted(Exception):
    """An answer that breaks a rule.

    Args:
        code: which one.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class AnswerJudge:
    """Knows whom to believe, and what was asked.

    Args:
        entity_id: ours among the nodes.
        acs_url: where answers come in.
        nodes: entity ID of every node to its signing keys.
        decryption_keys: ours.
        errands: what was asked, by the ID of our request.
        seen: IDs that came before.
    """

    entity_id: str
    acs_url: str
    nodes: Mapping[str, tuple[VerificationKey, ...]]
    decryption_keys: tuple[DecryptionKey, ...]
    errands: ShortLived[Errand]
    seen: ShortLived[bool]
    node_of: Callable[[str], str]

    def judge(self, saml_response: str, at: datetime) -> tuple[Errand, Arrived | Status]:
        """Who arrived, or why nobody did; an errand is used up by the first answer that bears a good signature.

        Raises:
            NotTrusted: the answer, or the question, is not to be believed.
        """
        try:
            response = self._verified(saml_response, at)
            errand = self._errand(response.in_response_to)
            self._check_response(response, errand, at)
            if response.encrypted_assertion is None:
                return errand, response.status
            assertion = read_eidas_assertion(decrypt_assertion(response.encrypted_assertion, self.decryption_keys))
            self._check_assertion(assertion, errand, at)
            return errand, arrived(assertion, errand)
        except SamlError as problem:
            raise NotTrusted(problem.code) from problem

    def _verified(self, saml_response: str, at: datetime) -> EidasResponse:
        root = parse(decode_base64(saml_response))
        keys = self.nodes.get(claimed_issuer(root))
        if keys is None:
            raise SamlError("issuer.unknown", "not a node that we know")
        return read_eidas_response(verify(root, keys, at=at))

    def _errand(self, request_id: str) -> Errand:
        errand = self.errands.take(request_id)
        if errand is None:
            raise SamlError("irt.mismatch", "no such question")
        return errand

    def _check_response(self, response: EidasResponse, errand: Errand, at: datetime) -> None:
        """Of the country that was asked, to us, just made, and for the first time."""
        if response.issuer != self.node_of(errand.country.code):
            raise SamlError("issuer.mismatch", "of another country than was asked")
        if response.destination != self.acs_url:
            raise SamlError("destination", "not our address")
        check_age(response.issue_instant, at)
        check_not_replayed(response.id, self.seen)

    def _check_assertion(self, assertion: EidasAssertion, errand: Errand, at: datetime) -> None:
        """By that country, for us, in answer to this question, and now."""
        confirmation = assertion.confirmation
        if assertion.issuer != self.node_of(errand.country.code):
            raise SamlError("issuer.mismatch", "the assertion")
        if assertion.audience != self.entity_id:
            raise SamlError("audience")
        if confirmation.recipient != self.acs_url:
            raise SamlError("recipient")
        if confirmation.in_response_to != errand.request.id:
            raise SamlError("irt.mismatch", "the assertion")
        check_times(assertion, at)
        check_not_replayed(assertion.id, self.seen)


def check_times(assertion: EidasAssertion, at: datetime) -> None:
    """Within every window that it gives itself; none of them wide.

    Raises:
        SamlError: `time.past`, `time.future`.
    """
    ends = min(assertion.not_on_or_after, assertion.confirmation.not_on_or_after)
    if at >= ends + SKEW:
        raise SamlError("time.past", "the assertion")
    if any(each > at + SKEW for each in (assertion.not_before, assertion.issue_instant, assertion.authn_instant)):
        raise SamlError("time.future", "the assertion")
    if ends > at + LONGEST_VALIDITY + SKEW:
        raise SamlError("time.future", "the assertion wants to live too long")


def arrived(assertion: EidasAssertion, errand: Errand) -> Arrived:
    """What it says is enough for what was asked.

    Raises:
        SamlError: `loa` for a level below what was asked, `subject.identifier` for one of another country or not for
            the Netherlands, `attribute.structure` for a person where a company was asked for, or the other way round.
    """
    if assertion.level < errand.request.minimum_level:
        raise SamlError("loa", "below what was asked")
    if {kind.namespace for kind in assertion.values} != {LEGAL if errand.legal else NATURAL}:
        raise SamlError("attribute.structure", "not the kind of person that was asked for")
    identifier = text_of(assertion.values, LEGAL_IDENTIFIER if errand.legal else PERSON_IDENTIFIER) or ""
    parse_identifier(identifier, origin=errand.country.code)
    asked = set(errand.request.attributes)
    values = {kind: value for kind, value in assertion.values.items() if kind in asked}
    return Arrived(assertion.level, identifier, values, errand.legal)
