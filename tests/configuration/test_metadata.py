"""The metadata of others: verified, of whom it should be, and in step with the dienstencatalogus."""

from dataclasses import replace
from datetime import timedelta

import pytest

from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import BELASTINGEN, CLOUD, DIGID, PORTAL, ZORG

STAD = "dienstverleners/voorbeeldstad.yaml"
PLACE = "connection.metadata"


def found(room) -> set[tuple[str, str, str]]:
    return {(each.severity.value, each.code, each.place.dotted) for each in room.inspect().findings}


def test_metadata_may_stand_inline(room) -> None:
    """A block of text instead of a path."""
    xml = room.world.files(PORTAL).metadata.read_text()
    indented = "".join(f"    {line}\n" for line in xml.splitlines())
    room.replace("metadata: ${world}/portal/metadata.xml\n", f"metadata: |\n{indented}", STAD)
    room.world.files(PORTAL).metadata.unlink()
    inspection = room.inspect()
    assert inspection.findings == ()
    assert inspection.configuration.connections[PORTAL.entity_id].metadata.acs[0].location == room.world.portal_acs


@pytest.mark.eis("MD-01", "MD-05")
def test_changed_metadata_is_not_used(room) -> None:
    """One character differs: the connection cannot be used, and the line says which."""
    path = room.world.files(PORTAL).metadata
    path.write_bytes(path.read_bytes().replace(b"portal.localhost", b"evil00.localhost"))
    inspection = room.inspect()
    (finding,) = inspection.findings
    assert (finding.severity, finding.place.file, finding.place.dotted) == (Severity.UNUSABLE, room.file(STAD), PLACE)
    assert finding.code in {"md.signature", "sig.invalid"}
    assert set(inspection.configuration.connections) == {ZORG.entity_id, BELASTINGEN.entity_id, CLOUD.entity_id}


@pytest.mark.eis("MD-03")
@pytest.mark.parametrize(("days", "usable"), [(59, True), (61, False)])
def test_expired_metadata_is_not_used(room, days, usable) -> None:
    """After validUntil."""
    room.at += timedelta(days=days)
    codes = {code for severity, code, path in found(room) if path == PLACE and severity == "unusable"}
    assert codes == (set() if usable else {"md.expired"})


def test_metadata_that_ends_soon_is_a_warning(room) -> None:
    """Within a day."""
    room.at += timedelta(days=59, hours=1)
    assert ("warning", "metadata.ends-soon", PLACE) in found(room)


def test_metadata_of_somebody_else_is_refused(room) -> None:
    """Signed, trusted, and of another dienstverlener."""
    room.replace("${world}/portal/metadata.xml", "${world}/zorg/metadata.xml", STAD)
    assert found(room) == {("unusable", "metadata.entity", PLACE)}


@pytest.mark.eis("MD-05")
def test_metadata_of_another_organisation_is_refused(room, make_metadata) -> None:
    """An entity ID with an OIN that is not the signer's."""
    metadata = make_metadata(
        room.world, ZORG, room.world.portal_acs, layout.PORTAL_SERVICES, entity_id=PORTAL.entity_id
    )
    room.world.files(PORTAL).metadata.write_bytes(metadata)
    assert ("unusable", "oin.mismatch", PLACE) in found(room)


@pytest.mark.eis("MD-DV-07")
def test_an_unregistered_dienst_in_metadata_is_refused(room, make_metadata) -> None:
    """Every ServiceUUID of the metadata is in the dienstencatalogus."""
    services = (
        *layout.PORTAL_SERVICES[:3],
        replace(layout.PORTAL_SERVICES[3], uuid="7d3c1f0a-0000-4c57-9a34-000000000000"),
    )
    metadata = make_metadata(room.world, PORTAL, room.world.portal_acs, services)
    room.world.files(PORTAL).metadata.write_bytes(metadata)
    finding = room.only()
    assert (finding.severity, finding.code) == (Severity.UNUSABLE, "metadata.service")
    assert "AttributeConsumingService 4" in finding.text


@pytest.mark.eis("MD-DV-07")
def test_a_dienst_of_another_in_metadata_is_refused(room, make_metadata) -> None:
    """In the catalogue, but not this dienstverlener's."""
    stolen = replace(layout.ZORG_SERVICES[0], index=1)
    metadata = make_metadata(room.world, PORTAL, room.world.portal_acs, (stolen,))
    room.world.files(PORTAL).metadata.write_bytes(metadata)
    assert found(room) == {("unusable", "metadata.service", PLACE)}


def test_plain_http_is_for_localhost_only(room, make_metadata) -> None:
    """An http address elsewhere is refused, also in a demo."""
    metadata = make_metadata(room.world, PORTAL, "http://portal.example.nl/acs", layout.PORTAL_SERVICES)
    room.world.files(PORTAL).metadata.write_bytes(metadata)
    assert found(room) == {("unusable", "md.location", PLACE)}


def test_production_refuses_localhost_too(room) -> None:
    """There, every address is https."""
    room.replace("environment: demo", "environment: production")
    assert ("unusable", "md.location", PLACE) in found(room)


@pytest.mark.eis("MD-AD-01")
def test_bad_metadata_of_a_service_is_an_error(room, make_digid_metadata) -> None:
    """Without its login method there is nothing to start for."""
    room.world.files(DIGID).metadata.write_bytes(
        make_digid_metadata(room.world, valid_until=None, cache_duration=timedelta(days=1))
    )
    assert found(room) == {("error", "md.expiry", "authentication_services.digid.metadata")}


def test_missing_metadata_of_a_service_is_an_error(room) -> None:
    """With the path that could not be read."""
    room.world.files(DIGID).metadata.unlink()
    finding = room.only()
    assert (finding.severity, finding.code) == (Severity.ERROR, "file.unreadable")
    assert "digid/metadata.xml" in finding.text
