"""`rv aansluiten`: judge metadata, explain what is wrong, and write the YAML that connects."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.backends.configuring import known_already
from routeringsvoorziening.cli import aansluiten as module
from routeringsvoorziening.cli import main
from routeringsvoorziening.cli.applicant_files import slug_of
from routeringsvoorziening.cli.explaining import meaning_of
from routeringsvoorziening.configuration.model.cluster import ClusterFile
from routeringsvoorziening.saml.errors import CODES
from routeringsvoorziening.saml.metadata.findings import Finding
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import PORTAL, ZORG
from tests.support.pki import pki
from tests.support.publishers import of_lc
from tests.support.wire import DV, LC, NOW, OTHER_DV

ZONNEVELD = "zonneveld"


@pytest.fixture
def connect(room, monkeypatch, tmp_path):
    """Runs `rv aansluiten` at the room's time, with the room's trust."""

    class Clock:
        @staticmethod
        def now(_: object):
            return room.at

    monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.chdir(tmp_path)

    def run(source: object, *arguments: str):
        command = ["aansluiten", str(source), "--config", str(room.main), "--out", str(tmp_path / "out"), *arguments]
        return CliRunner().invoke(main, command)

    return run


@pytest.fixture
def published() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The address of a web server, and what it hands out by path."""
    documents: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = documents.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://zorg.localhost:{server.server_port}", documents
    server.shutdown()
    server.server_close()
    thread.join()


def metadata_of(room, party=ZORG) -> Path:
    return room.world.files(party).metadata


def test_good_metadata_becomes_a_connection(room, connect, tmp_path) -> None:
    """The YAML that was written takes the place of what was made by hand, and `rv check` finds no mistake in it."""
    for folder in ("dienstverleners", "dienstencatalogus"):
        room.file(f"{folder}/{ZONNEVELD}.yaml").unlink()
    result = connect(metadata_of(room), "--test", "--name", "Zonneveld", "--loa", "substantieel")
    assert result.exit_code == 0, result.output
    assert "May be connected." in result.output
    for each in (tmp_path / "out").rglob("*.*"):
        each.rename(room.directory / "config" / each.relative_to(tmp_path / "out"))
    inspection = room.inspect()
    assert inspection.findings == ()
    connection = inspection.configuration.connections[ZORG.entity_id]
    assert connection.name.nl == "Zonneveld"
    assert connection.metadata.acs[0].location == room.world.zorg_acs
    uuids = {each.uuid for each in inspection.configuration.diensten.values()}
    assert {each.uuid for each in layout.ZORG_SERVICES} <= uuids


def test_it_says_when_somebody_is_connected_already(room, connect) -> None:
    """Where; and nothing of the kind for who is new."""
    file = room.file(f"dienstverleners/{ZONNEVELD}.yaml")
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if text.startswith("entity_id:"))
    result = connect(metadata_of(room), "--test")
    assert "Already in your configuration" in result.output
    assert f"{file}:{line}" in result.output
    assert json.loads(connect(metadata_of(room), "--test", "--force", "--json").output)["configured"] == [
        f"{file}:{line}"
    ]
    file.unlink()
    result = connect(metadata_of(room), "--test", "--force")
    assert result.exit_code == 0
    assert "Already" not in result.output


def test_it_says_when_a_supplier_is_connected_already(room, connect) -> None:
    """At its own file; and a dienstverlener behind it, at the line that names it."""
    output = connect(metadata_of(room, layout.CLOUD), "--test").output
    assert f"{room.file('clusteraansluitingen/voorbeeldcloud.yaml')}:" in output
    (place,) = known_already(layout.DIJKZICHT.entity_id, room.main, {})
    assert place.dotted == "dienstverleners[0].entity_id"


def test_it_shows_what_was_found(room, connect) -> None:
    """Who, keys with the days they have left, addresses, diensten."""
    output = connect(metadata_of(room), "--test").output
    for word in (ZORG.entity_id, ZORG.oin, "days left", room.world.zorg_acs, layout.ZORG_SERVICES[0].uuid, "(60 days)"):
        assert word in output


