"""The names, ports and files of the demo world."""

from pathlib import Path

from routeringsvoorziening.simulators.world.layout import PARTIES, RV, Ports, World


def test_every_entity_carries_its_oin() -> None:
    """The OIN of a party is the one in its entity ID, and a test system's index."""
    for party in PARTIES:
        assert f":{party.oin}:entities:9" in party.entity_id


def test_ports_shift_together() -> None:
    """A base gives every listener a port of its own."""
    ports = Ports.from_base(20000).as_mapping()
    assert sorted(ports.values()) == list(range(20000, 20000 + len(ports)))


def test_addresses_follow_the_ports() -> None:
    """URLs are made of the world's ports."""
    world = World(Path("w"), Ports(rv_front=1234, rv_back=4321))
    assert world.rv_acs == "http://rv.localhost:1234/saml/acs/digid"
    assert world.rv_back == "https://rv.localhost:4321"


def test_variables_name_the_world_and_our_own_ports(tmp_path: Path) -> None:
    """What the configuration leaves open is filled from the world."""
    variables = World(tmp_path).variables
    assert variables["world"] == str(tmp_path.resolve())
    assert variables["rv_back_port"] == "8443"


def test_files_stand_below_the_party() -> None:
    """A party's files stand in its folder."""
    files = World(Path("w")).files(RV)
    assert files.key("signing") == Path("w/rv/signing.key")
    assert files.metadata == Path("w/rv/metadata.xml")
