"""Suppliers in the configuration: their file, their metadata, and the dienstverleners that both name."""

from datetime import timedelta
from pathlib import Path

import pytest

from routeringsvoorziening.backends.configuring import load_configuration, reload_configuration
from routeringsvoorziening.broker.vocabulary import EntityID, LocalizedText
from routeringsvoorziening.configuration.encrypting import check_key_room, recipients
from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Findings, Place, Severity
from routeringsvoorziening.configuration.result import Connection, Relation, Window
from routeringsvoorziening.configuration.summary import certificates
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.metadata.model import MetadataKey, ServiceProvider
from routeringsvoorziening.simulators.world.layout import (
    BEHIND_CLOUD,
    CLOUD,
    CLUSTER_SERVICES,
    DIJKZICHT,
    HEIDEWOUDE,
    POLDERVEEN,
    PORTAL,
    WEBSITES,
    ZORG,
)
from tests.support.pki import leaf

FILE = "clusteraansluitingen/voorbeeldcloud.yaml"
CATALOGUE = "dienstencatalogus/voorbeeldcloud.yaml"


def cluster(room) -> Connection:
    return room.inspect().configuration.connections[CLOUD.entity_id]


@pytest.mark.eis("MD-LC-01", "AR-21")
def test_what_the_file_says_the_connection_says(room) -> None:
    """The supplier's keys and addresses, and of each dienstverlener its keys, window and diensten."""
    found = cluster(room)
    assert (found.is_cluster, found.name.nl, found.metadata.entity_id) == (True, CLOUD.name, CLOUD.entity_id)
    assert set(found.relations) == {each.entity_id for each in BEHIND_CLOUD}
    (recipient,) = found.relation_with(EntityID(HEIDEWOUDE.entity_id)).recipients
    assert recipient.entity_id == HEIDEWOUDE.entity_id
    dijkzicht = found.relation_with(EntityID(DIJKZICHT.entity_id))
    first, second = (each.uuid for each in CLUSTER_SERVICES[DIJKZICHT])
    assert dijkzicht.window_of(first) == Window()
    assert dijkzicht.window_of(second).begins.isoformat() == "2026-01-01T00:00:00+01:00"
    assert dijkzicht.window_of("another") is None
    assert found.relation_with(EntityID(HEIDEWOUDE.entity_id)).window_of("any") == Window()
    assert found.relation_with(EntityID(POLDERVEEN.entity_id)).window.begins is not None
    assert found.relation_with(EntityID(PORTAL.entity_id)) is None


def test_every_window_arrives(room) -> None:
    """Of the supplier, its role, its connection, and of a dienstverlener and its role."""
    room.replace("  metadata: ${world}/voorbeeldcloud", "  active: false\n  metadata: ${world}/voorbeeldcloud", FILE)
    room.add("active_until: 2027-01-01T00:00:00Z\nrole:\n  active_until: 2028-01-01T00:00:00Z\n", FILE)
    room.add("role:\n  active_from: 2025-01-01T00:00:00Z\n", "dienstverleners/zonneveld.yaml")
    found = cluster(room)
    assert (found.window.active, found.organisation.ends.year, found.role.ends.year) == (False, 2027, 2028)
    assert room.inspect().configuration.dienstverleners[ZORG.entity_id].role.begins.year == 2025


