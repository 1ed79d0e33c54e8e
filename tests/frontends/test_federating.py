"""In which session of a browser a request takes part, and what the core is told about it."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from routeringsvoorziening.broker.sessions import Sessions
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Declaration,
    EntityID,
    Federation,
    Identity,
    LoA,
    Reference,
    ServiceSession,
    SessionKey,
    SingleSignOn,
)
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.answers import SamlAnswers
from routeringsvoorziening.frontends.saml.building import assertion_of
from routeringsvoorziening.frontends.saml.federating import (
    MOST_FEDERATIONS,
    cookie_of,
    federation_of,
    remember,
    taking_part,
)
from routeringsvoorziening.frontends.saml.pending import PendingAnswers, Statement
from routeringsvoorziening.saml.artifact import parse_artifact
from routeringsvoorziening.store.memory import MemoryStore
from tests.support import core
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import NOW

TOWN = Federation("town", idle=timedelta(minutes=15), maximum=timedelta(hours=2))
COOKIE = cookie_of(replace(TOWN, name=f"town/{fed.DV_OIN}"))
DIGID = AuthenticationServiceId("digid")
KEY = "k" * 43
AT_DIGID = ServiceSession("a", "a")


@pytest.fixture
def sessions(store: MemoryStore, moment: Moment) -> Sessions:
    """Nobody has logged in."""
    return Sessions(store, [DIGID], longest=7200, clock=moment)


def federated(federation: Federation | None = TOWN) -> Connection:
    """A connection that takes part."""
    return replace(fed.connection(), federation=federation)


def asked(*cookies: str) -> web.Request:
    """A request with these cookies."""
    headers = {"Cookie": "; ".join(f"{COOKIE}={value}" for value in cookies)} if cookies else {}
    return make_mocked_request("POST", "/saml/sso", headers=headers)


async def log_in(sessions: Sessions, federation: Federation, key: str = KEY) -> None:
    """Somebody logs in with that key."""
    sso = SingleSignOn(federation, SessionKey(key))
    identity = Identity(DIGID, EntityID("urn:ad"), LoA.HOOG, (), b"", NOW, session=AT_DIGID)
    request = replace(core.request(connection=EntityID(fed.DV)), sso=sso)
    await sessions.join(Declaration(request, Reference("RV-1"), identity, None, NOW), "name")


@pytest.mark.eis("SSO-01")
async def test_without_a_federation_there_is_no_single_sign_on(sessions: Sessions) -> None:
    """Whatever cookie the browser sends."""
    assert await taking_part(asked(KEY), federated(None), EntityID(fed.DV), sessions) is None


@pytest.mark.eis("SSO-01")
def test_dienstverleners_of_one_supplier_share_nothing() -> None:
    """A federation is of one organisation, also behind one connection; what is no dienstverlener has none."""
    own, other = (federation_of(federated(), EntityID(name)) for name in (fed.DV, fed.OTHER_DV))
    assert own == replace(TOWN, name=f"town/{fed.DV_OIN}")
    assert other == replace(TOWN, name=f"town/{fed.OTHER_OIN}")
    assert federation_of(federated(), EntityID("urn:nobody")) is None


@pytest.mark.eis("SSO-02")
async def test_a_live_session_keeps_its_key(sessions: Sessions) -> None:
    """The core is told of it."""
    federation = federation_of(federated(), EntityID(fed.DV))
    assert federation is not None
    await log_in(sessions, federation)
    sso = await taking_part(asked(KEY), federated(), EntityID(fed.DV), sessions)
    assert sso is not None
    assert (sso.key, len(sso.existing)) == (KEY, 1)


@pytest.mark.eis("SSO-02")
@pytest.mark.attack("S87")
@pytest.mark.parametrize("cookies", [(), ("x",), ("x" * 129,), (KEY, KEY), (KEY, "other"), ("",)])
async def test_any_other_key_is_replaced(sessions: Sessions, cookies: tuple[str, ...]) -> None:
    """Unknown, too long, or two at once: a fresh one, and no session."""
    federation = federation_of(federated(), EntityID(fed.DV))
    assert federation is not None
    await log_in(sessions, federation)
    sso = await taking_part(asked(*cookies), federated(), EntityID(fed.DV), sessions)
    assert sso is not None
    assert (sso.existing, sso.key in cookies, len(sso.key)) == ((), False, 43)


@pytest.mark.attack("S88")
def test_the_cookie() -> None:
    """Of this host alone, out of reach of scripts, as long as a session may last."""
    response = web.Response()
    remember(asked(), response, SingleSignOn(TOWN, SessionKey(KEY)))
    line = response.cookies[cookie_of(TOWN)].OutputString()
    for part in (f"{cookie_of(TOWN)}={KEY}", "HttpOnly", "Secure", "Path=/", "SameSite=None", "Max-Age=7200"):
        assert part in line


@pytest.mark.attack("S88")
def test_the_cookie_of_another_federation_is_another() -> None:
    """Its name says neither which federation it is of, nor of whom."""
    other = cookie_of(replace(TOWN, name="village"))
    assert cookie_of(TOWN) != other
    assert "village" not in other


@pytest.mark.attack("S53")
@pytest.mark.parametrize(("held", "given_back"), [(MOST_FEDERATIONS - 1, 0), (MOST_FEDERATIONS + 1, 2)])
def test_a_browser_keeps_a_bounded_number_of_keys(held: int, given_back: int) -> None:
    """The oldest are taken back; that of this login is not, and no other cookie."""
    names = [cookie_of(replace(TOWN, name=f"town-{number}")) for number in range(held)]
    line = "; ".join(f"{name}=x" for name in ("other", *names, cookie_of(TOWN)))
    request = make_mocked_request("POST", "/saml/sso", headers={"Cookie": line})
    response = web.Response()
    remember(request, response, SingleSignOn(TOWN, SessionKey(KEY)))
    ended = [name for name, morsel in response.cookies.items() if morsel["max-age"] in {0, "0"}]
    assert ended == names[:given_back]


@pytest.mark.eis("AS-10", "SLO-04")
async def test_the_name_in_the_declaration_ends_the_session(
    pending: PendingAnswers, sessions: Sessions, store: MemoryStore
) -> None:
    """The NameID is chosen when the answer is handed out, so that the website can name it; it is the SessionIndex."""
    answers = SamlAnswers(fed.dienst(), pending, sessions)
    identity = Identity(DIGID, EntityID(fed.AD), LoA.HOOG, (), b"", NOW, session=AT_DIGID)
    request = replace(
        core.request(connection=EntityID(fed.DV)),
        reply={"request": "_1", "acs": fed.DV_ACS},
        sso=SingleSignOn(TOWN, SessionKey(KEY)),
    )
    redirect = await answers.answer(
        request, Reference("RV-1"), Declaration(request, Reference("RV-1"), identity, None, NOW)
    )
    artifact = parse_artifact(parse_qs(urlsplit(redirect.url).query)["SAMLart"][0])
    answer = await pending.take(artifact.handle, fed.DV)
    assert answer is not None
    assert isinstance(answer.outcome, Statement)
    name = answer.outcome.name_id
    assert name is not None
    assert (await sessions.leave(EntityID(fed.DV), name)) == ((DIGID, AT_DIGID),)
    asserted = assertion_of(fed.dienst(), answer, replace(answer.outcome, evidence=()), now=NOW)
    assert asserted.name_id == asserted.session_index == name
    alone = assertion_of(fed.dienst(), answer, replace(answer.outcome, evidence=(), name_id=None), now=NOW)
    assert (alone.session_index, alone.name_id != name) == (None, True)
