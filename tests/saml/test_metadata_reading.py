"""Metadata is refused for every rule that it breaks, each with its code, and used when it breaks none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey, key_name_of
from routeringsvoorziening.saml.metadata.document import parse_duration
from routeringsvoorziening.saml.metadata.endpoints import check_location
from routeringsvoorziening.saml.metadata.model import (
    AttributeConsumingService,
    Endpoint,
    IdentityProvider,
    MetadataKey,
    RoutingDienst,
    ServiceProvider,
)
from routeringsvoorziening.saml.metadata.reading import (
    inspect_identity_provider,
    inspect_routing_dienst,
    inspect_service_provider,
    read_identity_provider,
    read_routing_dienst,
    read_service_provider,
)
from routeringsvoorziening.saml.metadata.writing import (
    write_identity_provider,
    write_routing_dienst,
    write_service_provider,
)
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.signing import sign
from tests.support.pki import Pair, leaf, pki
from tests.support.wire import (
    AD,
    BVD,
    DV,
    DV_OIN,
    NOW,
    OINS,
    OTHER_DV,
    OTHER_OIN,
    RD,
    SERVICE,
    Bend,
    bent,
    codes,
    drop,
    drop_attribute,
    encryption_pair,
    find,
    insert,
    put,
    recipient,
    refused,
    signing_key,
    trust,
    twice,
    write,
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


# ---- what is good is read


@pytest.mark.eis("MD-01", "MD-05", "MD-06", "MD-DV-01", "MD-DV-02", "MD-DV-04", "MD-DV-06", "MD-DV-07")
def test_metadata_of_a_dienstverlener_comes_back():
    """Written, signed, read: every field, and no finding."""
    data = write_service_provider(PROVIDER, signing_key(DV))
    assert read_dv(data) == PROVIDER
    assert inspect_service_provider(data, trust=trust(), at=NOW) == (PROVIDER, [])


@pytest.mark.eis("MD-AD-01", "MD-AD-02", "MD-AD-03", "MD-AD-04")
@pytest.mark.parametrize("provider", [SERVICE_OF_AD, SERVICE_OF_BVD])
def test_metadata_of_a_service_comes_back(provider):
    """An authenticatiedienst, and a BVD with its encryption key."""
    role = "AD" if provider.entity_id == AD else "BVD"
    data = write_identity_provider(provider, signing_key(provider.entity_id))
    assert read_service(data, role) == provider
    assert inspect_identity_provider(data, trust=trust(), at=NOW, role=role) == (provider, [])


@pytest.mark.eis("MD-RD-01", "MD-RD-02", "MD-RD-03", "MD-RD-04", "MD-RD-05")
def test_metadata_of_the_rv_for_dienstverleners_comes_back():
    """What dienstverleners read of us."""
    assert read_service(write_identity_provider(SERVICE_OF_RD, signing_key(RD)), "RD") == SERVICE_OF_RD


@pytest.mark.eis("MD-SP-01", "MD-SP-04", "MD-SP-05", "MD-SP-07", "MD-SP-08", "MD-SP-09")
def test_metadata_of_the_rv_for_services_comes_back():
    """What AD and BVD read of us: ourselves, and the keys of every dienstverlener."""
    data = write_routing_dienst(ROUTING, signing_key(RD))
    assert read_rd(data) == ROUTING
    assert inspect_routing_dienst(data, trust=trust(), at=NOW) == (ROUTING, [])


@pytest.mark.eis("MD-05")
def test_the_signature_may_name_a_key_of_the_document():
    """KeyName alone points to the publisher's own KeyDescriptor (AMB-14)."""
    for data, read in ((of_dv(), read_dv), (of_rd(), read_rd)):
        element = parse(data)
        element.remove(find(element, "ds:Signature"))
        sign(element, signing_key(DV if read is read_dv else RD))
        assert read(etree.tostring(element)) in (PROVIDER, ROUTING)


INDEXES = st.lists(st.integers(0, 65535), min_size=1, max_size=5, unique=True)
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30)


@pytest.mark.attack("S45")
@given(
    INDEXES, st.dictionaries(st.sampled_from(["nl", "en", "de", "fy"]), WORDS, min_size=1), WORDS, st.integers(1, 10**6)
)
def test_any_metadata_survives(indexes, texts, service_uuid, seconds):
    """Whatever the indexes, the names in any language, the ServiceUUIDs and durations."""
    provider = replace(
        PROVIDER,
        acs=tuple(acs(each, default=each == indexes[0]) for each in indexes),
        attribute_services=tuple(
            AttributeConsumingService(each, each == indexes[-1], texts, service_uuid) for each in indexes
        ),
        cache_duration=timedelta(seconds=seconds),
    )
    assert read_dv(write_service_provider(provider, signing_key(DV))) == provider


# ---- the document and its signature


