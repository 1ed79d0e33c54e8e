"""From a tree to what was signed: `Verified` is the only thing that readers of messages accept.

    form of the signature > key > isolate > form once more > xmlsec > compare digests > Verified

Nothing that costs is done for a message that has no well-formed signature with a key that we know. Then the signed
element is taken out of its document in canonical form and parsed again, alone. The form of that document is
checked, and xmlsec verifies it, with one single ID registered; the same document, without its signature, is what the
caller gets. Its canonical digest is compared with the signed one once more: what is read is what was signed (S43).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import xmlsec

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.parsing import Element, canonical, read_tree
from routeringsvoorziening.saml.signature_profile import (
    DIGEST_METHODS,
    SignatureForm,
    check_only_signatures_at,
    check_signature,
    prefixes_within,
)

__all__ = ["Verified", "check_only_signatures_at", "verify"]


@dataclass(frozen=True, slots=True)
class Verified:
    """An element that a known key signed. Only `verify` makes one.

    Args:
        element: the root of its own document: the signed element, read again from its canonical form, without its
            signature. Signatures deeper down are still there and still verify.
        canonical: the element in exclusive canonical XML *with* its signature: the evidence. The signature, and
            those nested in it, still verify where these bytes are parsed and embedded, provided that the new
            surroundings do not bind a prefix of a PrefixList which is not bound in these bytes themselves.
        key: the key that signed it.
    """

    element: Element = field(repr=False)
    canonical: bytes = field(repr=False)
    key: VerificationKey


def verify(
    element: Element, keys: Sequence[VerificationKey], *, at: datetime, require_key_name: bool = False
) -> Verified:
    """Verify the enveloped signature of an element of a tree that `parse` made (SIG-01 to SIG-06, SIG-10, SIG-11).

    Args:
        element: the message or assertion: the parent of the signature.
        keys: the signing keys of the party that the element claims to be from; the message only selects among them.
        at: now, aware. The certificate must be valid.
        require_key_name: a certificate alone does not do: authenticatiediensten and BVDs must send a KeyName (SIG-09).

    Raises:
        SamlError: what `check_signature` raises, `key.unknown`, `key.expired`, `key.weak`, `sig.invalid`.
    """
    claimed = check_signature(element)
    if require_key_name and claimed.key_name is None:
        raise SamlError("keyinfo.form", "KeyName is required")
    key = _choose(claimed, keys, at)
    evidence = _evidence(element)
    isolated = read_tree(evidence)
    form = check_signature(isolated)
    _verify_with_xmlsec(isolated, form.signature, key)
    _remove(form.signature)
    _compare_digest(isolated, form)
    return Verified(element=isolated, canonical=evidence, key=key)


def _choose(form: SignatureForm, keys: Sequence[VerificationKey], at: datetime) -> VerificationKey:
    """The one key to which everything in KeyInfo points."""
    found = [key for key in keys if _selects(form, key)]
    if not found:
        raise SamlError("key.unknown")
    current = [key for key in found if key.is_valid_at(at)]
    if not current:
        raise SamlError("key.expired")
    if len({key.certificate_der for key in current}) > 1:
        raise SamlError("key.unknown", "two certificates of one KeyName")
    return current[0]


def _selects(form: SignatureForm, key: VerificationKey) -> bool:
    name_fits = form.key_name is None or form.key_name == key.key_name
    certificate_fits = form.certificate_der is None or form.certificate_der == key.certificate_der
    return name_fits and certificate_fits


def _evidence(element: Element) -> bytes:
    prefixes = prefixes_within(element)
    try:
        return canonical(element, prefixes)
    except SamlError:
        raise SamlError("sig.invalid", "no canonical form") from None


def _verify_with_xmlsec(root: Element, signature: Element, key: VerificationKey) -> None:
    context = xmlsec.SignatureContext()
    for transform in _REFERENCE_TRANSFORMS:
        context.enable_reference_transform(transform)
    for transform in _SIGNATURE_TRANSFORMS:
        context.enable_signature_transform(transform)
    context.key = key.xmlsec_key
    context.register_id(root, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        raise SamlError("sig.invalid") from None


_C14N: Final[Any] = xmlsec.constants.TransformExclC14N
_DIGESTS: Final[tuple[Any, ...]] = (
    xmlsec.constants.TransformSha256,
    xmlsec.constants.TransformSha384,
    xmlsec.constants.TransformSha512,
)
_REFERENCE_TRANSFORMS: Final[tuple[Any, ...]] = (xmlsec.constants.TransformEnveloped, _C14N, *_DIGESTS)
_SIGNATURE_TRANSFORMS: Final[tuple[Any, ...]] = (
    _C14N,
    xmlsec.constants.TransformRsaSha256,
    xmlsec.constants.TransformRsaSha384,
    xmlsec.constants.TransformRsaSha512,
)


def _remove(signature: Element) -> None:
    """As the enveloped-signature transform does it: the element goes, the whitespace after it stays."""
    parent, previous, tail = signature.getparent(), signature.getprevious(), signature.tail or ""
    if parent is None:
        raise SamlError("sig.structure", "a signature of nothing")
    if previous is None:
        parent.text = (parent.text or "") + tail
    else:
        previous.tail = (previous.tail or "") + tail
    parent.remove(signature)


def _compare_digest(root: Element, form: SignatureForm) -> None:
    digest = DIGEST_METHODS[form.digest_method](canonical(root, form.prefixes)).digest()
    if not hmac.compare_digest(digest, form.digest):
        raise SamlError("sig.invalid", "what is read is not what was signed")
