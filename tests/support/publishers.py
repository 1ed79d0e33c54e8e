"""Metadata of every party, which a test can bend before its publisher signs it."""

from dataclasses import replace
from datetime import timedelta

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.model import (
    AttributeConsumingService,
    Cluster,
    ClusterMember,
    Endpoint,
    IdentityProvider,
    MetadataKey,
    RoutingDienst,
    ServiceProvider,
)
from routeringsvoorziening.saml.metadata.reading import (
    read_cluster,
    read_identity_provider,
    read_routing_dienst,
    read_service_provider,
)
from routeringsvoorziening.saml.metadata.writing import (
    write_cluster,
    write_identity_provider,
    write_routing_dienst,
    write_service_provider,
)
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.signing import sign
from tests.support.pki import Pair, leaf
from tests.support.wire import (
    AD,
    BVD,
    DV,
    LC,
    NOW,
    OINS,
    OTHER_DV,
    RD,
    SERVICE,
    Bend,
    bent,
    encryption_pair,
    find,
    recipient,
    refused,
    signing_key,
    trust,
)

SIGNING, ENCRYPTION = frozenset({"signing"}), frozenset({"encryption"})
UNTIL = NOW + timedelta(days=30)


def key_of(pair: Pair | SigningKey, uses) -> MetadataKey:
    return MetadataKey(pair.key_name, pair.certificate, uses)


def keys_of(entity_id: str) -> tuple[MetadataKey, ...]:
    return (
        key_of(signing_key(entity_id), SIGNING),
        key_of(leaf(OINS[entity_id], "tls"), SIGNING),
        key_of(encryption_pair(entity_id), ENCRYPTION),
    )


def acs(index: int = 0, *, default: bool = False, host: str = "portal.example") -> Endpoint:
    return Endpoint(f"https://{host}/acs{index}", names.BINDING_ARTIFACT, index, default)


PROVIDER = ServiceProvider(
    DV,
    keys_of(DV),
    acs=(acs(0, default=True), acs(1)),
    attribute_services=(
        AttributeConsumingService(1, True, {"nl": "Afspraak", "en": "Appointment"}, SERVICE),
        AttributeConsumingService(2, False, {"nl": "Vergunning"}, "second"),
    ),
    slo=(Endpoint("https://portal.example/logout", names.BINDING_POST),),
    valid_until=UNTIL,
    cache_duration=timedelta(hours=6),
)
SERVICE_OF_AD = IdentityProvider(
    AD,
    keys_of(AD)[:2],
    artifact_resolution=(
        Endpoint("https://ad.example/artifact", names.BINDING_SOAP, 0),
        Endpoint("https://ad.example/artifact1", names.BINDING_SOAP, 1),
    ),
    single_sign_on=(Endpoint("https://ad.example/sso", names.BINDING_POST),),
    single_logout=(Endpoint("https://ad.example/logout", names.BINDING_POST),),
    valid_until=UNTIL,
)
SERVICE_OF_BVD = replace(SERVICE_OF_AD, entity_id=BVD, keys=keys_of(BVD), single_logout=())
SERVICE_OF_RD = replace(SERVICE_OF_AD, entity_id=RD, keys=keys_of(RD)[:2])
ROUTING = RoutingDienst(
    ServiceProvider(RD, keys_of(RD), acs=(acs(0, host="rv.example"),), valid_until=UNTIL),
    {DV: (recipient(DV), recipient(DV, "next")), OTHER_DV: (recipient(OTHER_DV),)},
)

CLUSTER = Cluster(
    ServiceProvider(
        LC,
        keys_of(LC)[:2],
        acs=(acs(0, default=True, host="cloud.example"), acs(1, host="cloud.example")),
        slo=(Endpoint("https://cloud.example/logout", names.BINDING_POST),),
        valid_until=UNTIL,
        cache_duration=timedelta(hours=6),
    ),
    {
        DV: ClusterMember(DV, (recipient(DV), recipient(DV, "next")), UNTIL),
        OTHER_DV: ClusterMember(OTHER_DV, (recipient(OTHER_DV),), UNTIL),
    },
)


def published(data: bytes, entity_id: str, *bends: Bend, signer: SigningKey | None = None) -> bytes:
    """The document after the changes, signed anew by its publisher."""
    element = parse(data)
    element.remove(find(element, "ds:Signature"))
    bent(element, *bends)
    sign(element, signer or signing_key(entity_id), include_certificate=True)
    return etree.tostring(element)


def of_dv(*bends: Bend, provider: ServiceProvider = PROVIDER, **how) -> bytes:
    return published(write_service_provider(provider, signing_key(DV)), DV, *bends, **how)


def of_service(provider: IdentityProvider, *bends: Bend) -> bytes:
    document = write_identity_provider(provider, signing_key(provider.entity_id))
    return published(document, provider.entity_id, *bends)


def of_rd(*bends: Bend, routing: RoutingDienst = ROUTING) -> bytes:
    return published(write_routing_dienst(routing, signing_key(RD)), RD, *bends)


def of_lc(*bends: Bend, cluster: Cluster = CLUSTER, **how) -> bytes:
    return published(write_cluster(cluster, signing_key(LC)), LC, *bends, **how)


def read_lc(data: bytes, **how) -> Cluster:
    return read_cluster(data, trust=trust(), at=NOW, **how)


def refuse_lc(code: str, *bends: Bend, **changes) -> SamlError:
    """`changes` are of the supplier's own entry."""
    cluster = replace(CLUSTER, supplier=replace(CLUSTER.supplier, **changes))
    return refused(code, lambda: read_lc(of_lc(*bends, cluster=cluster)))


def read_dv(data: bytes, **how) -> ServiceProvider:
    return read_service_provider(data, trust=trust(), at=NOW, **how)


def read_service(data: bytes, role="AD", **how) -> IdentityProvider:
    return read_identity_provider(data, trust=trust(), at=NOW, role=role, **how)


def read_rd(data: bytes, **how) -> RoutingDienst:
    return read_routing_dienst(data, trust=trust(), at=NOW, **how)


def refuse_dv(code: str, *bends: Bend, **changes) -> SamlError:
    return refused(code, lambda: read_dv(of_dv(*bends, provider=replace(PROVIDER, **changes))))


def refuse_service(code: str, *bends: Bend, of: IdentityProvider = SERVICE_OF_AD, role="AD", **changes) -> None:
    refused(code, lambda: read_service(of_service(replace(of, **changes), *bends), role))


def refuse_rd(code: str, *bends: Bend, **changes) -> None:
    provider = replace(ROUTING.service_provider, **changes)
    refused(code, lambda: read_rd(of_rd(*bends, routing=replace(ROUTING, service_provider=provider))))
