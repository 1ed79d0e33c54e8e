"""The README's way to connect a first dienstverlener, done as it stands there: its commands, and its YAML."""

import base64
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.metadata.model import AttributeConsumingService, Endpoint, ServiceProvider
from routeringsvoorziening.saml.metadata.writing import write_service_provider
from routeringsvoorziening.simulators.portal.certificates import metadata_key
from routeringsvoorziening.simulators.world.layout import DIGID, RV, Party, World
from tests.support.chain.browser import Browser
from tests.support.chain.clock import PushedClock
from tests.support.chain.dienstverlener import Dienstverlener
from tests.support.chain.reading import NS
from tests.support.chain.world import PROJECT, new_world, publish, write_keys
from tests.support.serving import PATIENCE, Process
from tests.support.serving import RV as PROGRAM

SECTION = (PROJECT / "README.md").read_text(encoding="utf-8").split("## Connect a first dienstverlener")[1]
SECTION = SECTION.split("\n## ")[0]
BLOCKS = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)]
ORGANISATION, CATALOGUE = BLOCKS
(SERVICE,) = CATALOGUE["diensten"]
ENTITY = ORGANISATION["entity_id"]
NIEUWSTAD = Party("nieuwstad", ORGANISATION["name"]["nl"], ENTITY, ENTITY.split(":")[4], "nieuwstad.localhost")


def commands(word: str) -> list[list[str]]:
    """The README's commands `rv <word> …`, each as its arguments."""
    found = [shlex.split(each) for each in re.findall(rf"\.venv/bin/rv ({word}\b[^\n`]*)", SECTION)]
    assert found, f"the README has no `rv {word}`"
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A directory as after `make demo`: config/ and demo-world/; with what Nieuwstad sent."""
    house = tmp_path_factory.mktemp("house")
    shutil.copytree(PROJECT / "config", house / "config")
    world = new_world(house / "demo-world")
    publish(world, PushedClock())
    write_keys(world, NIEUWSTAD)
    for key in (house / "demo-world").rglob("*.key"):
        key.chmod(0o600)
    (house / "their-metadata.xml").write_bytes(_metadata(world))
    return house


def _metadata(world: World) -> bytes:
    files = world.files(NIEUWSTAD)
    uses = {"signing": "signing", "tls": "signing", "encryption": "encryption"}
    offered = AttributeConsumingService(1, is_default=True, names=SERVICE["name"], service_uuid=SERVICE["uuid"])
    provider = ServiceProvider(
        entity_id=ENTITY,
        keys=tuple(metadata_key(files.certificate(each), use) for each, use in uses.items()),
        acs=(Endpoint("https://www.nieuwstad.example/acs", names.BINDING_ARTIFACT, 0, is_default=True),),
        attribute_services=(offered,),
        valid_until=PushedClock()() + timedelta(days=30),
    )
    return write_service_provider(
        provider, load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    )


def rv(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the README in that directory."""
    return subprocess.run([PROGRAM, *arguments], cwd=house, capture_output=True, text=True, timeout=60, check=False)


def yaml_in(house: Path, folder: str) -> dict[Path, dict]:
    """By file, what stands in a folder of the configuration."""
    return {each: yaml.safe_load(each.read_text()) for each in (house / "config" / folder).glob("*.yaml")}


