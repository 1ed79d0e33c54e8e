"""Namespaces, levels and attributes of eIDAS, as its specifications write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

EXTENSIONS: Final = "http://eidas.europa.eu/saml-extensions"
NATURAL: Final = "http://eidas.europa.eu/attributes/naturalperson"
LEGAL: Final = "http://eidas.europa.eu/attributes/legalperson"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XSI_TYPE: Final = f"{{{XSI}}}type"
PREFIXES: Final = {"eidas": EXTENSIONS, "eidas-natural": NATURAL, "eidas-legal": LEGAL, "xsi": XSI}

LEVELS: Final[Mapping[int, str]] = MappingProxyType(
    {
        20: "http://eidas.europa.eu/LoA/low",
        25: "http://eidas.europa.eu/LoA/substantial",
        30: "http://eidas.europa.eu/LoA/high",
    }
)
"""Our laag, substantieel and hoog. There is no eIDAS level for basis: what is below low is never asked abroad."""


@dataclass(frozen=True, slots=True)
class AttributeKind:
    """One attribute of the attribute profile.

    Args:
        namespace: of its type: `NATURAL` or `LEGAL`.
        local: last part of its Name.
        friendly_name: FriendlyName.
        mandatory: part of the minimum data set (Implementing Regulation 2015/1501).
        transliterated: may come a second time in its original script, marked LatinScript="false".
    """

    namespace: str
    local: str
    friendly_name: str
    mandatory: bool = False
    transliterated: bool = False

    @property
    def name(self) -> str:
        """The Name on the wire."""
        return f"{self.namespace}/{self.local}"

    @property
    def type_name(self) -> str:
        """The local name of its xsi:type."""
        return f"{self.local}Type"

    @property
    def latin_script(self) -> str:
        """The lxml name of the attribute that says in which script a value is."""
        return f"{{{self.namespace}}}LatinScript"


PERSON_IDENTIFIER: Final = AttributeKind(NATURAL, "PersonIdentifier", "PersonIdentifier", mandatory=True)
FAMILY_NAME: Final = AttributeKind(NATURAL, "CurrentFamilyName", "FamilyName", mandatory=True, transliterated=True)
GIVEN_NAME: Final = AttributeKind(NATURAL, "CurrentGivenName", "FirstName", mandatory=True, transliterated=True)
DATE_OF_BIRTH: Final = AttributeKind(NATURAL, "DateOfBirth", "DateOfBirth", mandatory=True)
BIRTH_NAME: Final = AttributeKind(NATURAL, "BirthName", "BirthName", transliterated=True)
PLACE_OF_BIRTH: Final = AttributeKind(NATURAL, "PlaceOfBirth", "PlaceOfBirth")
GENDER: Final = AttributeKind(NATURAL, "Gender", "Gender")
LEGAL_IDENTIFIER: Final = AttributeKind(LEGAL, "LegalPersonIdentifier", "LegalPersonIdentifier", mandatory=True)
LEGAL_NAME: Final = AttributeKind(LEGAL, "LegalName", "LegalName", mandatory=True, transliterated=True)
VAT_NUMBER: Final = AttributeKind(LEGAL, "VATRegistrationNumber", "VATRegistration")

ATTRIBUTES: Final[Mapping[str, AttributeKind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            PERSON_IDENTIFIER,
            FAMILY_NAME,
            GIVEN_NAME,
            DATE_OF_BIRTH,
            BIRTH_NAME,
            PLACE_OF_BIRTH,
            GENDER,
            LEGAL_IDENTIFIER,
            LEGAL_NAME,
            VAT_NUMBER,
        )
    }
)
"""Every attribute that we know, by its Name."""


def minimum_data_set(namespace: str) -> tuple[AttributeKind, ...]:
    """What must be there for a natural (`NATURAL`) or a legal person (`LEGAL`)."""
    return tuple(kind for kind in ATTRIBUTES.values() if kind.namespace == namespace and kind.mandatory)
