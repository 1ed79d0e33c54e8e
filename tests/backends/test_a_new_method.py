"""Another login method is a folder and a line: a toy one, of which nothing but its own parts and its line exist."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from routeringsvoorziening.backends import registry
from routeringsvoorziening.backends.clients import Clients
from routeringsvoorziening.backends.configuring import inspect_configuration, json_schema, load_configuration
from routeringsvoorziening.backends.connecting import Surroundings, acs_urls, connect, publications
from routeringsvoorziening.backends.decryption import Books
from routeringsvoorziening.backends.method import Line, Method
from routeringsvoorziening.broker.login import Task
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    Departure,
    EntityID,
    Identity,
    Leg,
    LegId,
    LoA,
    LoginId,
    Redirect,
    Reference,
    ServiceUUID,
)
from routeringsvoorziening.configuration.catalogue import ConfiguredCatalogue
from routeringsvoorziening.configuration.kinds import MethodKind
from routeringsvoorziening.configuration.model.common import Part
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod
from routeringsvoorziening.configuration.result import AuthenticationServiceSettings, Configuration
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.simulators.preparing import prepare_parties
from routeringsvoorziening.simulators.world.layout import World
from routeringsvoorziening.store.memory import MemoryStore
from tests.support.core import request
from tests.support.meters import CountingMeter, NotingAudit

TOY = "urn:nl-eid-gdi:1.0:AD:00000009999999999098:entities:9098"
CONFIG = Path(__file__).parents[2] / "config"
FILE = "config/routeringsvoorziening.yaml"
SERVICES = "config/dienstencatalogus/voorbeeldstad.yaml"
METHOD = f"""
  toy:
    kind: toy
    name: {{nl: Speelgoed, en: Toy}}
    entity_id: {TOY}
    metadata: <anything>
    colour: blue
"""


# --- the folder --------------------------------------------------------------------------------------------------


class ToyMethod(AuthenticationMethod):
    """What a toy may say."""

    colour: Annotated[str, Field(pattern="^[a-z]+$")]
    """Of the toy."""


class ToyDienst(Part):
    """What a dienst says for toys."""

    size: int


@dataclass(frozen=True)
class Toy:
    """Lets everybody in as blue."""

    id: AuthenticationServiceId
    colour: str

    async def begin(self, _: AuthenticationTask) -> Departure:
        """Off to the toy."""
        return Departure(LegId("_toy-1"), Redirect("https://toy.example/"))

    async def complete(self, leg: Leg, task: AuthenticationTask, answer: Mapping[str, str]) -> Identity:
        """Somebody."""
        return Identity(self.id, EntityID(TOY), LoA.BASIS, (), self.colour.encode(), datetime(2026, 6, 1, tzinfo=UTC))


def connect_toy(settings: AuthenticationServiceSettings, _: Line) -> Toy:
    """With what the file says."""
    assert isinstance(settings.settings, ToyMethod)
    return Toy(settings.id, settings.settings.colour)


def inspect_toy(data: bytes, **_: object) -> tuple[IdentityProvider, list]:
    """Toys have metadata of their own form."""
    assert data == b"<anything>"
    return IdentityProvider(TOY, ()), []


KIND = MethodKind("toy", ToyMethod, ToyDienst, lambda text: parse_entity_id(text, "AD"), inspect_toy)
"""As a folder `backends/toy` would have it."""


# --- the line ----------------------------------------------------------------------------------------------------


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line in the registry."""
    monkeypatch.setitem(registry.METHODS, "toy", Method(KIND, connect_toy))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and metadata of the demo's parties."""
    directory = tmp_path_factory.mktemp("toy")
    prepare_parties(World(directory / "demo-world"), at=datetime.now(UTC))
    return directory


@pytest.fixture
def room(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    """The demo's configuration, to which a test adds a toy."""
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "demo-world").symlink_to(prepared / "demo-world")
    return tmp_path


def add(file: Path, after: str, lines: str) -> None:
    text = file.read_text()
    assert after in text
    file.write_text(text.replace(after, after + lines, 1))


def with_toy(room: Path, *, dienst: str = "    toy: {size: 3}\n") -> Configuration:
    add(room / FILE, "authentication_services:", METHOD)
    add(room / SERVICES, "    minimum_loa: basis\n", dienst)
    return load_configuration(room / FILE, at=datetime.now(UTC))


@pytest.fixture
def configuration_with_toy(registered: None, room: Path) -> Configuration:
    """Read, with a toy in it."""
    del registered
    return with_toy(room)


