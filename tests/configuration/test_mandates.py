"""BVDs in the configuration: read, judged, left out without taking the house along, and offered only while they hold."""

from datetime import timedelta

import pytest

from routeringsvoorziening.backends.configuring import load_configuration, reload_configuration
from routeringsvoorziening.broker.identifiers import mark_of
from routeringsvoorziening.broker.vocabulary import AuthenticationRequest, Choice, EntityID, ServiceUUID
from routeringsvoorziening.configuration.catalogue import ConfiguredCatalogue
from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Severity
from routeringsvoorziening.configuration.homes import Homes
from routeringsvoorziening.configuration.model.mandates import PUBLISHED_TYPES
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.simulators.world.layout import GEZAG, PORTAL, PORTAL_SERVICES
from tests.configuration.conftest import AT, Room, bvd_metadata, published

SERVICE = ServiceUUID(PORTAL_SERVICES[3].uuid)
CATALOGUE = "dienstencatalogus/voorbeeldstad.yaml"
ALLOWED = "mandates: [gezag, bewind]"
LEGAL = "metadata: ${world}/gezag/metadata.xml\n    representation: legal"


def write(room: Room, **changed: object) -> None:
    """New metadata of the BVD, with something changed."""
    room.world.files(GEZAG).metadata.write_bytes(bvd_metadata(room.world, GEZAG, **changed))


def loaded(room: Room) -> Configuration:
    return load_configuration(room.main, at=room.at)


def offered(configuration: Configuration, at=AT) -> tuple[Choice, ...]:
    request = AuthenticationRequest(
        "saml", EntityID(PORTAL.entity_id), EntityID(PORTAL.entity_id), SERVICE, received_at=at, reply={}
    )
    return ConfiguredCatalogue.of(configuration).offer(request, at).choices


@pytest.mark.eis("SES-09", "MD-AD-02")
def test_a_bvd_is_offered_where_the_dienst_allows_it(room) -> None:
    """With its names, its metadata, the published table, and the pair with every login method."""
    configuration = loaded(room)
    bvd = configuration.mandate_services["gezag"]
    assert (bvd.name.nl, bvd.prompt.en, bvd.legal) == ("de dienst Ouderlijk gezag", "for my child", True)
    assert bvd.representation_types == frozenset(PUBLISHED_TYPES)
    assert bvd.metadata.encryption_keys
    assert offered(configuration) == (Choice("digid"), Choice("digid", "bewind"), Choice("digid", "gezag"))
    assert configuration.diensten[SERVICE].mandates == {"gezag", "bewind"}


@pytest.mark.eis("MD-AD-02", "MD-AD-04", "MD-AD-01")
@pytest.mark.parametrize(
    ("changed", "code", "eis"),
    [
        ({"keys": "no encryption"}, "md.keys", "MD-AD-02"),
        ({"keys": "no signing"}, "md.keys", "MD-AD-02"),
        ({"single_logout": (Endpoint("https://gezag.localhost/out", names.BINDING_POST),)}, "md.endpoint", "MD-AD-04"),
        ({"valid_until": None}, "md.expiry", "MD-AD-01"),
        ({"valid_until": AT - timedelta(seconds=1)}, "md.expired", "MD-AD-01"),
    ],
)
def test_a_bvd_that_breaks_a_rule_is_left_out_and_not_offered(room, changed, code, eis) -> None:
    """The finding says which rule; people still come for themselves."""
    if "keys" in changed:
        use = "signing" if changed["keys"] == "no encryption" else "encryption"
        changed = {"keys": tuple(k for k in published(room.world, GEZAG, "signing", "encryption") if k.uses == {use})}
    write(room, **changed)
    findings = [each for each in room.inspect().findings if each.severity is Severity.UNUSABLE]
    assert {each.code for each in findings} == {code}
    assert all(eis in each.text for each in findings)
    assert findings[0].place.dotted == "mandate_services.gezag.metadata"
    configuration = loaded(room)
    assert configuration.left_out_mandates == {"gezag"}
    assert offered(configuration) == (Choice("digid"), Choice("digid", "bewind"))


@pytest.mark.eis("MD-AD-01")
def test_a_bvd_is_not_offered_after_its_metadata_has_expired(room) -> None:
    """Until validUntil, and not at it."""
    end = AT + timedelta(hours=1)
    write(room, valid_until=end)
    configuration = loaded(room)
    assert len(offered(configuration, end - timedelta(seconds=1))) == 3
    assert offered(configuration, end) == (Choice("digid"), Choice("digid", "bewind"))


def test_a_reload_does_not_lose_a_bvd(room) -> None:
    """What works now goes on working until the mistake is mended."""
    current = loaded(room)
    assert reload_configuration(current, room.main, at=AT).mandate_services.keys() == {"machtigen", "gezag", "bewind"}
    room.world.files(GEZAG).metadata.write_bytes(b"<broken")
    with pytest.raises(ConfigurationInvalid):
        reload_configuration(current, room.main, at=AT)


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("  gezag:\n", "  digid:\n", "service.duplicate", "mandate_services.digid"),
        (":BVD:00000009999999999006", ":AD:00000009999999999006", "entity.role", "mandate_services.gezag.entity_id"),
        (LEGAL, LEGAL + "ly", "field.value", "mandate_services.gezag.representation"),
        (LEGAL, LEGAL + "\n    representation_types: []", "field.value", "mandate_services.gezag"),
        (
            LEGAL,
            LEGAL + "\n    representation_types: [OG0-11]",
            "field.value",
            "mandate_services.gezag.representation_types[0]",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(room, old, new, code, path) -> None:
    """Names that clash, a wrong role, a value that does not exist."""
    room.replace(old, new)
    assert (code, path) in {(each.code, each.place.dotted) for each in room.inspect().mistakes}


def test_a_dienst_that_allows_a_bvd_that_does_not_exist(room) -> None:
    """At the dienst that names it, with those that do exist."""
    room.replace(ALLOWED, "mandates: [gezag, voogdij]", CATALOGUE)
    (finding,) = room.inspect().mistakes
    assert (finding.code, finding.mend) == ("dienst.mandate", "Known: bewind, gezag, machtigen.")
    assert finding.place.path[-1] == "mandates"


def test_where_to_start_again_is_the_website_or_the_site_of_the_metadata(room) -> None:
    """By the mark of a dienst; an unknown mark leads nowhere."""
    name = f"login-{mark_of(SERVICE)}"
    home = Homes.of(loaded(room)).home_of(name)
    assert (home.name.nl, home.url) == ("Gemeente Voorbeeldstad", "http://portal.localhost:8082/")
    room.add("website: https://www.voorbeeldstad.example/mijn\n", "dienstverleners/voorbeeldstad.yaml")
    homes = Homes.of(loaded(room))
    assert homes.home_of(name).url == "https://www.voorbeeldstad.example/mijn"
    assert homes.home_of("login-000000000000") is None


def test_a_website_is_an_address() -> None:
    """And nothing that a browser would run."""
    from pydantic import ValidationError

    from routeringsvoorziening.configuration.model.dienst import DienstverlenerFile

    facts = {"entity_id": PORTAL.entity_id, "name": {"nl": "a", "en": "a"}}
    assert DienstverlenerFile.model_validate(facts | {"website": "https://a.example/x?y=z"}).website
    for website in ("javascript:alert(1)", 'https://a.example/" onclick=x', "//a.example", "ftp://a.example"):
        with pytest.raises(ValidationError):
            DienstverlenerFile.model_validate(facts | {"website": website})
