"""A supplier at the level of bytes: it asks for dienstverleners behind it, in Extensions."""

from dataclasses import dataclass

from lxml import etree

from routeringsvoorziening.simulators.world.layout import CLOUD, CLUSTER_SERVICES, DIJKZICHT, Party
from tests.support.chain.browser import Browser, Page
from tests.support.chain.dienstverlener import Dienstverlener

NAME = "urn:nl-eid-gdi:1.0:"


def extensions(**attributes: str | None) -> str:
    """An Extensions element with these attributes of the koppelvlak; None leaves one out."""
    inside = "".join(
        f'<saml:Attribute Name="{NAME}{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<samlp:Extensions>{inside}</samlp:Extensions>"


@dataclass
class Supplier(Dienstverlener):
    """The supplier of the demo world."""

    party: Party = CLOUD
    behind: Party = DIJKZICHT

    async def begin(self, browser: Browser, *, service: str = "1", **changes: str | None) -> Page:
        """As of a dienstverlener, for the service with that number of the one behind it."""
        uuid = next(each.uuid for each in CLUSTER_SERVICES[self.behind] if str(each.index) == service)
        return await self.send(browser, self.signed(self.request_for(self.behind, uuid, **changes)))

    def request_for(self, behind: Party = DIJKZICHT, uuid: str | None = None, **changes: str | None) -> etree._Element:
        """A request for somebody behind it, or for anybody else."""
        service = uuid or CLUSTER_SERVICES[behind][0].uuid
        inside = extensions(IntendedAudience=behind.entity_id, ServiceUUID=service)
        return self.authn_request(inside=inside, **{"AttributeConsumingServiceIndex": None, **changes})
