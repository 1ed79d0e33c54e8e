"""Entity IDs and ServiceIDs of eTD: another form than those of ST-SAML, with the same OIN in it."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import FIRST_TEST_INDEX

EtdRole = Literal["DV", "HM", "AD", "MR", "EB"]
"""Dienstverlener, makelaar, authenticatiedienst, machtigingenregister, eIDAS-berichtenservice."""
ENTITY_ID: Final = r"^urn:etoegang:(DV|HM|AD|MR|EB):[0-9]{20}:entities:[0-9]{1,4}$"
_ENTITY_ID: Final = re.compile(r"urn:etoegang:(DV|HM|AD|MR|EB):([0-9]{20}):entities:([0-9]{1,4})")
_ROLES: Final[dict[str, EtdRole]] = {"DV": "DV", "HM": "HM", "AD": "AD", "MR": "MR", "EB": "EB"}


@dataclass(frozen=True, slots=True)
class EtdEntityId:
    """The parts of an entity ID of eTD: role code, OIN of 20 digits, index 0 to 9999, and the whole."""

    role: EtdRole
    oin: str
    index: int
    text: str

    @property
    def is_test(self) -> bool:
        """True for the indexes that eTD keeps for test systems, 9000 to 9999."""
        return self.index >= FIRST_TEST_INDEX


def parse_etd_entity_id(text: str, role: EtdRole | None = None) -> EtdEntityId:
    """Take an entity ID apart; with `role`, demand that role.

    Raises:
        SamlError: `md.entity`.
    """
    match = _ENTITY_ID.fullmatch(text)
    if match is None:
        raise SamlError("md.entity", "not an entity ID of eTD")
    found, oin, index = match.groups()
    if role is not None and found != role:
        raise SamlError("md.entity", f"role {found} where {role} is expected")
    return EtdEntityId(_ROLES[found], oin, int(index), text)


def service_id_of(dienstverlener: str, index: int) -> str:
    """The ServiceID of a service of an eTD dienstverlener; its index is the AttributeConsumingServiceIndex.

    Raises:
        SamlError: `md.entity`: it is not the entity ID of one.
    """
    return f"urn:etoegang:DV:{parse_etd_entity_id(dienstverlener, 'DV').oin}:services:{index}"
