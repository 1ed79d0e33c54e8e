"""What AD and BVD read of the RV."""

from dataclasses import replace

import pytest

from routeringsvoorziening.saml.metadata.reading import (
    inspect_routing_dienst,
)
from tests.support.publishers import ROUTING, of_rd, read_rd, refuse_rd
from tests.support.wire import (
    AD,
    DV,
    NOW,
    OTHER_DV,
    drop,
    insert,
    put,
    recipient,
    refused,
    trust,
    twice,
)

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
