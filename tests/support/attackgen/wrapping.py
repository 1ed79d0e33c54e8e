"""Signature wrapping as a product: where the genuine element hides, what becomes of its signature, the attacker's
identifier, order and depth. The eight classical forms are points of it, by name.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

from lxml import etree

from tests.support.attackgen.genuine import (
    AD,
    ARTIFACT_RESOLVE,
    ARTIFACT_RESPONSE,
    ASSERTION,
    AUTHN_REQUEST,
    KINDS,
    MD,
    METADATA,
    SAMLP,
    SOAP,
    Kind,
    recipe,
    tree,
)
from tests.support.attackgen.handmade import DS, SAML, canonical, sign
from tests.support.attackgen.operators import Variant

_FOREIGN: Final = "urn:example:foreign"
XML_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"
SIGNATURE: Final = f"{{{DS}}}Signature"


@dataclass(slots=True)
class Scene:
    """A variant in the making: the evil element stands in the genuine one's place; the genuine one is loose."""

    kind: Kind
    root: etree._Element
    evil: etree._Element
    genuine: etree._Element
    first: bool

    def put(self, parent: etree._Element, child: etree._Element) -> None:
        """Insert at the front or at the back."""
        parent.insert(0 if self.first else len(parent), child)


class Inapplicable(Exception):
    """This combination does not exist for this kind."""


Holder = Callable[[Scene, etree._Element], None]


def _inside(name: str, *, where: str | None = None) -> Holder:
    """Below an element of an open content model, made in the evil element (or in what `where` finds in it)."""

    def hold(scene: Scene, load: etree._Element) -> None:
        parent = scene.evil if where is None else scene.evil.find(where)
        if parent is None:
            raise Inapplicable
        holder = etree.Element(name)
        holder.append(load)
        scene.put(parent, holder)

    return hold


def _directly(where: str | None = None) -> Holder:
    def hold(scene: Scene, load: etree._Element) -> None:
        parent = scene.evil if where is None else scene.evil.find(where)
        if parent is None:
            raise Inapplicable
        scene.put(parent, load)

    return hold


def _beside(scene: Scene, load: etree._Element) -> None:
    parent = scene.evil.getparent()
    if parent is None:
        raise Inapplicable
    position = parent.index(scene.evil)
    parent.insert(position if scene.first else position + 1, load)


def _at_the_edge(scene: Scene, load: etree._Element) -> None:
    parent = scene.evil.getparent()
    if parent is None:
        raise Inapplicable
    scene.put(parent, load)


def _foreign_wrapper(scene: Scene, load: etree._Element) -> None:
    """Both below a stranger, that takes the place of the evil element."""
    parent, wrapper = scene.evil.getparent(), etree.Element(f"{{{_FOREIGN}}}Wrapper")
    if parent is None:
        scene.root = wrapper
    else:
        parent.replace(scene.evil, wrapper)
    wrapper.append(scene.evil)
    scene.put(wrapper, load)


def _envelope(name: str) -> Holder:
    """In a Header or a second Body of the envelope."""

    def hold(scene: Scene, load: etree._Element) -> None:
        if scene.root.tag != f"{{{SOAP}}}Envelope":
            raise Inapplicable
        holder = etree.Element(f"{{{SOAP}}}{name}")
        holder.append(load)
        scene.put(scene.root, holder)

    return hold


def _envelope_in_envelope(scene: Scene, load: etree._Element) -> None:
    if scene.root.tag != f"{{{SOAP}}}Envelope":
        raise Inapplicable
    inner = etree.Element(f"{{{SOAP}}}Envelope")
    etree.SubElement(inner, f"{{{SOAP}}}Body").append(load)
    scene.put(scene.root.find(f"{{{SOAP}}}Body"), inner)


def _swapped(holder: str) -> Holder:
    """The other way round: the genuine element returns to its place, the evil one hides in its Signature.

    The enveloped transform leaves the Signature out, so that what hides there does not break it.
    """

    def hold(scene: Scene, load: etree._Element) -> None:
        signature = load.find(SIGNATURE)
        if signature is None:
            raise Inapplicable
        parent = scene.evil.getparent()
        if parent is None:
            scene.root = load
        else:
            parent.replace(scene.evil, load)
        home = signature if holder == "." else signature.find(f"{{{DS}}}{holder}")
        if home is None:
            home = etree.SubElement(signature, f"{{{DS}}}{holder}")
        scene.put(home, scene.evil)

    return hold


