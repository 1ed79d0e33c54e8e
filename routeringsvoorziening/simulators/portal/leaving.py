"""The handlers of logging out everywhere: the way to the routeringsdienst, the way back, and the page with the truth.

The session here ends at once, whatever becomes of the rest. The answer comes by POST from another site, without our
cookies; so it is judged first, and shown after a redirect only to the browser that asked.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.portal.checks import CheckFailed
from routeringsvoorziening.simulators.portal.exchange import Citizen
from routeringsvoorziening.simulators.portal.logging_out import Logout, LogoutJudge, new_key, new_logout
from routeringsvoorziening.simulators.portal.relay_state import seal, unseal
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.pretty_xml import pretty
from routeringsvoorziening.simulators.short_lived import ShortLived
from routeringsvoorziening.transport.forms import posted_form
from routeringsvoorziening.transport.limits import single

LIFE: Final = timedelta(minutes=20)
SEE_OTHER: Final = 303


class Leaving:
    """Logouts of one portal.

    Args:
        settings: of the portal.
        rd: verified metadata of the routeringsdienst.
        secret: of the portal, for the HMAC of RelayState.
        clock: aware UTC.
    """

    def __init__(
        self, settings: PortalSettings, rd: IdentityProvider, secret: bytes, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._rd = rd
        self._secret = secret
        self._clock = clock
        self._judge = LogoutJudge(settings, rd)
        self._under_way: ShortLived[Logout] = ShortLived(LIFE, clock)
        self._answered: ShortLived[Logout] = ShortLived(LIFE, clock)

    def begin(self, request: web.Request, citizen: Citizen, browser: str) -> web.Response:
        """A form that takes the browser to the routeringsdienst (SLO-01, SLO-02)."""
        key = new_key()
        relay_state = seal(key, browser, self._secret)
        logout = new_logout(self._settings, self._rd, citizen, relay_state, at=self._clock())
        self._under_way.put(key, logout)
        return page(
            request,
            "portal/leaving.html",
            **self._frame(),
            action=logout.action,
            fields=logout.fields,
        )

    async def arrive(self, request: web.Request) -> web.StreamResponse:
        """POST /slo: the LogoutResponse, once per logout (SLO-11)."""
        form = await posted_form(request)
        relay_state = str(form.get("RelayState", ""))
        key = relay_state.partition(".")[0]
        logout = self._under_way.take(key)
        if logout is None or "SAMLResponse" not in form:
            return self._unknown(request, "attempt")
        self._judge.judge(str(form["SAMLResponse"]), logout, self._clock())
        self._answered.put(key, logout)
        location = f"/uitgelogd?{urlencode({'RelayState': relay_state})}"
        return web.Response(status=SEE_OTHER, headers={"Location": location})

    async def show(self, request: web.Request, browser: str | None) -> web.StreamResponse:
        """GET /uitgelogd: what became of it, for the browser that asked."""
        try:
            key = unseal(single(request.query, "RelayState"), browser, self._secret)
        except CheckFailed as problem:
            return self._unknown(request, problem.code)
        logout = self._answered.peek(key)
        if logout is None:
            return self._unknown(request, "attempt")
        return page(
            request,
            "portal/logged_out.html",
            **self._frame(),
            outcome=outcome_of(logout),
            refused=logout.refused,
            results=logout.checklist.results,
            request_xml=pretty(parse(logout.request)),
            answer_xml=_shown(logout.answer),
        )

    def _unknown(self, request: web.Request, code: str) -> web.Response:
        return page(request, "portal/unknown.html", status=400, **self._frame(), code=code)

    def _frame(self) -> dict[str, Any]:
        return {"portal_name": self._settings.name, "citizen": None, "cluster": bool(self._settings.behind)}


def outcome_of(logout: Logout) -> str:
    """What the page says: `everywhere` only when the routeringsdienst said so, in an answer that we believe."""
    if logout.status is None:
        return "uncertain"
    if logout.status.success:
        return "everywhere"
    return "over" if logout.status.second == names.STATUS_UNKNOWN_PRINCIPAL else "here-only"


def _shown(answer: bytes | None) -> str | None:
    try:
        return None if answer is None else pretty(parse(answer))
    except SamlError:
        return None