@pytest.mark.eis("MD-01", "MD-05", "SIG-06")
@pytest.mark.attack("S81", "S21", "S23", "S85")
def test_a_document_that_its_publisher_did_not_sign_is_refused():
    """No signature, a changed byte, and a signature by a key that the document does not name."""
    element = parse(of_dv())
    element.remove(find(element, "ds:Signature"))
    refused("md.signature", lambda: read_dv(etree.tostring(element)))
    refused("md.signature", lambda: read_dv(of_dv().replace(b"portal.example", b"portal2.example")))
    sign(element, replace(signing_key(DV), key_name="unknown"))
    refused("md.signature", lambda: read_dv(etree.tostring(element)))


@pytest.mark.eis("MD-05", "SIG-07", "SIG-11")
@pytest.mark.attack("S23", "S28", "S81", "S82")
def test_a_signature_of_somebody_else_is_refused():
    """A good certificate of another OIN, one of another root, an expired one, one that may not sign."""
    other = leaf(OTHER_OIN)
    refused("oin.mismatch", lambda: read_dv(of_dv(signer=as_signer(other))))
    refused("key.chain", lambda: read_dv(of_dv(signer=as_signer(pki("foreign").issue(DV_OIN)))))
    expired = pki().issue(DV_OIN, not_after=datetime(2026, 1, 1, tzinfo=UTC))
    refused("key.expired", lambda: read_dv(of_dv(signer=as_signer(expired))))
    refused("key.usage", lambda: read_dv(of_dv(signer=as_signer(leaf(DV_OIN, "encryption")))))


def as_signer(pair: Pair) -> SigningKey:
    return SigningKey(pair.key_name, pair.certificate, pair.key)


@pytest.mark.eis("MD-05")
def test_the_root_needs_an_id():
    """Without an ID the signature covers nothing."""
    element = parse(of_dv())
    element.attrib.pop("ID")
    refused("md.signature", lambda: read_dv(etree.tostring(element)))


@pytest.mark.attack("S19")
def test_a_signature_elsewhere_is_refused():
    """Only a child is signed, or a second signature stands deeper."""
    element = parse(of_rd())
    child = find(element, "md:EntityDescriptor")
    signature = find(element, "ds:Signature")
    child.insert(0, signature)
    refused("md.signature", lambda: read_rd(etree.tostring(element)))
    nested = parse(of_rd())
    sign(find(nested, "md:EntityDescriptor"), signing_key(RD))
    refused("md.signature", lambda: read_rd(etree.tostring(nested)))


@pytest.mark.eis("MD-01", "GEN-06")
@pytest.mark.attack("S46", "S51")
@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("xml.malformed", lambda: b"<md:EntityDescriptor"),
        ("xml.doctype", lambda: b"<!DOCTYPE x []>" + of_dv()),
        ("md.structure", of_rd),
        ("md.structure", lambda: b"<x/>"),
        ("msg.schema", lambda: of_dv(put(".", "Unknown", "x"))),
        ("msg.schema", lambda: of_dv(drop_attribute("md:SPSSODescriptor/md:AssertionConsumerService", "index"))),
    ],
)
def test_what_is_no_metadata_is_refused(code, data):
    """Not XML, a DTD, another root, invalid by the schema."""
    refused(code, lambda: read_dv(data()))
    value, found = inspect_service_provider(data(), trust=trust(), at=NOW)
    assert (value, codes(found)) == (None, [code])


@pytest.mark.attack("S19")
def test_comments_between_elements_are_tolerated():
    """Peers ship them; within a value they are refused."""
    assert read_dv(of_dv().replace(b"<md:SPSSODescriptor", b"<!-- v2 --><md:SPSSODescriptor")) == PROVIDER
    split = of_dv().replace(SERVICE.encode(), b"f847<!-- -->dc11")
    refused("node.forbidden", lambda: read_dv(split))


# ---- entityID and role


@pytest.mark.eis("MD-02")
@pytest.mark.attack("S81", "S82")
@pytest.mark.parametrize(
    ("code", "entity_id"),
    [
        ("md.entity", "https://portal.example"),
        ("md.entity", f"urn:nl-eid-gdi:1.0:TD:{DV_OIN}:entities:9003"),
        ("md.entity", f"urn:nl-eid-gdi:1.0:DV:{DV_OIN[:-1]}:entities:9003"),
        ("md.entity", f"urn:nl-eid-gdi:1.0:DV:{DV_OIN}:entities:93"),
        ("md.role", f"urn:nl-eid-gdi:1.0:AD:{DV_OIN}:entities:9003"),
        ("md.role", f"urn:nl-eid-gdi:1.0:LC:{DV_OIN}:entities:9003"),
        ("oin.mismatch", f"urn:nl-eid-gdi:1.0:DV:{OTHER_OIN}:entities:9003"),
    ],
)
def test_another_entity_id_is_refused(code, entity_id):
    """Not of the koppelvlak, of another role, or with an OIN that the certificates do not have."""
    refuse_dv(code, put(".", "entityID", entity_id))


