"""The untouched messages: one per kind, with frozen IDs and times, signed by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.support.attackgen.handmade import DS, SAML, Recipe, sign
from tests.support.pki import Pair, leaf

SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
RD: Final = "urn:nl-eid-gdi:1.0:RD:00000004183317817000:entities:9001"
AD: Final = "urn:nl-eid-gdi:1.0:AD:00000004166909913000:entities:9002"
DV: Final = "urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:9003"
NAMES: Final = f'xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}"'


@dataclass(frozen=True, slots=True)
class Scene:
    """What a message must fit, to be accepted where it is sent. The default is a world of its own.

    Args:
        at: when it is made.
        value: an index, an artifact, a NameID: what the attacker wants to change.
        request_id: of the AuthnRequest that a Response answers.
        resolve_id: of the ArtifactResolve that an ArtifactResponse answers.
        token: part of every ID, so that two scenes do not share one.
    """

    at: datetime = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
    value: str = "5"
    sso_url: str = "http://rv.localhost:8080/saml/sso"
    artifact_url: str = "https://rv.localhost:8443/saml/artifact"
    acs_url: str = "http://rv.localhost:8080/saml/acs/digid"
    request_id: str = "_request"
    resolve_id: str = "_resolve"
    service: str = "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1001"
    token: str = "genuine"

    @property
    def now(self) -> str:
        """When it is made, as messages write it."""
        return _written(self.at)

    @property
    def just(self) -> str:
        """Two minutes before."""
        return _written(self.at - timedelta(minutes=2))

    @property
    def soon(self) -> str:
        """Two minutes after."""
        return _written(self.at + timedelta(minutes=2))


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


_stage: list[Scene] = [Scene()]


def scene() -> Scene:
    """The scene that messages are made for."""
    return _stage[-1]


@contextmanager
def on_stage(other: Scene) -> Iterator[Scene]:
    """Make messages for another scene meanwhile."""
    _stage.append(other)
    try:
        yield other
    finally:
        _stage.pop()


def oin(entity_id: str) -> str:
    """The twenty digits of an EntityID."""
    return entity_id.split(":")[4]


def signer(entity_id: str) -> Pair:
    """The signing key of an entity."""
    return leaf(oin(entity_id), "signing")


def recipe(entity_id: str) -> Recipe:
    """How that entity signs when nothing is wrong."""
    pair = signer(entity_id)
    return Recipe(pair.key, pair.key_name)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message.

    Args:
        name: as operators name it in `applies_to`.
        sender: whose key signs it.
        build: the message before it is signed.
        path: from the root to the signed element, in ElementPath.
        local: its local name.
        value: the attribute or child that an attacker wants to change: read it.
        poison: write the attacker's value.
        outer: path to an element around it that is signed as well, after every change.
    """

    name: str
    sender: str
    build: Callable[[], etree._Element]
    path: str
    local: str
    value: Callable[[etree._Element], str | None]
    poison: Callable[[etree._Element], None]
    outer: str | None = None

    def locate(self, root: etree._Element) -> etree._Element:
        """The signed element in an untouched document."""
        return root if self.path == "." else root.find(self.path)

    def reseal(self, root: etree._Element) -> None:
        """Sign the element around it again, with the genuine key (a party that relays, or itself turned bad)."""
        if self.outer is None:
            return
        found = root.find(self.outer)
        if found is None:
            return
        for old in found.findall(f"{{{DS}}}Signature"):
            found.remove(old)
        sign(found, recipe(self.sender))