async def test_it_is_configured_connected_and_asked(configuration_with_toy: Configuration) -> None:
    """Its own settings reach its own class, through the house's own wiring."""
    configuration = configuration_with_toy
    pool, clients = CryptoPool(), Clients()
    surroundings = Surroundings(
        configuration,
        CountingMeter(),
        pool,
        MemoryStore(),
        lambda: datetime.now(UTC),
        clients=clients,
        books=Books(NotingAudit(), CountingMeter()),
    )
    try:
        toy = (await connect(surroundings)).authentication[AuthenticationServiceId("toy")]
    finally:
        pool.close()
        await clients.close()
    task = Task(
        Reference("RV-1"),
        EntityID("dv"),
        ServiceUUID("dienst"),
        LoA.BASIS,
        force_authn=False,
        choice=Choice(toy.id),
    )
    departure = await toy.begin(task)
    leg = Leg(departure.leg, LoginId("login"), toy.id, None, datetime.now(UTC))
    assert (await toy.complete(leg, task, {})).evidence == b"blue"
    assert any(url.endswith("/saml/acs/toy") for url in acs_urls(configuration).values())
    assert "toy" not in publications(configuration)


@pytest.mark.usefixtures("registered")
def test_it_is_open_for_a_dienst_that_says_what_it_needs(room: Path) -> None:
    """And for no other, though none of them names the methods that it takes."""
    configuration = with_toy(room)
    uuids = list(configuration.diensten)
    offered = {
        uuid: {each.authentication for each in _offer(configuration, uuid)}
        for uuid in uuids
        if configuration.diensten[uuid].dienstverlener.endswith(":9003")
    }
    assert [uuid for uuid, methods in offered.items() if "toy" in methods] == ["7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1001"]


def _offer(configuration: Configuration, uuid: ServiceUUID) -> tuple[Choice, ...]:
    owner = configuration.diensten[uuid].dienstverlener
    asked = replace(request(connection=owner), dienstverlener=owner, service=uuid)
    return ConfiguredCatalogue.of(configuration).offer(asked, datetime.now(UTC)).choices


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("colour: blue", "colour: 7UP", "field.value", "authentication_services.toy.colour"),
        ("    colour: blue\n", "", "field.missing", "authentication_services.toy.colour"),
        ("colour: blue", "colour: blue\n    color: red", "field.unknown", "authentication_services.toy.color"),
        ("kind: toy", "kind: tory", "field.value", "authentication_services.toy.kind"),
        (
            ":AD:00000009999999999098",
            ":BVD:00000009999999999098",
            "entity.role",
            "authentication_services.toy.entity_id",
        ),
    ],
)
def test_its_mistakes_are_found_in_the_file(room: Path, old: str, new: str, code: str, path: str) -> None:
    """Each with its code, its path and its line, like any other."""
    with_toy(room)
    file = room / FILE
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    findings = inspect_configuration(file, at=datetime.now(UTC)).findings
    found = {(each.code, each.place.dotted): each for each in findings}
    assert (code, path) in found
    assert found[code, path].place.line


@pytest.mark.usefixtures("registered")
def test_a_mistake_of_a_dienst_is_found_too(room: Path) -> None:
    """What a dienst says for it has the form that it asks."""
    add(room / FILE, "authentication_services:", METHOD)
    add(room / SERVICES, "    minimum_loa: basis\n", "    toy: {size: three}\n")
    findings = inspect_configuration(room / FILE, at=datetime.now(UTC)).findings
    assert ("field.value", "diensten[0].toy.size") in {(each.code, each.place.dotted) for each in findings}


def test_without_its_line_it_does_not_exist(room: Path) -> None:
    """The twin: the same files are refused."""
    add(room / FILE, "authentication_services:", METHOD)
    add(room / SERVICES, "    minimum_loa: basis\n", "    toy: {size: 3}\n")
    findings = inspect_configuration(room / FILE, at=datetime.now(UTC)).findings
    codes = {(each.code, each.place.dotted) for each in findings}
    assert ("field.value", "authentication_services.toy.kind") in codes


@pytest.mark.usefixtures("registered")
def test_editors_know_it() -> None:
    """Its settings are in the JSON Schema, with their descriptions."""
    defined = json_schema()["$defs"]
    assert "Of the toy." in str(defined["ToyMethod"])
    assert "size" in defined["ToyDienst"]["properties"]