@pytest.mark.eis("MD-02")
def test_test_indexes_are_told_apart():
    """9000 and up is for test: configuration can refuse it in production."""
    assert PROVIDER.is_test
    assert not replace(PROVIDER, entity_id=f"urn:nl-eid-gdi:1.0:DV:{DV_OIN}:entities:0003").is_test


# ---- expiry


@pytest.mark.eis("MD-03")
@pytest.mark.attack("S81")
def test_expiry_is_needed():
    """Neither validUntil nor cacheDuration is refused, unless the connection waives it; one of them will do."""
    neither = of_dv(provider=replace(PROVIDER, valid_until=None, cache_duration=None))
    refused("md.expiry", lambda: read_dv(neither))
    assert read_dv(neither, allow_missing_expiry=True).valid_until is None
    _, found = inspect_service_provider(neither, trust=trust(), at=NOW, allow_missing_expiry=True)
    assert [(each.code, each.tolerated) for each in found] == [("md.expiry", True)]
    assert read_dv(of_dv(provider=replace(PROVIDER, valid_until=None))).valid_until is None
    assert read_dv(of_dv(provider=replace(PROVIDER, cache_duration=None))).valid_until == UNTIL


@pytest.mark.eis("MD-03", "MD-AD-01", "MD-SP-02")
@pytest.mark.attack("S81")
@pytest.mark.parametrize("ago", [0, 1, 86400])
def test_expired_metadata_is_refused(ago):
    """At validUntil it is over, for every kind."""
    past = NOW - timedelta(seconds=ago)
    refuse_dv("md.expired", valid_until=past)
    refuse_service("md.expired", valid_until=past)
    refuse_rd("md.expired", valid_until=past)


@pytest.mark.eis("MD-03")
def test_metadata_is_good_until_the_last_second():
    """A second before validUntil it is still used."""
    assert read_dv(of_dv(provider=replace(PROVIDER, valid_until=NOW + timedelta(seconds=1))))


@pytest.mark.eis("MD-AD-01", "MD-SP-02")
def test_services_and_the_rv_need_valid_until():
    """CacheDuration alone will not do there."""
    only = {"valid_until": None, "cache_duration": timedelta(hours=1)}
    refuse_service("md.expiry", **only)
    refused("md.expiry", lambda: read_rd(of_rd(drop_attribute(".", "validUntil"))))
    with pytest.raises(ValueError, match="MD-SP-02"):
        write_routing_dienst(RoutingDienst(replace(ROUTING.service_provider, **only), {}), signing_key(RD))


@pytest.mark.eis("MD-03", "MD-SP-03")
def test_the_earliest_expiry_counts():
    """That of a descriptor inside too."""
    earlier = put("md:SPSSODescriptor", "validUntil", "2026-03-02T00:00:00Z")
    shorter = put("md:SPSSODescriptor", "cacheDuration", "PT1H")
    found = read_dv(of_dv(earlier, shorter))
    assert (found.valid_until, found.cache_duration) == (datetime(2026, 3, 2, tzinfo=UTC), timedelta(hours=1))


