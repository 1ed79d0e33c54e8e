"""libxmlsec as a second, independent judge of a signature, for what is rare and comes from strangers: metadata.

Everything that it could be led astray with has been refused before, by the form and by our own verification; its
allow-lists are set all the same. It judges the evidence: a document of its own, with one single ID registered.
"""

from typing import Any, Final

import xmlsec

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.names import ds
from routeringsvoorziening.saml.parsing import read_tree
from routeringsvoorziening.saml.verifying import Verified

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


def confirm(verified: Verified) -> None:
    """What we verified, libxmlsec verifies too.

    Raises:
        SamlError: `sig.invalid`, `sig.missing`.
    """
    root = read_tree(verified.canonical)
    context = xmlsec.SignatureContext()
    for transform in _REFERENCE_TRANSFORMS:
        context.enable_reference_transform(transform)
    for transform in _SIGNATURE_TRANSFORMS:
        context.enable_signature_transform(transform)
    context.key = verified.key.xmlsec_key
    context.register_id(root, "ID")
    signature = root.find(ds("Signature"))
    if signature is None:
        raise SamlError("sig.missing")
    try:
        context.verify(signature)
    except xmlsec.Error:
        raise SamlError("sig.invalid", "libxmlsec thinks otherwise") from None
