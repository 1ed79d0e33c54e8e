"""From a tree to what was signed: `Verified` is the only thing that readers of messages accept.

    form of the signature > key > RSA over SignedInfo > canonical digest of the element > Verified

Nothing that costs is done for a message that has no well-formed signature of a key that we know, over exactly this
SignedInfo: that is settled with one RSA operation, before the message itself is canonicalised. The digest is taken of
the very element that the caller gets, as a document of its own: what is read is what was signed (S43), and nothing
around it can be reached from it. The form leaves one way to verify, so its steps stand here.
"""

import hmac
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from routeringsvoorziening.saml import names
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

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    names.RSA_SHA256: hashes.SHA256(),
    names.RSA_SHA384: hashes.SHA384(),
    names.RSA_SHA512: hashes.SHA512(),
}
_PADDING: Final = PKCS1v15()


@dataclass(frozen=True, slots=True)
class Verified:
    """An element that a known key signed. Only `verify` makes one.

    Args:
        element: the signed element without its signature, a root without surroundings. Signatures deeper down are
            still there and still verify.
        canonical: the element in exclusive canonical XML *with* its signature: the evidence. The signature, and
            those nested in it, still verify where these bytes are parsed and embedded, provided that the new
            surroundings do not bind a prefix of a PrefixList which is not bound in these bytes themselves. Empty for
            what was verified with `keep=False`.
        key: the key that signed it.
    """

    element: Element = field(repr=False)
    canonical: bytes = field(repr=False)
    key: VerificationKey


def verify(
    element: Element,
    keys: Sequence[VerificationKey],
    *,
    at: datetime,
    require_key_name: bool = False,
    keep: bool = True,
) -> Verified:
    """Verify the enveloped signature of an element of a tree that `parse` made (SIG-01 to SIG-06, SIG-10, SIG-11).

    Args:
        element: the message or assertion: the parent of the signature, which is taken out: a tree is verified once.
        keys: the signing keys of the party that the element claims to be from; the message only selects among them.
        at: now, aware. The certificate must be valid.
        keep: make the evidence; a message that nobody has to show later needs none.
        require_key_name: a certificate alone does not do: authenticatiediensten and BVDs must send a KeyName (SIG-09).

    Raises:
        SamlError: what `check_signature` raises, `key.unknown`, `key.expired`, `key.weak`, `sig.invalid`.
    """
    form = check_signature(element)
    if require_key_name and form.key_name is None:
        raise SamlError("keyinfo.form", "KeyName is required")
    key = _choose(form, keys, at)
    _check_value(form, key)
    prefixes = prefixes_within(element)
    evidence = _canonical(element, prefixes) if keep else b""
    _remove(form.signature)
    _check_digest(element, form)
    return Verified(element=_alone(element, prefixes), canonical=evidence, key=key)


def evidence_of(element: Element) -> bytes:
    """An element in canonical form, in which every signature still verifies: see `Verified.canonical`.

    Raises:
        SamlError: `sig.invalid`: it has none; `alg.c14n`: too many prefixes to keep.
    """
    return _canonical(element, prefixes_within(element))


def _check_value(form: SignatureForm, key: VerificationKey) -> None:
    """SignatureValue is that of the key, over the canonical SignedInfo (XML Signature 3.2.2).

    Raises:
        SamlError: `sig.invalid`, `key.weak`.
    """
    signed = _canonical(form.signed_info, form.signed_info_prefixes)
    try:
        key.public_key.verify(form.value, signed, _PADDING, _HASHES[form.signature_method])
    except InvalidSignature:
        raise SamlError("sig.invalid") from None


def _check_digest(element: Element, form: SignatureForm) -> None:
    """The element, of which the signature has been taken out, is what was signed (XML Signature 3.2.1)."""
    digest = DIGEST_METHODS[form.digest_method](_canonical(element, form.prefixes)).digest()
    if not hmac.compare_digest(digest, form.digest):
        raise SamlError("sig.invalid", "what is read is not what was signed")


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


def _canonical(element: Element, prefixes: frozenset[str]) -> bytes:
    try:
        return canonical(element, prefixes)
    except SamlError:
        raise SamlError("sig.invalid", "no canonical form") from None


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


def _alone(element: Element, prefixes: frozenset[str]) -> Element:
    """The same as the root of a document of its own: an absolute path in another tree would still lead out of it.

    A copy has the comments, of which no signature says anything (S36). And it loses what is declared around it and not
    used, which a signature inside may keep. Then it is read again from its canonical form.
    """
    copied = deepcopy(element)
    copied.tail = None
    lost = prefixes and any(element.nsmap.get(each) != copied.nsmap.get(each) for each in prefixes)
    if lost or next(copied.iter(etree.Comment), None) is not None:
        return read_tree(_canonical(element, prefixes))
    return copied
