"""The dienstverlener's own metadata: one EntityDescriptor with one SPSSODescriptor, signed (MD-DV-01 to MD-DV-07)."""

from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.model import AttributeConsumingService, Endpoint, ServiceProvider
from routeringsvoorziening.saml.metadata.writing import write_service_provider
from routeringsvoorziening.simulators.portal.settings import ACS_INDEX, PortalSettings

VALIDITY: Final = timedelta(days=90)


def metadata_of(settings: PortalSettings, at: datetime) -> bytes:
    """The signed document; with a SingleLogoutService when it shares a login (MD-DV-03)."""
    first = settings.services[0].index
    services = tuple(
        AttributeConsumingService(each.index, each.index == first, {"nl": each.name_nl, "en": each.name_en}, each.uuid)
        for each in settings.services
    )
    return write_service_provider(
        ServiceProvider(
            entity_id=settings.entity_id,
            keys=settings.metadata_keys,
            acs=(Endpoint(settings.acs_url, names.BINDING_ARTIFACT, ACS_INDEX, is_default=True),),
            attribute_services=services,
            slo=(Endpoint(settings.logout_url, names.BINDING_POST),) if settings.sso else (),
            valid_until=at + VALIDITY,
        ),
        settings.signing,
    )