def test_step_1_judges_and_writes_what_step_2_shows(house):
    """The command of step 1 writes files that say the same as the README's example, and `rv check` takes them."""
    before = {path for folder in ("dienstverleners", "dienstencatalogus") for path in yaml_in(house, folder)}
    (command,) = commands("aansluiten their")
    done = rv(house, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    (who,) = [each for path, each in yaml_in(house, "dienstverleners").items() if path not in before]
    (what,) = [each for path, each in yaml_in(house, "dienstencatalogus").items() if path not in before]
    assert (who["entity_id"], list(who["connection"])) == (ENTITY, ["metadata"])
    assert what["dienstverlener"] == ENTITY
    (dienst,) = what["diensten"]
    assert {name: dienst[name] for name in SERVICE} == SERVICE
    (check,) = commands("check")
    assert rv(house, *check).returncode == 0
    for path in (*yaml_in(house, "dienstverleners"), *yaml_in(house, "dienstencatalogus")):
        if path not in before:
            path.unlink()


def test_the_practice_of_step_1(house):
    """The demo's own portal, with --test, to a folder of its own: it says that it is connected already."""
    done = rv(house, "aansluiten", "demo-world/portal/metadata.xml", "--test", "--out", "aansluiting")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Already in your configuration" in done.stdout
    assert len(list((house / "aansluiting").rglob("*.yaml"))) == 2


@pytest.fixture(scope="module")
def connected(house) -> Path:
    """The README's YAML, as it stands there, in its place beside their metadata."""
    source = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
    for folder, text in zip(("dienstverleners", "dienstencatalogus"), source, strict=True):
        (house / "config" / folder / "nieuwstad.yaml").write_text(
            text.replace("\n   ", "\n").lstrip(), encoding="utf-8"
        )
    shutil.copy(house / "their-metadata.xml", house / "config" / "dienstverleners" / "nieuwstad.xml")
    return house


def test_step_3_finds_no_mistake(connected):
    """And names who is connected, and for what."""
    (command,) = commands("check")
    done = rv(connected, *command)
    assert done.returncode == 0, done.stdout
    for words in ("No mistakes.", ENTITY, SERVICE["uuid"], SERVICE["name"]["nl"], SERVICE["minimum_loa"]):
        assert words in done.stdout


def test_step_4_gives_our_metadata(connected):
    """For dienstverleners, and for DigiD: that names Nieuwstad, so that DigiD can encrypt for it."""
    for command in commands("metadata"):
        done = rv(connected, *command)
        root = etree.fromstring(done.stdout.encode())
        named = root.xpath("descendant-or-self::md:EntityDescriptor/@entityID", namespaces=_MD)
        assert RV.entity_id in named
        assert (ENTITY in named) == (command[1] == "ad")
    assert {each[1] for each in commands("metadata")} == {"dv", "ad"}


def test_who_gets_metadata_of_its_own_is_an_audience_too(connected):
    """The makelaar of eHerkenning, under the name that the configuration gives it; anybody else is told who there is."""
    written = rv(connected, "metadata", "eherkenning")
    assert etree.fromstring(written.stdout.encode()).get("entityID", "").startswith("urn:etoegang:DV:")
    refused = rv(connected, "metadata", "digid")
    assert refused.returncode == 2
    assert "there is for dv, dv-redirect, ad, eherkenning" in " ".join(refused.stderr.split())


_MD = {"md": "urn:oasis:names:tc:SAML:2.0:metadata"}


@pytest.fixture
def served(connected, tmp_path) -> Iterator[World]:
    """The command of step 5, on free ports."""
    (command,) = commands("serve")
    assert command[:2] == ["serve", "--config"]
    world = World(connected / "demo-world", new_world(tmp_path / "ports").ports)
    process = Process(connected / command[2], world.variables, tmp_path / "log")
    try:
        process.wait_for("listening")
        yield world
    finally:
        process.process.terminate()
        process.process.wait(PATIENCE)


async def test_step_5_lets_nieuwstad_s_visitors_log_in(served):
    """A request of Nieuwstad for its dienst goes on to DigiD, in its name."""
    async with Browser() as browser:
        dienstverlener = Dienstverlener(served, NIEUWSTAD)
        page = await dienstverlener.begin(browser, service="1")
        assert page.status == 200, page.text
        request = etree.fromstring(base64.b64decode(page.form().fields["SAMLRequest"]))
    assert DIGID.host in page.form().action
    values = request.xpath("samlp:Extensions/saml:Attribute/saml:AttributeValue/text()", namespaces=NS)
    assert values == [ENTITY, SERVICE["uuid"]]
