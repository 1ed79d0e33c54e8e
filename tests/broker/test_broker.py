"""A login from request to declaration, for oneself."""

import asyncio

import pytest

from routeringsvoorziening.broker.abandoned import AFTERLIFE
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginUnknown, TooBusy
from routeringsvoorziening.broker.identifiers import new_reference
from routeringsvoorziening.broker.steps import Finish
from routeringsvoorziening.broker.vocabulary import BrowserKey, Choice, EntityID, LegId, LoA, LoginId
from tests.support.core import (
    BROWSER,
    DIGID,
    FAILURES,
    FOR_ANOTHER,
    OTHER_BROWSER,
    PRESELECTED,
    WITH_DIGID,
    WITH_EIDAS,
    Core,
    request,
)
from tests.support.walks import arrive, asked, begin, declared, leg_of, view_of


async def test_one_choice_departs_at_once(core: Core) -> None:
    """With one login method there is no page in between."""
    step = await begin(core, WITH_DIGID)
    assert leg_of(step) in core.ledger.tasks


async def test_a_login_ends_in_a_declaration(core: Core) -> None:
    """Request, departure, answer, declaration: of this request, with what the AD declared."""
    step = await begin(core, WITH_DIGID)
    core.clock.advance(30)
    finish = await arrive(core, step, loa="SUBSTANTIEEL")
    declaration = declared(finish)
    assert declaration.request == request()
    assert declaration.reference == view_of(step).reference
    assert declaration.identity.loa is LoA.SUBSTANTIEEL
    assert declaration.mandate is None
    assert declaration.declared_at == core.clock.now


async def test_a_page_knows_the_names_and_not_the_request(core: Core) -> None:
    """The view of a login holds what its pages need."""
    view = view_of(await begin(core, WITH_DIGID))
    assert view.dienstverlener_name.nl == "Gemeente Voorbeeld"
    assert view.service_name.en == "Parking"
    assert (view.language, view.minimum_loa) == ("nl", LoA.LAAG)


async def test_the_caller_s_reference_is_kept(core: Core) -> None:
    """A reference that log lines already carry stays the login's."""
    reference = new_reference()
    step = await core.broker.begin(request(), BROWSER, reference)
    assert view_of(step).reference == reference


async def test_more_choices_are_asked_and_chosen(core: Core) -> None:
    """The person chooses, and departs to what was chosen."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    assert step.choices == (WITH_DIGID, WITH_EIDAS)
    departure = await core.broker.choose(step.login.id, BROWSER, WITH_EIDAS)
    assert core.ledger.tasks[leg_of(departure)].choice == WITH_EIDAS
    assert declared(await arrive(core, departure)).identity.service == "eidas"


@pytest.mark.attack("S87")
async def test_a_choice_outside_the_offer_starts_nothing(core: Core) -> None:
    """A forged form field shows the page again."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    assert asked(await core.broker.choose(step.login.id, BROWSER, FOR_ANOTHER)).choices == step.choices
    assert not core.ledger.tasks


async def test_back_and_choose_again(core: Core) -> None:
    """As long as nothing is finished the person may change their mind."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    await core.broker.choose(step.login.id, BROWSER, WITH_EIDAS)
    assert asked(await core.broker.show(step.login.id, BROWSER)).choices == step.choices
    again = await core.broker.choose(step.login.id, BROWSER, WITH_DIGID)
    assert declared(await arrive(core, again)).identity.service == DIGID


async def test_an_older_tab_may_finish_too(core: Core) -> None:
    """Whichever tab answers first finishes; the other then finds the login gone."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    first = await core.broker.choose(step.login.id, BROWSER, WITH_EIDAS)
    second = await core.broker.choose(step.login.id, BROWSER, WITH_DIGID)
    assert declared(await arrive(core, first)).identity.service == "eidas"
    with pytest.raises(LoginUnknown) as caught:
        await arrive(core, second)
    assert caught.value.code == "login.unknown"


async def test_a_finished_login_is_gone(core: Core) -> None:
    """After the end there is nothing to show, choose or cancel."""
    step = await begin(core, WITH_DIGID)
    await arrive(core, step)
    login = view_of(step).id
    for attempt in (
        core.broker.show(login, BROWSER),
        core.broker.choose(login, BROWSER, WITH_DIGID),
        core.broker.cancel(login, BROWSER),
    ):
        with pytest.raises(LoginUnknown) as caught:
            await attempt
        assert caught.value.code == "login.unknown"