@pytest.mark.eis("MD-03")
@pytest.mark.parametrize(
    ("attribute", "value"),
    [("validUntil", "2026-04-01T00:00:00"), ("cacheDuration", "-PT1H"), ("cacheDuration", "PT0.5H")],
)
def test_an_unreadable_expiry_is_refused(attribute, value):
    """A time without a zone, a negative duration."""
    with pytest.raises(SamlError, match=r"md\.expiry|msg\.schema"):
        read_dv(of_dv(put(".", attribute, value)))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT1H", timedelta(hours=1)),
        ("P1D", timedelta(days=1)),
        ("P1Y2M3DT4H5M6.7S", timedelta(days=428, hours=4, minutes=5, seconds=6)),
        ("PT604800S", timedelta(days=7)),
    ],
)
def test_durations(text, duration):
    """xs:duration in whole seconds; a year is 365 days, a month 30."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "P", "PT", "1H", "-PT1H", "P1H", "PT1D", "PT99999999999S"])
def test_no_durations(text):
    """What is no duration, or no sensible one."""
    refused("md.expiry", lambda: parse_duration(text))


# ---- descriptors


@pytest.mark.eis("MD-DV-01", "MD-AD-01", "MD-RD-01", "MD-SP-04")
@pytest.mark.attack("S81")
def test_there_is_one_descriptor_of_the_role():
    """None, two, or one of another kind beside it."""
    idp = etree.tostring(find(parse(of_service(SERVICE_OF_AD)), "md:IDPSSODescriptor")).decode()
    refuse_dv("md.role", twice("md:SPSSODescriptor"))
    refuse_dv("md.role", insert(".", 1, idp))
    refuse_dv("md.role", drop("md:SPSSODescriptor"), insert(".", 0, idp))
    refuse_service("md.role", twice("md:IDPSSODescriptor"))
    refuse_rd("md.role", insert("md:EntityDescriptor", 1, idp))


@pytest.mark.eis("MD-DV-01", "MD-AD-01", "MD-RD-01", "MD-SP-04")
def test_signing_is_promised():
    """The three attributes are there and true."""
    for attribute in ("AuthnRequestsSigned", "WantAssertionsSigned"):
        path = "md:SPSSODescriptor"
        refuse_dv("md.structure", drop_attribute(path, attribute))
        refuse_dv("md.structure", put(path, attribute, "false"))
        refuse_rd("md.structure", put(f"md:EntityDescriptor/{path}", attribute, "0"))
    refuse_service("md.structure", drop_attribute("md:IDPSSODescriptor", "WantAuthnRequestsSigned"))
    rv = {"of": SERVICE_OF_RD, "role": "RD"}
    refuse_service("md.structure", put("md:IDPSSODescriptor", "WantAuthnRequestsSigned", "false"), **rv)


@pytest.mark.eis("MD-06")
@pytest.mark.parametrize("value", ["urn:oasis:names:tc:SAML:1.1:protocol", f"{names.PROTOCOL} urn:x"])
def test_another_protocol_is_refused(value):
    """Every role descriptor is of SAML 2.0."""
    refuse_dv("md.structure", put("md:SPSSODescriptor", "protocolSupportEnumeration", value))
    refuse_service("md.structure", put("md:IDPSSODescriptor", "protocolSupportEnumeration", value))
    inner = "md:EntityDescriptor[2]/md:SPSSODescriptor"
    refuse_rd("md.structure", put(inner, "protocolSupportEnumeration", value))


@pytest.mark.eis("GEN-05")
def test_other_elements_are_tolerated():
    """Extensions, Organization and ContactPerson."""
    data = of_dv(
        insert(".", 0, "<md:Extensions><x xmlns='urn:x'/></md:Extensions>"),
        insert("md:SPSSODescriptor", 0, "<md:Extensions><x xmlns='urn:x'/></md:Extensions>"),
        insert(
            ".",
            2,
            "<md:Organization><md:OrganizationName xml:lang='nl'>x</md:OrganizationName><md:OrganizationDisplayName "
            "xml:lang='nl'>x</md:OrganizationDisplayName><md:OrganizationURL xml:lang='nl'>x</md:OrganizationURL></md:Organization>",
        ),
        insert(".", 3, "<md:ContactPerson contactType='technical'><md:GivenName>x</md:GivenName></md:ContactPerson>"),
    )
    assert read_dv(data) == PROVIDER


# ---- keys

KEY_INFO = "md:SPSSODescriptor/md:KeyDescriptor/ds:KeyInfo"


@pytest.mark.eis("MD-06")
@pytest.mark.parametrize(
    "bend",
    [
        drop(f"{KEY_INFO}/ds:KeyName"),
        twice(f"{KEY_INFO}/ds:KeyName"),
        write(f"{KEY_INFO}/ds:KeyName", ""),
        write(f"{KEY_INFO}/ds:KeyName", "x" * 300),
        drop(f"{KEY_INFO}/ds:X509Data"),
        twice(f"{KEY_INFO}/ds:X509Data/ds:X509Certificate"),
        write(f"{KEY_INFO}/ds:X509Data/ds:X509Certificate", "AAAA"),
        write(f"{KEY_INFO}/ds:X509Data/ds:X509Certificate", ""),
    ],
)
def test_a_key_descriptor_that_is_not_one_name_and_one_certificate_is_refused(bend):
    """KeyName and X509Certificate, one of each, both readable."""
    refuse_dv("md.keys", bend)


@pytest.mark.attack("S22")
def test_a_key_name_of_two_certificates_is_refused():
    """A KeyName selects one certificate."""
    double = MetadataKey(signing_key(DV).key_name, leaf(DV_OIN, "signing", "next").certificate, SIGNING)
    refuse_dv("md.keys", keys=(*keys_of(DV), double))


@pytest.mark.eis("MD-DV-02")
@pytest.mark.attack("S22")
def test_a_dienstverlener_needs_both_kinds_of_keys():
    """One for signing, one for encryption."""
    refuse_dv("md.keys", keys=keys_of(DV)[2:])
    refuse_dv("md.keys", keys=keys_of(DV)[:2])


@pytest.mark.eis("MD-AD-02", "MD-RD-02", "MD-SP-04")
@pytest.mark.attack("S22")
def test_services_and_the_rv_need_a_signing_key():
    """Signed with the certificate in the signature, but none is published for messages."""
    refuse_service("md.keys", keys=())
    refuse_service("md.keys", keys=(), of=SERVICE_OF_RD, role="RD")
    refuse_rd("md.keys", keys=keys_of(RD)[2:])


@pytest.mark.eis("MD-AD-02")
def test_a_bvd_needs_an_encryption_key():
    """An AD must be able to encrypt for it."""
    refuse_service("md.keys", of=SERVICE_OF_BVD, role="BVD", keys=keys_of(BVD)[:2])


@pytest.mark.eis("MD-SP-05")
def test_the_rv_may_leave_its_encryption_key_out():
    """Nobody may encrypt for it, so both variants are read (AMB-15)."""
    provider = replace(ROUTING.service_provider, keys=keys_of(RD)[:2])
    assert not read_rd(of_rd(routing=replace(ROUTING, service_provider=provider))).service_provider.recipients


def test_a_key_without_use_counts_for_both():
    """KeyDescriptor without `use`."""
    provider = replace(PROVIDER, keys=(key_of(leaf(DV_OIN, "tls"), SIGNING | ENCRYPTION), *keys_of(DV)))
    found = read_dv(write_service_provider(provider, signing_key(DV)))
    assert found.keys[0].uses == {"signing", "encryption"}
    assert (len(found.signing_keys), len(found.encryption_keys)) == (3, 2)


@pytest.mark.eis("SIG-07", "MD-05")
@pytest.mark.attack("S28", "S82")
@pytest.mark.parametrize(
    ("code", "pair"),
    [
        ("oin.mismatch", lambda: leaf(OTHER_OIN)),
        ("oin.mismatch", lambda: pki().issue(None)),
        ("key.chain", lambda: pki("foreign").issue(DV_OIN)),
        ("key.usage", lambda: leaf(DV_OIN, "encryption", "other")),
    ],
)
def test_a_certificate_that_may_not_be_used_is_refused(code, pair):
    """Of another OIN or none, of another root, or not made for signing."""
    refuse_dv(code, keys=(*keys_of(DV), key_of(pair(), SIGNING)))


@pytest.mark.eis("MD-DV-02", "SIG-08")
def test_an_expired_key_beside_a_good_one_is_remarked():
    """During a rollover the old one may expire; when it was the last one the metadata is refused."""
    expired = pki().issue(DV_OIN, not_after=datetime(2026, 1, 1, tzinfo=UTC))
    provider = replace(PROVIDER, keys=(*keys_of(DV), key_of(expired, SIGNING)))
    value, found = inspect_service_provider(of_dv(provider=provider), trust=trust(), at=NOW)
    assert value == provider
    assert [(each.code, each.tolerated) for each in found] == [("key.expired", True)]
    refuse_dv("key.expired", keys=(key_of(expired, SIGNING), keys_of(DV)[2]))


@pytest.mark.eis("SIG-08")
def test_an_expired_encryption_key_is_left_out():
    """Nobody encrypts for it any more; a next one whose time has not come stays, and is remarked."""
    expired = pki().issue(DV_OIN, "encryption", not_after=datetime(2026, 1, 1, tzinfo=UTC))
    coming = pki().issue(DV_OIN, "encryption", not_before=datetime(2026, 4, 1, tzinfo=UTC))
    keys = (*keys_of(DV), key_of(expired, ENCRYPTION), key_of(coming, ENCRYPTION))
    value, found = inspect_service_provider(of_dv(provider=replace(PROVIDER, keys=keys)), trust=trust(), at=NOW)
    assert value is not None
    assert [each.key_name for each in value.encryption_keys] == [encryption_pair(DV).key_name, coming.key_name]
    assert codes(found) == ["key.expired", "key.expired"]
    refuse_dv("md.keys", keys=(*keys_of(DV)[:2], key_of(expired, ENCRYPTION)))
    refuse_dv("key.expired", keys=(*keys_of(DV)[:2], key_of(coming, ENCRYPTION)))


@pytest.mark.attack("S28")
def test_an_expired_certificate_of_another_root_is_refused():
    """Expiry excuses nothing else."""
    expired = pki("foreign").issue(DV_OIN, not_after=datetime(2026, 1, 1, tzinfo=UTC))
    refuse_dv("key.chain", keys=(*keys_of(DV), key_of(expired, SIGNING)))


def test_lookups():
    """By index, by default, by use."""
    assert PROVIDER.acs_by_index(1).location == "https://portal.example/acs1"
    assert PROVIDER.acs_by_index(None).index == 0
    assert PROVIDER.attribute_service_by_index(2).service_uuid == "second"
    assert PROVIDER.attribute_service_by_index(None).index == 1
    assert SERVICE_OF_AD.artifact_resolution_by_index(1).location == "https://ad.example/artifact1"
    assert ROUTING.service_provider.acs_by_index(None).index == 0
    assert key_name_of(leaf(DV_OIN, "tls").certificate) in PROVIDER.tls_fingerprints
    assert [each.entity_id for each in PROVIDER.recipients] == [DV]


@pytest.mark.eis("AR-04", "AR-06", "MD-AD-03")
@pytest.mark.attack("S71")
def test_lookups_that_find_nothing():
    """An index that is not there."""
    refused("md.endpoint", lambda: PROVIDER.acs_by_index(7))
    refused("md.endpoint", lambda: replace(PROVIDER, acs=()).acs_by_index(None))
    refused("md.service", lambda: PROVIDER.attribute_service_by_index(7))
    refused("md.service", lambda: replace(PROVIDER, attribute_services=()).attribute_service_by_index(None))
    refused("md.endpoint", lambda: SERVICE_OF_AD.artifact_resolution_by_index(9))


# ---- endpoints

GOOD = ["https://x.example", "https://x.example:8443/a/b?c=d", "https://xn--bcher-kva.example/", "https://127.0.0.1/a"]
BAD = [
    "",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://x.example/",
    "//x.example/",
    "/acs",
    "https:///acs",
    "https://user@x.example/",
    "https://user:pass@x.example/",
    "https://x.example/#fragment",
    "https://x.example/#",
    "https://bücher.example/",
    "https://x.example/a b",
    "https://x.example/\ta",
    "https://x.example\\@evil.example/",
    'https://x.example/"',
    "https://x.example:0/",
    "https://x.example:99999/",
    "https://x.example:port/",
    "https://[::1/",
    "ftp://x.example/",
    "HTTPS//x.example",
    "https://x.example/" + "a" * 2048,
    "http://localhost.evil.example/",
    "http://evil.example/.localhost",
]


@pytest.mark.eis("MD-DV-04")
@pytest.mark.parametrize("location", GOOD)
def test_a_good_location(location):
    """Absolute https."""
    check_location(location, allow_loopback=False)


@pytest.mark.attack("S83", "S84")
@pytest.mark.parametrize("location", BAD)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_a_bad_location(location, allow_loopback):
    """Everything else, whatever the configuration."""
    refused("md.location", lambda: check_location(location, allow_loopback=allow_loopback))


@pytest.mark.attack("S83")
def test_http_is_for_localhost_and_only_when_allowed():
    """A demonstration may run without TLS in the browser."""
    check_location("http://portal.localhost:8082/acs", allow_loopback=True)
    refused("md.location", lambda: check_location("http://portal.localhost:8082/acs", allow_loopback=False))


@pytest.mark.attack("S83")
@pytest.mark.parametrize("kind", ["acs", "slo"])
def test_a_bad_location_in_metadata_is_refused(kind):
    """Of every endpoint; http for localhost needs the caller's word."""
    endpoint = replace(getattr(PROVIDER, kind)[0], location="http://portal.localhost:8082/x")
    provider = replace(PROVIDER, **{kind: (endpoint,)})
    refused("md.location", lambda: read_dv(of_dv(provider=provider)))
    assert read_dv(of_dv(provider=provider), allow_loopback=True) == provider


