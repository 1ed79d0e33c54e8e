"""What another country says of who logged in, as a dienstverlener reads it: with its own key, held to its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.saml.eidas import vocabulary as eidas
from routeringsvoorziening.saml.eidas.encrypted_value import decrypt_value
from routeringsvoorziening.saml.eidas.identifiers import parse_identifier
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES, AttributeKind
from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.simulators.portal.texts import Text
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.europe import BY_CODE
from routeringsvoorziening.simulators.world.layout import DemoService, IdentityKind

_NAMES: Final[Mapping[AttributeKind, Text]] = {
    eidas.FAMILY_NAME: ("Achternaam", "Family name"),
    eidas.GIVEN_NAME: ("Voornamen", "Given names"),
    eidas.DATE_OF_BIRTH: ("Geboortedatum", "Date of birth"),
    eidas.PERSON_IDENTIFIER: ("Identificatie in eigen land", "Identifier in own country"),
    eidas.BIRTH_NAME: ("Naam bij geboorte", "Name at birth"),
    eidas.PLACE_OF_BIRTH: ("Geboorteplaats", "Place of birth"),
    eidas.GENDER: ("Geslacht", "Gender"),
    eidas.LEGAL_NAME: ("Naam van de organisatie", "Name of the organisation"),
    eidas.LEGAL_IDENTIFIER: ("Identificatie van de organisatie", "Identifier of the organisation"),
    eidas.VAT_NUMBER: ("Btw-nummer", "VAT number"),
}
_IDENTIFIERS: Final = frozenset({eidas.PERSON_IDENTIFIER, eidas.LEGAL_IDENTIFIER})


@dataclass(frozen=True, slots=True)
class Given:
    """One attribute.

    Args:
        name: in words.
        value: in Latin script.
        original: in the script of the country, when that is another.
        country: that an identifier comes from; None for other attributes.
    """

    name: Text
    value: str = field(repr=False)
    original: str | None = field(default=None, repr=False)
    country: Text | None = None


def given_in(assertion: Assertion, *, entity_id: str, keys: Sequence[DecryptionKey]) -> tuple[Given, ...]:
    """Every attribute of eIDAS in a declaration; those of other vocabularies are not looked at.

    Args:
        assertion: verified.
        entity_id: ours.
        keys: ours.

    Raises:
        SamlError: one cannot be opened, stands under another name, or is an identifier not meant for the Netherlands.
    """
    found = ((ATTRIBUTES[name], values) for name, values in assertion.other_attributes.items() if name in ATTRIBUTES)
    return tuple(_given(kind, values, entity_id, keys) for kind, values in found)


def _given(kind: AttributeKind, values: Sequence[bytes], entity_id: str, keys: Sequence[DecryptionKey]) -> Given:
    value = decrypt_value(kind, values, entity_id=entity_id, keys=keys)
    country = None
    if kind in _IDENTIFIERS:
        origin = parse_identifier(value.latin).origin
        country = BY_CODE[origin].name if origin in BY_CODE else (origin, origin)
    return Given(_NAMES[kind], value.latin, value.original, country)


def pseudonym_too(service: DemoService, assertion: Assertion) -> tuple[IdentityKind, ...]:
    """People from other countries who have no BSN come under a pseudonym, at services that take that."""
    from_abroad = layout.EIDAS.entity_id in assertion.authenticating_authorities
    return ("Pseudonym",) if from_abroad and service.uuid in layout.PSEUDONYM_TOO else ()
