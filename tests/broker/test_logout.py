"""The steps of a logout, with played authenticatiediensten."""

from collections.abc import Mapping

import pytest

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed, LoginUnknown, TooBusy
from routeringsvoorziening.broker.logout import Leave, Left, LogoutOutcome, Logouts, LogoutWish
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    BrowserKey,
    Departure,
    EntityID,
    LegId,
    PostForm,
    Reference,
    ServiceSession,
    SessionKey,
)
from routeringsvoorziening.store.memory import MemoryStore
from tests.support.core import BROWSER, DIGID, DV, EIDAS, FAILURES, OTHER_BROWSER, KeptAudit, KeptMeter, Moment

REFERENCE = Reference("RV-2222-2222")
WISH = LogoutWish(DV, "name", {"request": "_1"})
SESSION = ServiceSession("at-service", "at-service")


class PlayedSessions:
    """Ends what it was told, once it is asked."""

    def __init__(self) -> None:
        self.ended: tuple[tuple[AuthenticationServiceId, ServiceSession], ...] | None = ((DIGID, SESSION),)
        self.asked: list[tuple[EntityID, str]] = []

    async def leave(
        self, connection: EntityID, subject: str
    ) -> tuple[tuple[AuthenticationServiceId, ServiceSession], ...] | None:
        """As `Sessions.leave`."""
        self.asked.append((connection, subject))
        return self.ended


