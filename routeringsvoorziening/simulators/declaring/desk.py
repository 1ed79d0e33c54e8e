"""Where answers wait: an artifact goes out by redirect, and what is behind it over mutual TLS, once."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.soap import wrap
from routeringsvoorziening.simulators.declaring.answers import body_of, signed_envelope
from routeringsvoorziening.simulators.declaring.artifacts import CONTENT_TYPES, ResolveJudge, check_client, handle_of
from routeringsvoorziening.simulators.declaring.faults import FaultSwitches
from routeringsvoorziening.simulators.declaring.metadata import ARTIFACT_INDEX
from routeringsvoorziening.simulators.declaring.scene import Answer, Asked, Memory, Scene
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.transport.limits import check_content_type
from routeringsvoorziening.transport.peer import peer_certificate

ANSWER_LIFE: Final = timedelta(minutes=15)
"""The answer behind an artifact is available for at most 15 minutes, and once (ART-07)."""
SEEN_LIFE: Final = timedelta(minutes=20)
"""How long a message ID is remembered: longer than a message of that age is accepted."""
CANCELLED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, names.CANCELLED_MESSAGE)
_NOBODY: Final = Asked("", "", "", None)


class Desk:
    """The way out of a declaring party.

    Args:
        settings: of that party.
        routing: the routeringsdienst that it serves.
        clock: aware UTC.
        faults: what it does wrong.
        seen: message IDs that came before, shared with the way in.
    """

    def __init__(
        self,
        settings: DeclaringSettings,
        routing: RoutingDienst,
        clock: Clock,
        faults: FaultSwitches,
        seen: ShortLived[bool],
    ) -> None:
        self._settings = settings
        self._routing = routing
        self._clock = clock
        self._faults = faults
        self._memory = Memory()
        self._answers: ShortLived[Answer] = ShortLived(ANSWER_LIFE, clock)
        self._resolves = ResolveJudge(routing, settings.artifact_url, seen)

    def send_back(self, answer: Answer) -> web.StreamResponse:
        """ART-06: always an artifact by redirect, to the ACS of the metadata."""
        artifact = new_artifact(self._settings.entity_id, ARTIFACT_INDEX)
        self._answers.put(artifact.handle.hex(), answer)
        asked = answer.asked
        query = {"SAMLart": artifact.text}
        if asked.relay_state is not None:
            query["RelayState"] = asked.relay_state
        separator = "&" if "?" in asked.acs_url else "?"
        raise web.HTTPSeeOther(f"{asked.acs_url}{separator}{urlencode(query)}")

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/artifact, mutual TLS."""
        check_client(peer_certificate(request), self._routing)
        check_content_type(request, CONTENT_TYPES)
        body = await request.read()
        try:
            resolve = self._resolves.judge(body, self._clock())
        except SamlError as problem:
            raise web.HTTPBadRequest(text=f"ArtifactResolve refused: {problem.code}") from problem
        handle = handle_of(resolve)
        answer = self._answers.take(handle) if handle else None
        if answer is None:
            return self._nothing(resolve.id)
        return await self._hand_over(request, self._scene(answer, resolve.id))

    async def _hand_over(self, request: web.Request, scene: Scene) -> web.StreamResponse:
        faults = self._faults.active(scene.answer.faults)
        envelope = body_of(scene, faults)
        for fault in faults:
            if fault.on_wire:
                return await fault.on_wire(request, envelope, scene)
        return web.Response(body=envelope, content_type="text/xml", charset="utf-8")

    def _nothing(self, resolve_id: str) -> web.Response:
        """ARR-05: Success without Response: used, expired or never there."""
        scene = self._scene(Answer(_NOBODY, SUCCESS), resolve_id)
        return web.Response(body=wrap(signed_envelope(scene, None)), content_type="text/xml", charset="utf-8")

    def _scene(self, answer: Answer, resolve_id: str) -> Scene:
        return Scene(
            self._settings, self._routing, answer, resolve_id, self._clock(), self._faults.seconds, self._memory
        )
