"""Which session may answer, who takes part in it, and that what ended stays ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

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
    Session,
    SessionKey,
    SingleSignOn,
)
from routeringsvoorziening.store.memory import MemoryStore
from tests.support.core import DIGID, DV, EIDAS, START, Moment, request

MINUTE = 60.0
TOWN = Federation("town/1", idle=timedelta(minutes=15), maximum=timedelta(hours=1))
PROVINCE = replace(TOWN, name="province/1")
KEY, OTHER_KEY = SessionKey("key-of-a-browser"), SessionKey("key-of-another")
WEBSITE, SISTER = DV, EntityID(DV.replace("9001", "9002"))
AT_DIGID = ServiceSession("name-at-digid", "name-at-digid")


class Town:
    """Sessions on a clock."""

    def __init__(self) -> None:
        self.clock = Moment()
        store = MemoryStore(self.clock.seconds)
        self.sessions = Sessions(store, [DIGID, EIDAS], longest=3600, clock=self.clock)

    async def log_in(
        self,
        subject: str = "name",
        *,
        asked: bool = True,
        loa: LoA = LoA.SUBSTANTIEEL,
        federation: Federation = TOWN,
        key: SessionKey = KEY,
        at_service: ServiceSession | None = AT_DIGID,
        connection: EntityID = WEBSITE,
        service: AuthenticationServiceId = DIGID,
    ) -> None:
        """A declaration goes to a website."""
        identity = Identity(
            service, EntityID("urn:ad"), loa, (), b"", START, session=at_service, credentials_asked=asked
        )
        asks = replace(request(connection=connection), sso=SingleSignOn(federation, key))
        await self.sessions.join(Declaration(asks, Reference("RV-1"), identity, None, self.clock()), subject)

    async def existing(self, key: SessionKey = KEY, federation: Federation = TOWN) -> tuple[Session, ...]:
        """As it is now."""
        return await self.sessions.existing(key, federation)


@pytest.fixture
def town() -> Town:
    """A federation where nobody has logged in."""
    return Town()


def allowed(found: tuple[Session, ...], loa: LoA, town: Town, service: AuthenticationServiceId = DIGID) -> bool:
    return SingleSignOn(TOWN, KEY, found).may_answer(service, loa, town.clock())


@pytest.mark.eis("SSO-02")
async def test_a_session_answers_up_to_its_own_level(town: Town) -> None:
    """At or below the level of the login; above it credentials are asked."""
    await town.log_in()
    found = await town.existing()
    assert allowed(found, LoA.BASIS, town)
    assert allowed(found, LoA.SUBSTANTIEEL, town)
    assert not allowed(found, LoA.HOOG, town)
    assert not allowed(found, LoA.BASIS, town, EIDAS)


@pytest.mark.eis("SSO-02", "SSO-01")
async def test_a_session_is_of_one_federation_and_one_browser(town: Town) -> None:
    """Another federation, another browser, or none: there is no session."""
    await town.log_in()
    assert await town.existing(federation=PROVINCE) == ()
    assert await town.existing(OTHER_KEY) == ()


@pytest.mark.eis("SSO-02")
async def test_a_session_ends_when_it_is_not_used(town: Town) -> None:
    """A moment before the end it may answer, also when it was looked up earlier; from its end on it may not."""
    await town.log_in()
    early = await town.existing()
    town.clock.advance(15 * MINUTE - 1)
    assert allowed(await town.existing(), LoA.BASIS, town)
    town.clock.advance(1)
    assert await town.existing() == ()
    assert not allowed(early, LoA.BASIS, town)


@pytest.mark.eis("SSO-02")
async def test_use_keeps_a_session_alive_up_to_its_maximum(town: Town) -> None:
    """Every declaration without credentials moves the end, but never beyond the maximum since they were asked."""
    await town.log_in()
    for number in range(5):
        town.clock.advance(11 * MINUTE)
        await town.log_in(f"name-{number}", asked=False)
    (found,) = await town.existing()
    assert found.expires_at == START + timedelta(hours=1)
    town.clock.advance(5 * MINUTE)
    assert await town.existing() == ()


@pytest.mark.eis("SSO-02")
async def test_credentials_begin_a_new_maximum(town: Town) -> None:
    """Who logs in again has a session from now on."""
    await town.log_in()
    town.clock.advance(10 * MINUTE)
    await town.log_in("again", loa=LoA.HOOG)
    (found,) = await town.existing()
    assert (found.authenticated_at, found.loa) == (town.clock(), LoA.HOOG)


@pytest.mark.eis("SLO-05")
async def test_leaving_ends_the_session_for_every_website(town: Town) -> None:
    """One website asks; the session of the browser is gone, and the newest name at the service is told."""
    await town.log_in("first")
    newest = ServiceSession("newest", "newest")
    await town.log_in("second", asked=False, at_service=newest, connection=SISTER)
    assert await town.sessions.leave(WEBSITE, "first") == ((DIGID, newest),)
    assert await town.existing() == ()


@pytest.mark.eis("SLO-03", "SLO-04")
@pytest.mark.attack("S73")
async def test_only_a_participant_ends_a_session(town: Town) -> None:
    """An unknown name, and the name of another connection: nothing ends."""
    await town.log_in()
    assert await town.sessions.leave(WEBSITE, "unknown") is None
    assert await town.sessions.leave(SISTER, "name") is None
    assert len(await town.existing()) == 1


@pytest.mark.attack("S73")
async def test_what_ended_is_not_brought_back(town: Town) -> None:
    """A login that was under way when the session ended revives nothing, with or without credentials."""
    await town.log_in("first")
    await town.sessions.leave(WEBSITE, "first")
    await town.log_in("second", asked=False)
    await town.log_in("third")
    assert await town.existing() == ()
    assert await town.sessions.leave(WEBSITE, "third") is not None


async def test_a_session_that_expired_is_not_revived_without_credentials(town: Town) -> None:
    """An answer that came too late to count as single sign-on begins nothing."""
    await town.log_in("first")
    town.clock.advance(16 * MINUTE)
    await town.log_in("second", asked=False)
    assert await town.existing() == ()


@pytest.mark.eis("SLO-08")
async def test_a_website_may_ask_again(town: Town) -> None:
    """Where else the session must end is told again, for when it went wrong the first time."""
    await town.log_in()
    assert await town.sessions.leave(WEBSITE, "name") == await town.sessions.leave(WEBSITE, "name")


@pytest.mark.eis("SLO-08")
async def test_every_service_involved_is_told(town: Town) -> None:
    """A browser that logged in with two methods has a session at both."""
    await town.log_in("first")
    at_eidas = ServiceSession("name-at-eidas")
    await town.log_in("second", service=EIDAS, at_service=at_eidas)
    assert len(await town.existing()) == 2
    assert await town.sessions.leave(WEBSITE, "first") == ((DIGID, AT_DIGID), (EIDAS, at_eidas))


async def test_a_service_without_sessions_needs_no_telling(town: Town) -> None:
    """Then there is no single sign-on, but the website may still ask."""
    await town.log_in(at_service=None)
    assert await town.existing() == ()
    assert await town.sessions.leave(WEBSITE, "name") == ()


async def test_outside_single_sign_on_nothing_is_kept(town: Town) -> None:
    """A declaration of a request without federation leaves no trace."""
    identity = Identity(DIGID, EntityID("urn:ad"), LoA.HOOG, (), b"", START, session=AT_DIGID)
    await town.sessions.join(Declaration(request(), Reference("RV-1"), identity, None, START), "name")
    assert await town.sessions.leave(WEBSITE, "name") is None