def test_the_minimum_level_is_for_a_person_to_decide(room, connect, tmp_path) -> None:
    """Without --loa the file says so, and `rv check` does not take it."""
    assert "FILL-IN" in connect(metadata_of(room), "--test", "--name", ZONNEVELD).output
    written = (tmp_path / "out" / "dienstencatalogus" / f"{ZONNEVELD}.yaml").read_text()
    assert "minimum_loa: FILL-IN" in written
    room.file(f"dienstencatalogus/{ZONNEVELD}.yaml").write_text(written)
    assert {each.code for each in room.inspect().mistakes} == {"field.value"}


@pytest.mark.eis("MD-01", "MD-05")
@pytest.mark.attack("S81")
def test_changed_metadata_is_refused_in_words(room, connect, tmp_path) -> None:
    """Exit status 1, the requirement, what it means and how to mend it; nothing is written."""
    path = metadata_of(room)
    path.write_bytes(path.read_bytes().replace(b"zorg.localhost", b"evil.localhost"))
    result = connect(path, "--test")
    assert result.exit_code == 1
    for words in (
        "MD-05",
        "[md.signature]",
        "not what its publisher signed",
        "-> Sign the root",
        "May not be connected",
    ):
        assert words in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.attack("S82")
@pytest.mark.eis("MD-02")
def test_a_test_system_is_not_connected_by_mistake(room, connect, make_metadata) -> None:
    """Index 9000 and up needs --test."""
    metadata_of(room).write_bytes(make_metadata(room.world, ZORG, "https://zorg.example/acs", layout.ZORG_SERVICES))
    result = connect(metadata_of(room))
    assert result.exit_code == 1
    assert "[entity.test]" in result.output
    assert connect(metadata_of(room), "--test").exit_code == 0


@pytest.mark.attack("S83")
def test_a_plain_address_is_refused_without_test(room, connect) -> None:
    """http, even on this machine."""
    result = connect(metadata_of(room), "--json")
    assert "md.location" in {each["code"] for each in json.loads(result.output)["findings"]}


@pytest.mark.attack("S82")
@pytest.mark.eis("MD-05")
def test_another_organisations_metadata_is_refused(room, connect, make_metadata) -> None:
    """The certificates are of the signer, the entity ID is not."""
    forged = make_metadata(room.world, ZORG, room.world.zorg_acs, layout.ZORG_SERVICES, entity_id=PORTAL.entity_id)
    metadata_of(room).write_bytes(forged)
    result = connect(metadata_of(room), "--test", "--json")
    data = json.loads(result.output)
    assert (result.exit_code, data["ok"], data["written"]) == (1, False, [])
    assert "oin.mismatch" in {each["code"] for each in data["findings"] if each["mistake"]}


@pytest.mark.eis("MD-03")
def test_an_agreed_deviation_is_written_down(room, connect, make_metadata, tmp_path) -> None:
    """No validUntil and no cacheDuration: refused, with the switch in the mend; with the switch it is connected."""
    metadata_of(room).write_bytes(
        make_metadata(room.world, ZORG, room.world.zorg_acs, layout.ZORG_SERVICES, valid_until=None)
    )
    refused = connect(metadata_of(room), "--test")
    assert (refused.exit_code, "--compat metadata_without_expiry" in refused.output) == (1, True)
    assert connect(metadata_of(room), "--test", "--compat", "metadata_without_expiry", "--name", "z").exit_code == 0
    assert "metadata_without_expiry: true" in (tmp_path / "out" / "dienstverleners" / "z.yaml").read_text()


def test_nothing_is_overwritten(room, connect, tmp_path) -> None:
    """A second time it stops before it writes anything, unless --force says so."""
    connect(metadata_of(room), "--test", "--name", "z")
    written = tmp_path / "out" / "dienstverleners" / "z.yaml"
    written.write_text("mine")
    (tmp_path / "out" / "dienstencatalogus" / "z.yaml").unlink()
    again = connect(metadata_of(room), "--test", "--name", "z")
    assert (again.exit_code, written.read_text()) == (1, "mine")
    assert not (tmp_path / "out" / "dienstencatalogus" / "z.yaml").exists()
    assert connect(metadata_of(room), "--test", "--name", "z", "--force").exit_code == 0
    assert "entity_id" in written.read_text()


