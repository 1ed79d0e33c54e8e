"""eIDAS over real sockets: who gets in as what, and what its message service does wrong becomes the right row."""

import asyncio
import base64
import time

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree, html

from routeringsvoorziening.saml.eidas.encrypted_value import decrypt_value
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES
from routeringsvoorziening.saml.encryption import DecryptionKey, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.eidas.faults import FAULTS
from routeringsvoorziening.simulators.world.layout import BUSINESS, EIDAS, PENSION, PORTAL, STAY
from tests.support.chain.browser import Browser
from tests.support.chain.crossing import abroad, answered, artifact, at_eidas
from tests.support.chain.reading import NS, find, has_response, statuses, value
from tests.support.chain.running import running_chain

PRESELECTED = (
    f'<samlp:Scoping><samlp:IDPList><samlp:IDPEntry ProviderID="{EIDAS.entity_id}"/></samlp:IDPList></samlp:Scoping>'
)
CANCELLED = ("Responder", "AuthnFailed", "Authentication cancelled")
FAILED = ("Responder", "AuthnFailed", "Authentication failed")
SUCCESS = ("Success", None, None)
OWN = "//samlp:Response/saml:Assertion"
SECONDS = 1.0

UNREACHABLE = {"slow": "backend.timeout", "drip": "backend.timeout", "unavailable": "backend.http-status"}
UNREACHABLE |= {"hang-up": "backend.refused"}
REJECTED = {
    "truncated": "xml.malformed",
    "garbage": "xml.encoding",
    "huge": "backend.too-large",
    "html": "backend.content-type",
    "redirect": "backend.redirect",
    "expired": "time.past",
    "not-yet-valid": "time.future",
    "other-issuer": "issuer.mismatch",
    "other-audience": "audience",
    "other-recipient": "recipient",
    "other-in-response-to": "irt.mismatch",
    "other-service": "attribute.service",
    "with-advice": "advice.forbidden",
    "no-acting-subject": "attribute.structure",
    "no-recipient": "enc.recipient",
    "for-another": "subject.identifier",
    "two-acting-subjects": "attribute.structure",
    "wrong-signature": "sig.invalid",
    "altered": "sig.invalid",
    "other-key": "sig.invalid",
    "unsigned-assertion": "sig.missing",
    "no-assertion": "assertion.count",
    "two-assertions": "assertion.count",
    "encrypted-assertion": "assertion.encrypted",
    "other-destination": "destination",
    "response-in-response-to": "irt.mismatch",
    "unsigned-envelope": "sig.missing",
    "altered-envelope": "sig.invalid",
    "lower-loa": "loa",
    "no-eidas-loa": "loa",
    "too-much": "attribute.structure",
    "unknown-attribute": "attribute.structure",
    "attribute-in-clear": "attribute.structure",
    "attribute-for-another": "attribute.structure",
    "attribute-for-rd": "attribute.structure",
}
HARMLESS = {"with-authority", "legal-subject"}
OTHERWISE = {"no-response", "recoverable", "same-assertion-id", "swapped-attributes"}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """With an RV that is impatient with eIDAS, so that nobody waits for what is slow."""
    calls = {"timeout": SECONDS, "breaker": {"failures": 1000}}
    changes = {"authentication_services": {"eidas": {"calls": calls}}}
    with running_chain(tmp_path_factory.mktemp("eidas") / "world", **changes) as running:
        running.eidas_faults.seconds = 3 * SECONDS
        yield running


def buttons(page) -> dict[str, int]:
    """What a person can do on a page of the RV."""
    return {form.action.split("?")[0].rsplit("/", 1)[1]: n for n, form in enumerate(html.fromstring(page.body).forms)}


async def answer(dv, page) -> etree._Element:
    """What the dienstverlener is told behind the artifact."""
    assert page.query("SAMLart"), (page.status, page.location)
    return (await dv.resolve(page.query("SAMLart"))).root


_KEYS: dict[str, list[DecryptionKey]] = {}
_BSNK: dict[str, BsnkKeys] = {}


@pytest.fixture(scope="module", autouse=True)
def keys(chain):
    """Those of the portal, read before there is a loop to block."""
    world = chain.world
    _KEYS["portal"] = read_keys(world)
    _BSNK["portal"] = BsnkKeys.of_world(world, PORTAL)


def read_keys(world) -> list[DecryptionKey]:
    """From its files."""
    files = world.files(PORTAL)
    pair = load_signing_key(files.key("encryption").read_bytes(), files.certificate("encryption").read_bytes())
    return [DecryptionKey(pair.key_name, pair.private_key)]


