"""Careless readers: a wrap variant is dangerous when at least one of them takes the attacker's value for signed.

Each reader verifies a signature properly, and goes wrong before or after it: it takes any Signature in the document,
resolves the ID to the first, the last, or a namespaced attribute, or reads another element than the one it verified.
"""

import base64
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from tests.support.attackgen.genuine import Kind, signer, tree
from tests.support.attackgen.handmade import DS, canonical, digest

_known: dict[tuple[bytes, bytes], bool] = {}


def deceives(kind: Kind, data: bytes) -> bool:
    """True when some careless reader accepts `data` and reads what the attacker wrote."""
    root = etree.fromstring(data)
    return any(_verifies(kind, root, each) for each in _signatures(root)) and any(
        value is not None and value != _genuine_value(kind) for value in _readings(kind, root)
    )


def _genuine_value(kind: Kind) -> str | None:
    return kind.value(kind.locate(tree(kind)))


def _signatures(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(f"{{{DS}}}Signature"))


def _readings(kind: Kind, root: etree._Element) -> Iterator[str | None]:
    """The value, read from the first, the last and every element of the right local name."""
    for element in root.iter(f"{{*}}{kind.local}"):
        yield kind.value(element)


def _verifies(kind: Kind, root: etree._Element, signature: etree._Element) -> bool:
    info = signature.find(f"{{{DS}}}SignedInfo")
    if info is None or not _sealed(kind, info, signature.findtext(f"{{{DS}}}SignatureValue")):
        return False
    wanted = info.findtext(f"{{{DS}}}Reference/{{{DS}}}DigestValue")
    uri = info.find(f"{{{DS}}}Reference").get("URI", "")
    targets = _targets(root, kind.local, uri[1:])
    return any(digest(_digest_method(info), _covered(each, signature)) == wanted for each in targets)


def _digest_method(info: etree._Element) -> str:
    return info.find(f"{{{DS}}}Reference/{{{DS}}}DigestMethod").get("Algorithm")


def _targets(root: etree._Element, local: str, identifier: str) -> Iterator[etree._Element]:
    """Whatever could be meant by the ID: of the right kind, so that a signature around or within does not count."""
    for element in root.iter(f"{{*}}{local}"):
        names = {etree.QName(name).localname.lower(): value for name, value in element.attrib.items()}
        if names.get("id") == identifier:
            yield element


def _covered(element: etree._Element, signature: etree._Element) -> bytes:
    """What the enveloped transform leaves: the element without the signature that is being checked."""
    parent = signature.getparent()
    inside = parent is not None and element in list(signature.iterancestors())
    if not inside:
        return canonical(element)
    position = parent.index(signature)
    parent.remove(signature)
    try:
        return canonical(element)
    finally:
        parent.insert(position, signature)


def _sealed(kind: Kind, info: etree._Element, value: str | None) -> bool:
    data, raw = canonical(info), base64.b64decode(value or "")
    if (data, raw) not in _known:
        try:
            signer(kind.sender).certificate.public_key().verify(raw, data, padding.PKCS1v15(), SHA256())
            _known[data, raw] = True
        except InvalidSignature:
            _known[data, raw] = False
    return _known[data, raw]
