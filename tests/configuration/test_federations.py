"""Who may share a login with whom."""

from datetime import timedelta

import pytest

from routeringsvoorziening.broker.vocabulary import Federation
from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import BELASTINGEN, CLOUD, PORTAL, ZORG

TOWN = "dienstverleners/voorbeeldstad.yaml"
TAXES = "dienstverleners/voorbeeldstad-belastingen.yaml"
CLUSTER = "clusteraansluitingen/voorbeeldcloud.yaml"
HOSPITAL = "dienstverleners/zonneveld.yaml"
REDIRECT = Endpoint("http://portal.localhost:8082/slo", names.BINDING_REDIRECT)


@pytest.mark.eis("SSO-01")
def test_websites_of_one_organisation_share_a_login(room) -> None:
    """With its lifetimes; a connection that names no federation takes no part."""
    connections = room.inspect().configuration.connections
    federation = Federation("voorbeeldstad", timedelta(minutes=15), timedelta(hours=2))
    assert connections[PORTAL.entity_id].federation == federation
    assert connections[BELASTINGEN.entity_id].federation == federation
    assert connections[ZORG.entity_id].federation is None


@pytest.mark.eis("SSO-01")
def test_two_organisations_are_no_federation(room) -> None:
    """A second OIN is a mistake, at the place where it joins; the configuration is not used."""
    line = room.add("  federation: voorbeeldstad\n", HOSPITAL)
    inspection = room.inspect()
    (finding,) = [each for each in inspection.findings if each.code == "federation.mixed"]
    assert finding.severity is Severity.ERROR
    assert (finding.place.file, finding.place.dotted) == (room.file(HOSPITAL), "connection.federation")
    assert inspection.configuration is None
    assert line


def test_a_federation_must_exist(room) -> None:
    """A name that stands for nothing is a mistake."""
    room.replace("federation: voorbeeldstad", "federation: voorbeeldstadt", TAXES)
    codes = {each.code: each.severity for each in room.inspect().findings}
    assert codes == {"federation.unknown": Severity.ERROR}


def test_a_federation_lasts_in_order(room) -> None:
    """Idle is not longer than the maximum."""
    room.replace("maximum: PT2H", "maximum: PT10M")
    (finding,) = room.inspect().findings
    assert "idle must not be longer than maximum" in finding.text


@pytest.mark.eis("MD-DV-03")
@pytest.mark.parametrize("slo", [(), (REDIRECT,)])
def test_without_a_place_to_be_answered_there_is_no_single_sign_on(room, make_metadata, slo) -> None:
    """The connection works, alone; `rv check` says why."""
    metadata = make_metadata(room.world, PORTAL, room.world.portal_acs, layout.PORTAL_SERVICES, slo=slo)
    room.world.files(PORTAL).metadata.write_bytes(metadata)
    inspection = room.inspect()
    codes = [each.code for each in inspection.findings if each.severity is Severity.UNUSABLE]
    if slo:
        assert codes
        assert PORTAL.entity_id not in inspection.configuration.connections
        return
    assert codes == ["federation.logout"]
    assert inspection.configuration.connections[PORTAL.entity_id].federation is None
    assert inspection.configuration.connections[BELASTINGEN.entity_id].federation is not None


@pytest.mark.eis("MD-LC-05", "SSO-01")
@pytest.mark.parametrize("slo", [(), (Endpoint("http://voorbeeldcloud.localhost:8088/slo", names.BINDING_POST),)])
def test_a_supplier_with_single_sign_on_says_where_it_is_answered(room, make_supplier_metadata, slo) -> None:
    """With a SingleLogoutService by HTTP-POST it takes part, in a federation of its own; without one it does not."""
    room.world.files(CLOUD).metadata.write_bytes(make_supplier_metadata(room.world, slo=slo))
    inspection = room.inspect()
    federation = inspection.configuration.connections[CLOUD.entity_id].federation
    if slo:
        assert (federation.name, inspection.findings) == ("voorbeeldcloud", ())
    else:
        assert (federation, [each.code for each in inspection.findings]) == (None, ["federation.logout"])
        assert "MD-LC-05" in inspection.findings[0].text


@pytest.mark.eis("SSO-01")
def test_a_supplier_and_a_dienstverlener_are_no_federation(room, make_supplier_metadata) -> None:
    """Another organisation connects them."""
    room.replace("federation: voorbeeldcloud", "federation: voorbeeldstad", CLUSTER)
    assert "federation.mixed" in {each.code for each in room.inspect().findings}