class PlayedService:
    """An authenticatiedienst that is told how it behaves."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.down: Failure | None = None
        self.asked: list[ServiceSession] = []

    async def begin_logout(self, session: ServiceSession) -> Departure:
        """As `SessionService`."""
        if self.down:
            raise LoginFailed(self.down)
        self.asked.append(session)
        leg = LegId(f"_{self.name}-{len(self.asked)}")
        return Departure(leg, PostForm(f"https://{self.name}.example/", {"SAMLRequest": leg}))

    async def complete_logout(self, leg: LegId, answer: Mapping[str, str]) -> None:
        """As `SessionService`."""
        if "result" in answer:
            raise LoginFailed(FAILURES[answer["result"]])


class House:
    """Logouts in their played world."""

    def __init__(self) -> None:
        self.clock, self.audit, self.sessions = Moment(), KeptAudit(), PlayedSessions()
        self.meter = KeptMeter()
        self.digid, self.eidas = PlayedService("digid"), PlayedService("eidas")
        self.logouts = Logouts(
            self.sessions,  # type: ignore[arg-type]
            {DIGID: self.digid, EIDAS: self.eidas},
            store=MemoryStore(self.clock.seconds),
            audit=self.audit,
            meter=self.meter,
            clock=self.clock,
        )

    async def begin(self, browser: BrowserKey = BROWSER) -> Leave | Left:
        """The website asks."""
        return await self.logouts.begin(WISH, browser, REFERENCE)

    async def departed(self) -> LegId:
        """The website asks, and the browser goes to the service."""
        step = await self.begin()
        assert isinstance(step, Leave)
        return step.leg


@pytest.fixture
def house() -> House:
    """One session, at one service."""
    return House()


def outcome(step: Leave | Left) -> LogoutOutcome:
    assert isinstance(step, Left)
    assert (step.connection, step.reply) == (DV, {"request": "_1"})
    return step.outcome


@pytest.mark.eis("SLO-05", "SLO-08", "SLO-10")
async def test_success_comes_after_the_service_s(house: House) -> None:
    """Our session ends at once; the website hears only after the authenticatiedienst has said so."""
    step = await house.begin()
    assert house.sessions.asked == [(DV, "name")]
    assert isinstance(step, Leave)
    assert house.digid.asked == [SESSION]
    assert house.audit.names() == ["logout.begun"]
    assert outcome(await house.logouts.arrive(step.leg, {})) is LogoutOutcome.ENDED
    assert house.audit.names() == ["logout.begun", "logout.ended"]


@pytest.mark.eis("SLO-10")
@pytest.mark.attack("S73")
@pytest.mark.parametrize("result", ["failed", "unsupported", "unreachable"])
async def test_a_failure_of_the_service_is_no_success(house: House, result: str) -> None:
    """Our own session has ended, the other perhaps not: that is what the website hears (AMB-20)."""
    leg = await house.departed()
    assert outcome(await house.logouts.arrive(leg, {"result": result})) is LogoutOutcome.PARTIAL
    assert house.audit.names() == ["logout.begun", "logout.set-back", "logout.ended"]


@pytest.mark.eis("SLO-10", "SLO-05")
async def test_a_service_that_is_down_is_not_visited(house: House) -> None:
    """The website hears at once; our own session has ended."""
    house.digid.down = FAILURES["unreachable"]
    assert outcome(await house.begin()) is LogoutOutcome.PARTIAL
    assert house.sessions.asked


@pytest.mark.eis("SLO-09")
@pytest.mark.attack("S73")
async def test_an_answer_that_is_not_to_be_trusted_uses_nothing_up(house: House) -> None:
    """It is refused and written down; the real one still counts."""
    leg = await house.departed()
    with pytest.raises(LoginFailed) as caught:
        await house.logouts.arrive(leg, {"result": "untrusted"})
    assert caught.value.failure.kind is FailureKind.ANSWER_REJECTED
    assert outcome(await house.logouts.arrive(leg, {})) is LogoutOutcome.ENDED


@pytest.mark.attack("S73", "S62")
async def test_an_answer_counts_once(house: House) -> None:
    """The second time there is no such logout."""
    leg = await house.departed()
    await house.logouts.arrive(leg, {})
    with pytest.raises(LoginUnknown) as caught:
        await house.logouts.arrive(leg, {})
    assert caught.value.code == "logout.unknown"


@pytest.mark.eis("SLO-04")
async def test_what_is_not_there_does_not_end(house: House) -> None:
    """The website hears that it has no such session, and no service is asked."""
    house.sessions.ended = None
    assert outcome(await house.begin()) is LogoutOutcome.UNKNOWN
    assert house.digid.asked == []


async def test_a_session_nowhere_else_is_ended_at_once(house: House) -> None:
    """Without a session at a service there is nobody to ask."""
    house.sessions.ended = ()
    assert outcome(await house.begin()) is LogoutOutcome.ENDED


@pytest.mark.eis("SLO-08")
@pytest.mark.parametrize(("first", "second", "expected"), [({}, {}, "ended"), ({"result": "failed"}, {}, "partial")])
async def test_every_service_is_asked_in_turn(
    house: House, first: dict[str, str], second: dict[str, str], expected: str
) -> None:
    """One failure is enough for the whole not to be a success."""
    house.sessions.ended = ((DIGID, SESSION), (EIDAS, SESSION))
    leg = await house.departed()
    step = await house.logouts.arrive(leg, first)
    assert isinstance(step, Leave)
    assert (step.service, house.eidas.asked) == (EIDAS, [SESSION])
    assert outcome(await house.logouts.arrive(step.leg, second)) == expected


async def test_a_service_that_is_gone_is_a_failure(house: House) -> None:
    """Not any more connected: it was not asked."""
    house.sessions.ended = ((AuthenticationServiceId("gone"), SESSION), (DIGID, SESSION))
    assert outcome(await house.logouts.arrive(await house.departed(), {})) is LogoutOutcome.PARTIAL


@pytest.mark.eis("SLO-10")
async def test_the_person_may_give_up(house: House) -> None:
    """The service never answers: the second look offers the way back, and that is no success."""
    leg = await house.departed()
    assert [(await house.logouts.show(leg, BROWSER))[1] for _ in range(3)] == [True, False, False]
    assert outcome(await house.logouts.give_up(leg, BROWSER)) is LogoutOutcome.PARTIAL
    with pytest.raises(LoginUnknown):
        await house.logouts.arrive(leg, {})


@pytest.mark.attack("S87", "S73")
async def test_another_browser_sees_nothing(house: House) -> None:
    """Not the page, and not the way back."""
    leg = await house.departed()
    for act in (house.logouts.show, house.logouts.give_up):
        with pytest.raises(LoginUnknown) as caught:
            await act(leg, OTHER_BROWSER)
        assert caught.value.code == "login.other-browser"
    assert outcome(await house.logouts.arrive(leg, {})) is LogoutOutcome.ENDED


async def test_a_logout_is_forgotten(house: House) -> None:
    """After a quarter of an hour nobody waits for the service any more."""
    leg = await house.departed()
    house.clock.advance(900)
    with pytest.raises(LoginUnknown):
        await house.logouts.arrive(leg, {})


async def test_what_cannot_be_audited_is_not_answered(house: House) -> None:
    """Fail closed, as with a login."""
    leg = await house.departed()
    house.audit.broken = OSError()
    with pytest.raises(TooBusy):
        await house.logouts.arrive(leg, {})


async def test_no_name_of_a_person_is_written_down(house: House) -> None:
    """The audit trail says who asked and how it went, and not whose session it was."""
    leg = await house.departed()
    await house.logouts.arrive(leg, {"result": "failed"})
    assert "name" not in str([facts for _, _, facts in house.audit.events])
    assert "at-service" not in str(house.audit.events) + repr(WISH) + repr(SESSION) + repr(SessionKey)


async def test_logouts_are_counted_by_outcome(house: House) -> None:
    """Begun when it is asked for; ended when the website is answered, and how."""
    leg = await house.departed()
    assert house.meter.logouts == ["begun"]
    await house.logouts.arrive(leg, {})
    house.sessions.ended = None
    await house.begin()
    assert house.meter.logouts == ["begun", "ended", "begun", "unknown"]
