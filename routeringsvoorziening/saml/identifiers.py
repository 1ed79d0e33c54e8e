"""EntityIDs, and the IDs of messages and elements (ST-SAML types, EntityID; XML Namespaces, NCName)."""

import re
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from routeringsvoorziening.saml.errors import SamlError

Role = Literal["AD", "DV", "BVD", "LC", "RD"]
"""The role code of an EntityID. `TD`, which some examples of the koppelvlak show, is none (AMB-02)."""

MAXIMUM_ID_LENGTH: Final = 256
FIRST_TEST_INDEX: Final = 9000

_ENTITY_ID: Final = re.compile(r"urn:nl-eid-gdi:1\.0:(AD|DV|BVD|LC|RD):([0-9]{20}):entities:([0-9]{4})")
_NAME_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NCNAME: Final = re.compile(f"[{_NAME_START}][{_NAME_START}.0-9\u00b7\u0300-\u036f\u203f-\u2040-]*")


@dataclass(frozen=True, slots=True)
class ParsedEntityId:
    """The parts of an EntityID.

    Args:
        role: the role code.
        oin: 20 digits.
        index: 0 to 9999.
        text: the whole, as it was given.
    """

    role: Role
    oin: str
    index: int
    text: str

    @property
    def is_test(self) -> bool:
        """True for the indexes that the koppelvlak keeps for test systems, 9000 to 9999 (MD-02)."""
        return self.index >= FIRST_TEST_INDEX


def parse_entity_id(text: str, role: Role | None = None) -> ParsedEntityId:
    """Take an EntityID apart; with `role`, demand that role (MD-02).

    Raises:
        SamlError: `md.entity`.
    """
    match = _ENTITY_ID.fullmatch(text)
    if match is None:
        raise SamlError("md.entity", "not an EntityID of the koppelvlak")
    found, oin, index = match.groups()
    if role is not None and found != role:
        raise SamlError("md.entity", f"role {found} where {role} is expected")
    return ParsedEntityId(role=_ROLES[found], oin=oin, index=int(index), text=text)


_ROLES: Final[dict[str, Role]] = {"AD": "AD", "DV": "DV", "BVD": "BVD", "LC": "LC", "RD": "RD"}


def new_message_id() -> str:
    """A fresh ID for a message or an assertion: 160 random bits, an NCName of 41 characters (GEN-01)."""
    return "_" + secrets.token_hex(20)


def new_transient_id() -> str:
    """A fresh TransientID (NameID): 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def valid_message_id(text: str) -> str:
    """The ID itself, when it is an NCName of at most 256 characters.

    Raises:
        SamlError: `id.form`.
    """
    if len(text) > MAXIMUM_ID_LENGTH or _NCNAME.fullmatch(text) is None:
        raise SamlError("id.form", f"not an NCName of at most {MAXIMUM_ID_LENGTH} characters")
    return text