def test_a_dienstverlener_may_have_several_connections(room, make_supplier_metadata, make_members) -> None:
    """One with a file of its own is named by its entity ID alone."""
    room.add(f"  - entity_id: {ZORG.entity_id}\n", FILE)
    data = make_supplier_metadata(room.world, behind=make_members(room.world, *BEHIND_CLOUD, ZORG))
    room.world.files(CLOUD).metadata.write_bytes(data)
    inspection = room.inspect()
    assert inspection.findings == ()
    connections = inspection.configuration.connections
    assert ZORG.entity_id in connections[CLOUD.entity_id].relations
    assert ZORG.entity_id in connections[ZORG.entity_id].relations
    assert len(recipients(connections.values())[ZORG.entity_id]) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        (FILE, ":LC:00000009999999999010", ":DV:00000009999999999010", "entity.role"),
        (FILE, "00000009999999999012:entities:9001", "00000009999999999011:entities:9001", "cluster.duplicate"),
        (FILE, ":DV:00000009999999999012:entities:9001", ":AD:00000009999999999012:entities:9001", "entity.role"),
        (FILE, "      - 5c1e8a70-2d43-4f19-8b6e-91a7d3c43001", "      - 5c1e8a70-2d43-4f19-8b6e-91a7d3c43003", "cluster.dienst"),
        (FILE, "    diensten:                  # absent: all of its diensten", "    diensten:\n      - nowhere", "cluster.dienst"),
        (FILE, "00000009999999999012:entities:9001", "00000009999999999002:entities:9004", "entity.duplicate"),
        (FILE, "    name:\n      nl: Gemeente Heidewoude\n      en: Municipality of Heidewoude\n", "", "cluster.dienstverlener"),
        (FILE, "        active_from", "        active_form", "field.unknown"),
        (FILE, "- uuid: 5c1e8a70", "- uuid: 5c1e8a70!", "field.value"),
        (CATALOGUE, "diensten:\n  - uuid: 5c1e8a70-2d43-4f19-8b6e-91a7d3c43001\n    dienstverlener: urn:nl-eid-gdi:1.0:DV:00000009999999999011:entities:9001\n", "diensten:\n  - uuid: 5c1e8a70-2d43-4f19-8b6e-91a7d3c43001\n", "field.value"),
    ],
)  # fmt: skip
def test_a_mistake_stops_the_start(room, file, old, new, code) -> None:
    """Each with its code, in its file. The twin is `test_the_demo_has_no_findings`."""
    room.replace(old, new, file)
    found = [each for each in room.inspect().findings if each.code == code]
    assert found
    assert (found[0].severity, found[0].place.file) == (Severity.ERROR, room.file(file))
    assert found[0].place.line


def test_test_systems_are_not_for_production(room) -> None:
    """The supplier's and the dienstverlener's index too (MD-02)."""
    room.replace("environment: demo", "environment: production")
    tested = {
        each.place.dotted
        for each in room.inspect().findings
        if each.code == "entity.test" and each.place.file == room.file(FILE)
    }
    assert {"entity_id", "dienstverleners[0].entity_id"} <= tested


@pytest.mark.eis("MD-LC-01", "AR-21")
def test_who_is_not_in_the_metadata_is_not_served(room, make_supplier_metadata, make_members) -> None:
    """The others are; `rv check` says so, and at the start the rest works."""
    data = make_supplier_metadata(room.world, behind=make_members(room.world, DIJKZICHT, POLDERVEEN))
    room.world.files(CLOUD).metadata.write_bytes(data)
    finding = room.only()
    assert (finding.severity, finding.code) == (Severity.UNUSABLE, "cluster.not-in-metadata")
    assert finding.place.dotted == "dienstverleners[1].entity_id"
    configuration = load_configuration(room.main, at=room.at, environ={})
    assert set(configuration.connections[CLOUD.entity_id].relations) == {DIJKZICHT.entity_id, POLDERVEEN.entity_id}
    assert configuration.left_out_members == {(CLOUD.entity_id, HEIDEWOUDE.entity_id)}
    assert not configuration.left_out


@pytest.mark.eis("MD-LC-01")
def test_who_is_in_the_metadata_only_is_not_served(room, make_supplier_metadata, make_members) -> None:
    """A supplier cannot add dienstverleners by itself; a warning says whom."""
    data = make_supplier_metadata(room.world, behind=make_members(room.world, *BEHIND_CLOUD, ZORG))
    room.world.files(CLOUD).metadata.write_bytes(data)
    finding = room.only()
    assert (finding.severity, finding.code) == (Severity.WARNING, "cluster.not-configured")
    assert ZORG.entity_id in finding.text
    assert ZORG.entity_id not in cluster(room).relations