@pytest.mark.attack("S83")
@pytest.mark.parametrize("kind", ["artifact_resolution", "single_sign_on", "single_logout"])
def test_a_bad_location_of_a_service_is_refused(kind):
    """Every endpoint of an AD."""
    refuse_service("md.location", **{kind: (replace(getattr(SERVICE_OF_AD, kind)[0], location="javascript:x"),)})


@pytest.mark.eis("MD-DV-04", "MD-SP-07")
def test_assertion_consumers_of_a_provider():
    """None by HTTP-Artifact, several without a default, two defaults, the same index twice."""
    post = replace(acs(1), binding=names.BINDING_POST)
    refuse_dv("md.endpoint", acs=(post,))
    refuse_dv("md.endpoint", acs=(acs(0), acs(1)))
    refuse_dv("md.endpoint", acs=(acs(0, default=True), acs(1, default=True)))
    refuse_dv("md.endpoint", acs=(acs(0, default=True), replace(acs(0), location="https://portal.example/other")))
    refuse_rd("md.endpoint", acs=(acs(0, default=True), post))
    refuse_rd("md.endpoint", acs=(acs(0), acs(1)))


@pytest.mark.eis("MD-DV-04")
def test_an_assertion_consumer_by_post_cannot_be_selected():
    """A dienstverlener may list one for others; it is left out, and remarked."""
    post = replace(acs(1), binding=names.BINDING_POST)
    value, found = inspect_service_provider(
        of_dv(provider=replace(PROVIDER, acs=(acs(0, default=True), post))), trust=trust(), at=NOW
    )
    assert value is not None
    assert [(each.code, each.tolerated) for each in found] == [("md.endpoint", True)]
    refused("md.endpoint", lambda: value.acs_by_index(1))


