"""The handlers of the DigiD simulator: request in, page, artifact out, answer on the back channel."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.soap import wrap
from routeringsvoorziening.simulators.digid import login_page
from routeringsvoorziening.simulators.digid.answers import body_of, signed_envelope
from routeringsvoorziening.simulators.digid.artifacts import CONTENT_TYPES, ResolveJudge, check_client, handle_of
from routeringsvoorziening.simulators.digid.faults import FAULTS, FaultSwitches
from routeringsvoorziening.simulators.digid.logins import (
    ANSWER_LIFE,
    LOGIN_LIFE,
    SEEN_LIFE,
    Answer,
    LoggedIn,
    LoginRequest,
)
from routeringsvoorziening.simulators.digid.metadata import ARTIFACT_INDEX, metadata_of
from routeringsvoorziening.simulators.digid.requests import Refused, RequestJudge
from routeringsvoorziening.simulators.digid.scene import Memory, Scene
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.simulators.world.persons import BY_KEY, Means
from routeringsvoorziening.transport.limits import check_content_type
from routeringsvoorziening.transport.peer import peer_certificate

METADATA_TYPE: Final = "application/samlmetadata+xml"
CANCELLED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, names.CANCELLED_MESSAGE)
FAILED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "Authentication failed")
NO_LEVEL: Final = Status(names.STATUS_RESPONDER, names.STATUS_NO_AUTHN_CONTEXT, "Level of assurance not reached")


class DigidSimulator:
    """One authenticatiedienst.

    Args:
        settings: who it is.
        routing: the routeringsdienst that it serves.
        clock: aware UTC.
        faults: what it does wrong; tests switch while it runs.
    """

    def __init__(
        self, settings: DigidSettings, routing: RoutingDienst, clock: Clock, faults: FaultSwitches | None = None
    ) -> None:
        self.settings = settings
        self.routing = routing
        self.faults = faults or FaultSwitches()
        self._clock = clock
        self._memory = Memory()
        self._logins: ShortLived[LoginRequest] = ShortLived(LOGIN_LIFE, clock)
        self._answers: ShortLived[Answer] = ShortLived(ANSWER_LIFE, clock)
        seen: ShortLived[bool] = ShortLived(SEEN_LIFE, clock)
        self._requests = RequestJudge(routing, settings.sso_url, settings.catalogue, seen)
        self._resolves = ResolveJudge(routing, settings.artifact_url, seen)

    async def sso(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/sso: an AuthnRequest of the routeringsdienst."""
        form = await request.post()
        try:
            login = self._requests.judge(str(form.get("SAMLRequest", "")), _relay_state(form), self._now())
        except SamlError as problem:
            return page(request, "digid/refused.html", status=400, code=problem.code)
        except Refused as refusal:
            return self._answer(refusal.request, refusal.status)
        raise web.HTTPSeeOther(f"/login/{self._logins.add(login)}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /login/{id}: the login page."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "digid/gone.html", status=404)
        return login_page.render(request, login, show_faults=self.settings.show_faults)

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """POST /login/{id}: somebody logs in, cancels or fails."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "digid/gone.html", status=404)
        form = await request.post()
        action = str(form.get("action", ""))
        if action in _ENDINGS:
            return self._finish(request, login, _ENDINGS[action])
        chosen = _chosen(form)
        problem = login_page.problem_with(login, chosen)
        if problem is not None or chosen is None:
            return login_page.render(
                request, login, show_faults=self.settings.show_faults, problem=problem, form=form, status=422
            )
        fault = str(form.get("fault", ""))
        faults = frozenset({fault} & FAULTS.keys()) if self.settings.show_faults else frozenset()
        return self._finish(request, login, chosen, faults)

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/artifact, mutual TLS."""
        check_client(peer_certificate(request), self.routing)
        check_content_type(request, CONTENT_TYPES)
        body = await request.read()
        try:
            resolve = self._resolves.judge(body, self._now())
        except SamlError as problem:
            raise web.HTTPBadRequest(text=f"ArtifactResolve refused: {problem.code}") from problem
        handle = handle_of(resolve)
        answer = self._answers.take(handle) if handle else None
        if answer is None:
            return self._nothing(resolve.id)
        scene = self._scene(answer, resolve.id)
        faults = self.faults.active(answer.faults)
        envelope = body_of(scene, faults)
        for fault in faults:
            if fault.on_wire:
                return await fault.on_wire(request, envelope, scene)
        return web.Response(body=envelope, content_type="text/xml", charset="utf-8")

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /saml/metadata."""
        return web.Response(body=metadata_of(self.settings, self._now()), content_type=METADATA_TYPE)

    def _finish(
        self,
        request: web.Request,
        login: LoginRequest,
        outcome: LoggedIn | Status,
        faults: frozenset[str] = frozenset(),
    ) -> web.StreamResponse:
        """A login ends once, however many tabs show its page."""
        if self._logins.take(request.match_info["id"]) is None:
            return page(request, "digid/gone.html", status=404)
        return self._answer(login, outcome, faults)

    def _answer(
        self, login: LoginRequest, outcome: LoggedIn | Status, faults: frozenset[str] = frozenset()
    ) -> web.StreamResponse:
        """ART-06: always an artifact by redirect, to the ACS of the metadata."""
        artifact = new_artifact(self.settings.entity_id, ARTIFACT_INDEX)
        self._answers.put(artifact.handle.hex(), Answer(login, outcome, faults))
        query = {"SAMLart": artifact.text}
        if login.relay_state is not None:
            query["RelayState"] = login.relay_state
        separator = "&" if "?" in login.acs_url else "?"
        raise web.HTTPSeeOther(f"{login.acs_url}{separator}{urlencode(query)}")

    def _nothing(self, resolve_id: str) -> web.Response:
        """ARR-05: Success without Response: used, expired or never there."""
        answer = Answer(LoginRequest("", "", "", None, None), FAILED)
        body = wrap(signed_envelope(self._scene(answer, resolve_id), None))
        return web.Response(body=body, content_type="text/xml", charset="utf-8")

    def _scene(self, answer: Answer, resolve_id: str) -> Scene:
        return Scene(self.settings, self.routing, answer, resolve_id, self._now(), self.faults.seconds, self._memory)

    def _now(self) -> datetime:
        return self._clock()


_ENDINGS: Final = {"cancel": CANCELLED, "fail": FAILED, "level": NO_LEVEL}


def _relay_state(form: "login_page.Form") -> str | None:
    value = form.get("RelayState")
    return value if isinstance(value, str) else None


def _chosen(form: "login_page.Form") -> LoggedIn | None:
    person = BY_KEY.get(str(form.get("person", "")))
    try:
        return LoggedIn(person, Means(str(form.get("means", "")))) if person else None
    except ValueError:
        return None