@pytest.mark.eis("MD-01", "MD-05")
@pytest.mark.attack("S81")
def test_metadata_that_does_not_verify_leaves_the_supplier_out(room) -> None:
    """With every dienstverlener behind it, and nobody else."""
    path = room.world.files(CLOUD).metadata
    path.write_bytes(path.read_bytes().replace(b"voorbeeldcloud.localhost", b"kwaadaardcloud.localhost"))
    inspection = room.inspect()
    assert {(each.severity, each.code) for each in inspection.findings} == {(Severity.UNUSABLE, "md.signature")}
    others = {each.party.entity_id for each in WEBSITES}
    assert set(inspection.configuration.connections) == others
    assert inspection.configuration.left_out == {CLOUD.entity_id}


def test_metadata_of_another_supplier_is_refused(room) -> None:
    """However well it is signed: the entity ID of the file counts."""
    room.replace(":LC:00000009999999999010:entities:9001", ":LC:00000009999999999010:entities:9002", FILE)
    assert room.only().code == "metadata.entity"


def test_metadata_that_ends_soon_is_warned_of(room, make_supplier_metadata) -> None:
    """As with a dienstverlener's own."""
    data = make_supplier_metadata(room.world, valid_until=room.at + timedelta(hours=1))
    room.world.files(CLOUD).metadata.write_bytes(data)
    assert room.only().code == "metadata.ends-soon"


def test_a_reload_does_not_lose_a_dienstverlener(room, make_supplier_metadata, make_members) -> None:
    """That works now and would not any more: the old configuration stays."""
    current = load_configuration(room.main, at=room.at, environ={})
    data = make_supplier_metadata(room.world, behind=make_members(room.world, DIJKZICHT, POLDERVEEN))
    room.world.files(CLOUD).metadata.write_bytes(data)
    with pytest.raises(ConfigurationInvalid) as raised:
        reload_configuration(current, room.main, at=room.at, environ={})
    assert [each.code for each in raised.value.findings] == ["cluster.not-in-metadata"]
    already_without = load_configuration(room.main, at=room.at, environ={})
    assert reload_configuration(already_without, room.main, at=room.at, environ={})


def test_the_summary_knows_the_keys_behind_a_supplier(room) -> None:
    """So that `rv check` shows when they end."""
    known = {(each.party, each.purpose) for each in certificates(room.inspect().configuration)}
    assert {(CLOUD.entity_id, "signing"), (DIJKZICHT.entity_id, "encryption")} <= known


OIN = "00000009999999999001"
DV = EntityID(PORTAL.entity_id)
NAME = LocalizedText("Naam", "Name")


def key(label: str, name: str | None = None) -> Recipient:
    pair = leaf(OIN, "encryption", label)
    return Recipient(DV, name or pair.key_name, pair.certificate)


def through(*keys: Recipient, number: int = 1) -> Connection:
    supplier = EntityID(f"lc{number}")
    return Connection(supplier, NAME, ServiceProvider(supplier, ()), members={DV: Relation(keys)})


def direct(*keys: Recipient) -> Connection:
    published = tuple(MetadataKey(each.key_name, each.certificate, frozenset({"encryption"})) for each in keys)
    return Connection(DV, NAME, ServiceProvider(DV, published))


@pytest.mark.eis("MD-SP-01", "MD-SP-08")
@pytest.mark.parametrize(
    ("connections", "chosen", "left"),
    [
        ((through(key("a")),), ("a",), 0),
        ((through(key("a"), key("b")),), ("a", "b"), 0),
        ((through(key("a")), direct(key("a"))), ("a",), 0),
        ((through(key("b")), direct(key("a"))), ("a", "b"), 0),
        ((through(key("a"), key("c")), through(key("b"), number=2)), ("a", "b"), 1),
        ((through(key("b"), key("d")), direct(key("a"), key("c"))), ("a", "b"), 2),
        ((through(key("a")), through(key("b", name=key("a").key_name), number=2)), ("a",), 0),
    ],
)  # fmt: skip
def test_keys_for_a_dienstverlener_with_several_connections(connections, chosen, left) -> None:
    """At most two: every connection's first key before any second one, its own connection first."""
    assert recipients(connections)[DV] == tuple(key(label) for label in chosen)
    findings = Findings()
    check_key_room(connections, Place(Path("main.yaml")), findings)
    found = list(findings)
    assert [each.code for each in found] == (["cluster.keys"] if left else [])
    assert sum(each.text.count(", ") for each in found) == max(left - 1, 0)
