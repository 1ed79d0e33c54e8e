"""Our own metadata: one document for dienstverleners, one for authenticatiediensten and BVDs (MD-RD, MD-SP)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from aiohttp import web
from cryptography import x509

from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.publishing import Publication
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.keys import SigningKey, key_name_of
from routeringsvoorziening.saml.metadata.model import (
    Endpoint,
    IdentityProvider,
    KeyUse,
    MetadataKey,
    RoutingDienst,
    ServiceProvider,
)
from routeringsvoorziening.saml.names import BINDING_ARTIFACT, BINDING_POST, BINDING_REDIRECT, BINDING_SOAP

CONTENT_TYPE: Final = "application/samlmetadata+xml"
CACHE: Final = "public, max-age=300"
VARIANT: Final = "connection"
"""Parameter that asks for the document as it was agreed with one connection."""
SIGNING: Final = frozenset[KeyUse]({"signing"})
ENCRYPTION: Final = frozenset[KeyUse]({"encryption"})


def for_dienstverleners(
    dienst: Routeringsdienst, published: Iterable[MetadataKey], *, valid_until: datetime
) -> IdentityProvider:
    """What dienstverleners and LCs need of us (MD-RD-01 to MD-RD-05)."""
    addresses = dienst.addresses
    return IdentityProvider(
        entity_id=dienst.entity_id,
        keys=tuple(key for key in published if "signing" in key.uses),
        artifact_resolution=(
            Endpoint(addresses.artifact, BINDING_SOAP, index=addresses.artifact_index, is_default=True),
        ),
        single_sign_on=(Endpoint(addresses.sso, BINDING_POST),),
        single_logout=(Endpoint(addresses.logout, BINDING_POST),),
        valid_until=valid_until,
    )


def with_redirect(provider: IdentityProvider) -> IdentityProvider:
    """For software that wants to read HTTP-Redirect before it posts (`metadata_redirect_sso`); it is not accepted."""
    redirects = tuple(Endpoint(each.location, BINDING_REDIRECT) for each in provider.single_sign_on)
    return replace(provider, single_sign_on=provider.single_sign_on + redirects)


def for_services(
    dienst: Routeringsdienst,
    published: Iterable[MetadataKey],
    assertion_consumers: Iterable[Endpoint],
    dienstverleners: Mapping[EntityID, tuple[Recipient, ...]],
    *,
    valid_until: datetime,
) -> RoutingDienst:
    """What authenticatiediensten and BVDs need of us, and for whom they encrypt (MD-SP-01 to MD-SP-09).

    A dienstverlener is in it whether it asks for itself, through suppliers, or both.
    """
    return RoutingDienst(
        ServiceProvider(
            entity_id=dienst.entity_id,
            keys=tuple(published),
            acs=tuple(assertion_consumers),
            slo=(Endpoint(dienst.addresses.logout, BINDING_POST),),
            valid_until=valid_until,
        ),
        {str(entity_id): keys for entity_id, keys in dienstverleners.items()},
    )


def published_keys(
    signing: Iterable[SigningKey], tls: x509.Certificate, encryption: x509.Certificate | None
) -> tuple[MetadataKey, ...]:
    """Every key that others may meet: of messages, of the back channel's TLS, and the one that MD-SP-05 asks for.

    The TLS certificate comes once, also when it is a signing certificate (TLS-04).
    """
    keys = [MetadataKey(key.key_name, key.certificate, SIGNING) for key in signing]
    if all(key.certificate != tls for key in keys):
        keys.append(MetadataKey(key_name_of(tls), tls, SIGNING))
    if encryption is not None:
        keys.append(MetadataKey(key_name_of(encryption), encryption, ENCRYPTION))
    return tuple(keys)


def assertion_consumers(addresses: Mapping[int, str]) -> tuple[Endpoint, ...]:
    """Our AssertionConsumerServices by index; the first is the default (MD-SP-07)."""
    first = min(addresses)
    return tuple(
        Endpoint(location, BINDING_ARTIFACT, index=index, is_default=index == first)
        for index, location in sorted(addresses.items())
    )


def serve(publication: Publication) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler that hands out a publication to anybody."""
    return serve_variants(publication, {}, lambda _connection: None)


def serve_variants(
    publication: Publication, variants: Mapping[str, Publication], note: Callable[[str], None]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """As `serve`; who asks with the EntityID of a connection that has a variant, gets that.

    Args:
        publication: for everybody.
        variants: by EntityID.
        note: told of every variant that was handed out.
    """

    async def hand_out(request: web.Request) -> web.StreamResponse:
        wanted = request.query.get(VARIANT, "")
        if wanted in variants:
            note(wanted)
        content = await variants.get(wanted, publication).current()
        return web.Response(body=content, content_type=CONTENT_TYPE, headers={"Cache-Control": CACHE})

    return hand_out
