"""eIDAS at a dienstverlener that has the RV open identities: a plain BSN out of what another country began, or nobody."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from unittest import mock

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from routeringsvoorziening.cli.demo_eidas import crossings, try_crossing
from routeringsvoorziening.simulators.eidas import settings
from routeringsvoorziening.simulators.eidas.answers import Identified
from routeringsvoorziening.simulators.eidas.catalogue import Rights, demo_catalogue
from routeringsvoorziening.simulators.world.europe import PEOPLE
from routeringsvoorziening.simulators.world.layout import EIDAS, RV, VISIT, ZORG
from tests.e2e.test_canary import forms_of, stored
from tests.support.chain.browser import Browser
from tests.support.chain.crossing import abroad, answered, artifact, at_eidas
from tests.support.chain.reading import NS, acting_bsn, statuses
from tests.support.chain.running import Chain, running_chain

SERVICE = str(VISIT.index)
BSNS = {each.key: each.bsn for each in PEOPLE if each.bsn is not None}
OWN = "//samlp:Response/saml:Assertion/saml:AttributeStatement"
ADVICE = "//saml:Advice/saml:Assertion/saml:AttributeStatement"
ACTING = "/saml:Attribute[contains(@Name,'ActingSubjectID')]/saml:AttributeValue/saml:EncryptedID"
PRESELECTED = (
    f'<samlp:Scoping><samlp:IDPList><samlp:IDPEntry ProviderID="{EIDAS.entity_id}"/></samlp:IDPList></samlp:Scoping>'
)
CASES = {case.name: case for case in crossings() if case.service is VISIT}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """As the demo is set up."""
    with running_chain(tmp_path_factory.mktemp("opened") / "world") as running:
        yield running


@pytest.fixture(scope="module")
def unaware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """With an eIDAS-berichtenservice that was never told that the RV opens identities of the hospital."""
    key, rights = (ZORG.entity_id, VISIT.uuid), Rights(pseudonym=True)
    known = {**demo_catalogue(), key: replace(demo_catalogue()[key], decrypted=False, rights=rights)}
    with ExitStack() as stack:
        with mock.patch.object(settings, "demo_catalogue", return_value=known):
            running = stack.enter_context(running_chain(tmp_path_factory.mktemp("unaware") / "world"))
        yield running


@pytest.fixture(scope="module")
def switched_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """The eIDAS-berichtenservice thinks that the RV opens identities of the hospital; the RV was never asked to."""
    with running_chain(tmp_path_factory.mktemp("off") / "world", opens=False) as running:
        yield running


def recipients(root: etree._Element, path: str) -> list[list[str]]:
    """Of each EncryptedID at a path: for whom its keys are."""
    found = root.xpath(path, namespaces=NS)
    return [[str(key) for key in each.xpath("xenc:EncryptedKey/@Recipient", namespaces=NS)] for each in found]


def hospital_key(chain: Chain):
    """The one key that the hospital has: none of BSNk."""
    return load_pem_private_key(chain.world.files(ZORG).key("encryption").read_bytes(), None)


@pytest.mark.parametrize("name", CASES)
async def test_from_the_button_to_the_page_at_each_level(chain: Chain, name: str) -> None:
    """In the browser's place: the hospital's page shows the plain BSN, and no structure."""
    tried = await try_crossing(chain.world, CASES[name])
    assert tried.ok, tried.problem


@pytest.mark.eis("ATT-13", "ATT-17", "ATT-20")
@pytest.mark.parametrize(("country", "who", "level"), [("BE", "lotte", 20), ("GR", "nikos", 25), ("DE", "jonas", 30)])
async def test_the_hospital_gets_a_plain_bsn_of_somebody_from_abroad(
    chain: Chain, browser: Browser, country: str, who: str, level: int
) -> None:
    """Opened with its one RSA key; what the message service made, for us alone, is still the evidence."""
    dv, key = chain.dienstverlener(ZORG), hospital_key(chain)
    home = await artifact(dv, browser, service=SERVICE, country=country, who=who, level=level)
    root = (await dv.resolve(home.query("SAMLart"))).root
    assert acting_bsn(root, key, ZORG.entity_id) == BSNS[who]
    assert recipients(root, OWN + ACTING) == [[ZORG.entity_id]]
    assert recipients(root, ADVICE + ACTING) == [[RV.entity_id]]


@pytest.mark.eis("ERR-03")
async def test_somebody_without_a_bsn_gets_an_explanation_and_no_declaration(chain: Chain, browser: Browser) -> None:
    """Of a pseudonym nobody can make a plain BSN: the message service says what to do, and declares nothing."""
    dv, before = chain.dienstverlener(ZORG), len(chain.audited("identity.decrypted"))
    page = await at_eidas(browser, await dv.begin(browser, service=SERVICE, inside=PRESELECTED))
    explained = await answered(browser, await abroad(browser, page, "SE"), "astrid", 25)
    assert explained.status == 403
    assert "U hebt een BSN nodig" in explained
    back = await browser.follow(await browser.submit(explained, action="fail"))
    assert statuses((await dv.resolve(back.query("SAMLart"))).root)[1] == "AuthnFailed"
    assert len(chain.audited("identity.decrypted")) == before


@pytest.mark.eis("ATT-20")
@pytest.mark.attack("S59")
async def test_a_pseudonym_that_is_encrypted_for_us_is_refused(chain: Chain, browser: Browser) -> None:
    """Should the message service send one all the same: there is no key for it here, and nothing is handed on."""
    before = len(chain.audited("identity.decrypted"))

    def whoever(arrived, _bsn, _service) -> Identified:
        return Identified(arrived)

    with (
        mock.patch("routeringsvoorziening.simulators.eidas.simulator.identified", whoever),
        chain.refusals() as codes,
    ):
        page = await artifact(chain.dienstverlener(ZORG), browser, service=SERVICE, country="SE", who="astrid")
    assert codes == ["subject.identifier"]
    assert page.query("SAMLart") is None
    assert "not an encrypted identity" in chain.audited("login.set-back")[-1]["detail"]
    assert len(chain.audited("identity.decrypted")) == before


@pytest.mark.eis("ATT-20")
@pytest.mark.parametrize(("country", "who"), [("BE", "lotte"), ("SE", "astrid")])
async def test_what_only_the_hospital_could_open_is_refused(
    unaware: Chain, browser: Browser, country: str, who: str
) -> None:
    """A structure or a pseudonym that is not for us: the hospital has no software for it, and wants a plain BSN."""
    with unaware.refusals() as codes:
        page = await artifact(unaware.dienstverlener(ZORG), browser, service=SERVICE, country=country, who=who)
    assert codes == ["subject.identifier"]
    assert page.query("SAMLart") is None
    assert "is not encrypted for us" in unaware.audited("login.set-back")[-1]["detail"]


@pytest.mark.eis("ATT-10", "ENC-03")
@pytest.mark.attack("S59")
async def test_with_the_switch_off_nothing_is_opened(switched_off: Chain, browser: Browser) -> None:
    """The answer is for us and we have no key: refused, and the person is told so on our own page."""
    with switched_off.refusals() as codes:
        page = await artifact(switched_off.dienstverlener(ZORG), browser, service=SERVICE)
    assert codes == ["subject.identifier"]
    assert page.query("SAMLart") is None
    assert "is encrypted for the Routeringsdienst" in switched_off.audited("login.set-back")[-1]["detail"]
    assert switched_off.audited("identity.decrypted") == []


@pytest.mark.eis("ART-03", "ENC-03")
@pytest.mark.attack("S91")
async def test_no_bsn_of_somebody_from_abroad_is_left_anywhere(chain: Chain, browser: Browser) -> None:
    """Log, audit trail, metrics, store as it was and is, addresses, and our own pages; the opening is written down."""
    dv, before = chain.dienstverlener(ZORG), len(chain.audited("identity.decrypted"))
    home = await artifact(dv, browser, service=SERVICE, who="lotte")
    parts = [stored(chain)]
    await dv.resolve(home.query("SAMLart"))
    metrics = await browser.get(f"{chain.world.rv_management}/metrics")
    ours = f"http://rv.localhost:{chain.world.ports.rv_front}"
    places = {
        "store": b"\n".join(parts) + stored(chain),
        "records": b"\n".join(chain.records),
        "log": chain.log.read_bytes(),
        "audit trail": chain.audit.read_bytes(),
        "metrics": metrics.body,
        "addresses": "\n".join(f"{page.url} {page.location}" for page in browser.pages).encode(),
        "pages": b"\n".join(page.body for page in browser.pages if page.url.startswith(ours)),
    }
    assert all(places.values())
    canaries = [form for bsn in BSNS.values() for form in forms_of(bsn)[:2]] + [b"Lotte", b"Peeters"]
    assert {name for name, data in places.items() if any(each in data for each in canaries)} == set()
    (event,) = chain.audited("identity.decrypted")[before:]
    assert (event["backend"], event["dienstverlener"], event["service"]) == ("eidas", ZORG.entity_id, VISIT.uuid)
    assert event["attribute"].endswith("ActingSubjectID")
    counted = re.search(r'rv_identities_decrypted_total\{backend="eidas",outcome="ok"\} (\S+)', metrics.text)
    assert counted is not None
    assert float(counted[1]) >= 1