def _parse(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def _soap(inner: str) -> str:
    return f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{inner}</soap:Body></soap:Envelope>'


def _authn_request() -> etree._Element:
    return _parse(
        f'<samlp:AuthnRequest {NAMES} ID="_{scene().token}" Version="2.0" IssueInstant="{scene().now}"'
        f' Destination="{scene().sso_url}" AssertionConsumerServiceIndex="{scene().value}"'
        f' AttributeConsumingServiceIndex="1"><saml:Issuer>{DV}</saml:Issuer></samlp:AuthnRequest>'
    )


def _artifact_resolve() -> etree._Element:
    return _parse(
        _soap(
            f'<samlp:ArtifactResolve {NAMES} ID="_{scene().token}" Version="2.0" IssueInstant="{scene().now}"'
            f' Destination="{scene().artifact_url}"><saml:Issuer>{DV}</saml:Issuer>'
            f"<samlp:Artifact>{scene().value}</samlp:Artifact></samlp:ArtifactResolve>"
        )
    )


def _assertion_text() -> str:
    return (
        f'<saml:Assertion xmlns:saml="{SAML}" ID="_{scene().token}assertion" Version="2.0" IssueInstant="{scene().now}">'
        f"<saml:Issuer>{AD}</saml:Issuer>"
        f"<saml:Subject><saml:NameID>{scene().value}</saml:NameID>"
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData'
        f' InResponseTo="{scene().request_id}" Recipient="{scene().acs_url}" NotOnOrAfter="{scene().soon}"/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        f'<saml:Conditions NotBefore="{scene().just}" NotOnOrAfter="{scene().soon}"><saml:AudienceRestriction>'
        f"<saml:Audience>{RD}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{scene().now}"><saml:AuthnContext><saml:AuthnContextClassRef>'
        "http://eidas.europa.eu/LoA/high</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        '<saml:AttributeStatement><saml:Attribute Name="urn:nl-eid-gdi:1.0:ActingSubjectID"><saml:AttributeValue>'
        f"{_encrypted_id()}</saml:AttributeValue></saml:Attribute>"
        f'<saml:Attribute Name="urn:nl-eid-gdi:1.0:ServiceUUID"><saml:AttributeValue>{scene().service}</saml:AttributeValue>'
        "</saml:Attribute></saml:AttributeStatement></saml:Assertion>"
    )


def _encrypted_id() -> str:
    xenc = "http://www.w3.org/2001/04/xmlenc#"
    return (
        f'<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="{xenc}" Id="_data" Type="{xenc}Element">'
        f'<xenc:EncryptionMethod Algorithm="{xenc}aes256-cbc"/><ds:KeyInfo xmlns:ds="{DS}">'
        f'<ds:RetrievalMethod Type="{xenc}EncryptedKey" URI="#_key"/></ds:KeyInfo>'
        f"<xenc:CipherData><xenc:CipherValue>{'A' * 64}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
        f'<xenc:EncryptedKey xmlns:xenc="{xenc}" Id="_key" Recipient="{DV}">'
        f'<xenc:EncryptionMethod Algorithm="{xenc}rsa-oaep-mgf1p"><ds:DigestMethod xmlns:ds="{DS}"'
        f' Algorithm="{DS}sha1"/></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="{DS}"><ds:KeyName>dv</ds:KeyName>'
        f"</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{'B' * 344}</xenc:CipherValue></xenc:CipherData>"
        '<xenc:ReferenceList><xenc:DataReference URI="#_data"/></xenc:ReferenceList></xenc:EncryptedKey>'
        "</saml:EncryptedID>"
    )


def _artifact_response() -> etree._Element:
    status = '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
    root = _parse(
        _soap(
            f'<samlp:ArtifactResponse {NAMES} ID="_{scene().token}" Version="2.0" IssueInstant="{scene().now}" InResponseTo="{scene().resolve_id}">'
            f"<saml:Issuer>{AD}</saml:Issuer>{status}"
            f'<samlp:Response ID="_{scene().token}response" Version="2.0" IssueInstant="{scene().now}" InResponseTo="{scene().request_id}"'
            f' Destination="{scene().acs_url}"><saml:Issuer>{AD}</saml:Issuer>{status}'
            f"{_assertion_text()}</samlp:Response></samlp:ArtifactResponse>"
        )
    )
    sign(root.find(f".//{{{SAML}}}Assertion"), recipe(AD))
    return root


def _metadata() -> etree._Element:
    from tests.support.attackgen.genuine_metadata import service_provider  # only this kind needs it

    return service_provider()


def _reader(path: str, attribute: str | None = None) -> Callable[[etree._Element], str | None]:
    def read(element: etree._Element) -> str | None:
        found = element if path == "." else element.find(path)
        if found is None:
            return None
        return found.get(attribute) if attribute else found.text

    return read


EVIL: Final = "6"


def _writer(path: str, attribute: str | None = None, value: str = EVIL) -> Callable[[etree._Element], None]:
    def write(element: etree._Element) -> None:
        found = element if path == "." else element.find(path)
        if attribute:
            found.set(attribute, value)
        else:
            found.text = value

    return write


_BODY: Final = f"{{{SOAP}}}Body"
_ACS: Final = f"{{{MD}}}SPSSODescriptor/{{{MD}}}AssertionConsumerService"
AUTHN_REQUEST: Final = Kind(
    "authn_request",
    DV,
    _authn_request,
    ".",
    "AuthnRequest",
    _reader(".", "AssertionConsumerServiceIndex"),
    _writer(".", "AssertionConsumerServiceIndex"),
)
ARTIFACT_RESOLVE: Final = Kind(
    "artifact_resolve",
    DV,
    _artifact_resolve,
    f"{_BODY}/{{{SAMLP}}}ArtifactResolve",
    "ArtifactResolve",
    _reader(f"{{{SAMLP}}}Artifact"),
    _writer(f"{{{SAMLP}}}Artifact"),
)
ARTIFACT_RESPONSE: Final = Kind(
    "artifact_response",
    AD,
    _artifact_response,
    f"{_BODY}/{{{SAMLP}}}ArtifactResponse",
    "ArtifactResponse",
    _reader(f"{{{SAMLP}}}Response", "InResponseTo"),
    _writer(f"{{{SAMLP}}}Response", "InResponseTo", "_evilrequest"),
)
ASSERTION: Final = Kind(
    "assertion",
    AD,
    _artifact_response,
    f".//{{{SAML}}}Assertion",
    "Assertion",
    _reader(f"{{{SAML}}}Subject/{{{SAML}}}NameID"),
    _writer(f"{{{SAML}}}Subject/{{{SAML}}}NameID"),
    outer=f"{_BODY}/{{{SAMLP}}}ArtifactResponse",
)
METADATA: Final = Kind(
    "metadata",
    DV,
    _metadata,
    ".",
    "EntityDescriptor",
    _reader(_ACS, "Location"),
    _writer(_ACS, "Location", "https://portal.example/evil"),
)
KINDS: Final = {kind.name: kind for kind in (AUTHN_REQUEST, ARTIFACT_RESOLVE, ARTIFACT_RESPONSE, ASSERTION, METADATA)}


@lru_cache(64)
def _signed(name: str, _: Scene) -> bytes:
    kind = KINDS[name]
    root = kind.build()
    element = kind.locate(root)
    if element.find(f"{{{DS}}}Signature") is None:
        how = recipe(kind.sender)
        if kind is METADATA:
            how = how.with_(certificate=signer(DV).certificate.public_bytes(Encoding.DER))
        sign(element, how)
    kind.reseal(root)
    return etree.tostring(root)


def genuine(kind: Kind) -> bytes:
    """The untouched, valid message: the negative control of every variant."""
    return _signed(kind.name, scene())


def tree(kind: Kind) -> etree._Element:
    """A fresh tree of the untouched message."""
    return etree.fromstring(genuine(kind))


def unsigned(kind: Kind) -> etree._Element:
    """A fresh tree of which the signed element has no Signature (an outer one is made again by `reseal`)."""
    root = tree(kind)
    element = kind.locate(root)
    for found in element.findall(f"{{{DS}}}Signature"):
        element.remove(found)
    return root