def identity_in(root) -> tuple[str, str]:
    """Kind and value of who logged in, opened with the portal's own keys."""
    path = f"{OWN}/saml:AttributeStatement/saml:Attribute[contains(@Name,'ActingSubjectID')]//saml:EncryptedID"
    encrypted = parse(canonical(find(root, path)))
    name_id = decrypt_id(encrypted, entity_id=PORTAL.entity_id, keys=_KEYS["portal"])
    bsnk, kind = _BSNK["portal"], name_id.name_qualifier.rpartition(":")[2]
    if kind == "BSN":
        return kind, bsnk.open_identity(name_id.value).value
    return kind, str(bsnk.open_pseudonym(name_id.value).value)


def attributes_in(root, where: str = OWN) -> dict[str, tuple[str, str | None]]:
    """Every eIDAS attribute, opened with the portal's own key."""
    found = {}
    for attribute in find(root, f"{where}/saml:AttributeStatement"):
        kind = ATTRIBUTES.get(attribute.get("Name"))
        if kind is not None:
            values = [canonical(each) for each in attribute]
            opened = decrypt_value(kind, values, entity_id=PORTAL.entity_id, keys=_KEYS["portal"])
            found[kind.local] = (opened.latin, opened.original)
    return found


def test_every_fault_of_the_simulator_is_in_a_row_of_the_table():
    """A new fault needs a row here."""
    assert set(FAULTS) == {*UNREACHABLE, *REJECTED, *HARMLESS, *OTHERWISE}


@pytest.mark.eis("ATT-20", "LOA-01", "LOA-02", "AS-11")
@pytest.mark.parametrize(
    ("service", "country", "who", "level", "uri", "bsn"),
    [
        (STAY, "BE", "lotte", 20, "low", "950528559"),
        (STAY, "GR", "nikos", 25, "substantial", "969624207"),
        (PENSION, "DE", "jonas", 30, "high", "967365326"),
    ],
)
async def test_who_is_known_here_is_declared_by_bsn(chain, dv, browser, *, service, country, who, level, uri, bsn):
    """At the level really reached, by eIDAS, as an encrypted identity of BSNk for the dienstverlener."""
    root = await answer(
        dv, await artifact(dv, browser, service=str(service.index), country=country, who=who, level=level)
    )
    assert statuses(root) == SUCCESS
    assert identity_in(root) == ("BSN", bsn)
    assert value(root, f"{OWN}/saml:AuthnStatement//saml:AuthnContextClassRef/text()").endswith(f"/LoA/{uri}")
    assert value(root, f"{OWN}/saml:AuthnStatement//saml:AuthenticatingAuthority/text()") == EIDAS.entity_id


@pytest.mark.eis("ATT-20", "ATT-19")
async def test_who_is_not_known_here_gets_a_pseudonym_that_stays(chain, dv, browser):
    """The same one at every login, another one for somebody else."""
    found = []
    for country, who in (("GR", "eleni"), ("GR", "eleni"), ("ES", "pablo")):
        page = await artifact(dv, browser, service=str(STAY.index), country=country, who=who)
        found.append(identity_in(await answer(dv, page)))
    assert {kind for kind, _ in found} == {"Pseudonym"}
    assert found[0] == found[1] != found[2]