@pytest.mark.eis("MD-DV-03", "MD-SP-06")
def test_logout_of_a_provider_is_by_post():
    """When there is a SingleLogoutService, one is by HTTP-POST; there need not be any."""
    redirect = Endpoint("https://portal.example/logout", names.BINDING_REDIRECT)
    refuse_dv("md.endpoint", slo=(redirect,))
    refuse_rd("md.endpoint", slo=(redirect,))
    assert read_dv(of_dv(provider=replace(PROVIDER, slo=(redirect, *PROVIDER.slo)))).slo == PROVIDER.slo
    assert read_dv(of_dv(provider=replace(PROVIDER, slo=()))).slo == ()


@pytest.mark.eis("MD-AD-03", "MD-RD-03", "MD-RD-04")
@pytest.mark.parametrize(("of", "role"), [(SERVICE_OF_AD, "AD"), (SERVICE_OF_RD, "RD")])
def test_endpoints_of_a_service(of, role):
    """Resolution by SOAP with unique indexes, sign-on by HTTP-POST; at least one of each."""
    soap, post = of.artifact_resolution, of.single_sign_on
    refuse = lambda **changes: refuse_service("md.endpoint", of=of, role=role, **changes)  # noqa: E731
    refuse(artifact_resolution=(replace(soap[0], binding=names.BINDING_POST),))
    refuse(artifact_resolution=(soap[0], replace(soap[1], index=0)))
    refuse(single_sign_on=(replace(post[0], binding=names.BINDING_REDIRECT),))
    refuse(single_sign_on=(*post, replace(post[0], binding=names.BINDING_REDIRECT)))
    refuse(artifact_resolution=())


