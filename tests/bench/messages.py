"""Signed messages made from templates that are in canonical form already: a hash and a signature, and no XML at all."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

_SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_EXC: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_INFO: Final = (
    f'<ds:SignedInfo xmlns:ds="{_DS}"><ds:CanonicalizationMethod Algorithm="{_EXC}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
    f'<ds:Reference URI="#{{id}}"><ds:Transforms><ds:Transform Algorithm="{_DS}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{_EXC}"></ds:Transform></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
_REQUEST: Final = (
    f'<samlp:AuthnRequest xmlns:samlp="{_SAMLP}" AssertionConsumerServiceIndex="0" AttributeConsumingServiceIndex="3"'
    ' Destination="{destination}" ID="{id}" IssueInstant="{now}" Version="2.0">'
    f'<saml:Issuer xmlns:saml="{_SAML}">{{issuer}}</saml:Issuer>|<samlp:Scoping><samlp:IDPList>'
    '<samlp:IDPEntry ProviderID="{service}"></samlp:IDPEntry></samlp:IDPList></samlp:Scoping></samlp:AuthnRequest>'
)
_REQUEST_THROUGH: Final = _REQUEST.replace(
    "</samlp:IDPList>",
    '<samlp:IDPEntry ProviderID="{bvd}"></samlp:IDPEntry></samlp:IDPList><samlp:RequesterID>{bvd}</samlp:RequesterID>',
)
_REQUEST_FOR: Final = (
    f'<samlp:AuthnRequest xmlns:samlp="{_SAMLP}" AssertionConsumerServiceIndex="0"'
    ' Destination="{destination}" ID="{id}" IssueInstant="{now}" Version="2.0">'
    f'<saml:Issuer xmlns:saml="{_SAML}">{{issuer}}</saml:Issuer>|<samlp:Extensions>'
    f'<saml:Attribute xmlns:saml="{_SAML}" Name="urn:nl-eid-gdi:1.0:IntendedAudience">'
    "<saml:AttributeValue>{behind}</saml:AttributeValue></saml:Attribute>"
    f'<saml:Attribute xmlns:saml="{_SAML}" Name="urn:nl-eid-gdi:1.0:ServiceUUID">'
    "<saml:AttributeValue>{uuid}</saml:AttributeValue></saml:Attribute></samlp:Extensions><samlp:Scoping><samlp:IDPList>"
    '<samlp:IDPEntry ProviderID="{service}"></samlp:IDPEntry></samlp:IDPList></samlp:Scoping></samlp:AuthnRequest>'
)
_RESOLVE: Final = (
    f'<samlp:ArtifactResolve xmlns:samlp="{_SAMLP}" Destination="{{destination}}" ID="{{id}}" IssueInstant="{{now}}"'
    f' Version="2.0"><saml:Issuer xmlns:saml="{_SAML}">{{issuer}}</saml:Issuer>|'
    "<samlp:Artifact>{artifact}</samlp:Artifact></samlp:ArtifactResolve>"
)
_ENVELOPE: Final = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>{}</soap:Body></soap:Envelope>'
)


@dataclass(frozen=True, slots=True)
class Signer:
    """A dienstverlener that signs. `costs` holds the CPU milliseconds of every RSA signature that it made."""

    entity_id: str
    key: RSAPrivateKey
    key_name: str
    costs: list[float] = field(default_factory=list)

    def authn_request(self, destination: str, service: str) -> str:
        """For the form field SAMLRequest; `service` is the one login method that is wanted, so that nothing is asked."""
        return base64.b64encode(self._sign(_REQUEST, destination=destination, service=service).encode()).decode()

    def authn_request_through(self, destination: str, service: str, bvd: str) -> str:
        """As a dienstverlener asks it for somebody who acts for somebody else, through that BVD."""
        values = {"destination": destination, "service": service, "bvd": bvd}
        return base64.b64encode(self._sign(_REQUEST_THROUGH, **values).encode()).decode()

    def authn_request_for(self, destination: str, service: str, behind: str, uuid: str) -> str:
        """As a supplier asks it: for which dienstverlener, and for which dienst of it."""
        values = {"destination": destination, "service": service, "behind": behind, "uuid": uuid}
        return base64.b64encode(self._sign(_REQUEST_FOR, **values).encode()).decode()

    def artifact_resolve(self, destination: str, artifact: str) -> bytes:
        """The body of a call to the back channel."""
        return _ENVELOPE.format(self._sign(_RESOLVE, destination=destination, artifact=artifact)).encode()

    def _sign(self, template: str, **values: str) -> str:
        identifier = "_" + secrets.token_hex(20)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        before, after = template.format(id=identifier, now=now, issuer=self.entity_id, **values).split("|")
        digest = base64.b64encode(sha256((before + after).encode()).digest()).decode()
        info = _INFO.format(id=identifier, digest=digest)
        started = time.thread_time()
        signature = self.key.sign(info.encode(), PKCS1v15(), SHA256())
        self.costs.append((time.thread_time() - started) * 1000)
        value = base64.b64encode(signature).decode()
        return (
            f'{before}<ds:Signature xmlns:ds="{_DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
            f"<ds:KeyInfo><ds:KeyName>{self.key_name}</ds:KeyName></ds:KeyInfo></ds:Signature>{after}"
        )
