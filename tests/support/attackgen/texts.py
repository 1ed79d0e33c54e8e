"""Text that readers see differently, and namespaces that mislead: S36, S37, S39."""

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from tests.support.attackgen.genuine import KINDS, METADATA, Kind, recipe, signer, unsigned
from tests.support.attackgen.handmade import sign
from tests.support.attackgen.operators import Op
from tests.support.attackgen.signatures import ALL

_NODE: Final = frozenset({"node.forbidden"})
_TEXTS: Final = {
    "authn_request": ("Issuer",),
    "artifact_resolve": ("Issuer", "Artifact"),
    "artifact_response": ("Issuer",),
    "assertion": ("Issuer", "NameID", "Audience", "AuthnContextClassRef", "CipherValue", "AttributeValue"),
    "metadata": ("AttributeValue", "KeyName", "X509Certificate"),
}


def resigned(kind: Kind, root: etree._Element, element: etree._Element | None = None) -> etree._Element:
    """Sign the element (where it always stands, when not given) with the genuine key."""
    how = recipe(kind.sender)
    element = kind.locate(root) if element is None else element
    sign(element, how.with_(certificate=signer(kind.sender).certificate_der) if kind is METADATA else how)
    kind.reseal(root)
    return root


def _split(local: str, node: Callable[[], etree._Element]) -> Callable[[Kind, etree._Element], etree._Element]:
    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        element = [each for each in kind.locate(root).iter(f"{{*}}{local}") if each.text and not len(each)][-1]
        half = len(element.text) // 2
        added = node()
        added.tail, element.text = element.text[half:], element.text[:half]
        element.append(added)
        return resigned(kind, root)

    return apply


def _pi() -> etree._Element:
    return etree.ProcessingInstruction("x", "y")


def _cdata(kind: Kind, root: etree._Element) -> bytes:
    data = etree.tostring(root)
    return data.replace(b"entities:900", b"<![CDATA[entities:900]]>")


def _nested() -> etree._Element:
    return etree.Element("{urn:example:foreign}b")


def _element_in(local: str) -> Callable[[Kind, etree._Element], etree._Element]:
    return _split(local, _nested)


def _between(node: Callable[[], etree._Element]) -> Callable[[Kind, etree._Element], etree._Element]:
    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        kind.locate(root).append(node())
        return resigned(kind, root)

    return apply


def _twin(kind: Kind, root: etree._Element) -> etree._Element:
    """S39: an element of the same local name in another namespace, before the real one."""
    element = kind.locate(root)
    first = element[0]
    twin = etree.Element(f"{{urn:example:foreign}}{etree.QName(first).localname}")
    twin.text = "urn:nl-eid-gdi:1.0:DV:00000009999999999002:entities:9004"
    element.insert(0, twin)
    kind.reseal(root)
    return root


def _rebound(kind: Kind, root: etree._Element) -> bytes:
    """S39: the prefix means something else on the signed element."""
    data = etree.tostring(root)
    prefix = kind.locate(root).prefix.encode()
    return data.replace(
        b"<" + prefix + b":" + kind.local.encode(),
        b"<" + prefix + b":" + kind.local.encode() + b' xmlns:x="urn:oasis:names:tc:SAML:1.0:protocol"',
        1,
    ).replace(prefix + b":" + kind.local.encode(), b"x:" + kind.local.encode())


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    for kind in ALL:
        for local in _TEXTS[kind.name]:
            yield Op(f"comment-{local}", "text", ("S36",), (kind,), _NODE, _split(local, lambda: etree.Comment("x")))
            yield Op(f"pi-{local}", "text", ("S37",), (kind,), _NODE, _split(local, _pi), "genuine")
            codes = _NODE | {"msg.schema", "msg.structure", "md.structure", "keyinfo.form", "sig.structure"}
            yield Op(f"element-{local}", "text", ("S37",), (kind,), codes, _element_in(local), "genuine")
    messages = tuple(kind for kind in KINDS.values() if kind is not METADATA)
    comment = _between(lambda: etree.Comment("x"))
    yield Op("comment-between", "text", ("S36",), messages, _NODE, comment)
    yield Op("pi-between", "text", ("S37",), ALL, _NODE, _between(_pi), "genuine")
    yield Op("cdata", "text", ("S37",), ALL, _NODE, _cdata)
    codes = frozenset(
        {"msg.schema", "msg.structure", "md.structure", "sig.structure", "sig.invalid", "sig.missing", "md.signature"}
    )
    yield Op("twin", "ns", ("S39",), ALL, codes, _twin)
    codes = codes | {"msg.type", "soap.structure", "assertion.count", "md.role", "sig.count"}
    yield Op("rebound-prefix", "ns", ("S39",), ALL, codes, _rebound)
