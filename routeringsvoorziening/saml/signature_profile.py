"""The shape of a signature, settled in lxml before anything is verified (SIG-01 to SIG-04, SIG-10; attacks S01 to S34).

    ds:Signature                            right after saml:Issuer; in metadata the first child
      ds:SignedInfo
        ds:CanonicalizationMethod           exclusive c14n without comments
        ds:SignatureMethod                  rsa-sha256, rsa-sha384, rsa-sha512
        ds:Reference URI="#<ID of the parent>"
          ds:Transforms                     enveloped signature, then exclusive c14n, and no other
          ds:DigestMethod                   sha256, sha384, sha512
          ds:DigestValue
      ds:SignatureValue
      ds:KeyInfo                            ds:KeyName and/or one ds:X509Data/ds:X509Certificate

Nothing more, nothing less, and in this order: no Object, no attribute that is not shown, no text between. So
there is one way left to verify it. A library that is more general, such as libxmlsec, reads a Reference to a file or to
`/dev/zero`, and runs a stylesheet, before it checks anything; nothing gets that far.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import valid_message_id
from routeringsvoorziening.saml.limits import Limits
from routeringsvoorziening.saml.names import ds
from routeringsvoorziening.saml.parsing import Element, decode_base64, has_text, is_id, text

SIGNATURE_METHODS: Final = frozenset({names.RSA_SHA256, names.RSA_SHA384, names.RSA_SHA512})
DIGEST_METHODS: Final = {names.SHA256: hashlib.sha256, names.SHA384: hashlib.sha384, names.SHA512: hashlib.sha512}

MAXIMUM_PREFIXES: Final = 16
"""In one list."""
MAXIMUM_PREFIXES_WITHIN: Final = 32
"""In all lists of one signed element: of its own signature and of those nested in it."""
MAXIMUM_PREFIX_LENGTH: Final = 64
MAXIMUM_KEY_NAME_LENGTH: Final = 256
SIGNATURE_BYTES: Final = range(256, 1025)
"""RSA of 2048 to 8192 bits."""

_OBJECT: Final = ds("Object")
_ISSUER: Final = names.saml("Issuer")
_BINARY: Final = Limits(message_bytes=8192)
_INCLUSIVE_NAMESPACES: Final = f"{{{names.EXC_C14N}}}InclusiveNamespaces"
_OTHER_C14N: Final = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2010/xml-c14n2",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/2000/09/xmldsig#minimal",
)


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """What a well-formed signature says of itself. Nothing of it is trusted yet.

    Args:
        signature: the ds:Signature element.
        signed_info: its SignedInfo.
        value: its SignatureValue.
        signature_method: one of `SIGNATURE_METHODS`.
        digest_method: a key of `DIGEST_METHODS`.
        digest: the claimed digest of the signed element.
        key_name: from KeyInfo, trimmed; None when there is none.
        certificate_der: from KeyInfo; None when there is none. Not parsed.
        prefixes: of the InclusiveNamespaces of the Reference.
        signed_info_prefixes: of the InclusiveNamespaces of CanonicalizationMethod.
    """

    signature: Element = field(repr=False)
    signed_info: Element = field(repr=False)
    value: bytes = field(repr=False)
    signature_method: str
    digest_method: str
    digest: bytes
    key_name: str | None
    certificate_der: bytes | None = field(repr=False)
    prefixes: frozenset[str]
    signed_info_prefixes: frozenset[str]


def check_signature(element: Element) -> SignatureForm:
    """The form of the one signature that is a child of `element` and covers it whole.

    What lies deeper in the element is not looked at: see `check_only_signatures_at`.

    Raises:
        SamlError: `sig.missing`, `sig.count`, `sig.structure`, `sig.object`, `sig.reference`, `alg.forbidden`,
            `alg.transform`, `alg.c14n`, `keyinfo.form`, `node.forbidden`.
    """
    signature = _signature_of(element)
    _check_place(element, signature)
    if next(signature.iter(_OBJECT), None) is not None:
        raise SamlError("sig.object")
    signed_info, value, key_info = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo", may_have=("Id",))
    c14n, method, reference = _children(signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    signed_info_prefixes = _check_c14n(c14n)
    signature_method = _algorithm(method, SIGNATURE_METHODS)
    transforms, digest_method, digest_value = _check_reference(element, reference)
    _check_leaf(value)
    signature_value = _binary(value)
    if len(signature_value) not in SIGNATURE_BYTES:
        raise SamlError("sig.structure", "length of SignatureValue")
    key_name, certificate_der = _read_key_info(key_info)
    digest_algorithm = _algorithm(digest_method, DIGEST_METHODS)
    return SignatureForm(
        signature=signature,
        signed_info=signed_info,
        value=signature_value,
        signature_method=signature_method,
        digest_method=digest_algorithm,
        digest=_read_digest(digest_value, digest_algorithm),
        key_name=key_name,
        certificate_der=certificate_der,
        prefixes=_check_transforms(transforms),
        signed_info_prefixes=signed_info_prefixes,
    )


def check_only_signatures_at(root: Element, allowed: Sequence[str]) -> None:
    """Refuse a signature anywhere but as a child, at most one, of the elements that `allowed` points at (S12, S13).

    Args:
        root: the message.
        allowed: lxml ElementPaths, relative to `root`, with the prefixes of `names.PREFIXES`: `"."`,
            `"samlp:Response/saml:Assertion"`, `"samlp:Response/saml:Assertion/saml:Advice//saml:Assertion"`.

    Raises:
        SamlError: `sig.count`.
    """
    found = [signature.getparent() for signature in root.iter(ds("Signature"))]
    if len(set(found)) != len(found):
        raise SamlError("sig.count", "two signatures in one element")
    if found == [root] and "." in allowed:
        return  # the usual case, and much faster to see
    parents = {holder for path in allowed for holder in root.iterfind(path, names.PREFIXES)}
    if any(parent not in parents for parent in found):
        raise SamlError("sig.count", "signature in an unexpected place")


def prefixes_within(element: Element) -> frozenset[str]:
    """Every prefix that some signature in the element wants kept, the nested ones included; few, whatever came in.

    Canonicalisation looks each of them up at each element, so a list that is of no signature, or too many lists that
    differ, would be work that anybody can order (S33, S48).

    Raises:
        SamlError: `alg.c14n`.
    """
    found: set[str] = set()
    for node in element.iter(_INCLUSIVE_NAMESPACES):
        if _path_of(node) not in _PREFIX_LISTS:
            raise SamlError("alg.c14n", "InclusiveNamespaces outside a signature")
        found |= _prefixes(node)
        if len(found) > MAXIMUM_PREFIXES_WITHIN:
            raise SamlError("alg.c14n", "too many prefixes")
    return frozenset(found)


_PREFIX_LISTS: Final = frozenset(
    {
        (ds("CanonicalizationMethod"), ds("SignedInfo"), ds("Signature")),
        (ds("Transform"), ds("Transforms"), ds("Reference"), ds("SignedInfo"), ds("Signature")),
    }
)
"""Where an InclusiveNamespaces may stand: its ancestors, up to the signature."""


def _path_of(node: Element) -> tuple[str, ...]:
    """The names of the ancestors, up to and including the nearest signature."""
    path: list[str] = []
    for ancestor in islice(node.iterancestors(), 5):
        path.append(str(ancestor.tag))
        if ancestor.tag == ds("Signature"):
            break
    return tuple(path)


def _signature_of(element: Element) -> Element:
    signatures = list(element.iterchildren(ds("Signature")))
    if not signatures:
        raise SamlError("sig.missing")
    if len(signatures) > 1:
        raise SamlError("sig.count", "two signatures in one element")
    return signatures[0]


def _check_place(element: Element, signature: Element) -> None:
    """Right after the Issuer, which comes first; where there is no Issuer (metadata), the first child.

    Comments, of which metadata may have some, are not looked at: canonicalisation leaves them out.
    """
    children = element.iterchildren("*")
    first = next(children)
    if first.tag == _ISSUER:
        first = next(children)
    elif next(element.iterchildren(_ISSUER), None) is not None:
        raise SamlError("sig.structure", "place of the signature")
    if first is not signature:
        raise SamlError("sig.structure", "place of the signature")


def _children(element: Element, *locals_: str, may_have: Collection[str] = ()) -> list[Element]:
    """The children: exactly these, in this order, with no text; and no attributes on the element but these.

    Some software, pysaml2 for one, gives a Signature an Id. It is unique, as every ID is, and nothing refers to it.
    """
    if not set(element.keys()).issubset(may_have):
        raise SamlError("sig.structure", "attribute")
    return _exact_children(element, *locals_)


def _exact_children(element: Element, *locals_: str) -> list[Element]:
    children = list(element)
    if [child.tag for child in children] != [ds(local) for local in locals_]:
        raise SamlError("sig.structure", f"expected {', '.join(locals_)}")
    if has_text(element, children):
        raise SamlError("sig.structure", "text between elements")
    return children


def _check_no_text(element: Element) -> None:
    if has_text(element, list(element)):
        raise SamlError("sig.structure", "text between elements")


def _check_leaf(element: Element) -> None:
    if element.attrib:
        raise SamlError("sig.structure", "attribute")


def _check_reference(element: Element, reference: Element) -> list[Element]:
    """One Reference, to the ID of the element that holds the signature, and that element has no second ID (S29)."""
    if list(reference.attrib) != ["URI"]:
        raise SamlError("sig.reference", "attributes of Reference")
    if [name for name in element.attrib if is_id(str(name))] != ["ID"]:
        raise SamlError("sig.reference", "the signed element must have one ID")
    identifier = valid_message_id(str(element.attrib["ID"]))
    if reference.attrib["URI"] != f"#{identifier}":
        raise SamlError("sig.reference", "not the element that holds the signature")
    return _exact_children(reference, "Transforms", "DigestMethod", "DigestValue")


def _algorithm(element: Element, allowed: Iterable[str]) -> str:
    algorithm = str(element.get("Algorithm", ""))
    if algorithm not in allowed:
        raise SamlError("alg.forbidden")
    if len(element.attrib) != 1 or len(element) or element.text:
        raise SamlError("sig.structure", "parameters of an algorithm")
    return algorithm


def _check_transforms(transforms: Element) -> frozenset[str]:
    """Enveloped signature, then exclusive c14n (S32). Returns the prefixes."""
    if transforms.attrib or [child.tag for child in transforms] != [ds("Transform")] * 2:
        raise SamlError("alg.transform", "exactly two transforms")
    _check_no_text(transforms)
    enveloped, c14n = transforms
    if dict(enveloped.attrib) != {"Algorithm": names.ENVELOPED} or len(enveloped) or enveloped.text:
        raise SamlError("alg.transform", "the first is the enveloped signature")
    if c14n.get("Algorithm") != names.EXC_C14N and c14n.get("Algorithm", "") not in _OTHER_C14N:
        raise SamlError("alg.transform", "the second is exclusive canonicalisation")
    return _check_c14n(c14n)


def _check_c14n(element: Element) -> frozenset[str]:
    """Exclusive c14n without comments, with at most one list of prefixes (S33)."""
    if dict(element.attrib) != {"Algorithm": names.EXC_C14N}:
        raise SamlError("alg.c14n")
    _check_no_text(element)
    if not len(element):
        return frozenset()
    if [child.tag for child in element] != [_INCLUSIVE_NAMESPACES]:
        raise SamlError("alg.c14n", "parameters")
    return _prefixes(element[0])


def _prefixes(inclusive: Element) -> frozenset[str]:
    listed = str(inclusive.get("PrefixList", ""))
    if list(inclusive.attrib) != ["PrefixList"] or len(inclusive) or inclusive.text:
        raise SamlError("alg.c14n", "form of InclusiveNamespaces")
    if len(listed) > MAXIMUM_PREFIXES * (MAXIMUM_PREFIX_LENGTH + 1):
        raise SamlError("alg.c14n", "PrefixList too long")
    prefixes = listed.split()
    if len(prefixes) > MAXIMUM_PREFIXES or any(len(prefix) > MAXIMUM_PREFIX_LENGTH for prefix in prefixes):
        raise SamlError("alg.c14n", "PrefixList too long")
    for prefix in prefixes:
        if prefix != "#default":
            valid_message_id(prefix)
    return frozenset(prefixes)


def _read_digest(element: Element, algorithm: str) -> bytes:
    _check_leaf(element)
    digest = _binary(element)
    if len(digest) != DIGEST_METHODS[algorithm]().digest_size:
        raise SamlError("sig.structure", "length of DigestValue")
    return digest


def _binary(element: Element) -> bytes:
    value = text(element)
    try:
        return decode_base64(value, _BINARY)
    except SamlError:
        raise SamlError("sig.structure", "not base64, or too long") from None


def _read_key_info(key_info: Element) -> tuple[str | None, bytes | None]:
    """KeyName and/or one certificate; each only selects a key (SIG-10, SIG-11, AMB-13; S24)."""
    tags = [child.tag for child in key_info]
    if key_info.attrib or not tags or len(set(tags)) != len(tags) or not _KEY_INFO.issuperset(tags):
        raise SamlError("keyinfo.form", "KeyName and/or one X509Data")
    _check_no_text(key_info)
    name, data = key_info.find(ds("KeyName")), key_info.find(ds("X509Data"))
    return (None if name is None else _read_key_name(name)), (None if data is None else _read_certificate(data))


_KEY_INFO: Final = frozenset({ds("KeyName"), ds("X509Data")})


def _read_key_name(element: Element) -> str:
    name = text(element)
    if element.attrib or not 0 < len(name) <= MAXIMUM_KEY_NAME_LENGTH:
        raise SamlError("keyinfo.form", "KeyName")
    return name


def _read_certificate(data: Element) -> bytes:
    if data.attrib or [child.tag for child in data] != [ds("X509Certificate")] or data[0].attrib:
        raise SamlError("keyinfo.form", "X509Data holds one X509Certificate")
    _check_no_text(data)
    try:
        return decode_base64(text(data[0]), _BINARY)
    except SamlError:
        raise SamlError("keyinfo.form", "X509Certificate") from None
