"""From a Response to a citizen: everything that a dienstverlener must verify before it opens a session."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import NameId, decrypt_id
from routeringsvoorziening.saml.etd import names as etd
from routeringsvoorziening.saml.loa import level_of
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.messages.attributes import ENCRYPTED_ATTRIBUTES, ST_SAML
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.portal.behind import Subject, value_for
from routeringsvoorziening.simulators.portal.checks import CheckFailed, require
from routeringsvoorziening.simulators.portal.europeans import Given, given_in, pseudonym_too
from routeringsvoorziening.simulators.portal.exchange import Attempt, Citizen, Represented
from routeringsvoorziening.simulators.portal.opening import Opened, check_employee, check_kind, opened
from routeringsvoorziening.simulators.portal.organisations import Opener, Organisation, organisation_of
from routeringsvoorziening.simulators.portal.representing import Representation, check_types
from routeringsvoorziening.simulators.portal.residents import name_of
from routeringsvoorziening.simulators.portal.resolving import SKEW
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.short_lived import ShortLived
from routeringsvoorziening.simulators.world import layout

_VOCABULARY: Final = replace(ST_SAML, encrypted_attributes=True)
"""What a makelaar declares may hold attributes that are encrypted whole (AMB-24); nobody else's may (ATT-03)."""
_SIGNATURE: Final = names.ds("Signature")


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides whether somebody is logged in.

    Args:
        settings: of the portal.
        rd: metadata of the routeringsdienst.
        seen: Assertion IDs that were used before.
        clock: aware UTC.
    """

    settings: PortalSettings
    rd: IdentityProvider
    seen: ShortLived[bool]
    clock: Callable[[], datetime]

    def judge(self, response: Element, attempt: Attempt) -> Citizen:
        """Who logged in.

        Args:
            response: covered by the verified signature of its ArtifactResponse.
            attempt: for which it came.

        Raises:
            LoginRefused: one of the checks failed, or the login itself did (`status`).
        """
        element = self._check_response(response, attempt)
        assertion, declaration = self._check_assertion(element, attempt)
        self._check_holder(assertion, attempt)
        loa = self._check_content(assertion, attempt)
        representation = self._check_representation(assertion, attempt)
        identity = self._open_identity(assertion, declaration, attempt)
        given = self._open_attributes(assertion, attempt)
        organisation = self._open_organisation(assertion, representation, attempt)
        represented = self._open_represented(assertion, declaration, representation, attempt)
        if organisation is not None and represented is None:
            main = organisation.owner or Opened(etd.KVK, organisation.kvk)
            represented = Represented(main, None, (), organisation.name)
        return Citizen(
            identity,
            loa,
            assertion.authenticating_authorities,
            attempt.service,
            attempt.exchange,
            self.clock(),
            name_id=assertion.name_id,
            session_index=assertion.session_index,
            represented=represented,
            given=given,
            organisation=organisation,
        )

    def _check_response(self, element: Element, attempt: Attempt) -> Element:
        checklist = attempt.exchange.checklist
        with checklist.check("response-form"):
            response = read_response(self._without_own_signature(element))
        with checklist.check("response-issuer"):
            require(response.issuer == self.rd.entity_id, "issuer.mismatch")
        with checklist.check("response-answer"):
            require(response.in_response_to == attempt.request_id, "irt.mismatch")
        with checklist.check("response-destination"):
            require(response.destination == self.settings.acs_url, "destination")
        with checklist.check("status"):
            return _assertion_of(response, attempt)

    def _without_own_signature(self, element: Element) -> Element:
        """RSP-03: a Response is not signed itself; when it is, that signature must be right too."""
        if element.find(_SIGNATURE) is None:
            return element
        return verify(element, self.rd.signing_keys, at=self.clock()).element

    def _check_assertion(self, element: Element, attempt: Attempt) -> tuple[Assertion, bytes]:
        """What it says, and its bytes with the signature."""
        checklist = attempt.exchange.checklist
        with checklist.check("assertion-signature"):
            verified = verify(element, self.rd.signing_keys, at=self.clock())
        with checklist.check("assertion-form"):
            assertion = read_assertion(verified, vocabulary=_VOCABULARY)
            require(
                _by_makelaar(assertion) or ENCRYPTED_ATTRIBUTES not in assertion.other_attributes, "attribute.structure"
            )
        with checklist.check("assertion-issuer"):
            require(assertion.issuer == self.rd.entity_id, "issuer.mismatch")
        with checklist.check("assertion-new"):
            require(self.seen.add_once(assertion.id, True), "assertion.used")
        return assertion, verified.canonical

    def _check_holder(self, assertion: Assertion, attempt: Attempt) -> None:
        """Is it handed over by whom, where and when it may be (AS-18, AS-19, AS-20)."""
        checklist, confirmation, now = attempt.exchange.checklist, assertion.confirmation, self.clock()
        with checklist.check("confirmation-answer"):
            require(confirmation.in_response_to == attempt.request_id, "irt.mismatch")
        with checklist.check("recipient"):
            require(confirmation.recipient == self.settings.acs_url, "recipient")
        with checklist.check("confirmation-time"):
            require(now < confirmation.not_on_or_after + SKEW, "time.past")
        with checklist.check("conditions-time"):
            require(now < assertion.not_on_or_after + SKEW, "time.past")
            require(now >= assertion.not_before - SKEW, "time.future")
        with checklist.check("audience"):
            require(self.settings.entity_id in assertion.audiences, "audience")
            require(self._reader(attempt) in assertion.audiences, "audience")

    def _check_content(self, assertion: Assertion, attempt: Attempt) -> int:
        """What it declares, held against what we asked; gives the level."""
        checklist = attempt.exchange.checklist
        with checklist.check("service"):
            require(assertion.service_uuid == attempt.service.uuid, "attribute.service")
        with checklist.check("loa-known"):
            loa = level_of(assertion.class_ref, lenient=False)
        with checklist.check("loa-enough"):
            require(loa >= attempt.service.minimum_loa, "loa.too-low")
        return loa

    def _check_representation(self, assertion: Assertion, attempt: Attempt) -> Representation | None:
        """Who vouches, and whether somebody acts for somebody else as was asked; None for themselves."""
        checklist, wish = attempt.exchange.checklist, attempt.exchange.wish
        authorities = assertion.authenticating_authorities
        with checklist.check("authority"):
            require(bool(authorities) and authorities[0] in self.settings.authorities, "authority")
            found = [wish.representation(each) for each in authorities[1:]]
            require(len(found) <= 1 and None not in found, "authority")
            representation = found[0] if found else None
        with checklist.check("on-own-behalf"):
            for_another = representation is not None or _by_makelaar(assertion)
            require(bool(assertion.legal_subject) == for_another, "legal-subject")
            require(representation is not None or not wish.required, "representation.required")
        with checklist.check("representation-type"):
            if representation is not None:
                check_types(representation, assertion.representation_types)
        with checklist.check("advice"):
            require(len(assertion.advice) == len(authorities), "advice.missing")
        return representation

    def _open_identity(self, assertion: Assertion, declaration: bytes, attempt: Attempt) -> Opened:
        """Who it is, with the dienstverlener's own key (ATT-10 to ATT-20, ENC-01 to ENC-03).

        A supplier has no such key: it hands the declaration over as it is to whom it asked for.
        """
        checklist, exchange = attempt.exchange.checklist, attempt.exchange
        with checklist.check("for-us"):
            mine = value_for(self._reader(attempt), assertion.acting_subject)
        with checklist.check("recipients"):
            require(recipients_of(mine) <= set(assertion.audiences), "recipient.not-in-audience")
            supplier_can_read = attempt.exchange.behind is not None and self.settings.entity_id in recipients_of(mine)
            require(not supplier_can_read, "recipient.supplier")
        with checklist.check("decrypted"):
            name_id = self._opened(mine, declaration, attempt)
        exchange.name_id = _as_xml(name_id)
        with checklist.check("bsn"):
            if _by_makelaar(assertion):
                check_employee(name_id)
            else:
                check_kind(name_id, attempt.service.identity, *pseudonym_too(attempt.service, assertion))
        with checklist.check("bsnk"):
            return opened(name_id, self._bsnk_keys(attempt))

    def _open_attributes(self, assertion: Assertion, attempt: Attempt) -> tuple[Given, ...]:
        """What another country says of who logged in; nothing for other login methods."""
        with attempt.exchange.checklist.check("eidas-attributes"):
            return given_in(assertion, entity_id=self._reader(attempt), keys=self.settings.decryption_keys)

    def _open_organisation(
        self, assertion: Assertion, representation: Representation | None, attempt: Attempt
    ) -> Organisation | None:
        """For which organisation somebody acts, or works; None when no makelaar vouches (ATT-21)."""
        with attempt.exchange.checklist.check("organisation"):
            if not _by_makelaar(assertion):
                return None
            require(attempt.exchange.behind is None, "organisation.supplier")
            opener = Opener(self.settings.entity_id, self.settings.decryption_keys, self.settings.bsnk)
            represented = assertion.legal_subject if representation is None else ()
            return organisation_of(assertion, opener, represented=represented, identity=attempt.service.identity)

    def _open_represented(
        self, assertion: Assertion, declaration: bytes, representation: Representation | None, attempt: Attempt
    ) -> Represented | None:
        """For whom somebody acts, by the same rules (ATT-02, ATT-04, ATT-12, ATT-20)."""
        with attempt.exchange.checklist.check("represented"):
            if representation is None:
                return None
            mine = value_for(self._reader(attempt), assertion.legal_subject)
            require(recipients_of(mine) <= set(assertion.audiences), "recipient.not-in-audience")
            name_id = self._opened(mine, declaration, attempt, "legal")
            attempt.exchange.legal_name_id = _as_xml(name_id)
            check_kind(name_id, attempt.service.identity)
            identity = opened(name_id, self._bsnk_keys(attempt))
            name = name_of(identity.value, self.clock().date())
            return Represented(identity, representation, assertion.representation_types, name)

    def _opened(self, mine: bytes, declaration: bytes, attempt: Attempt, subject: Subject = "acting") -> NameId:
        behind = attempt.exchange.behind
        if behind is not None:
            return behind.receive(declaration, self.rd, at=self.clock(), subject=subject)
        return decrypt_id(parse(mine), entity_id=self.settings.entity_id, keys=self.settings.decryption_keys)

    def _reader(self, attempt: Attempt) -> str:
        """Who can read the identity: we, or whom we asked for."""
        behind = attempt.exchange.behind
        return self.settings.entity_id if behind is None else behind.entity_id

    def _bsnk_keys(self, attempt: Attempt) -> BsnkKeys | None:
        """Those of the same party."""
        behind = attempt.exchange.behind
        return self.settings.bsnk if behind is None else behind.bsnk


def _by_makelaar(assertion: Assertion) -> bool:
    """The first who vouches is of eTD."""
    return layout.HM.entity_id in assertion.authenticating_authorities[:1]


def _assertion_of(response: Response, attempt: Attempt) -> Element:
    status = response.status
    attempt.exchange.status_codes = tuple(filter(None, (status.code, status.second)))
    attempt.exchange.status_message = status.message
    if response.assertion is None:
        raise CheckFailed("not-logged-in")
    return response.assertion


def _as_xml(name_id: NameId) -> bytes:
    """The NameID as it came out of the ciphertext, for the page."""
    element = etree.Element(names.saml("NameID"), nsmap={"saml": names.SAML})
    element.set("Format", names.NAMEID_PERSISTENT)
    element.set("NameQualifier", name_id.name_qualifier)
    element.text = name_id.value
    return etree.tostring(element, encoding="UTF-8")
