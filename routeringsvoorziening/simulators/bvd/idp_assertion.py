"""Judging IdpAssertion: the declaration of an authenticatiedienst, inside the request of the routeringsdienst.

The routeringsdienst's signature says only that it passed the declaration on. Whose declaration it is, and that it is
meant for us, for this service and for now, is judged as if it had come alone (RBVD-03, AMB-26).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from routeringsvoorziening.bsnk import BsnkError
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
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
class IdpAssertionJudge:
    """Knows the authenticatiediensten, and opens what they encrypted for us.

    Args:
        entity_id: ours.
        keys: ours, all that our metadata publishes.
        ads: entity ID to the verified metadata of every authenticatiedienst that we accept.
        seen: IDs of declarations that came before.
        bsnk: our BSNk keys; None when we have none.
    """

    entity_id: str
    keys: Sequence[DecryptionKey]
    ads: Mapping[str, IdentityProvider]
    seen: ShortLived[bool]
    bsnk: BsnkKeys | None = None

    def judge(self, evidence: bytes, *, requester: str, service_uuid: str, at: datetime) -> str:
        """The BSN of who logged in.

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
        assertion = read_assertion(verify(root, ad.signing_keys, at=at, require_key_name=True))
        self._check_meant_for_us(assertion, requester, service_uuid)
        check_now(assertion, at)
        check_of_an_ad(assertion)
        bsn = self._decrypt(assertion)
        if not self.seen.add_once(f"{assertion.issuer} {assertion.id}", True):
            raise SamlError("id.duplicate", "a declaration that was used before")
        return bsn

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
        if not {self.entity_id, requester} <= set(assertion.audiences):
            raise SamlError("audience", "not for us and the routeringsdienst")
        if assertion.service_uuid != service_uuid:
            raise SamlError("attribute.service", "about another service")

    def _decrypt(self, assertion: Assertion) -> str:
        """ATT-16, ATT-22: the value that is encrypted for us; those for others only are not looked at."""
        for encrypted in map(parse, assertion.acting_subject):
            recipients = {key.get("Recipient") for key in encrypted.iterfind(names.xenc("EncryptedKey"))}
            if self.entity_id in recipients:
                name_id = decrypt_id(encrypted, entity_id=self.entity_id, keys=self.keys)
                return self._bsn_in(name_id)
        raise SamlError("enc.recipient", "not encrypted for us")

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