async def test_who_is_not_known_and_must_be_gets_an_explanation_and_no_declaration(dv, browser):
    """Nothing goes to the RV before the person goes back; then it is a failed login."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(PENSION.index)))
    page = await answered(browser, await abroad(browser, page, "SE"), "astrid", 30)
    assert page.status == 403
    assert "U hebt een BSN nodig" in page
    back = await browser.follow(await browser.submit(page, action="fail"))
    root = await answer(dv, back)
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


async def test_attributes_reach_the_dienstverlener_that_may_have_them(chain, dv, browser):
    """In both scripts, with an identifier for the Netherlands; in our summary and in the evidence alike."""
    root = await answer(dv, await artifact(dv, browser, service=str(STAY.index), country="GR", who="eleni"))
    expected = {
        "CurrentFamilyName": ("Dimou", "Δήμου"),
        "CurrentGivenName": ("Eleni", "Ελένη"),
        "DateOfBirth": ("1996-12-06", None),
        "PersonIdentifier": ("GR/NL/AZ564738", None),
    }
    assert attributes_in(root) == expected
    assert attributes_in(root, f"{OWN}/saml:Advice/saml:Assertion") == expected


@pytest.mark.eis("ATT-17")
async def test_no_id_of_an_attribute_stands_twice_in_the_answer(dv, browser):
    """Our copies have Ids of their own, and refer to their own."""
    root = await answer(dv, await artifact(dv, browser, service=str(STAY.index), country="GR", who="eleni"))
    ids = root.xpath("//@ID | //@Id")
    assert len(ids) == len(set(ids))
    for pointer in root.xpath("//ds:RetrievalMethod/@URI | //xenc:DataReference/@URI", namespaces=NS):
        assert pointer.removeprefix("#") in ids


async def test_a_dienst_gets_no_attribute_that_it_may_not_have(chain, dv, browser):
    """No identifier for one that did not ask for it, though the country sent it."""
    root = await answer(
        dv, await artifact(dv, browser, service=str(PENSION.index), country="DE", who="jonas", level=30)
    )
    assert set(attributes_in(root)) == {"CurrentFamilyName", "CurrentGivenName", "DateOfBirth"}


async def test_a_company_logs_in_where_companies_may(chain, dv, browser):
    """As a pseudonym, with its name and identifier."""
    page = await artifact(dv, browser, country="GR", who="aigaio", role="organisatie")
    root = await answer(dv, page)
    assert identity_in(root)[0] == "Pseudonym"
    found = attributes_in(root)
    assert found["LegalPersonIdentifier"] == ("GR/NL/999000162", None)
    assert found["LegalName"] == ("Aigaio Naftiliaki", "Αιγαίο Ναυτιλιακή")


async def test_nothing_that_another_country_says_can_be_read_on_the_way(chain, dv, browser):
    """Not in the answer, not in what the RV stored, not in its log or audit trail."""
    before = len(chain.records)
    body = (
        await dv.resolve((await artifact(dv, browser, service=str(STAY.index), who="mathieu")).query("SAMLart"))
    ).body
    seen = b"".join(chain.records[before:]) + body + chain.log.read_bytes() + chain.audit.read_bytes()
    for secret in (b"Lambert", b"1994-09-30", b"94093000166", b"BE/NL/"):
        assert secret not in seen
        assert base64.b64encode(secret)[:8] not in seen


@pytest.mark.eis("RAD-01", "RAD-02", "RAD-03", "AR-09")
async def test_the_request_names_the_dienstverlener_for_the_consent(dv, browser):
    """ProviderName towards eIDAS, and towards nobody else; no attribute index, no address, no IDPList."""
    page = await dv.begin(browser, service=str(STAY.index), inside=PRESELECTED)
    request = etree.fromstring(base64.b64decode(page.form().fields["SAMLRequest"]))
    assert request.get("ProviderName") == "Gemeente Voorbeeldstad"
    assert request.get("AttributeConsumingServiceIndex") is None
    assert find(request, "samlp:Scoping") is None
    other = await dv.begin(browser, service="3")
    assert etree.fromstring(base64.b64decode(other.form().fields["SAMLRequest"])).get("ProviderName") is None


@pytest.mark.eis("AS-22", "ERR-10", "ERR-11", "LOA-05", "LOA-01", "ATT-01", "ATT-10")
@pytest.mark.attack("S17", "S20", "S21", "S23", "S63", "S64", "S66", "S67", "S68", "S79")
@pytest.mark.parametrize("fault", REJECTED)
async def test_an_answer_that_cannot_be_trusted_ends_on_a_page_and_in_a_failure(chain, dv, browser, fault):
    """A page without choices; going back gives AuthnFailed, and never an Assertion."""
    page = await browser.follow(await artifact(dv, browser, fault=fault))
    assert chain.audited("login.set-back")[-1]["code"] == REJECTED[fault]
    assert set(buttons(page)) == {"cancel"}
    root = await answer(dv, await browser.submit(page, buttons(page)["cancel"]))
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("ERR-07", "ERR-09", "ERR-08")
@pytest.mark.parametrize("fault", UNREACHABLE)
async def test_when_it_is_out_of_reach_a_person_may_try_again_or_cancel(chain, dv, browser, fault):
    """Never a hang."""
    started = time.monotonic()
    page = await browser.follow(await artifact(dv, browser, fault=fault))
    assert time.monotonic() - started < SECONDS + 4
    assert chain.audited("login.set-back")[-1]["code"] == UNREACHABLE[fault]
    assert set(buttons(page)) == {"choose", "cancel"}
    root = await answer(dv, await browser.submit(page, buttons(page)["cancel"]))
    assert statuses(root) == CANCELLED


@pytest.mark.eis("ERR-09", "ERR-13")
@pytest.mark.parametrize("fault", [*UNREACHABLE, "recoverable"])
async def test_a_preselected_login_goes_straight_back(dv, browser, fault):
    """With the reason."""
    root = await answer(dv, await artifact(dv, browser, fault=fault, inside=PRESELECTED))
    assert statuses(root)[:2] == ("Responder", "RequestUnsupported")


@pytest.mark.eis("ERR-03", "ERR-04")
@pytest.mark.parametrize(
    ("where", "action", "status"),
    [
        ("here", "cancel", CANCELLED),
        ("here", "fail", FAILED),
        ("abroad", "refuse", CANCELLED),
        ("abroad", "fail", FAILED),
    ],
)
async def test_what_a_person_decides_reaches_the_dienstverlener(dv, browser, where, action, status):
    """No consent in another country is a cancellation; RequestDenied stays between the nodes."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(BUSINESS.index)))
    if where == "here":
        back = await browser.post(page.url, {"action": action})
    else:
        back = await answered(browser, await abroad(browser, page, "BE"), "lotte", action=action)
    root = await answer(dv, await browser.follow(back))
    assert statuses(root) == status
    assert find(root, "//saml:Assertion") is None
    assert has_response(root)