async def test_an_answer_counts_once(core: Core) -> None:
    """The same answer again finds no leg."""
    step = await begin(core, WITH_DIGID)
    await arrive(core, step)
    with pytest.raises(LoginUnknown) as caught:
        await arrive(core, step)
    assert caught.value.code == "leg.unknown"


@pytest.mark.attack("S63")
async def test_fifty_answers_at_once_count_once(core: Core) -> None:
    """Of many parallel answers on one leg exactly one is judged and given."""
    step = await begin(core, WITH_DIGID)
    answers = [arrive(core, step, pauses=str(number % 3)) for number in range(50)]
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(isinstance(result, Finish) for result in results) == 1
    assert sum(isinstance(result, LoginUnknown) for result in results) == 49
    assert len(core.ledger.declared) == 1


async def test_many_tabs_at_once_finish_once(core: Core) -> None:
    """Of many legs of one login that are answered in parallel exactly one finishes it."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    legs = [await core.broker.choose(step.login.id, BROWSER, WITH_DIGID) for _ in range(10)]
    results = await asyncio.gather(*(arrive(core, leg, pauses="2") for leg in legs), return_exceptions=True)
    assert sum(isinstance(result, Finish) for result in results) == 1
    assert core.audit.names().count("login.declared") == 1


@pytest.mark.attack("S63", "S80", "S87")
@pytest.mark.parametrize("key", [OTHER_BROWSER, BrowserKey("")])
async def test_another_browser_gets_nothing_and_takes_nothing(core: Core, key: BrowserKey) -> None:
    """An answer, a choice or a cancel from another browser changes nothing for the right one."""
    step = await begin(core, WITH_DIGID)
    login = view_of(step).id
    for attempt in (
        core.broker.show(login, key),
        core.broker.choose(login, key, WITH_DIGID),
        core.broker.cancel(login, key),
        arrive(core, step, key),
    ):
        with pytest.raises(LoginUnknown) as caught:
            await attempt
        assert caught.value.code == "login.other-browser"
    declared(await arrive(core, step))


@pytest.mark.attack("S63")
async def test_an_answer_at_another_service_s_door_takes_nothing(core: Core) -> None:
    """Mixing up services is refused, and the leg still stands."""
    step = await begin(core, WITH_DIGID)
    with pytest.raises(LoginUnknown) as caught:
        await core.broker.arrive("eidas", leg_of(step), BROWSER, {})
    assert caught.value.code == "leg.unknown"
    declared(await arrive(core, step))


async def test_unknown_names_are_unknown(core: Core) -> None:
    """What was never begun is not there."""
    with pytest.raises(LoginUnknown) as caught:
        await core.broker.show(LoginId("made-up"), BROWSER)
    assert caught.value.code == "login.unknown"
    for attempt in (core.broker.arrive("digid", LegId("_x"), BROWSER, {}), core.broker.login_of(LegId("_x"))):
        with pytest.raises(LoginUnknown) as caught:
            await attempt
        assert caught.value.code == "leg.unknown"


async def test_the_login_of_a_leg_can_be_found(core: Core) -> None:
    """An answer names its leg; the leg names its login, and stays."""
    step = await begin(core, WITH_DIGID)
    assert await core.broker.login_of(leg_of(step)) == view_of(step).id
    declared(await arrive(core, step))


@pytest.mark.parametrize("seconds", [900, 5000])
async def test_an_expired_login_is_gone(core: Core, seconds: float) -> None:
    """After its quarter of an hour a login cannot be answered, shown or cancelled."""
    step = await begin(core, WITH_DIGID)
    core.clock.advance(seconds)
    with pytest.raises(LoginUnknown):
        await arrive(core, step)
    with pytest.raises(LoginUnknown) as caught:
        await core.broker.cancel(view_of(step).id, BROWSER)
    assert caught.value.code == "login.unknown"


async def test_the_last_moment_still_counts(core: Core) -> None:
    """Just before its end a login can be answered."""
    step = await begin(core, WITH_DIGID)
    core.clock.advance(899.9)
    declared(await arrive(core, step))


async def test_a_login_that_expires_while_it_is_judged_declares_nothing(core: Core) -> None:
    """The end of a login holds also for an answer that came just before it."""
    step = await begin(core, WITH_DIGID)
    core.clock.advance(899)
    arriving = asyncio.create_task(arrive(core, step, pauses="3"))
    await asyncio.sleep(0)
    core.clock.advance(2)
    with pytest.raises(LoginUnknown) as caught:
        await arriving
    assert caught.value.code == "login.unknown"
    assert "login.declared" not in core.audit.names()


async def test_a_login_ends_also_in_a_store_that_forgets_late(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login's own end holds, whatever the store still keeps: before an answer is looked at, and after."""
    monkeypatch.setattr(core.store, "_clock", lambda: 0.0)
    step = await begin(core, WITH_DIGID)
    core.clock.advance(899)
    arriving = asyncio.create_task(arrive(core, step, pauses="3"))
    await asyncio.sleep(0)
    core.clock.advance(2)
    for attempt in (arriving, core.broker.show(view_of(step).id, BROWSER)):
        with pytest.raises(LoginUnknown) as caught:
            await attempt
        assert caught.value.code == "login.unknown"
    assert "login.declared" not in core.audit.names()