@pytest.fixture
def supplier(room, tmp_path) -> list[str]:
    """Arguments that judge a supplier's metadata, in its own time and under its own trust."""
    room.at = NOW
    document, bundle = tmp_path / "lc.xml", tmp_path / "trust.pem"
    document.write_bytes(of_lc())
    bundle.write_bytes(pki().trust_pem)
    return [str(document), "--test", "--trust", str(bundle), "--name", "Cloud BV"]


@pytest.mark.eis("MD-LC-01")
def test_a_supplier_brings_its_dienstverleners(connect, supplier, tmp_path) -> None:
    """A file for `clusteraansluitingen`, with everybody whom its metadata names."""
    data = json.loads(connect(*supplier, "--json").output)
    assert (data["ok"], data["found"]["kind"], data["found"]["entity_id"]) == (True, "supplier", LC)
    assert set(data["found"]["dienstverleners"]) == {DV, OTHER_DV}
    model = ClusterFile.model_validate(
        yaml.safe_load((tmp_path / "out/clusteraansluitingen/cloud-bv.yaml").read_text())
    )
    assert [each.entity_id for each in model.dienstverleners] == [DV, OTHER_DV]
    assert (model.entity_id, model.connection.metadata) == (LC, "cloud-bv.xml")


@pytest.mark.eis("MD-LC-01", "MD-LC-07")
def test_a_suppliers_mistakes_are_told_with_their_requirement(connect, supplier, tmp_path) -> None:
    """A dienstverlener in it has no key for encryption."""
    Path(supplier[0]).write_bytes(of_lc(lambda root: root[2][0][0].set("use", "signing")))
    result = connect(*supplier, "--json")
    mistakes = {
        (each["code"], each["requirement"]) for each in json.loads(result.output)["findings"] if each["mistake"]
    }
    assert result.exit_code == 1
    assert ("md.keys", "MD-LC-07") in mistakes


def test_metadata_is_fetched(room, connect, published, tmp_path) -> None:
    """The YAML then names the URL, and no copy is made."""
    address, documents = published
    documents["/md"] = metadata_of(room).read_bytes()
    result = connect(f"{address}/md", "--test", "--name", "z")
    assert result.exit_code == 0, result.output
    assert f'metadata: "{address}/md"' in (tmp_path / "out" / "dienstverleners" / "z.yaml").read_text()
    assert not list((tmp_path / "out").rglob("*.xml"))


@pytest.mark.attack("S84")
def test_nothing_is_fetched_from_inside(connect, published) -> None:
    """Without --test neither http nor an address on this machine is asked."""
    address, documents = published
    documents["/md"] = b"<x/>"
    for url in (f"{address}/md", address.replace("http:", "https:"), "https://169.254.169.254/latest"):
        result = connect(url)
        assert (result.exit_code, "net.forbidden" in result.output) == (1, True)
    assert "http-status" in connect(f"{address}/elsewhere", "--test").output


def test_somebody_must_be_trusted(connect, tmp_path) -> None:
    """Neither a configuration nor a bundle: the usage."""
    result = CliRunner().invoke(main, ["aansluiten", "x.xml", "--config", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert "--trust" in result.output


def test_what_is_no_metadata_is_explained(connect, tmp_path) -> None:
    """Text, another XML, an empty file."""
    for content in (b"", b"hello", b"<x/>", b"\xff\xfe<x/>"):
        (tmp_path / "x.xml").write_bytes(content)
        result = connect(tmp_path / "x.xml")
        assert (result.exit_code, "May not be connected" in result.output) == (1, True)


def test_expired_metadata_is_refused(room, connect) -> None:
    """With its own code."""
    room.at += timedelta(days=61)
    data = json.loads(connect(metadata_of(room), "--test", "--json").output)
    assert {each["code"] for each in data["findings"] if each["mistake"]} == {"md.expired"}


@pytest.mark.parametrize("code", sorted(each for each in CODES if each.startswith(("md.", "key.", "oin.", "sig."))))
def test_every_finding_has_its_words(code) -> None:
    """None of metadata's codes falls back to general words."""
    assert meaning_of(Finding(code, "MD-01", "x")) != meaning_of(Finding("other", "MD-01", "x"))


@given(st.text())
def test_a_slug_is_a_file_name(name) -> None:
    """Of any name."""
    slug = slug_of(name)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
