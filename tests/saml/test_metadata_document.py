"""The whole document: form, signature, publisher, expiry, descriptors."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.document import parse_duration
from routeringsvoorziening.saml.metadata.model import (
    RoutingDienst,
)
from routeringsvoorziening.saml.metadata.reading import (
    inspect_service_provider,
)
from routeringsvoorziening.saml.metadata.writing import (
    write_routing_dienst,
)
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.signing import sign
from tests.support.pki import Pair, leaf, pki
from tests.support.publishers import (
    PROVIDER,
    ROUTING,
    SERVICE_OF_AD,
    SERVICE_OF_RD,
    UNTIL,
    of_dv,
    of_rd,
    of_service,
    read_dv,
    read_rd,
    refuse_dv,
    refuse_rd,
    refuse_service,
)
from tests.support.wire import (
    DV,
    DV_OIN,
    NOW,
    OTHER_OIN,
    RD,
    SERVICE,
    codes,
    drop,
    drop_attribute,
    find,
    insert,
    put,
    refused,
    signing_key,
    trust,
    twice,
)


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
