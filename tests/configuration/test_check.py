"""The whole: the demo's files load, a start leaves out what cannot be used, a reload changes nothing on a mistake."""

from datetime import timedelta

import pytest

from routeringsvoorziening.backends.configuring import load_configuration, reload_configuration
from routeringsvoorziening.broker.vocabulary import LoA
from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Severity
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import BELASTINGEN, CLOUD, DIGID, PORTAL, RV, ZORG, Ports, World


def test_the_demo_has_no_findings(room) -> None:
    """The configuration that ships is free of mistakes and of warnings."""
    assert room.inspect().findings == ()


def test_the_demo_is_the_world_of_the_simulators(room) -> None:
    """Entity IDs and diensten are those that the simulators play."""
    configuration = room.inspect().configuration
    assert configuration.own.entity_id == RV.entity_id
    assert configuration.authentication_services["digid"].entity_id == DIGID.entity_id
    direct = {each.party.entity_id for each in layout.WEBSITES}
    assert set(configuration.connections) == {*direct, CLOUD.entity_id}
    assert set(configuration.connections[CLOUD.entity_id].relations) == {x.entity_id for x in layout.BEHIND_CLOUD}
    offered = [each.services for each in layout.WEBSITES] + list(layout.CLUSTER_SERVICES.values())
    played = {(x.uuid, x.name_nl, x.name_en, x.minimum_loa) for services in offered for x in services}
    assert {(x.uuid, x.name.nl, x.name.en, int(x.minimum_loa)) for x in configuration.diensten.values()} == played


def test_the_world_fills_every_variable(room) -> None:
    """`World.variables` moves the whole demo to another directory and other ports."""
    world = World(room.world.directory, Ports.from_base(20000))
    moved = room.directory / "elsewhere"
    (room.directory / "config").rename(moved)
    configuration = load_configuration(moved / "routeringsvoorziening.yaml", at=room.at, overrides=world.variables)
    assert configuration.front_channel.base_url == world.rv_front
    assert configuration.back_channel.url("/saml/artifact") == f"{world.rv_back}/saml/artifact"
    assert configuration.management.port == world.ports.rv_management


def test_a_short_file_gets_the_defaults(room) -> None:
    """What is not written has the documented default."""
    configuration = room.inspect().configuration
    assert configuration.times.clock_skew == timedelta(seconds=60)
    assert configuration.times.request_age == timedelta(seconds=300)
    assert configuration.times.artifact_life == timedelta(seconds=120)
    assert configuration.times.assertion_validity == timedelta(seconds=120)
    assert configuration.store.url == "memory://"
    assert len(configuration.store.sealing_keys[0].key) == 32
    assert configuration.management.host == "127.0.0.1"
    assert configuration.back_channel.tls == configuration.own.tls
    assert configuration.front_channel.tls is None


def test_levels_methods_and_windows_arrive(room) -> None:
    """What a dienst says, the result says."""
    dienst = room.inspect().configuration.diensten["7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003"]
    assert (dienst.minimum_loa, dienst.methods) == (LoA.SUBSTANTIEEL, frozenset({"digid"}))
    hoog = room.inspect().configuration.diensten["7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1004"]
    assert hoog.methods is None
    assert hoog.window.begins.isoformat() == "2026-01-01T00:00:00+01:00"


def test_every_mistake_comes_at_once(room) -> None:
    """Mistakes in four files, of four kinds, in one report."""
    room.replace("RD:00000004183317817000", "DV:00000004183317817000")
    room.replace("minimum_loa: laag", "minimum_loa: midden", "dienstencatalogus/voorbeeldstad.yaml")
    room.replace("name:", "naam:", "dienstverleners/zonneveld.yaml")
    room.world.files(PORTAL).metadata.unlink()
    codes = {(each.place.file.name, each.code) for each in room.inspect().findings}
    assert codes == {
        ("routeringsvoorziening.yaml", "entity.role"),
        ("voorbeeldstad.yaml", "field.value"),
        ("zonneveld.yaml", "field.unknown"),
        ("voorbeeldstad.yaml", "file.unreadable"),
    }


def test_a_start_leaves_out_one_broken_connection(room) -> None:
    """One dienstverlener's missing metadata does not stop the others."""
    room.world.files(ZORG).metadata.unlink()
    configuration = load_configuration(room.main, at=room.at, environ={})
    assert set(configuration.connections) == {PORTAL.entity_id, BELASTINGEN.entity_id, CLOUD.entity_id}
    assert configuration.left_out == {ZORG.entity_id}
    assert [each.severity for each in configuration.warnings] == [Severity.UNUSABLE]


def test_a_start_refuses_an_error(room) -> None:
    """Anything else stops it, with every mistake."""
    room.replace("max_loa: hoog", "max_loa: basis")
    with pytest.raises(ConfigurationInvalid) as caught:
        load_configuration(room.main, at=room.at, environ={})
    assert {each.code for each in caught.value.findings} == {"dienst.unreachable-loa"}


def test_a_reload_takes_what_is_right(room) -> None:
    """A changed file gives a new configuration; the old one stays as it was."""
    current = load_configuration(room.main, at=room.at, environ={})
    room.replace("nl: Parkeervergunning", "nl: Parkeren", "dienstencatalogus/voorbeeldstad.yaml")
    fresh = reload_configuration(current, room.main, at=room.at, environ={})
    uuid = layout.PORTAL_SERVICES[1].uuid
    assert (current.diensten[uuid].name.nl, fresh.diensten[uuid].name.nl) == ("Parkeervergunning", "Parkeren")


def test_a_reload_does_not_break_a_working_connection(room) -> None:
    """What a start would leave out, a reload refuses while it still works."""
    current = load_configuration(room.main, at=room.at, environ={})
    room.world.files(ZORG).metadata.write_bytes(b"<broken")
    with pytest.raises(ConfigurationInvalid) as caught:
        reload_configuration(current, room.main, at=room.at, environ={})
    assert caught.value.findings[0].place.file.name == "zonneveld.yaml"


def test_a_reload_goes_on_without_what_was_already_out(room) -> None:
    """A connection that did not work before does not hold up a reload."""
    room.world.files(ZORG).metadata.unlink()
    current = load_configuration(room.main, at=room.at, environ={})
    assert reload_configuration(current, room.main, at=room.at, environ={}).left_out == {ZORG.entity_id}


def test_secrets_do_not_show(room) -> None:
    """Neither keys nor store address stand in the repr of a configuration."""
    configuration = room.inspect().configuration
    key = configuration.store.sealing_keys[0].key
    assert repr(key) not in repr(configuration)
    assert "memory://" not in repr(configuration)