async def test_success_without_a_response_is_no_login(dv, browser):
    """ArtifactResponse Success says nothing about a person."""
    root = await answer(dv, await artifact(dv, browser, fault="no-response"))
    assert statuses(root) == FAILED


@pytest.mark.attack("S62")
async def test_an_assertion_counts_once(chain, dv, browser):
    """The same Assertion ID a second time is a replay."""
    await artifact(dv, browser, fault="same-assertion-id")
    await artifact(dv, browser, fault="same-assertion-id")
    assert chain.audited("login.set-back")[-1]["code"] == "msg.replay"


@pytest.mark.eis("ATT-23")
@pytest.mark.parametrize("fault", sorted(HARMLESS))
async def test_what_an_authenticatiedienst_should_not_say_is_left_behind(dv, browser, fault):
    """It is in the evidence, and not in what we declare."""
    root = await answer(dv, await artifact(dv, browser, fault=fault))
    assert statuses(root) == SUCCESS
    assert find(root, f"{OWN}/saml:AttributeStatement/saml:Attribute[contains(@Name,'LegalSubject')]") is None


@pytest.mark.attack("S61")
async def test_attributes_under_each_others_names_do_not_open(chain, dv, browser):
    """We cannot see it; the dienstverlener can, because a value is tied to its name."""
    root = await answer(dv, await artifact(dv, browser, fault="swapped-attributes"))
    with pytest.raises(SamlError) as refused:
        attributes_in(root)
    assert refused.value.code == "attribute.structure"


@pytest.fixture(scope="module")
def other_chain(tmp_path_factory):
    """One of which eIDAS may go away."""
    with running_chain(tmp_path_factory.mktemp("down") / "world") as running:
        yield running


@pytest.mark.eis("ERR-07")
async def test_when_it_is_down_digid_goes_on(other_chain, browser):
    """Nobody listens at eIDAS any more: the person hears so, and others log in with DigiD, as fast as ever."""
    dv = other_chain.dienstverlener()
    page = await at_eidas(browser, await dv.begin(browser, service=str(BUSINESS.index)))
    back = await answered(browser, await abroad(browser, page, "BE"), "lotte")
    await asyncio.to_thread(other_chain.stop, other_chain.eidas)
    page = await browser.follow(await browser.follow(back))
    assert other_chain.audited("login.set-back")[-1]["code"] == "backend.refused"
    assert "cancel" in buttons(page)
    async with Browser() as another:
        started = time.monotonic()
        assert statuses(await answer(dv, await dv.artifact(another))) == SUCCESS
        assert time.monotonic() - started < 5


def test_the_key_of_the_portal_is_its_own(chain):
    """What opens identities and attributes is nowhere in the RV's folder."""
    own = load_pem_private_key(chain.world.files(PORTAL).key("encryption").read_bytes(), None)
    for path in (chain.world.directory / "rv").rglob("*.key"):
        other = load_pem_private_key(path.read_bytes(), None)
        assert other.private_numbers() != own.private_numbers()
