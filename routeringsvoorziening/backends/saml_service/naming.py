"""Which message was rejected, so that it can be found again together with the service that sent it (ERR-10).

What is read here is not verified, and is only written down: entity IDs and message IDs by their form, nothing else.
"""

from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id
from routeringsvoorziening.saml.identifiers import parse_entity_id, valid_message_id
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.soap import unwrap

_INNER: Final = (names.samlp("Response"), names.saml("Assertion"))


@dataclass(frozen=True, slots=True)
class Named:
    """What an answer calls itself; empty where it does not say so in good form.

    Args:
        issuer: an EntityID.
        messages: IDs of the ArtifactResponse, the Response and the Assertion, apart by spaces.
    """

    issuer: str = ""
    messages: str = ""


def named(body: bytes) -> Named:
    """What the answer in a SOAP body calls itself, as far as it can be read."""
    try:
        message = unwrap(parse(body))
    except SamlError:
        return Named()
    found = [message, *message.iter(*_INNER)][:3]
    return Named(_issuer(message), " ".join(filter(None, map(_identifier, found))))


def _issuer(message: Element) -> str:
    for parse_name in (parse_entity_id, parse_etd_entity_id):
        try:
            return parse_name(claimed_issuer(message)).text
        except SamlError:
            continue
    return ""


def _identifier(message: Element) -> str:
    try:
        return valid_message_id(message.get("ID", ""))
    except SamlError:
        return ""
