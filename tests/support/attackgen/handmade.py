"""XML signatures made by hand: digest, SignedInfo and RSA, without libxmlsec, so that every part can be wrong."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from lxml import etree

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
EXC: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = DS + "enveloped-signature"
RSA_SHA256: Final = MORE + "rsa-sha256"
SHA256: Final = XENC + "sha256"

_DIGESTS: Final = {
    DS + "sha1": "sha1",
    MORE + "md5": "md5",
    SHA256: "sha256",
    MORE + "sha384": "sha384",
    XENC + "sha512": "sha512",
}


def _rsa(algorithm: hashes.HashAlgorithm) -> Callable[[object, bytes], bytes]:
    return lambda key, data: key.sign(data, padding.PKCS1v15(), algorithm)


def _pss(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def _hmac(name: str) -> Callable[[object, bytes], bytes]:
    return lambda key, data: hmac.new(key, data, name).digest()


_SIGNERS: Final = {
    DS + "rsa-sha1": _rsa(hashes.SHA1()),
    RSA_SHA256: _rsa(hashes.SHA256()),
    MORE + "rsa-sha384": _rsa(hashes.SHA384()),
    MORE + "rsa-sha512": _rsa(hashes.SHA512()),
    MORE + "rsa-md5": _rsa(hashes.MD5()),
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1": _pss,
    MORE + "ecdsa-sha256": lambda key, data: key.sign(data, ec.ECDSA(hashes.SHA256())),
    DS + "hmac-sha1": _hmac("sha1"),
    MORE + "hmac-sha256": _hmac("sha256"),
}

KeyInfo = Callable[[], etree._Element | None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to sign. The defaults are what the koppelvlak asks.

    Args:
        key: whatever the algorithm signs with: a private key, or bytes for an HMAC.
        uri: of the Reference; `#ID` by default, None to leave it out.
        transforms: in the order written; what is digested is always exclusive canonical XML of the element.
        canonical: override of the bytes that are digested.
    """

    key: object
    key_name: str | None = None
    certificate: bytes | None = None
    algorithm: str = RSA_SHA256
    digest: str = SHA256
    c14n: str = EXC
    transforms: tuple[str, ...] = (ENVELOPED, EXC)
    uri: str | None = "#{id}"
    canonical: bytes | None = None
    signer: str | None = None

    def with_(self, **changes: object) -> "Recipe":
        """The same with a difference."""
        return replace(self, **changes)


def canonical(element: etree._Element, *, comments: bool = False) -> bytes:
    """Exclusive canonical XML of an element in its context."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=comments)


def digest(algorithm: str, data: bytes) -> str:
    """A DigestValue."""
    return base64.b64encode(hashlib.new(_DIGESTS[algorithm], data).digest()).decode()


def without_signatures(element: etree._Element) -> etree._Element:
    """A copy without its own Signature children: what the enveloped transform leaves."""
    copy = deepcopy(element)
    copy.tail = None
    for found in copy.findall(f"{{{DS}}}Signature"):
        copy.remove(found)
    return copy


def _sub(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{DS}}}{name}", attributes)
    child.text = text
    return child


def _skeleton(element: etree._Element, recipe: Recipe) -> etree._Element:
    signature = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = _sub(signature, "SignedInfo")
    _sub(info, "CanonicalizationMethod", Algorithm=recipe.c14n)
    _sub(info, "SignatureMethod", Algorithm=recipe.algorithm)
    uri = {} if recipe.uri is None else {"URI": recipe.uri.format(id=element.get("ID"))}
    reference = _sub(info, "Reference", **uri)
    transforms = _sub(reference, "Transforms")
    for each in recipe.transforms:
        _sub(transforms, "Transform", Algorithm=each)
    _sub(reference, "DigestMethod", Algorithm=recipe.digest)
    covered = recipe.canonical if recipe.canonical is not None else canonical(without_signatures(element))
    _sub(reference, "DigestValue", digest(recipe.digest, covered))
    _sub(signature, "SignatureValue")
    _key_info(signature, recipe)
    return signature


def _key_info(signature: etree._Element, recipe: Recipe) -> None:
    if recipe.key_name is None and recipe.certificate is None:
        return
    info = _sub(signature, "KeyInfo")
    if recipe.key_name is not None:
        _sub(info, "KeyName", recipe.key_name)
    if recipe.certificate is not None:
        _sub(_sub(info, "X509Data"), "X509Certificate", base64.b64encode(recipe.certificate).decode())


def seal(signature: etree._Element, recipe: Recipe) -> None:
    """Write the SignatureValue over SignedInfo as it stands."""
    info = signature.find(f"{{{DS}}}SignedInfo")
    value = _SIGNERS[recipe.signer or recipe.algorithm](recipe.key, canonical(info))
    signature.find(f"{{{DS}}}SignatureValue").text = base64.b64encode(value).decode()


def place(element: etree._Element, signature: etree._Element) -> None:
    """Put a Signature where it belongs: after Issuer, or first."""
    position = 1 if len(element) and element[0].tag == f"{{{SAML}}}Issuer" else 0
    element.insert(position, signature)


def sign(element: etree._Element, recipe: Recipe, adjust: Callable[[etree._Element], None] | None = None) -> None:
    """Sign an element; `adjust` may change the Signature before it is sealed."""
    signature = _skeleton(element, recipe)
    place(element, signature)
    if adjust:
        adjust(signature)
    seal(signature, recipe)