@pytest.mark.eis("MD-AD-03", "GEN-06")
def test_a_service_without_sign_on_is_invalid():
    """The schema wants one already."""
    refuse_service("msg.schema", single_sign_on=())


@pytest.mark.eis("MD-AD-04", "MD-RD-05")
def test_logout_of_a_service():
    """An AD has at most one, a BVD none, the RV at least one; all by HTTP-POST."""
    post = SERVICE_OF_AD.single_logout[0]
    redirect = replace(post, binding=names.BINDING_REDIRECT)
    refuse_service("md.endpoint", single_logout=(redirect,))
    refuse_service("md.endpoint", single_logout=(post, replace(post, location="https://ad.example/2")))
    refuse_service("md.endpoint", of=SERVICE_OF_BVD, role="BVD", single_logout=(post,))
    refuse_service("md.endpoint", of=SERVICE_OF_RD, role="RD", single_logout=())
    refuse_service("md.endpoint", of=SERVICE_OF_RD, role="RD", single_logout=(post, redirect))
    assert read_service(of_service(replace(SERVICE_OF_AD, single_logout=()))).single_logout == ()


# ---- AttributeConsumingServices

ATTRIBUTE_SERVICE = "md:SPSSODescriptor/md:AttributeConsumingService"


@pytest.mark.eis("MD-DV-06")
def test_indexes_and_defaults_of_services():
    """The same index, no default among several, two defaults; a single one needs no default."""
    one, two = PROVIDER.attribute_services
    refuse_dv("md.service", attribute_services=(one, replace(two, index=1)))
    refuse_dv("md.service", attribute_services=(replace(one, is_default=False), two))
    refuse_dv("md.service", attribute_services=(one, replace(two, is_default=True)))
    assert read_dv(of_dv(provider=replace(PROVIDER, attribute_services=(two,)))).attribute_services == (two,)
    assert read_dv(of_dv(provider=replace(PROVIDER, attribute_services=()))).attribute_services == ()


@pytest.mark.eis("MD-DV-06")
def test_names_of_services():
    """One per language."""
    refuse_dv("md.service", twice(f"{ATTRIBUTE_SERVICE}/md:ServiceName"))
    refuse_dv("md.service", insert(ATTRIBUTE_SERVICE, 1, "<md:ServiceName xml:lang='NL'>x</md:ServiceName>"))
    refuse_dv("msg.schema", drop_attribute(ATTRIBUTE_SERVICE, "index"))


REQUESTED = f"{ATTRIBUTE_SERVICE}/md:RequestedAttribute"


@pytest.mark.eis("MD-DV-07", "AR-06")
@pytest.mark.parametrize(
    "bend",
    [
        drop(f"{REQUESTED}/saml:AttributeValue"),
        twice(f"{REQUESTED}/saml:AttributeValue"),
        write(f"{REQUESTED}/saml:AttributeValue", " "),
        twice(REQUESTED),
        put(REQUESTED, "Name", "urn:x"),
    ],
)
def test_a_service_without_one_service_uuid_is_refused(bend):
    """One RequestedAttribute ServiceUUID with one value."""
    refuse_dv("md.service", bend)


@pytest.mark.eis("MD-DV-07")
def test_a_missing_service_uuid_can_be_waived():
    """When configuration maps the index itself; a broken one cannot."""
    other = of_dv(put(REQUESTED, "Name", "urn:x"))
    assert read_dv(other, allow_missing_service_uuid=True).attribute_services[0].service_uuid is None
    broken = of_dv(twice(f"{REQUESTED}/saml:AttributeValue"))
    refused("md.service", lambda: read_dv(broken, allow_missing_service_uuid=True))


@pytest.mark.eis("MD-DV-05")
def test_only_a_dienstverlener_has_services():
    """The RV's entry has no AttributeConsumingService."""
    refuse_rd("md.service", attribute_services=PROVIDER.attribute_services)


