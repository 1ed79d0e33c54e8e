"""An enveloped signature on a message that we built (SIG-01 to SIG-04, SIG-09)."""

import base64
import copy
from typing import Final

import xmlsec
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import valid_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.names import ds
from routeringsvoorziening.saml.parsing import Element

_NAMESPACES: Final = {"ds": names.DS}


def sign(element: Element, key: SigningKey, *, include_certificate: bool = False) -> None:
    """Put a signature on an element, in place: right after its Issuer, or as first child when it has none (metadata).

    rsa-sha256 over sha256, exclusive c14n without PrefixList; KeyInfo holds the KeyName. Sign last: any later change
    breaks it, apart from embedding the element elsewhere.

    Args:
        element: has an `ID`; an xs:ID that is unique in the document it will be sent in.
        key: one of our own.
        include_certificate: add the certificate to KeyInfo, as metadata does.

    Raises:
        SamlError: `id.form`; `sig.count` when there is a signature already.
    """
    identifier = valid_message_id(str(element.get("ID", "")))
    if element.find(ds("Signature")) is not None:
        raise SamlError("sig.count", "already signed")
    signature = _sign_alone(copy.deepcopy(element), identifier, key)
    signature.append(_key_info(key, include_certificate=include_certificate))
    element.insert(_place(element), signature)


def _sign_alone(alone: Element, identifier: str, key: SigningKey) -> Element:
    """Let xmlsec sign a copy in a document of its own: the ID that it registers stays behind there."""
    alone.tail = None
    signature = _template(identifier)
    alone.insert(_place(alone), signature)
    context = xmlsec.SignatureContext()
    context.key = key.xmlsec_key
    context.register_id(alone, "ID")
    context.sign(signature)
    value = signature[1]
    value.text = "".join((value.text or "").split())
    return signature


def _place(element: Element) -> int:
    return 1 if len(element) and element[0].tag == names.saml("Issuer") else 0


def _template(identifier: str) -> Element:
    signature = etree.Element(ds("Signature"), nsmap=_NAMESPACES)
    signed_info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(signed_info, ds("CanonicalizationMethod"), Algorithm=names.EXC_C14N)
    etree.SubElement(signed_info, ds("SignatureMethod"), Algorithm=names.RSA_SHA256)
    reference = etree.SubElement(signed_info, ds("Reference"), URI=f"#{identifier}")
    transforms = etree.SubElement(reference, ds("Transforms"))
    etree.SubElement(transforms, ds("Transform"), Algorithm=names.ENVELOPED)
    etree.SubElement(transforms, ds("Transform"), Algorithm=names.EXC_C14N)
    etree.SubElement(reference, ds("DigestMethod"), Algorithm=names.SHA256)
    etree.SubElement(reference, ds("DigestValue"))
    etree.SubElement(signature, ds("SignatureValue"))
    return signature


def _key_info(key: SigningKey, *, include_certificate: bool) -> Element:
    key_info = etree.Element(ds("KeyInfo"), nsmap=_NAMESPACES)
    etree.SubElement(key_info, ds("KeyName")).text = key.key_name
    if include_certificate:
        data = etree.SubElement(key_info, ds("X509Data"))
        der = key.verification_key.certificate_der
        etree.SubElement(data, ds("X509Certificate")).text = base64.b64encode(der).decode("ascii")
    return key_info
