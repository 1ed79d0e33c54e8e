"""Bewindvoering with eHerkenning when the registers are as large as the real ones: 1,017 offices, 91,479 cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from unittest import mock

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import html

from routeringsvoorziening.simulators.bvd import settings
from routeringsvoorziening.simulators.bvd.choosing import MOST_SHOWN, NOT_A_BSN, NOT_A_CLIENT
from routeringsvoorziening.simulators.bvd.settings import Text
from routeringsvoorziening.simulators.eherkenning import companies
from routeringsvoorziening.simulators.registers.dienstencatalogus import demo_catalogue
from routeringsvoorziening.simulators.registers.generating import Generated, Size, generate
from routeringsvoorziening.simulators.registers.mandates import day_of
from routeringsvoorziening.simulators.registers.offices import DEMO_OFFICES
from routeringsvoorziening.simulators.registers.stelsel import Possibility
from routeringsvoorziening.simulators.world.layout import BEWIND, BUSINESS_SERVICES, HM, PORTAL
from tests.support.chain import running
from tests.support.chain.browser import Browser, Page
from tests.support.chain.reading import acting_bsn, statuses
from tests.support.chain.representing import answer, represent, scoping
from tests.support.chain.running import Chain, running_chain

CLIENTS = next(each for each in BUSINESS_SERVICES if each.uuid == companies.CLIENTS)
ACTING, LEGAL, OFFICE = "1.0:ActingSubjectID", "1.0:LegalSubjectID", "IntermediateEntityID:KvKnr"


@dataclass(frozen=True)
class Courts:
    """A chain with full registers.

    Args:
        busiest: KvK number of the office with the most clients.
        quiet: of one whose professional has died.
        key: of the portal.
    """

    chain: Chain
    filled: Generated
    busiest: str
    quiet: str
    key: rsa.RSAPrivateKey

    def clients(self, kvk: str) -> tuple[Possibility, ...]:
        """For whom an office may act at the service."""
        return clients_of(self.filled, kvk, self.chain.clock())


def clients_of(filled: Generated, kvk: str, at: datetime) -> tuple[Possibility, ...]:
    """By the stelsel itself."""
    service = filled.stelsel.catalogue[PORTAL.entity_id, CLIENTS.uuid]
    kinds = settings.PROFILES[BEWIND.entity_id].kinds
    return filled.stelsel.for_whom(filled.offices[kvk], service, kinds, at)


def works_for(kvk: str) -> companies.Capacity:
    """Somebody at an office, as the makelaar knows them."""
    lotte = companies.BY_KEY["lotte"]
    office = companies.Organisation(kvk, f"Kantoor {kvk}", kvk)
    return replace(lotte, key=kvk, represented=office, employee=replace(lotte.employee, employer=office))


@pytest.fixture(scope="module")
def courts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Courts]:
    """Everybody in the registers, and somebody with eHerkenning at two of the offices."""
    now = datetime.now(UTC)
    filled = generate(Size(), demo_catalogue(), day_of(now))
    sizes = {kvk: len(clients_of(filled, kvk, now)) for kvk in filled.offices}
    busiest, quiet = max(sizes, key=sizes.__getitem__), min(sizes, key=sizes.__getitem__)
    employees: Mapping[str, companies.Capacity] = {kvk: works_for(kvk) for kvk in (busiest, quiet)}
    with (
        mock.patch.object(running, "demo_stelsel", return_value=SimpleNamespace(stelsel=filled.stelsel)),
        mock.patch.object(settings, "DEMO_OFFICES", {**DEMO_OFFICES, **filled.offices}),
        mock.patch.dict(companies.BY_KEY, employees),
        running_chain(tmp_path_factory.mktemp("offices") / "world", mandates=True) as chain,
    ):
        key = load_pem_private_key(chain.world.files(PORTAL).key("encryption").read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        yield Courts(chain, filled, busiest, quiet, key)


async def at_bvd(courts: Courts, browser: Browser, kvk: str) -> Page:
    """From the dienstverlener by way of the makelaar to the BVD's page."""
    through = scoping(HM.entity_id, BEWIND.entity_id, requesters=(BEWIND.entity_id,))
    begun = await courts.chain.dienstverlener().begin(browser, service=str(CLIENTS.index), inside=through)
    page = await browser.follow(await browser.submit(begun))
    page = await browser.follow(await browser.submit(page, capacity=kvk, means="loa3", action="login"))
    return await browser.follow(await browser.submit(page))


