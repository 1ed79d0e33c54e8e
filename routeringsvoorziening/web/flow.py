"""The steps of a login over HTTP: what a person does goes to the core, what the core says goes to the person.

    GET  /login/{id}           where the login stands: choices, or what stood in the way
    POST /login/{id}/choose    a choice, for the first time or again
    POST /login/{id}/cancel    back to the dienstverlener
    GET  /saml/acs/{backend}   a service sent the browser back

A page with choices is always at `/login/{id}`, reached by a redirect, so that reloading it and going back to it work,
and nothing that a service sent stays in the address bar.
"""

from collections.abc import Mapping

from aiohttp import web

from routeringsvoorziening.broker.broker import Broker
from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.identifiers import new_browser_key
from routeringsvoorziening.broker.ports import Frontend
from routeringsvoorziening.broker.steps import Choose, Depart, Finish, Step
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    BrowserKey,
    Choice,
    LegId,
    LoginId,
    MandateServiceId,
    Redirect,
)
from routeringsvoorziening.observability.logs import bind_reference
from routeringsvoorziening.transport.forms import posted_form, query_of
from routeringsvoorziening.transport.limits import single
from routeringsvoorziening.web.browser import bind, check_own_request, key_of, release, release_surplus
from routeringsvoorziening.web.language import language_of
from routeringsvoorziening.web.pages import Pages


class Flow:
    """Carries steps out, and brings the person's next ones in.

    Args:
        broker: the core.
        frontends: who answers, by the name that a request carries.
        pages: what a person sees.
    """

    def __init__(self, broker: Broker, frontends: Mapping[str, Frontend], pages: Pages) -> None:
        self._broker = broker
        self._frontends = frontends
        self._pages = pages

    async def respond(self, request: web.Request, step: Step, browser: BrowserKey) -> web.Response:
        """Carry a step out.

        Args:
            request: the one that is answered.
            step: what the core said.
            browser: the key that binds this browser to the login; set again at every step, removed at the last.
        """
        if isinstance(step, Finish):
            return await self._finish(request, step)
        bind_reference(step.login.reference)
        response = self._depart(request, step) if isinstance(step, Depart) else self._ask(request, step)
        bind(response, step.login.id, browser)
        release_surplus(request, response, step.login.id)
        return response

    async def show(self, request: web.Request) -> web.Response:
        """GET /login/{id}."""
        login, browser = _login_of(request)
        return await self.respond(request, await self._broker.show(login, browser), browser)

    async def choose(self, request: web.Request) -> web.Response:
        """POST /login/{id}/choose."""
        check_own_request(request)
        login, browser = _login_of(request)
        choice = choice_of(single(await posted_form(request), "choice"))
        return await self.respond(request, await self._broker.choose(login, browser, choice), browser)

    async def cancel(self, request: web.Request) -> web.Response:
        """POST /login/{id}/cancel."""
        check_own_request(request)
        login, browser = _login_of(request)
        return await self.respond(request, await self._broker.cancel(login, browser), browser)

    async def arrive(self, request: web.Request) -> web.Response:
        """GET /saml/acs/{backend}: the RelayState names the leg, the leg its login, the login its cookie."""
        answer = query_of(request)
        leg = LegId(single(answer, "RelayState"))
        browser = _key_of(request, await self._broker.login_of(leg))
        step = await self._broker.arrive(request.match_info["backend"], leg, browser, answer)
        return await self.respond(request, step, browser)

    def _depart(self, request: web.Request, step: Depart) -> web.Response:
        if isinstance(step.message, Redirect):
            return _see_other(step.message.url)
        return self._pages.onward(request, step.login, step.leg, step.message)

    def _ask(self, request: web.Request, step: Choose) -> web.Response:
        address = f"/login/{step.login.id}"
        if request.method == "POST" or request.path != address:
            return _see_other(f"{address}?lang={language_of(request)}")
        return self._pages.choose(request, step.login, step.choices, step.because)

    async def _finish(self, request: web.Request, step: Finish) -> web.Response:
        bind_reference(step.reference)
        message = await self._frontends[step.request.frontend].answer(step.request, step.reference, step.outcome)
        if isinstance(message, Redirect):
            response = _see_other(message.url)
        else:
            name = step.login.dienstverlener_name.in_language(language_of(request)) if step.login else ""
            response = self._pages.back(request, name, message)
        if step.login is not None:
            release(response, step.login.id)
            release_surplus(request, response, step.login.id)
        return response


def choice_of(value: str) -> Choice:
    """What a button stood for. An unknown one is for the core to judge."""
    authentication, _, mandate = value.partition("+")
    return Choice(AuthenticationServiceId(authentication), MandateServiceId(mandate) if mandate else None)


def _login_of(request: web.Request) -> tuple[LoginId, BrowserKey]:
    login = LoginId(request.match_info["id"])
    return login, _key_of(request, login)


def _key_of(request: web.Request, login: LoginId) -> BrowserKey:
    """The browser's key; without one, a key with which no login began: the core then says whether it is over at all.

    Who comes back to a login that ended has no cookie for it any more, and is in no other browser.
    """
    try:
        return key_of(request, login)
    except LoginUnknown:
        return new_browser_key()


def _see_other(url: str) -> web.Response:
    """303: whatever the method was, the next one is GET."""
    return web.Response(status=303, headers={"Location": url})
