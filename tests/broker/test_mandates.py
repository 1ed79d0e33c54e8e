"""A login for somebody else: the AD first, then the BVD, then one declaration."""

import pytest

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginUnknown
from routeringsvoorziening.broker.steps import Finish
from tests.support.core import BROWSER, BVD, FAILURES, FOR_ANOTHER, OTHER_BROWSER, PRESELECTED, WITH_DIGID, Core
from tests.support.walks import arrive, asked, begin, declared, leg_of


@pytest.mark.eis("RBVD-01", "RBVD-04")
async def test_ad_then_bvd_then_one_declaration(core: Core) -> None:
    """The BVD is asked about the very identity that the AD declared, and both are declared."""
    to_bvd = await arrive(core, await begin(core, FOR_ANOTHER))
    identity = core.ledger.identities[leg_of(to_bvd)]
    declaration = declared(await arrive(core, to_bvd))
    assert declaration.identity == identity
    assert declaration.mandate is not None
    assert core.ledger.declared[declaration.mandate.evidence].about == identity


async def test_an_answer_of_the_ad_alone_declares_nothing(core: Core) -> None:
    """Between AD and BVD nothing is given."""
    await arrive(core, await begin(core, FOR_ANOTHER))
    assert core.audit.names() == ["login.begun"]


async def test_for_yourself_there_is_no_bvd(core: Core) -> None:
    """A choice without mandate never reaches a BVD."""
    page = asked(await begin(core, WITH_DIGID, FOR_ANOTHER))
    declared(await arrive(core, await core.broker.choose(page.login.id, BROWSER, WITH_DIGID)))
    assert not any(leg.startswith("_machtigen") for leg in core.ledger.tasks)


@pytest.mark.eis("RBVD-05")
@pytest.mark.parametrize("result", ["cancelled", "failed", "denied"])
async def test_a_final_failure_of_the_bvd_ends_the_login(core: Core, result: str) -> None:
    """No mandate, no declaration, although the person logged in."""
    finish = await arrive(core, await arrive(core, await begin(core, FOR_ANOTHER)), result=result)
    assert isinstance(finish, Finish)
    assert finish.outcome == FAILURES[result]


@pytest.mark.eis("RBVD-05", "ERR-09")
async def test_after_a_recoverable_failure_of_the_bvd_the_person_logs_in_again(core: Core) -> None:
    """Choosing own behalf after a failed BVD starts from nothing: the earlier identity is forgotten."""
    page = asked(await begin(core, WITH_DIGID, FOR_ANOTHER))
    to_bvd = await arrive(core, await core.broker.choose(page.login.id, BROWSER, FOR_ANOTHER))
    earlier = core.ledger.identities[leg_of(to_bvd)]
    page = asked(await arrive(core, to_bvd, result="unreachable"))
    departure = await core.broker.choose(page.login.id, BROWSER, WITH_DIGID)
    assert core.ledger.identities[leg_of(departure)] is None
    assert declared(await arrive(core, departure)).identity != earlier


@pytest.mark.eis("RBVD-05")
async def test_a_bvd_that_cannot_be_started_declares_nothing(core: Core) -> None:
    """A BVD that is down after the AD's answer shows the page, or goes back when preselected."""
    core.mandates[BVD].down = "unreachable"
    page = asked(await arrive(core, await begin(core, FOR_ANOTHER)))
    assert page.because == FAILURES["unreachable"]
    finish = await arrive(core, await begin(core, FOR_ANOTHER, preselection=PRESELECTED))
    assert isinstance(finish, Finish)
    assert finish.outcome == FAILURES["unreachable"]


async def test_a_bvd_that_is_not_connected(core: Core) -> None:
    """A BVD that is gone in between is a failure to answer."""
    step = await begin(core, FOR_ANOTHER)
    core.mandates.clear()
    page = asked(await arrive(core, step))
    assert page.because == Failure(FailureKind.NOT_SUPPORTED, "service.absent")


@pytest.mark.attack("S20")
async def test_two_tabs_never_mix_their_persons(core: Core) -> None:
    """A mandate of one tab's identity is declared with that identity, whatever another tab proved meanwhile."""
    page = asked(await begin(core, WITH_DIGID, FOR_ANOTHER))
    first = await arrive(core, await core.broker.choose(page.login.id, BROWSER, FOR_ANOTHER))
    second = await arrive(core, await core.broker.choose(page.login.id, BROWSER, FOR_ANOTHER))
    identity = core.ledger.identities[leg_of(first)]
    assert identity != core.ledger.identities[leg_of(second)]
    declaration = declared(await arrive(core, first))
    assert declaration.identity == identity
    assert declaration.mandate is not None
    assert core.ledger.declared[declaration.mandate.evidence].about == identity
    with pytest.raises(LoginUnknown):
        await arrive(core, second)


@pytest.mark.attack("S87")
async def test_a_leg_keeps_its_own_choice(core: Core) -> None:
    """An AD leg that was started for a mandate cannot be made into own behalf by choosing so in another tab."""
    page = asked(await begin(core, WITH_DIGID, FOR_ANOTHER))
    for_another = await core.broker.choose(page.login.id, BROWSER, FOR_ANOTHER)
    await core.broker.choose(page.login.id, BROWSER, WITH_DIGID)
    assert leg_of(await arrive(core, for_another)).startswith("_machtigen")


@pytest.mark.attack("S63")
async def test_the_bvd_s_answer_is_bound_to_the_browser_too(core: Core) -> None:
    """Another browser cannot bring in the mandate; the right one still can."""
    to_bvd = await arrive(core, await begin(core, FOR_ANOTHER))
    with pytest.raises(LoginUnknown) as caught:
        await arrive(core, to_bvd, OTHER_BROWSER)
    assert caught.value.code == "login.other-browser"
    declared(await arrive(core, to_bvd))


@pytest.mark.attack("S63")
async def test_the_ad_s_door_does_not_take_the_bvd_s_answer(core: Core) -> None:
    """A BVD leg answered at the AD's address is unknown there."""
    to_bvd = await arrive(core, await begin(core, FOR_ANOTHER))
    with pytest.raises(LoginUnknown) as caught:
        await core.broker.arrive("digid", leg_of(to_bvd), BROWSER, {})
    assert caught.value.code == "leg.unknown"
    declared(await arrive(core, to_bvd))


async def test_the_bvd_is_recorded(core: Core) -> None:
    """The audit trail names who vouched for the mandate."""
    await arrive(core, await arrive(core, await begin(core, FOR_ANOTHER)))
    facts = core.audit.events[-1][2]
    assert (facts["mandate"], facts["mandate_authority"]) == ("machtigen", "urn:machtigen")
