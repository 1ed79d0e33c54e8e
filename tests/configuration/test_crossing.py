"""What must fit between the files. The twin of every test is the demo itself, which has no findings."""

import pytest

from routeringsvoorziening.configuration.findings import Severity

CATALOGUE = "dienstencatalogus/voorbeeldstad.yaml"
ZORG = "dienstverleners/zonneveld.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "path"),
    [
        pytest.param(
            CATALOGUE, "1f5e1002", "1f5e1001", "dienst.duplicate", "diensten[1].uuid", id="the same UUID twice"
        ),
        pytest.param(
            "dienstencatalogus/zonneveld.yaml", "3a9e5c42-8f7d-4b06-b2c1-6e0d4a7f2001",
            "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1001", "dienst.duplicate", "diensten[0].uuid", id="a UUID of another",
        ),
        pytest.param(
            CATALOGUE, "entities:9003", "entities:9013", "dienst.dienstverlener", "dienstverlener", id="unknown owner"
        ),
        pytest.param(CATALOGUE, "[digid]", "[digd]", "dienst.method", "diensten[2].methods[0]", id="unknown method"),
        pytest.param(
            ZORG, "00000009999999999002:entities:9004", "00000009999999999001:entities:9003", "entity.duplicate",
            "entity_id", id="the same entity ID twice",
        ),
        pytest.param(ZORG, "1.0:DV", "1.0:LC", "entity.role", "entity_id", id="an LC as dienstverlener"),
        pytest.param("", "1.0:AD:00000004166909913000", "1.0:BVD:00000004166909913000", "entity.role", "authentication_services.digid.entity_id", id="BVD as AD"),
        pytest.param("", "1.0:RD", "1.0:DV", "entity.role", "own.entity_id", id="we are an RD"),
        pytest.param("", "https://rv", "http://rv", "http.back-channel", "back_channel.base_url", id="plain back"),
        pytest.param(
            "", "port: ${rv_management_port}", "port: ${rv_back_port}", "listener.same-port", "management.port",
            id="two listeners on a port",
        ),
    ],
)  # fmt: skip
def test_a_mistake_between_files_is_found(room, *, file, old, new, code, path) -> None:
    """Each has its code, and the file, line and path where it can be mended."""
    line = room.replace(old, new, file)
    finding = next(each for each in room.inspect().findings if each.code == code)
    assert finding.severity is Severity.ERROR
    assert (finding.place.file, finding.place.line, finding.place.dotted) == (room.file(file), line, path)


@pytest.mark.eis("LOA-07")
@pytest.mark.parametrize(("most", "codes"), [("hoog", []), ("substantieel", ["dienst.unreachable-loa"])])
def test_a_method_must_reach_the_minimum(room, most, codes) -> None:
    """A dienst that nobody can get into cannot be registered."""
    room.replace("max_loa: hoog", f"max_loa: {most}")
    findings = room.inspect().findings
    assert sorted({each.code for each in findings}) == codes
    if codes:
        assert {"diensten[1].minimum_loa", "diensten[3].minimum_loa"} <= {each.place.dotted for each in findings}


@pytest.mark.eis("LOA-07")
def test_a_dienst_has_a_minimum(room) -> None:
    """There is no default: a dienst without minimum LoA cannot be registered."""
    room.replace("minimum_loa: hoog", "", CATALOGUE)
    assert "field.missing" in {each.code for each in room.inspect().findings}


def test_a_dienstverlener_without_diensten_is_a_warning(room) -> None:
    """It works, but every login is refused."""
    room.file("dienstencatalogus/zonneveld.yaml").unlink()
    found = {each.code: each.severity for each in room.inspect().findings}
    assert found == {"dienstverlener.no-diensten": Severity.WARNING, "metadata.service": Severity.UNUSABLE}


def test_diensten_that_nobody_can_ask_for_are_a_warning(room) -> None:
    """A dienstverlener without a connection."""
    room.replace("connection:\n  metadata: ${world}/zorg/metadata.xml\n", "", ZORG)
    assert [(each.code, each.severity) for each in room.inspect().findings] == [
        ("dienst.no-connection", Severity.WARNING)
    ]


@pytest.mark.eis("MD-02")
def test_production_refuses_test_systems_and_http(room) -> None:
    """Entity IDs from 9000 up, http addresses and a listener without TLS; each at its line."""
    room.replace("environment: demo", "environment: production")
    found = {(each.code, each.place.dotted) for each in room.inspect().findings if each.severity is Severity.ERROR}
    assert {
        ("entity.test", "own.entity_id"),
        ("entity.test", "authentication_services.digid.entity_id"),
        ("entity.test", "entity_id"),
        ("http.production", "front_channel.base_url"),
        ("tls.missing", "front_channel"),
    } <= found


def test_production_accepts_a_proxy_that_ends_tls(room) -> None:
    """The twin: https outside, plain inside, behind a known proxy."""
    room.replace("environment: demo", "environment: production")
    room.replace("base_url: http://rv", "proxy: {addresses: [10.0.0.1/32]}\n  base_url: https://rv")
    codes = {each.code for each in room.inspect().findings}
    assert not codes & {"http.production", "tls.missing"}


ORGANISATIES = "dienstencatalogus/voorbeeldstad-organisaties.yaml"


def test_what_a_dienst_says_in_vain_is_a_warning(room) -> None:
    """For a kind of login method that it does not allow; nobody would notice that it opens nothing."""
    line = room.replace(
        "minimum_loa: basis\n    methods: [eherkenning]", "minimum_loa: basis\n    methods: [digid]", ORGANISATIES
    )
    (finding,) = room.inspect().findings
    assert (finding.code, finding.severity) == ("dienst.method-unused", Severity.WARNING)
    assert (finding.place.dotted, finding.place.line) == ("diensten[0].eherkenning", line + 2)


def test_a_mandate_service_that_no_method_goes_on_to_is_a_warning(room) -> None:
    """People would never be offered it."""
    line = room.replace("mandates: [bewind]", "mandates: [bewind, gezag]", ORGANISATIES)
    (finding,) = room.inspect().findings
    assert (finding.code, finding.severity) == ("dienst.mandate-unreachable", Severity.WARNING)
    assert (finding.place.dotted, finding.place.line) == ("diensten[4].mandates", line)
    assert "gezag" in finding.text


def test_a_service_uuid_that_is_none_is_a_warning(room) -> None:
    """A digit that fell out is found where it is missing; names of another form may have been agreed upon."""
    line = room.replace("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1203", "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e120", ORGANISATIES)
    finding = next(each for each in room.inspect().findings if each.code == "dienst.uuid")
    assert finding.severity is Severity.WARNING
    assert (finding.place.file, finding.place.line) == (room.file(ORGANISATIES), line)
