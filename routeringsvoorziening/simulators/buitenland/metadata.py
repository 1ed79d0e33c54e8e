"""Metadata of the node of a country: for people and tools to look at.

The nodes of the demo world know each other's keys from its files, as real ones know them from a list that the member
states keep; so nobody reads this document here.
"""

from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml.eidas.metadata import Node, write_identifying_node
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.world.europe import Country

VALIDITY: Final = timedelta(days=1)


def metadata_of(settings: ForeignSettings, country: Country, at: datetime) -> bytes:
    """The signed document, valid for a day."""
    node = Node(settings.entity_id(country.code), country.code, settings.signing, at + VALIDITY)
    return write_identifying_node(node, settings.request_url(country.code), country.highest)
