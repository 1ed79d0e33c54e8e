"""Judging IdpAssertion: the declaration of an authenticatiedienst, inside the request of the routeringsdienst.

The routeringsdienst's signature says only that it passed the declaration on. Whose declaration it is, and that it is
meant for us, for this service and for now, is judged as if it had come alone (RBVD-03, AMB-26).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from routeringsvoorziening.bsnk import BsnkError
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd import names as etd
from routeringsvoorziening.saml.etd.advice import check_advice
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.messages.attributes import ST_SAML
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.verifying import check_only_signatures_at, verify
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.declaring.requests import SKEW, check_age
from routeringsvoorziening.simulators.short_lived import ShortLived

SIGNATURES: Final = (".", "saml:Advice//saml:Assertion")
"""Where a signature may stand in it; what stands in Advice is refused after that, under its own name."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts.

    Args:
        name_id: as we declare them: a BSN, or the pseudonym of an employee.
        holder: BSN under which the registers have what they may do; empty when they have nothing.
        office: KvK number of the office that they work for; None for a citizen.
    """

    name_id: NameId = field(repr=False)
    holder: str = field(repr=False)
    office: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IdpAssertionJudge:
    """Knows the authenticatiediensten, and opens what they encrypted for us.

    Args:
        entity_id: ours.
        keys: ours, all that our metadata publishes.
        ads: entity ID to the verified metadata of every authenticatiedienst that we accept.
        seen: IDs of declarations that came before.
        bsnk: our BSNk keys; None when we have none.
        offices: KvK number to the BSN under which the register has what an office may do.
    """

    entity_id: str
    keys: Sequence[DecryptionKey]
    ads: Mapping[str, IdentityProvider]
    seen: ShortLived[bool]
    bsnk: BsnkKeys | None = None
    offices: Mapping[str, str] = field(default_factory=dict, repr=False)

    def judge(self, evidence: bytes, *, requester: str, service_uuid: str, at: datetime) -> Acting:
        """Who logged in.

        Args:
            evidence: the Assertion, as it stood in the request.
            requester: entity ID of the routeringsdienst; the declaration was meant for it too.
            service_uuid: what it asks for.
            at: now.

        Raises:
            SamlError: what is wrong with it.
        """
        root = parse(evidence)
        ad = self._ad_of(root, at)
        check_only_signatures_at(root, SIGNATURES)
        verified = verify(root, ad.signing_keys, at=at, require_key_name=True)
        by_makelaar = is_makelaar(ad.entity_id)
        assertion = read_assertion(verified, vocabulary=etd.VOCABULARY if by_makelaar else ST_SAML)
        self._check_meant_for_us(assertion, requester, service_uuid)
        check_now(assertion, at)
        if by_makelaar:
            acting = self._employee(assertion, verified.element)
        else:
            check_of_an_ad(assertion)
            acting = self._citizen(assertion)
        if not self.seen.add_once(f"{assertion.issuer} {assertion.id}", True):
            raise SamlError("id.duplicate", "a declaration that was used before")
        return acting

    def _ad_of(self, root: Element, at: datetime) -> IdentityProvider:
        """Whose it claims to be: somebody that we know, by metadata that is still good."""
        ad = self.ads.get(claimed_issuer(root))
        if ad is None:
            raise SamlError("issuer.unknown", "not an authenticatiedienst that we know")
        if ad.valid_until is not None and ad.valid_until <= at:
            raise SamlError("md.expired", "metadata of the authenticatiedienst")
        return ad

    def _check_meant_for_us(self, assertion: Assertion, requester: str, service_uuid: str) -> None:
        """AS-15: for us, by way of this routeringsdienst, and about the service that is asked for."""
        known = {each: same_oin(each, requester) for each in assertion.audiences}
        if self.entity_id not in known or not any(known.values()):
            raise SamlError("audience", "not for us and the routeringsdienst")
        if assertion.service_uuid != service_uuid:
            raise SamlError("attribute.service", "about another service")

    def _citizen(self, assertion: Assertion) -> Acting:
        bsn = self._bsn_in(self._opened(assertion.acting_subject)[0])
        return Acting(NameId(bsn, names.ID_LEGACY_BSN), bsn)

    def _employee(self, assertion: Assertion, element: Element) -> Acting:
        """Of an organisation that is registered as a representative: the register knows it by its KvK number."""
        for advice in element.iterfind(names.saml("Advice")):
            check_advice(advice, assertion.issuer)
        (employee, *_), numbers = self._opened(assertion.acting_subject), self._opened(assertion.legal_subject)
        kvk = next((each.value for each in numbers if each.name_qualifier == etd.KVK), "")
        if employee.name_qualifier != etd.PSEUDO or not kvk:
            raise SamlError("subject.identifier", "not an employee of an organisation with a KvK number")
        if any(":ServiceRestriction:" in name for name in assertion.other_attributes):
            raise SamlError("attribute.restriction", "a mandate for a part of the organisation")
        return Acting(employee, self.offices.get(kvk, ""), office=kvk)

    def _opened(self, values: Sequence[bytes]) -> list[NameId]:
        """ATT-16, ATT-22: the values that are encrypted for us, at least one; those for others are not looked at."""
        found = []
        for encrypted in map(parse, values):
            recipients = {key.get("Recipient") for key in encrypted.iterfind(names.xenc("EncryptedKey"))}
            if self.entity_id in recipients:
                found.append(decrypt_id(encrypted, entity_id=self.entity_id, keys=self.keys))
        if not found:
            raise SamlError("enc.recipient", "not encrypted for us")
        return found

    def _bsn_in(self, name_id: NameId) -> str:
        """ATT-20: as it stands, or in a structure that BSNk made for us; a pseudonym names nobody that we know."""
        if name_id.name_qualifier == names.ID_LEGACY_BSN:
            return name_id.value
        if name_id.name_qualifier != names.ID_BSN or self.bsnk is None:
            raise SamlError("subject.identifier", "not a BSN")
        try:
            return self.bsnk.open_identity(name_id.value).value
        except BsnkError as problem:
            raise SamlError("subject.identifier", problem.code) from None


def is_makelaar(entity_id: str) -> bool:
    """Whether it is one of eTD, whose declarations have a form of their own."""
    return entity_id.startswith("urn:etoegang:HM:")


def same_oin(audience: str, requester: str) -> bool:
    """Whether it is the routeringsdienst, by its own name or as a dienstverlener of eTD."""
    if audience == requester:
        return True
    try:
        return parse_etd_entity_id(audience, "DV").oin == parse_entity_id(requester).oin
    except SamlError:
        return False


def check_now(assertion: Assertion, at: datetime) -> None:
    """AS-06: now lies within the window of Conditions, give or take the skew of clocks, and it was made just now.

    Whatever window it gives itself: what we remember of declarations must outlive their use.
    """
    if at >= assertion.not_on_or_after + SKEW:
        raise SamlError("time.past", "the declaration")
    if assertion.not_before > at + SKEW:
        raise SamlError("time.future", "the declaration")
    check_age(assertion.issue_instant, at)


def check_of_an_ad(assertion: Assertion) -> None:
    """AS-16, ATT-23: an authenticatiedienst vouches for one person, itself, and knows of no representation."""
    if assertion.has_advice:
        raise SamlError("advice.forbidden", "in the declaration of an authenticatiedienst")
    if assertion.authenticating_authorities:
        raise SamlError("msg.structure", "AuthenticatingAuthority in the declaration of an authenticatiedienst")
    if assertion.legal_subject or assertion.representation_types:
        raise SamlError("attribute.structure", "representation in the declaration of an authenticatiedienst")
