"""Identifiers that a makelaar encrypts for a dienstverlener under its eTD name: the same organisation, by its OIN."""

from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.parsing import canonical, parse


def readdressed(encrypted: bytes, dienstverlener: str) -> bytes:
    """The same EncryptedID, with the dienstverlener's ST entity ID where its own eTD entity ID stood as Recipient.

    Nothing else changes, and nothing when no such Recipient is there.

    Args:
        encrypted: `saml:EncryptedID` in canonical form.
        dienstverlener: entity ID of ST-SAML.

    Raises:
        SamlError: what `parse` raises; `md.entity` when `dienstverlener` is no entity ID.
    """
    own = parse_entity_id(dienstverlener).oin
    element = parse(encrypted)
    changed = False
    for key in element.iter(names.xenc("EncryptedKey")):
        if _is_of(key.get("Recipient", "").strip(), own):
            key.set("Recipient", dienstverlener)
            changed = True
    return canonical(element) if changed else encrypted


def check_no_other(encrypted: bytes, dienstverlener: str) -> None:
    """No other dienstverlener of eTD can read it: a supplier is one there, and gets the evidence (ATT-10).

    Args:
        encrypted: `saml:EncryptedID` in canonical form.
        dienstverlener: entity ID of ST-SAML.

    Raises:
        SamlError: `subject.identifier`; what `recipients_of` raises.
    """
    own = parse_entity_id(dienstverlener).oin
    for recipient in recipients_of(encrypted):
        if recipient.startswith(_DIENSTVERLENERS) and not _is_of(recipient, own):
            raise SamlError("subject.identifier", "encrypted for another dienstverlener of eTD")


_DIENSTVERLENERS: Final = "urn:etoegang:DV:"


def _is_of(recipient: str, oin: str) -> bool:
    try:
        return parse_etd_entity_id(recipient, "DV").oin == oin
    except SamlError:
        return False
