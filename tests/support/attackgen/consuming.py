"""The wire format as the rooms around it use it: from bytes to the value that an attacker wants to change."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.copying import copy_encrypted_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.messages.artifact_resolve import read_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import read_assertion
from routeringsvoorziening.saml.messages.authn_request import read_authn_request
from routeringsvoorziening.saml.messages.response import read_response
from routeringsvoorziening.saml.metadata.reading import read_service_provider
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import Verified, check_only_signatures_at, verify
from tests.support.attackgen.genuine import DV, Kind, leaf, oin, scene, signer
from tests.support.pki import pki

_SIGNATURES: Final = (".", "samlp:Response/saml:Assertion", "samlp:Response/saml:Assertion/saml:Advice//saml:Assertion")


class Refused(Exception):
    """Refused; `code` is why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@cache
def keys_of(entity_id: str) -> tuple[VerificationKey, ...]:
    """The signing keys in an entity's metadata: for messages, and for TLS. One more key exists, that is not there."""
    pairs = (signer(entity_id), leaf(oin(entity_id), "tls"))
    return tuple(VerificationKey(pair.key_name, pair.certificate) for pair in pairs)


def _verified(element: Element, kind: Kind) -> Verified:
    return verify(element, keys_of(kind.sender), at=scene().at)


def _authn_request(data: bytes, kind: Kind) -> str:
    root = parse(data)
    check_only_signatures_at(root, (".",))
    return str(read_authn_request(_verified(root, kind)).acs_index)


def _artifact_resolve(data: bytes, kind: Kind) -> str:
    message = unwrap(parse(data))
    check_only_signatures_at(message, (".",))
    return read_artifact_resolve(_verified(message, kind)).artifact


def _artifact_response(data: bytes, kind: Kind) -> tuple[str, str]:
    message = unwrap(parse(data))
    check_only_signatures_at(message, _SIGNATURES)
    response = read_response(read_artifact_response(_verified(message, kind)).response)
    assertion = read_assertion(_verified(response.assertion, kind))
    if assertion.has_advice:
        raise Refused("advice.forbidden")  # as whoever asked an AD does
    for identifier in assertion.acting_subject:
        copy_encrypted_id(identifier, keep_recipients=[DV])
    return response.in_response_to, assertion.name_id


def _metadata(data: bytes, kind: Kind) -> str:
    trust = load_trust_bundle(pki().trust_pem)
    try:
        return read_service_provider(data, trust=trust, at=scene().at, role="DV").acs[0].location
    except SamlError as error:
        about = re.match(r"the document's signature: ([a-z0-9.]+)", error.detail)
        raise Refused(about[1] if about and error.code == "md.signature" else error.code) from error


_CONSUMERS: Final[dict[str, Callable[[bytes, Kind], str]]] = {
    "authn_request": _authn_request,
    "artifact_resolve": _artifact_resolve,
    "artifact_response": lambda data, kind: _artifact_response(data, kind)[0],
    "assertion": lambda data, kind: _artifact_response(data, kind)[1],
    "metadata": _metadata,
}


def consume(kind: Kind, data: bytes) -> str:
    """What the reader of this kind of message takes from it.

    Raises:
        Refused: and why.
    """
    try:
        return _CONSUMERS[kind.name](data, kind)
    except SamlError as error:
        raise Refused(error.code) from error
