"""The AuthnRequest of the portal: signed, for one service, with what the citizen chose already."""

import base64
import secrets
from datetime import datetime

from lxml import etree

from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.simulators.portal.behind import Behind
from routeringsvoorziening.simulators.portal.exchange import Attempt, Exchange
from routeringsvoorziening.simulators.portal.relay_state import seal
from routeringsvoorziening.simulators.portal.representing import FOR_MYSELF, Wish
from routeringsvoorziening.simulators.portal.settings import ACS_INDEX, PortalSettings
from routeringsvoorziening.simulators.world.layout import LOGIN_METHODS, DemoService


def new_attempt(
    settings: PortalSettings,
    rd: IdentityProvider,
    service: DemoService,
    *,
    browser: str,
    secret: bytes,
    at: datetime,
    force_authn: bool = False,
    wish: Wish = FOR_MYSELF,
    behind: Behind | None = None,
    method: str = "",
) -> tuple[str, Attempt]:
    """A new attempt and its key (AR-01 to AR-19): ACS by index, Scoping, and the service.

    A dienstverlener names its service by AttributeConsumingServiceIndex; a supplier says in Extensions for whom it
    asks, and for what (AR-08).

    Args:
        settings: of the portal.
        rd: metadata of the routeringsdienst.
        service: what the citizen wants to do.
        browser: the browser's own secret, to which RelayState is bound.
        secret: of the portal, for the HMAC.
        at: now.
        force_authn: ask for credentials whatever session exists.
        wish: about acting for somebody else; RequesterID never comes without an IDPList (AMB-04).
        behind: for whom a supplier asks.
        method: the login method that the citizen chose already; all that the service takes when it is none of those.
    """
    key = secrets.token_urlsafe(16)
    sso_url = rd.single_sign_on[0].location
    request = AuthnRequest(
        id=new_message_id(),
        issuer=settings.entity_id,
        destination=sso_url,
        issue_instant=at,
        force_authn=force_authn,
        acs_index=ACS_INDEX,
        attribute_index=service.index if behind is None else None,
        has_extensions=behind is not None,
        intended_audience=None if behind is None else behind.entity_id,
        service_uuid=None if behind is None else service.uuid,
        idp_list=(*_authorities(service, method), *wish.entities) if wish.narrowed else None,
        requester_ids=wish.entities if wish.required else (),
    )
    element = build_authn_request(request)
    sign(element, settings.signing)
    xml = etree.tostring(element, encoding="UTF-8", xml_declaration=False)
    fields = {"SAMLRequest": base64.b64encode(xml).decode("ascii"), "RelayState": seal(key, browser, secret)}
    chosen = method if method in service.methods else service.methods[0] if len(service.methods) == 1 else ""
    exchange = Exchange(at, service, sso_url, xml, fields, behind=behind, wish=wish, method=chosen)
    return key, Attempt(request.id, service, exchange)


def _authorities(service: DemoService, method: str) -> tuple[str, ...]:
    """Who may say who somebody is."""
    wanted = (method,) if method in service.methods else service.methods
    return tuple(LOGIN_METHODS[each][0].entity_id for each in wanted)
