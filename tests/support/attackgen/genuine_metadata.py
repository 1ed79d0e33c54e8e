"""The untouched metadata of a dienstverlener."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.support.attackgen.genuine import DV, MD, oin, scene
from tests.support.attackgen.handmade import DS, SAML
from tests.support.pki import leaf

_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_ARTIFACT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"


def _key(purpose: str) -> str:
    pair = leaf(oin(DV), purpose)
    text = base64.b64encode(pair.certificate.public_bytes(Encoding.DER)).decode()
    return (
        f'<md:KeyDescriptor use="{"encryption" if purpose == "encryption" else "signing"}"><ds:KeyInfo>'
        f"<ds:KeyName>{pair.key_name}</ds:KeyName><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def service_provider() -> etree._Element:
    """A direct connection with one ACS and one service, not signed yet."""
    return etree.fromstring(
        f'<md:EntityDescriptor xmlns:md="{MD}" xmlns:ds="{DS}" xmlns:saml="{SAML}" ID="_genuine" entityID="{DV}"'
        ' validUntil="2026-12-31T00:00:00Z"><md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"'
        f' protocolSupportEnumeration="{_PROTOCOL}">{_key("signing")}{_key("tls")}{_key("encryption")}'
        f'<md:AssertionConsumerService Binding="{_ARTIFACT}" Location="https://portal.example/acs" index="0"'
        ' isDefault="true"/><md:AttributeConsumingService index="1" isDefault="true">'
        '<md:ServiceName xml:lang="nl">Afspraak maken</md:ServiceName>'
        '<md:RequestedAttribute Name="urn:nl-eid-gdi:1.0:ServiceUUID">'
        f"<saml:AttributeValue>{scene().service}</saml:AttributeValue></md:RequestedAttribute></md:AttributeConsumingService>"
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    )
