"""What a person and a dienstverlener get when something goes wrong."""

from dataclasses import replace

import pytest

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginUnknown, TooBusy
from routeringsvoorziening.broker.steps import Finish
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, Choice, Identity
from tests.support.core import BROWSER, DIGID, EIDAS, FAILURES, PRESELECTED, WITH_DIGID, WITH_EIDAS, Core
from tests.support.walks import arrive, asked, begin, declared, leg_of, view_of

GONE = Choice(AuthenticationServiceId("gone"))


@pytest.mark.eis("ERR-09")
@pytest.mark.parametrize("result", ["unsupported", "unreachable", "too-low"])
async def test_a_recoverable_failure_lets_the_person_choose_again(core: Core, result: str) -> None:
    """The page says why; another choice still leads to a declaration."""
    login = view_of(await begin(core, WITH_DIGID, WITH_EIDAS)).id
    page = asked(await arrive(core, await core.broker.choose(login, BROWSER, WITH_DIGID), result=result))
    assert (page.choices, page.because) == ((WITH_DIGID, WITH_EIDAS), FAILURES[result])
    declared(await arrive(core, await core.broker.choose(login, BROWSER, WITH_EIDAS)))


async def test_the_only_choice_can_be_tried_again(core: Core) -> None:
    """Also with one login method a recoverable failure is shown, with that method to retry."""
    page = asked(await arrive(core, await begin(core, WITH_DIGID), result="unreachable"))
    assert page.choices == (WITH_DIGID,)
    declared(await arrive(core, await core.broker.choose(page.login.id, BROWSER, WITH_DIGID)))


async def test_back_shows_the_set_back_until_a_new_choice(core: Core) -> None:
    """Looking again shows what went wrong; once chosen anew, that is over."""
    page = asked(await arrive(core, await begin(core, WITH_DIGID), result="unreachable"))
    assert asked(await core.broker.show(page.login.id, BROWSER)).because == FAILURES["unreachable"]
    await core.broker.choose(page.login.id, BROWSER, WITH_DIGID)
    assert asked(await core.broker.show(page.login.id, BROWSER)).because is None


@pytest.mark.eis("ERR-09")
@pytest.mark.parametrize("result", ["unsupported", "unreachable", "too-low"])
async def test_a_recoverable_failure_goes_back_when_preselected(core: Core, result: str) -> None:
    """The dienstverlener that chose the AD hears that it did not work."""
    finish = await arrive(core, await begin(core, WITH_DIGID, preselection=PRESELECTED), result=result)
    assert isinstance(finish, Finish)
    assert finish.outcome == FAILURES[result]


@pytest.mark.eis("ERR-04")
@pytest.mark.parametrize("result", ["cancelled", "failed", "denied"])
async def test_a_final_failure_goes_back(core: Core, result: str) -> None:
    """A cancel at the AD, and a refusal, are handed on."""
    finish = await arrive(core, await begin(core, WITH_DIGID), result=result)
    assert isinstance(finish, Finish)
    assert finish.outcome == FAILURES[result]
    assert core.audit.names() == ["login.begun", "login.failed"]