# ---- the RV for AD and BVD

DV_ENTRY = "md:EntityDescriptor[2]"


@pytest.mark.eis("MD-SP-01")
@pytest.mark.attack("S19", "S81")
def test_entries_of_the_rv():
    """One of the RV, the rest of dienstverleners, each once, nothing nested."""
    refuse_rd("md.structure", drop("md:EntityDescriptor"))
    refuse_rd("md.structure", twice("md:EntityDescriptor"))
    refuse_rd("md.entity", twice(DV_ENTRY))
    refuse_rd("md.role", put(DV_ENTRY, "entityID", AD))
    refuse_rd("md.entity", put(DV_ENTRY, "entityID", "urn:x"))
    nested = "<md:EntitiesDescriptor><md:EntityDescriptor entityID='urn:x'><md:AffiliationDescriptor affiliationOwnerID='x'><md:AffiliateMember>x</md:AffiliateMember></md:AffiliationDescriptor></md:EntityDescriptor></md:EntitiesDescriptor>"
    refuse_rd("md.structure", insert(".", 3, nested))


@pytest.mark.eis("MD-SP-08")
def test_keys_of_dienstverleners_in_it():
    """One or two encryption keys, of the dienstverlener's own OIN."""
    three = (recipient(DV), recipient(DV, "next"), recipient(DV, "third"))
    refused("md.keys", lambda: read_rd(of_rd(routing=replace(ROUTING, dienstverleners={DV: three}))))
    refused("md.keys", lambda: read_rd(of_rd(routing=replace(ROUTING, dienstverleners={DV: ()}))))
    wrong = replace(recipient(OTHER_DV), entity_id=DV)
    refused("oin.mismatch", lambda: read_rd(of_rd(routing=replace(ROUTING, dienstverleners={DV: (wrong,)}))))


@pytest.mark.eis("MD-SP-09")
def test_the_consumer_of_a_dienstverlener_in_it_is_not_used():
    """It must be there once; what it says changes nothing."""
    entry = f"{DV_ENTRY}/md:SPSSODescriptor/md:AssertionConsumerService"
    refuse_rd("md.endpoint", twice(entry), put(entry, "index", "7"))
    assert read_rd(of_rd(put(entry, "Location", "https://evil.example/"))) == ROUTING


@pytest.mark.eis("MD-SP-03")
def test_an_expired_entry_is_left_out():
    """A dienstverlener's own validUntil counts for it alone, and is remarked."""
    data = of_rd(put(DV_ENTRY, "validUntil", "2026-02-01T00:00:00Z"))
    value, found = inspect_routing_dienst(data, trust=trust(), at=NOW)
    assert value is not None
    assert set(value.dienstverleners) == {OTHER_DV}
    assert [(each.code, each.tolerated) for each in found] == [("md.expired", True)]


# ---- all mistakes at once


def test_every_mistake_is_told_at_once():
    """Also when the signature is broken: with code, requirement and plain words."""
    broken = replace(
        PROVIDER,
        acs=(replace(acs(0), location="http://portal.example/"), acs(1)),
        keys=keys_of(DV)[:2],
        attribute_services=(replace(PROVIDER.attribute_services[0], service_uuid=None),),
        valid_until=NOW - timedelta(days=1),
    )
    data = of_dv(drop_attribute("md:SPSSODescriptor", "WantAssertionsSigned"), provider=broken)
    value, found = inspect_service_provider(data.replace(b"Afspraak", b"Aanvraag"), trust=trust(), at=NOW)
    assert value is None
    assert set(codes(found)) == {
        "md.signature",
        "md.expired",
        "md.structure",
        "md.keys",
        "md.service",
        "md.location",
        "md.endpoint",
    }
    assert {each.eis for each in found} >= {"MD-05", "MD-03", "MD-DV-01", "MD-DV-02", "MD-DV-07", "MD-DV-04"}
    assert all(each.text and not each.tolerated for each in found)


Mutation = Callable[[Element], None]


@pytest.mark.attack("S81")
@given(st.data())
def test_any_change_after_signing_is_refused(data):
    """Whatever element goes or attribute changes, the document is not used."""
    element = parse(SIGNED)
    nodes = [each for each in element.iter() if each is not element and each not in selecting(element)]
    target = data.draw(st.sampled_from(nodes))
    parent = target.getparent()
    if data.draw(st.booleans()) or not target.attrib:
        parent.remove(target)
    else:
        target.set(data.draw(st.sampled_from(sorted(target.attrib))), "x")
    with pytest.raises(SamlError):
        read_dv(etree.tostring(element))


def selecting(element: Element) -> set[Element]:
    """The KeyInfo of the signature only selects a key: without a KeyName the certificate does it alone."""
    return set(find(element, "ds:Signature/ds:KeyInfo").iter())


SIGNED = write_service_provider(PROVIDER, signing_key(DV))
