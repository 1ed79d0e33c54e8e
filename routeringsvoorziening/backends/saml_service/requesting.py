"""Our own AuthnRequest to a service, as a form for the browser (RAD-01 to RAD-05).

It takes half a millisecond, most of it the signature; much evidence in it takes longer, and then a thread does it.
"""

import base64
from datetime import datetime

from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import LegId, PostForm
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, write_authn_request
from routeringsvoorziening.saml.signing import signed


def build_request(
    own: Requester,
    destination: str,
    leg: LegId,
    task: AuthenticationTask,
    *,
    force_authn: bool,
    requester_ids: tuple[str, ...] = (),
    idp_assertion: bytes | None = None,
    provider_name: str | None = None,
    now: datetime,
) -> PostForm:
    """A signed AuthnRequest for a dienstverlener and its dienst, whose ID and RelayState are the leg's id.

    No IDPList, no AttributeConsumingServiceIndex and no AssertionConsumerServiceURL (RAD-02, RAD-04). `requester_ids`
    is for an AD, `idp_assertion` for a BVD, `provider_name` for eIDAS alone (AR-09).
    """
    request = AuthnRequest(
        id=leg,
        issuer=own.entity_id,
        destination=destination,
        issue_instant=now,
        force_authn=force_authn,
        acs_index=own.acs_index,
        intended_audience=task.dienstverlener,
        service_uuid=task.service,
        requester_ids=requester_ids,
        provider_name=provider_name,
        idp_assertion=idp_assertion,
        has_extensions=True,
    )
    return signed_form(write_authn_request(request), own, destination, leg)


def signed_form(message: bytes, own: Requester, destination: str, leg: LegId) -> PostForm:
    """A request in canonical form that is finished but for its signature, as a form for the browser."""
    encoded = base64.b64encode(signed(message, leg, own.signing)).decode("ascii")
    return PostForm(destination, {"SAMLRequest": encoded, "RelayState": leg})
