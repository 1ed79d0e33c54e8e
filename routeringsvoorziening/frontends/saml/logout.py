"""POST /saml/logout: where a LogoutRequest will come in. There is no session to end yet, so each is refused.

Our metadata must name this address (MD-RD-05), so that it answers honestly: with a page that says that it did not work.
"""

from aiohttp import web

from routeringsvoorziening.broker.identifiers import new_reference
from routeringsvoorziening.frontends.saml.forms import read_form
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.frontends.saml.rejecting import REJECTIONS, Rejections
from routeringsvoorziening.frontends.saml.sso import RefusalPage
from routeringsvoorziening.observability.logs import bound_reference


class SingleLogout:
    """The handler. One per server."""

    def __init__(self, refuse: RefusalPage, rejections: Rejections) -> None:
        self._refuse = refuse
        self._rejections = rejections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Refuse one request of a browser."""
        reference = bound_reference() or new_reference()
        try:
            read_form(request.content_type, await request.read())
            raise MessageRefused("logout.unsupported", "there are no sessions")
        except REJECTIONS as error:
            self._rejections.note(reference, error)
            return self._refuse(request, reference)