def offered(page: Page) -> list[str]:
    """The mandates on the page."""
    return [str(each) for each in html.fromstring(page.body).xpath("//input[@name='mandate']/@value")]


@pytest.mark.eis("ATT-22", "ATT-24", "RBVD-02")
async def test_the_busiest_office_finds_its_client(courts: Courts, browser: Browser) -> None:
    """Among hundreds, by a search; the declaration says employee, office and client."""
    clients = courts.clients(courts.busiest)
    assert len(clients) > 10 * MOST_SHOWN
    wanted = clients[-1]
    page = await at_bvd(courts, browser, courts.busiest)
    assert courts.busiest in page
    assert len(offered(page)) == MOST_SHOWN
    found = await browser.get(f"{page.url}?zoek={wanted.legal.born.isoformat()}")
    assert wanted.mandate.id in offered(found)
    root = await answer(courts.chain.dienstverlener(), await represent(browser, found, wanted.mandate.id))
    assert statuses(root) == ("Success", None, None)
    opened = [acting_bsn(root, courts.key, PORTAL.entity_id, name) for name in (ACTING, OFFICE, LEGAL)]
    assert "@" in opened[0]
    assert opened[1:] == [courts.busiest, wanted.legal.bsn]


@pytest.mark.eis("ATT-22", "RBVD-05")
async def test_an_office_acts_for_its_own_clients_alone(courts: Courts, browser: Browser) -> None:
    """The BSN of another office's client finds nobody; its own does."""
    others = (kvk for kvk in courts.filled.offices if kvk not in {courts.busiest, courts.quiet})
    stranger = courts.clients(next(kvk for kvk in others if courts.clients(kvk)))[0].legal.bsn
    own = courts.clients(courts.busiest)[0].legal.bsn
    page = await at_bvd(courts, browser, courts.busiest)
    last = len(html.fromstring(page.body).forms) - 1
    assert (await browser.submit(page, last, action="choose", bsn=stranger)).status == 422
    home = await browser.follow(await browser.submit(page, last, action="choose", bsn=own))
    root = await answer(courts.chain.dienstverlener(), home)
    assert acting_bsn(root, courts.key, PORTAL.entity_id, LEGAL) == own


@pytest.mark.eis("RBVD-05")
@pytest.mark.parametrize(
    ("given", "problem"),
    [("999999991", NOT_A_BSN), ("99999", NOT_A_BSN), ("abcdefghi", NOT_A_BSN), ("999999990", NOT_A_CLIENT)],
)
@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_wrong_number_is_explained(
    courts: Courts, browser: Browser, *, given: str, problem: Text, language: str
) -> None:
    """What is no BSN and what is of no client each have a message; neither repeats the number."""
    page = await at_bvd(courts, browser, courts.busiest)
    page = await browser.get(f"{page.url}?lang={language}")
    answered = await browser.submit(page, len(html.fromstring(page.body).forms) - 1, action="choose", bsn=given)
    (said,) = html.fromstring(answered.body).xpath("//*[@role='alert']")
    assert answered.status == 422
    assert said.text_content().strip() == problem[language == "en"]
    assert given not in answered.body.decode()


@pytest.mark.eis("RBVD-05")
async def test_an_office_whose_professional_died_acts_for_nobody(courts: Courts, browser: Browser) -> None:
    """The BRP says so, and the page offers nobody."""
    assert courts.clients(courts.quiet) == ()
    page = await at_bvd(courts, browser, courts.quiet)
    assert offered(page) == []
    root = await answer(courts.chain.dienstverlener(), await represent(browser, page, "", action="nobody"))
    assert statuses(root)[:2] == ("Responder", "AuthnFailed")


def test_every_office_is_found_by_its_number(courts: Courts) -> None:
    """All of them; those that live have clients, and no client is of two offices."""
    assert len(courts.filled.offices) == 1_017
    found = [{each.legal.bsn for each in courts.clients(kvk)} for kvk in courts.filled.offices]
    assert sum(map(len, found)) == len(set().union(*found)) > 70_000
    assert sum(map(bool, found)) > 950
