"""Metadata from URLs: what the configuration makes of copies, of fresh documents, and of worse ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from routeringsvoorziening.backends.configuring import reload_configuration
from routeringsvoorziening.cli import check, main
from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.configuration.sources import _is_older, adopt, judge
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.saml.names import BINDING_SOAP
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import DIGID, PORTAL, ZORG

STAD = "dienstverleners/voorbeeldstad.yaml"
URL = "https://portal.example.nl/metadata"
DIGID_URL = "https://digid.example.nl/metadata"
DAY = timedelta(days=1)


@pytest.fixture
def online(room):
    """The room, with the portal's and DigiD's metadata at URLs; nothing was fetched yet."""
    room.replace("metadata: ${world}/portal/metadata.xml", f"metadata: {URL}", STAD)
    room.replace("metadata: ${world}/digid/metadata.xml", f"metadata: {DIGID_URL}")
    room.add("metadata_cache: ../kept\n")
    return room


@pytest.fixture
def kept(online) -> KeptCopies:
    return KeptCopies(online.directory / "config" / "../kept")


@pytest.fixture
def document(online) -> bytes:
    return online.world.files(PORTAL).metadata.read_bytes()


def codes(room) -> set[tuple[str, str]]:
    return {(each.severity.value, each.code) for each in room.inspect().findings}


def source_of(configuration, url=URL):
    return next(each for each in configuration.sources if each.url == url)


def test_without_a_copy_the_rest_works(online) -> None:
    """The dienstverlener is left out, DigiD is there and not in force; nothing is a mistake."""
    inspection = online.inspect()
    assert codes(online) == {("warning", "metadata.awaited")}
    assert inspection.configuration.left_out == {PORTAL.entity_id}
    digid = inspection.configuration.authentication_services["digid"]
    assert (digid.entity_id, digid.metadata.keys) == (DIGID.entity_id, ())
    assert digid.metadata.valid_until < online.at
    assert {each.party for each in inspection.configuration.sources} == {PORTAL.entity_id, DIGID.entity_id}


def test_a_copy_is_used(online, kept, document) -> None:
    """Judged as if it had just been fetched."""
    kept.write(URL, document, online.at)
    kept.write(DIGID_URL, online.world.files(DIGID).metadata.read_bytes(), online.at)
    inspection = online.inspect()
    assert inspection.findings == ()
    assert inspection.configuration.connections[PORTAL.entity_id].metadata.acs[0].location == online.world.portal_acs


@pytest.mark.eis("MD-03")
@pytest.mark.attack("S81", "S85")
def test_a_copy_is_not_believed_for_being_ours(online, kept, document) -> None:
    """Changed, or past its validUntil: left out, with a warning that says why."""
    kept.write(URL, document.replace(b"portal.localhost", b"evil00.localhost"), online.at)
    assert ("warning", "md.signature") in codes(online)
    assert PORTAL.entity_id in online.inspect().configuration.left_out
    kept.write(URL, document, online.at)
    online.at += 61 * DAY
    assert ("warning", "md.expired") in codes(online)
    assert PORTAL.entity_id in online.inspect().configuration.left_out


def test_a_fetched_document_connects_its_party(online, document) -> None:
    """The configuration gets the connection, and nothing else of it changes."""
    before = online.inspect().configuration
    judgement = judge(before, source_of(before), document, online.at)
    after = adopt(before, [judgement.part])
    assert judgement.findings == ()
    assert PORTAL.entity_id in after.connections
    assert after.left_out == frozenset()
    assert replace(after, connections=before.connections, left_out=before.left_out) == before
    assert after.connections[ZORG.entity_id] is before.connections[ZORG.entity_id]


def test_a_service_takes_its_own_place(online) -> None:
    """DigiD keeps its number; it was only not in force."""
    before = online.inspect().configuration
    document = online.world.files(DIGID).metadata.read_bytes()
    after = adopt(before, [judge(before, source_of(before, DIGID_URL), document, online.at).part])
    assert list(after.authentication_services) == list(before.authentication_services)
    assert after.authentication_services["digid"].metadata.keys


@pytest.mark.eis("MD-01", "MD-05")
@pytest.mark.attack("S81", "S82", "S83", "S85")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_until": None}, "md.expiry"),
        ({"entity_id": ZORG.entity_id}, "oin.mismatch"),
        ({"keys": ()}, "md.keys"),
        ({"slo": (Endpoint("https://portal.example/logout", BINDING_SOAP),)}, "md.endpoint"),
    ],
)
def test_a_bad_document_is_refused_as_at_the_start(online, make_metadata, changes, code) -> None:
    """Every rule holds for a refresh too."""
    configuration = online.inspect().configuration
    document = make_metadata(online.world, PORTAL, online.world.portal_acs, layout.PORTAL_SERVICES, **changes)
    judgement = judge(configuration, source_of(configuration), document, online.at)
    assert judgement.part is None
    assert code in {each.code for each in judgement.findings if each.severity is Severity.UNUSABLE}


@pytest.mark.attack("S82")
def test_the_document_of_another_party_is_refused(online) -> None:
    """Signed and trusted, and not whose it should be."""
    configuration = online.inspect().configuration
    document = online.world.files(ZORG).metadata.read_bytes()
    assert judge(configuration, source_of(configuration), document, online.at).code == "metadata.entity"


@pytest.mark.eis("MD-DV-07")
def test_a_dienst_that_is_not_registered_is_refused(online, make_metadata) -> None:
    """As at the start."""
    configuration = online.inspect().configuration
    services = (replace(layout.PORTAL_SERVICES[0], uuid="7d3c1f0a-0000-4c57-9a34-000000000000"),)
    document = make_metadata(online.world, PORTAL, online.world.portal_acs, services)
    assert judge(configuration, source_of(configuration), document, online.at).code == "metadata.service"


@pytest.mark.attack("S81")
def test_an_older_document_does_not_take_the_place_of_a_newer(online, kept, document, make_metadata) -> None:
    """It ends sooner than the one in use: a rollback. Once that one has ended, it may come."""
    kept.write(URL, document, online.at)
    configuration = online.inspect().configuration
    older = make_metadata(
        online.world, PORTAL, online.world.portal_acs, layout.PORTAL_SERVICES, valid_until=online.at + 59 * DAY
    )
    newer = make_metadata(
        online.world, PORTAL, online.world.portal_acs, layout.PORTAL_SERVICES, valid_until=online.at + 61 * DAY
    )
    judgement = judge(configuration, source_of(configuration), older, online.at)
    assert (judgement.part, judgement.code, judgement.is_rollback) == (None, "metadata.rollback", True)
    assert judge(configuration, source_of(configuration), newer, online.at).part is not None
    assert judge(configuration, source_of(configuration), document, online.at).part is not None


@pytest.mark.attack("S81")
@pytest.mark.parametrize(
    ("ends", "older"),
    [
        ((None, 1), True),
        ((None, 0), False),
        ((None, None), False),
        ((2, 1), False),
        ((1, 1), False),
        ((1, 2), True),
        ((1, None), False),
    ],
)
def test_what_counts_as_older(online, kept, document, ends, older) -> None:
    """Days until a fresh document ends, and the one in use; None: never. Without an end none replaces one in force."""
    kept.write(URL, document, online.at)
    metadata = online.inspect().configuration.connections[PORTAL.entity_id].metadata

    def ending(days: int | None):
        return replace(metadata, valid_until=None if days is None else online.at + days * DAY)

    assert _is_older(*map(ending, ends), online.at) is older


def test_a_reload_keeps_what_was_fetched(online, kept, document) -> None:
    """Through the copies."""
    kept.write(URL, document, online.at)
    current = online.inspect().configuration
    fresh = reload_configuration(current, online.main, at=online.at, environ={})
    assert PORTAL.entity_id in fresh.connections


@pytest.mark.attack("S84")
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://portal.example.nl/metadata", "metadata.url"),
        ("https://user@portal.example.nl/metadata", "metadata.url"),
        ("https://portal.example.nl/#metadata", "metadata.url"),
        (DIGID_URL, "metadata.url-twice"),
    ],
)
def test_a_url_that_is_not_fit_is_an_error(online, url, code) -> None:
    """Not https, with something hidden in it, or of two parties; http is for *.localhost, outside production."""
    online.replace(f"metadata: {URL}", f"metadata: {url}", STAD)
    assert ("error", code) in codes(online)
    online.replace(f"metadata: {url}", "metadata: http://portal.localhost:8082/metadata", STAD)
    assert codes(online) == {("warning", "metadata.awaited")}


def test_production_wants_https_everywhere(online) -> None:
    """Of *.localhost too."""
    online.replace(f"metadata: {URL}", "metadata: http://portal.localhost:8082/metadata", STAD)
    online.replace("environment: demo", "environment: production")
    assert ("error", "metadata.url") in codes(online)


def test_copies_need_a_place(online) -> None:
    """As soon as anything comes from a URL."""
    online.replace("metadata_cache: ../kept\n", "")
    assert ("error", "metadata.cache") in codes(online)


@pytest.mark.eis("MD-03", "MD-DV-07")
def test_agreed_deviations_hold_for_metadata(room, make_metadata) -> None:
    """No expiry, and no ServiceUUID: each refused without its switch, each accepted with it, for this party alone."""
    nameless = tuple(replace(each, uuid=None) for each in layout.ZORG_SERVICES)
    metadata = make_metadata(room.world, ZORG, room.world.zorg_acs, nameless, valid_until=None)
    room.world.files(ZORG).metadata.write_bytes(metadata)
    unusable = {code for severity, code in codes(room) if severity == "unusable"}
    assert unusable == {"md.expiry", "md.service"}
    first, second = (each.uuid for each in layout.ZORG_SERVICES)
    room.add("  compat:\n    metadata_without_expiry: true\n", "dienstverleners/zonneveld.yaml")
    assert {code for severity, code in codes(room) if severity == "unusable"} == {"md.service"}
    room.add(f"    service_index: {{1: {first}, 2: {second}}}\n", "dienstverleners/zonneveld.yaml")
    assert {code for severity, code in codes(room) if severity != "warning"} == set()
    assert ZORG.entity_id in room.inspect().configuration.connections


@pytest.mark.eis("MD-DV-07")
def test_a_mapped_dienst_must_be_registered_too(room, make_metadata) -> None:
    """What the YAML maps an index to is in the catalogue, or the connection cannot be used."""
    nameless = tuple(replace(each, uuid=None) for each in layout.ZORG_SERVICES)
    room.world.files(ZORG).metadata.write_bytes(make_metadata(room.world, ZORG, room.world.zorg_acs, nameless))
    room.add("  compat:\n    service_index: {1: unknown}\n", "dienstverleners/zonneveld.yaml")
    assert ("unusable", "metadata.service") in codes(room)


def test_the_check_shows_what_is_fetched(online, kept, document, monkeypatch) -> None:
    """From where, and how old the copy is; what was never fetched is no mistake."""

    class Clock:
        @staticmethod
        def now(_: object):
            return online.at

    monkeypatch.setattr(check, "datetime", Clock)
    kept.write(URL, document, online.at - 5 * timedelta(hours=1))
    result = CliRunner().invoke(main, ["check", str(online.main)])
    lines = [line for line in result.output.splitlines() if URL in line or DIGID_URL in line]
    assert result.exit_code == 0
    assert any("5 hours ago" in line for line in lines)
    assert any("never" in line for line in lines)
