"""Metadata that is good comes back whole; of what is not, every mistake is told at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.metadata.model import (
    AttributeConsumingService,
)
from routeringsvoorziening.saml.metadata.reading import (
    inspect_identity_provider,
    inspect_routing_dienst,
    inspect_service_provider,
)
from routeringsvoorziening.saml.metadata.writing import (
    write_identity_provider,
    write_routing_dienst,
    write_service_provider,
)
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.signing import sign
from tests.support.publishers import (
    PROVIDER,
    ROUTING,
    SERVICE_OF_AD,
    SERVICE_OF_BVD,
    SERVICE_OF_RD,
    acs,
    keys_of,
    of_dv,
    of_rd,
    read_dv,
    read_rd,
    read_service,
)
from tests.support.wire import (
    AD,
    DV,
    NOW,
    RD,
    codes,
    drop_attribute,
    find,
    signing_key,
    trust,
)


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
