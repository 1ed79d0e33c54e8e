"""Our own signed metadata: of a dienstverlener alone (MD-DV), or of a supplier with those behind it (MD-LC)."""

from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.model import (
    AttributeConsumingService,
    Cluster,
    ClusterMember,
    Endpoint,
    ServiceProvider,
)
from routeringsvoorziening.saml.metadata.writing import write_cluster, write_service_provider
from routeringsvoorziening.simulators.portal.settings import ACS_INDEX, PortalSettings

VALIDITY: Final = timedelta(days=90)


def metadata_of(settings: PortalSettings, at: datetime) -> bytes:
    """The signed document; with a SingleLogoutService when it shares a login (MD-DV-03, MD-LC-05)."""
    if settings.behind:
        return _of_supplier(settings, at)
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
            slo=_logout(settings),
            valid_until=at + VALIDITY,
        ),
        settings.signing,
    )


def _of_supplier(settings: PortalSettings, at: datetime) -> bytes:
    """One file with the supplier and everybody behind it (MD-LC-01 to MD-LC-08)."""
    supplier = ServiceProvider(
        entity_id=settings.entity_id,
        keys=settings.metadata_keys,
        acs=(Endpoint(settings.acs_url, names.BINDING_ARTIFACT, ACS_INDEX, is_default=True),),
        slo=_logout(settings),
        valid_until=at + VALIDITY,
    )
    members = {each.entity_id: ClusterMember(each.entity_id, (each.recipient,)) for each in settings.behind.values()}
    return write_cluster(Cluster(supplier, members), settings.signing)


def _logout(settings: PortalSettings) -> tuple[Endpoint, ...]:
    return (Endpoint(settings.logout_url, names.BINDING_POST),) if settings.sso else ()
