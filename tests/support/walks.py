"""Ways through a login that many tests walk."""

from routeringsvoorziening.broker.steps import Choose, Depart, Finish, LoginView, Step
from routeringsvoorziening.broker.vocabulary import BrowserKey, Choice, Declaration, LegId, Redirect
from tests.support.core import BROWSER, Core, offer, request


def leg_of(step: Step) -> LegId:
    """The leg that a departure started."""
    assert isinstance(step, Depart), step
    assert isinstance(step.message, Redirect)
    return LegId(step.message.url.rpartition("=")[2])


def view_of(step: Step) -> LoginView:
    """The login of a step."""
    assert step.login is not None
    return step.login


def declared(step: Step) -> Declaration:
    """The declaration that a login finished with."""
    assert isinstance(step, Finish), step
    assert isinstance(step.outcome, Declaration), step.outcome
    return step.outcome


def asked(step: Step) -> Choose:
    """The page that a step shows."""
    assert isinstance(step, Choose), step
    return step


async def begin(core: Core, *choices: Choice, browser: BrowserKey = BROWSER, **wishes: object) -> Step:
    """Begin a login for which these choices are open."""
    core.catalogue.offered = offer(*choices)
    return await core.broker.begin(request(**wishes), browser)  # type: ignore[arg-type]


async def arrive(core: Core, step: Step, browser: BrowserKey = BROWSER, **answer: str) -> Step:
    """Answer the leg that a departure started, at the door it went out by."""
    leg = leg_of(step)
    service = leg.removeprefix("_").rpartition("-")[0]
    return await core.broker.arrive(service, leg, browser, answer)