async def test_nothing_of_a_login_outlives_it(core: Core) -> None:
    """Every record of a login goes with it but its facts, that tell of no person: they wait a while to be counted."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    core.clock.advance(600)
    departure = await core.broker.choose(step.login.id, BROWSER, WITH_DIGID)
    await arrive(core, departure, result="unreachable")
    core.clock.advance(300)
    await begin(core, WITH_DIGID)
    assert len(core.store) == 3  # the new login and its leg, and the facts of the old one
    core.clock.advance(AFTERLIFE.total_seconds())
    await begin(core, WITH_DIGID)
    assert len(core.store) == 4  # of two logins that live


@pytest.mark.parametrize(
    "refusal", [FAILURES["denied"], Failure(FailureKind.NO_SUPPORTED_SERVICE, "preselection.empty")]
)
async def test_nothing_open_finishes_at_once(core: Core, refusal: Failure) -> None:
    """What the catalogue refuses goes straight back, and leaves no login."""
    core.catalogue.refusal = refusal
    finish = await core.broker.begin(request(), BROWSER)
    assert isinstance(finish, Finish)
    assert (finish.login, finish.outcome) == (None, refusal)
    assert len(core.store) == 0
    assert core.audit.names() == ["login.begun", "login.failed"]
    assert core.meter.ended == [(None, refusal.kind.value, 0.0)]


@pytest.mark.eis("ERR-03")
async def test_cancel_finishes_with_a_cancellation(core: Core) -> None:
    """Stopping at our page goes back at once."""
    step = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    finish = await core.broker.cancel(step.login.id, BROWSER)
    assert isinstance(finish, Finish)
    assert finish.outcome == Failure(FailureKind.CANCELLED, "login.cancelled")


async def test_cancel_and_answer_at_once_end_once(core: Core) -> None:
    """A cancel in one tab and an answer in another: one of both."""
    step = await begin(core, WITH_DIGID)
    results = await asyncio.gather(
        arrive(core, step, pauses="1"), core.broker.cancel(view_of(step).id, BROWSER), return_exceptions=True
    )
    assert sum(isinstance(result, Finish) for result in results) == 1


async def test_the_bound_on_logins(core: Core) -> None:
    """At the bound a new login is refused; an ended one makes room."""
    core = Core(max_logins=2)
    steps = [await begin(core, WITH_DIGID) for _ in range(2)]
    with pytest.raises(TooBusy) as caught:
        await begin(core, WITH_DIGID)
    assert caught.value.bound == "logins"
    await arrive(core, steps[0])
    await begin(core, WITH_DIGID)
    assert core.broker.open_logins == 2


async def test_the_bound_per_connection() -> None:
    """One connection at its bound leaves the others alone."""
    core = Core(max_logins_per_connection=1)
    await begin(core, WITH_DIGID)
    with pytest.raises(TooBusy) as caught:
        await begin(core, WITH_DIGID)
    assert caught.value.bound == "connection-logins"
    await begin(core, WITH_DIGID, connection=EntityID("urn:other"))


async def test_the_bound_on_choices() -> None:
    """Nobody can start legs without end within one login."""
    core = Core(max_choices=3)
    login = view_of(await begin(core, WITH_DIGID, WITH_EIDAS)).id
    for _ in range(3):
        await core.broker.choose(login, BROWSER, WITH_DIGID)
    with pytest.raises(TooBusy) as caught:
        await core.broker.choose(login, BROWSER, WITH_DIGID)
    assert caught.value.bound == "choices"
    assert isinstance(await core.broker.cancel(login, BROWSER), Finish)


async def test_a_preselected_login_departs_for_what_is_left(core: Core) -> None:
    """Preselection is the catalogue's business; the core goes where it is offered."""
    step = await begin(core, WITH_DIGID, preselection=PRESELECTED)
    assert core.ledger.tasks[leg_of(step)].choice == Choice(DIGID)