@pytest.mark.eis("ERR-10")
async def test_the_audit_trail_names_the_rejected_message(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service it claims to be from and its IDs, beside the code."""
    untrusted = replace(FAILURES["untrusted"], issuer="urn:digid", message_ids="_a _b")
    monkeypatch.setitem(FAILURES, "untrusted", untrusted)
    await arrive(core, await begin(core, WITH_DIGID), result="untrusted")
    event, _, facts = core.audit.events[-1]
    assert (event, facts["issuer"], facts["message_ids"]) == ("login.set-back", "urn:digid", "_a _b")


async def test_too_busy_to_judge_can_be_tried_again(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing came of it, so the same answer counts when there is room: once."""
    step = await begin(core, WITH_DIGID)
    digid = core.authentication[DIGID]
    judging = digid.complete

    async def full(*_: object) -> Identity:
        raise TooBusy("crypto-back")

    monkeypatch.setattr(digid, "complete", full)
    with pytest.raises(TooBusy):
        await arrive(core, step)
    monkeypatch.setattr(digid, "complete", judging)
    declared(await arrive(core, step))
    with pytest.raises(LoginUnknown):
        await arrive(core, step)


@pytest.mark.eis("ERR-10")
async def test_a_rejected_answer_is_told_audited_and_then_goes_back(core: Core) -> None:
    """A page without choices; leaving it sends the same failure."""
    step = await begin(core, WITH_DIGID)
    page = asked(await arrive(core, step, result="untrusted"))
    assert (page.choices, page.because) == ((), FAILURES["untrusted"])
    event, reference, facts = core.audit.events[-1]
    assert (event, reference, facts["code"]) == ("login.set-back", page.login.reference, "sig.invalid")
    assert (facts["authentication"], facts["leg"]) == ("digid", leg_of(step))
    assert asked(await core.broker.choose(page.login.id, BROWSER, WITH_DIGID)).choices == ()
    finish = await core.broker.cancel(page.login.id, BROWSER)
    assert isinstance(finish, Finish)
    assert finish.outcome == FAILURES["untrusted"]


@pytest.mark.eis("LOA-05")
@pytest.mark.attack("S69")
async def test_a_backend_cannot_talk_the_level_up(core: Core) -> None:
    """Whatever a backend lets through, below the minimum there is no declaration."""
    page = asked(await arrive(core, await begin(core, WITH_DIGID), loa="BASIS"))
    assert page.because == Failure(FailureKind.LOA_NOT_REACHED, "loa.insufficient", "proven BASIS, needed LAAG")


async def test_an_identity_in_another_service_s_name_is_rejected(core: Core) -> None:
    """A backend that answers for another is not believed."""
    core.authentication[WITH_DIGID.authentication].claims_to_be = EIDAS
    page = asked(await arrive(core, await begin(core, WITH_DIGID)))
    assert page.because is not None
    assert page.because.code == "service.unexpected"


async def test_a_slow_service_is_unreachable() -> None:
    """A backend that does not come back within its time is given up."""
    core = Core(service_timeout=0.01)
    page = asked(await arrive(core, await begin(core, WITH_DIGID), result="never"))
    assert page.because == Failure(FailureKind.UNREACHABLE, "service.timeout")


async def test_a_service_that_cannot_be_started(core: Core) -> None:
    """A service that is known to be down shows the page before anything departs."""
    core.authentication[WITH_DIGID.authentication].down = "unreachable"
    page = asked(await begin(core, WITH_DIGID, WITH_EIDAS))
    page = asked(await core.broker.choose(page.login.id, BROWSER, WITH_DIGID))
    assert page.because == FAILURES["unreachable"]


async def test_a_slow_start_is_unreachable() -> None:
    """Starting a leg has its time too."""
    core = Core(service_timeout=0.01)
    core.authentication[WITH_DIGID.authentication].down = "never"
    page = asked(await begin(core, WITH_DIGID))
    assert page.because == Failure(FailureKind.UNREACHABLE, "service.timeout")


async def test_a_preselected_service_that_cannot_be_started_goes_back(core: Core) -> None:
    """The one preselected service being down ends the login in its first step."""
    core.authentication[WITH_DIGID.authentication].down = "unreachable"
    finish = await begin(core, WITH_DIGID, preselection=PRESELECTED)
    assert isinstance(finish, Finish)
    assert finish.outcome == FAILURES["unreachable"]
    assert core.broker.open_logins == 0


async def test_a_service_that_is_not_connected(core: Core) -> None:
    """An offer for a service that is gone is a failure to answer, not a crash."""
    page = asked(await begin(core, GONE))
    assert page.because == Failure(FailureKind.NOT_SUPPORTED, "service.absent")


async def test_a_failed_leg_cannot_be_answered_again(core: Core) -> None:
    """A bad answer uses up its leg: there is no trying until one passes."""
    step = await begin(core, WITH_DIGID)
    await arrive(core, step, result="untrusted")
    with pytest.raises(LoginUnknown) as caught:
        await arrive(core, step)
    assert caught.value.code == "leg.unknown"


@pytest.mark.parametrize("error", [OSError("disk full"), TimeoutError()])
async def test_no_audit_no_declaration(core: Core, error: OSError) -> None:
    """A declaration that cannot be recorded is not given, and cannot be had later."""
    step = await begin(core, WITH_DIGID)
    core.audit.broken = error
    with pytest.raises(TooBusy) as caught:
        await arrive(core, step)
    assert caught.value.bound == "audit"
    core.audit.broken = None
    with pytest.raises(LoginUnknown):
        await arrive(core, step)
    with pytest.raises(LoginUnknown):
        await core.broker.show(view_of(step).id, BROWSER)
    assert core.meter.ended == []


async def test_a_slow_audit_is_no_audit() -> None:
    """An audit trail that hangs holds nobody for ever."""
    core = Core(audit_timeout=0.01)
    step = await begin(core, WITH_DIGID)
    core.audit.hangs = True
    with pytest.raises(TooBusy) as caught:
        await arrive(core, step)
    assert caught.value.bound == "audit"


async def test_no_audit_no_beginning(core: Core) -> None:
    """A login that cannot be recorded does not begin, and is not counted."""
    core.audit.broken = OSError()
    with pytest.raises(TooBusy):
        await begin(core, WITH_DIGID)
    assert (core.broker.open_logins, len(core.store), core.meter.begun) == (0, 0, 0)


async def test_a_login_that_cannot_be_kept_is_not_counted(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the store out of reach a login does not begin, and leaves no trace in the count."""

    async def refuse(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(core.store, "put", refuse)
    with pytest.raises(ConnectionError):
        await begin(core, WITH_DIGID)
    assert core.broker.open_logins == 0


async def test_what_is_counted(core: Core) -> None:
    """One beginning, one end, with the choice, the outcome and the time it took."""
    step = await begin(core, WITH_DIGID)
    core.clock.advance(12)
    await arrive(core, step)
    assert core.meter.begun == 1
    assert core.meter.ended == [(WITH_DIGID, "declared", 12.0)]


async def test_what_is_recorded(core: Core) -> None:
    """The audit trail tells who asked, which way it went and who vouched, and nothing of the person."""
    step = await begin(core, WITH_DIGID)
    finish = await arrive(core, step)
    event, reference, facts = core.audit.events[-1]
    assert (event, reference) == ("login.declared", view_of(step).reference)
    assert facts == {
        "frontend": "saml",
        "connection": "urn:nl-eid-gdi:1.0:DV:00000000000000000001:entities:9001",
        "dienstverlener": "urn:nl-eid-gdi:1.0:DV:00000000000000000001:entities:9001",
        "service": "336fa5ed-b569-13fb-b3e4-896886c62aea",
        "authentication": "digid",
        "authority": "urn:digid",
        "loa": "HOOG",
    }
    assert declared(finish).identity.evidence.decode() not in str(core.audit.events)
