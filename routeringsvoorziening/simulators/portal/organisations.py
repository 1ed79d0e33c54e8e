"""What eHerkenning declares of an organisation, opened: its numbers, a branch, and who acts on whose behalf.

The Routeringsvoorziening hands these attributes on as the makelaar wrote them (ATT-21). Identifiers among them are
encrypted for us, under our entity ID or under the name that we have at eTD by the same OIN.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.saml import names as st
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.messages.attributes import ENCRYPTED_ATTRIBUTES, values_in_clear
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.portal.checks import require
from routeringsvoorziening.simulators.portal.opening import Opened, opened
from routeringsvoorziening.simulators.world.layout import IdentityKind

NUMBERS: Final = {names.KVK: 8, names.RSIN: 9}
"""Digits of a number, by NameQualifier."""
OWNERS: Final[dict[IdentityKind, str]] = {"BSN": names.BSN, "Pseudonym": names.PSEUDO_ID}
"""NameQualifier of the person that an eenmanszaak is, by the kind of identity that a service is registered for."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """On behalf of which organisation somebody acts.

    Args:
        kvk: eight digits; empty when the service gets none, but a pseudonym.
        rsin: nine digits; None when none was declared.
        name: of the company; None when none was declared.
        branch: vestigingsnummer, when the mandate is for it alone.
        intermediaries: KvK numbers of those between who acts and who is represented, from who acts on.
        intermediary_name: of the company between; None when none was declared.
        sealed: attributes that are encrypted whole, name and all; they are not opened here (AMB-24).
        owner: the person that an eenmanszaak is, where a service asks for that; None for every other organisation.
    """

    kvk: str = field(repr=False)
    rsin: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    branch: str | None = field(default=None, repr=False)
    intermediaries: tuple[str, ...] = field(default=(), repr=False)
    intermediary_name: str | None = field(default=None, repr=False)
    sealed: int = 0
    owner: Opened | None = None


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens what is encrypted for one dienstverlener.

    Args:
        entity_id: its own.
        keys: its decryption keys.
        bsnk: its BSNk keys; None when it has none.
    """

    entity_id: str
    keys: Sequence[DecryptionKey]
    bsnk: BsnkKeys | None = None

    def open(self, encrypted: Element) -> NameId:
        """One EncryptedID.

        Raises:
            SamlError: not encrypted for us, or damaged.
        """
        return decrypt_id(encrypted, entity_id=self._name_in(encrypted), keys=self.keys)

    def _name_in(self, encrypted: Element) -> str:
        """By which of our names it was encrypted."""
        recipients = {key.get("Recipient", "") for key in encrypted.iterfind(st.xenc("EncryptedKey"))}
        return next((each for each in recipients if self._is_us(each)), self.entity_id)

    def _is_us(self, recipient: str) -> bool:
        try:
            return parse_etd_entity_id(recipient, "DV").oin == parse_entity_id(self.entity_id).oin
        except SamlError:
            return recipient == self.entity_id


def organisation_of(
    assertion: Assertion, opener: Opener, *, represented: Sequence[bytes], identity: IdentityKind = "legacy-BSN"
) -> Organisation:
    """Everything that stands in the declaration about the organisation.

    Args:
        assertion: verified.
        opener: ours.
        represented: the EncryptedIDs of the organisation: LegalSubjectID; none when it acts for a client itself.
        identity: what the service is registered for; unless that is a plain BSN, it is for an eenmanszaak alone.

    Raises:
        CheckFailed: `organisation.number` for what is not a number of its kind, or there twice; `identifier.kind` for
            an eenmanszaak as another person than the service asks for; a code of `BsnkError`.
        SamlError: what cannot be opened.
    """
    between = [opener.open(each) for each in _encrypted(assertion, names.INTERMEDIATE_KVK)]
    owner = None
    if represented:
        opened_ids = [opener.open(parse(each)) for each in represented]
        owner = _owner([each for each in opened_ids if each.name_qualifier not in NUMBERS], opener, identity)
        numbers = _numbers(
            [each for each in opened_ids if each.name_qualifier in NUMBERS], may_be_none=owner is not None
        )
    else:  # the office itself stands between its employee and the client
        numbers, between = _numbers(between), []
    return Organisation(
        kvk=numbers.get(names.KVK, ""),
        rsin=numbers.get(names.RSIN),
        name=_text(assertion, names.COMPANY_NAME),
        branch=_text(assertion, names.VESTIGINGSNR),
        intermediaries=tuple(each.value for each in between),
        intermediary_name=_text(assertion, names.INTERMEDIATE_COMPANY_NAME),
        sealed=len(assertion.other_attributes.get(ENCRYPTED_ATTRIBUTES, ())),
        owner=owner,
    )


def _owner(name_ids: Sequence[NameId], opener: Opener, identity: IdentityKind) -> Opened | None:
    """Exactly the one that the service asks for."""
    require(
        [each.name_qualifier for each in name_ids] == [OWNERS[each] for each in OWNERS if each == identity],
        "identifier.kind",
    )
    return opened(name_ids[0], opener.bsnk) if name_ids else None


def _numbers(name_ids: Sequence[NameId], *, may_be_none: bool = False) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for each in name_ids:
        digits = NUMBERS.get(each.name_qualifier)
        well_formed = each.value.isascii() and each.value.isdigit() and len(each.value) == digits
        require(well_formed and each.name_qualifier not in numbers, "organisation.number")
        numbers[each.name_qualifier] = each.value
    require(names.KVK in numbers or (may_be_none and not numbers), "organisation.number")
    return numbers


def _encrypted(assertion: Assertion, name: str) -> Iterator[Element]:
    for value in assertion.other_attributes.get(name, ()):
        yield from parse(value).iterfind(st.saml("EncryptedID"))


def _text(assertion: Assertion, name: str) -> str | None:
    texts = [each for each in values_in_clear(assertion.other_attributes.get(name, ())) if each]
    return texts[0] if texts else None
