"""Metadata of the eIDAS-berichtenservice: as an authenticatiedienst, and as the node of the Netherlands."""

from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml.eidas.metadata import Node, write_asking_node
from routeringsvoorziening.saml.keys import VerificationKey, key_name_of
from routeringsvoorziening.simulators.declaring import metadata
from routeringsvoorziening.simulators.eidas.settings import EidasSettings

VALIDITY: Final = timedelta(days=1)


def metadata_of(settings: EidasSettings, at: datetime) -> bytes:
    """For the routeringsdienst, with a signing key only: nobody encrypts for an authenticatiedienst (MD-AD-01)."""
    return metadata.metadata_of(settings, at)


def node_metadata_of(settings: EidasSettings, at: datetime) -> bytes:
    """For the nodes of other countries, with the key for which they encrypt."""
    node = Node(settings.node_entity_id, "NL", settings.signing, at + VALIDITY)
    key = VerificationKey(key_name_of(settings.encryption), settings.encryption)
    return write_asking_node(node, settings.node_acs_url, key)
