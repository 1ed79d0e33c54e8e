"""From bytes of a stranger to a message of a known connection: everything XML in one go, on the spot or in a thread."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from cryptography import x509

from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import key_name_of
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, read_artifact_resolve
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, read_authn_request
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest, read_logout_request
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.parsing import Element, decode_base64, parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import Verified, check_only_signatures_at, verify

FindConnection = Callable[[str], Connection | None]
"""The connection with an EntityID, as configured at this moment."""

AUTHN_REQUEST_SIGNATURES: Final = (".", "samlp:Extensions//saml:Assertion")
"""The message's own; and that of an IdpAssertion, which is ignored with everything in it (AR-13)."""

Message = TypeVar("Message", AuthnRequest, ArtifactResolve, LogoutRequest)


def receive_authn_request(encoded: str, find: FindConnection, *, at: datetime) -> tuple[Connection, AuthnRequest]:
    """The AuthnRequest in a SAMLRequest parameter, and whose it proved to be (GEN-04, AR-10, SIG-12).

    Raises:
        SamlError: any code of bytes, tree, shape and signature; `issuer.unknown`, `issuer.mismatch`, `md.expired`.
    """
    element = parse(decode_base64(encoded))
    connection = _sender(element, find, at)
    check_only_signatures_at(element, AUTHN_REQUEST_SIGNATURES)
    tolerate = connection.compat.tolerate_requested_authn_context
    read = partial(read_authn_request, tolerate_requested_authn_context=tolerate)
    return connection, _proven(element, connection, read, at)


def receive_logout_request(encoded: str, find: FindConnection, *, at: datetime) -> tuple[Connection, LogoutRequest]:
    """The LogoutRequest in a SAMLRequest parameter, and whose it proved to be (SLO-03).

    Raises:
        SamlError: as `receive_authn_request`.
        MessageRefused: what `find` raises.
    """
    element = parse(decode_base64(encoded))
    connection = _sender(element, find, at)
    check_only_signatures_at(element, (".",))
    return connection, _proven(element, connection, read_logout_request, at)


def receive_artifact_resolve(
    body: bytes, peer: x509.Certificate, find: FindConnection, *, at: datetime
) -> tuple[Connection, ArtifactResolve]:
    """The ArtifactResolve in a SOAP body, and whose it proved to be: by its signature and by its TLS key (TLS-04).

    Raises:
        SamlError: as `receive_authn_request`, and `soap.structure`.
        MessageRefused: `tls.client`.
    """
    element = unwrap(parse(body))
    connection = _sender(element, find, at)
    check_client_certificate(peer, connection)
    check_only_signatures_at(element, (".",))
    return connection, _proven(element, connection, read_artifact_resolve, at)


def check_client_certificate(peer: x509.Certificate, connection: Connection) -> None:
    """The certificate of the connection's TLS handshake is a signing key of its metadata (TLS-04).

    Raises:
        MessageRefused: `tls.client`.
    """
    if key_name_of(peer) not in connection.metadata.tls_fingerprints:
        raise MessageRefused("tls.client", "the client certificate is not in the metadata of the Issuer")


def _sender(element: Element, find: FindConnection, at: datetime) -> Connection:
    """The connection that the message says it is from; nothing is proven yet."""
    connection = find(claimed_issuer(element))
    if connection is None:
        raise SamlError("issuer.unknown")
    expiry = connection.metadata.valid_until
    if expiry is not None and at >= expiry:
        raise SamlError("md.expired", "of the Issuer")
    return connection


def _proven(element: Element, connection: Connection, read: Callable[[Verified], Message], at: datetime) -> Message:
    """The message, after its signature: read from what was signed, and from nothing else."""
    message = read(verify(element, connection.metadata.signing_keys, at=at, keep=False))
    if message.issuer != connection.entity_id:
        raise SamlError("issuer.mismatch")
    return message