def _evil_in_carrier_extensions(scene: Scene, load: etree._Element) -> None:
    """XSW7: the evil assertion in Extensions of the message around it; the genuine one stays."""
    if scene.kind is not ASSERTION:
        raise Inapplicable
    carrier = scene.evil.getparent()
    carrier.replace(scene.evil, load)
    holder = etree.Element(f"{{{SAMLP}}}Extensions")
    holder.append(scene.evil)
    carrier.insert(1 if scene.first else len(carrier), holder)


_STATUS = f"{{{SAMLP}}}Status"
_ATTRIBUTE = f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"
_PROTOCOL: Final = (AUTHN_REQUEST, ARTIFACT_RESOLVE, ARTIFACT_RESPONSE)
_ALL: Final = tuple(KINDS.values())
HOLDERS: Final[dict[str, tuple[Holder, tuple[Kind, ...]]]] = {
    "child": (_directly(), _ALL),
    "sibling": (_beside, _ALL),
    "edge": (_at_the_edge, (ASSERTION,)),
    "foreign": (_foreign_wrapper, _ALL),
    "extensions": (_inside(f"{{{SAMLP}}}Extensions"), _PROTOCOL),
    "md-extensions": (_inside(f"{{{MD}}}Extensions"), (METADATA,)),
    "status-detail": (_inside(f"{{{SAMLP}}}StatusDetail", where=_STATUS), (ARTIFACT_RESPONSE,)),
    "inner-status-detail": (
        _inside(f"{{{SAMLP}}}StatusDetail", where=f"{{{SAMLP}}}Response/{_STATUS}"),
        (ARTIFACT_RESPONSE,),
    ),
    "advice": (_inside(f"{{{SAML}}}Advice"), (ASSERTION,)),
    "attribute-value": (_inside(f"{{{SAML}}}AttributeValue", where=_ATTRIBUTE), (ASSERTION,)),
    "confirmation-data": (
        _directly(f"{{{SAML}}}Subject/{{{SAML}}}SubjectConfirmation/{{{SAML}}}SubjectConfirmationData"),
        (ASSERTION,),
    ),
    "conditions": (_directly(f"{{{SAML}}}Conditions"), (ASSERTION,)),
    "signature": (_directly(SIGNATURE), _ALL),
    "object": (_inside(f"{{{DS}}}Object", where=SIGNATURE), _ALL),
    "keyinfo": (_directly(f"{SIGNATURE}/{{{DS}}}KeyInfo"), _ALL),
    "header": (_envelope("Header"), (ARTIFACT_RESOLVE, ARTIFACT_RESPONSE)),
    "second-body": (_envelope("Body"), (ARTIFACT_RESOLVE, ARTIFACT_RESPONSE)),
    "envelope": (_envelope_in_envelope, (ARTIFACT_RESOLVE, ARTIFACT_RESPONSE)),
    "evil-in-signature": (_swapped("."), _ALL),
    "evil-in-object": (_swapped("Object"), _ALL),
    "evil-in-keyinfo": (_swapped("KeyInfo"), _ALL),
    "evil-in-extensions": (_evil_in_carrier_extensions, (ASSERTION,)),
}
FATES: Final = ("stays", "moves", "copied", "twice")
IDENTIFIERS: Final = ("same", "new", "empty", "absent", "x:ID", "xml:id")


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the product."""

    holder: str
    fate: str
    identifier: str
    first: bool = False
    depth: int = 1

    def __str__(self) -> str:
        return f"{self.holder}/{self.fate}/{self.identifier}/{'first' if self.first else 'last'}/{self.depth}"


NAMED: Final[dict[str, dict[str, Point]]] = {
    "XSW1": {"*": Point("signature", "moves", "new")},
    "XSW2": {"*": Point("child", "moves", "new", first=True)},
    "XSW3": {"*": Point("sibling", "stays", "new"), "root": Point("foreign", "stays", "new")},
    "XSW4": {"*": Point("child", "stays", "new")},
    "XSW5": {"*": Point("sibling", "moves", "new"), "root": Point("foreign", "moves", "new")},
    "XSW6": {"*": Point("keyinfo", "moves", "new")},
    "XSW7": {
        "*": Point("extensions", "copied", "same", first=True),
        "assertion": Point("evil-in-extensions", "stays", "same", first=True),
        "metadata": Point("md-extensions", "copied", "same", first=True),
    },
    "XSW8": {"*": Point("object", "moves", "new")},
}
"""The classical forms, as the literature numbers them; for a kind without siblings the nearest that it allows."""
CODES: Final = frozenset(
    {
        "id.duplicate",
        "id.form",
        "sig.missing",
        "sig.count",
        "sig.structure",
        "sig.object",
        "sig.reference",
        "keyinfo.form",
        "msg.schema",
        "msg.structure",
        "msg.type",
        "soap.structure",
        "assertion.count",
        "advice.forbidden",
        "md.structure",
        "md.signature",
        "md.role",
    }
)
"""A wrapped message is refused for its form. Never for a signature that did not match: that would be luck."""


def _identify(evil: etree._Element, how: str) -> None:
    own = evil.attrib.pop("ID")
    if how == "same":
        evil.set("ID", own)
    elif how == "new":
        evil.set("ID", "_evil")
    elif how == "empty":
        evil.set("ID", "")
    elif how == "x:ID":
        evil.set(f"{{{_FOREIGN}}}ID", own)
    elif how == "xml:id":
        evil.set(XML_ID, own)


def _rename_inside(evil: etree._Element) -> None:
    """Other IDs for everything in the copy, so that only the form of the message can betray it.

    An assertion inside is signed again with the genuine key: the attacker has another genuine one.
    """
    for element in evil.iterdescendants("*"):
        for name in ("ID", "Id"):
            if name in element.attrib:
                element.set(name, element.get(name) + "-evil")
        if element.get("URI", "").startswith("#_") and element.tag != f"{{{DS}}}Reference":
            element.set("URI", element.get("URI") + "-evil")
    for assertion in evil.iterdescendants(f"{{{SAML}}}Assertion"):
        for found in assertion.findall(SIGNATURE):
            assertion.remove(found)
        sign(assertion, recipe(AD))


def _resign(evil: etree._Element, genuine: etree._Element, fate: str) -> None:
    signature = genuine.find(SIGNATURE)
    for found in evil.findall(SIGNATURE):
        evil.remove(found)
    position = genuine.index(signature)
    if fate in ("moves", "twice"):
        genuine.remove(signature)
    if fate != "stays":
        evil.insert(position, deepcopy(signature))
    if fate == "twice":
        evil.insert(position, deepcopy(signature))


def _load(genuine: etree._Element, depth: int) -> etree._Element:
    for _ in range(depth - 1):
        wrapper = etree.Element(f"{{{_FOREIGN}}}Deeper")
        wrapper.append(genuine)
        genuine = wrapper
    return genuine


def wrap(kind: Kind, at: Point) -> bytes:
    """The message of one point.

    Raises:
        Inapplicable: this kind has no such place.
    """
    function, kinds = HOLDERS[at.holder]
    if kind not in kinds or (at.depth > 1 and at.holder.startswith("evil-")):
        raise Inapplicable
    root = tree(kind)
    evil = kind.locate(root)
    genuine = deepcopy(evil)
    genuine.tail = None
    kind.poison(evil)
    _rename_inside(evil)
    _identify(evil, at.identifier)
    _resign(evil, genuine, at.fate)
    scene = Scene(kind, root, evil, genuine, at.first)
    function(scene, _load(genuine, at.depth))
    kind.reseal(scene.root)
    return etree.tostring(scene.root)


def named(kind: Kind) -> Iterator[Variant]:
    """XSW1 to XSW8 for one kind."""
    for name, forms in NAMED.items():
        shape = "root" if kind.path == "." else "*"
        point = forms.get(kind.name) or forms.get(shape) or forms["*"]
        data = wrap(kind, point)
        yield Variant(f"{kind.name}:{name}", "wrap", (f"S{int(name[3:]):02}",), kind, data, CODES)


@cache
def product_of(kind: Kind) -> tuple[Variant, ...]:
    """Every distinct point for one kind."""
    found: dict[bytes, Variant] = {}
    for parameters in product(HOLDERS, FATES, IDENTIFIERS, (True, False), (1, 2)):
        point = Point(*parameters)
        try:
            data = wrap(kind, point)
        except Inapplicable:
            continue
        key = canonical(etree.fromstring(data))
        found.setdefault(key, Variant(f"{kind.name}:{point}", "wrap", ("S11",), kind, data, CODES))
    return tuple(found.values())
