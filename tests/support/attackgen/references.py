"""References, transforms and canonicalisation: S29 to S34. Signed with the genuine key: only the form is wrong."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Final

from lxml import etree

from tests.support.attackgen.canary import canary
from tests.support.attackgen.genuine import METADATA, Kind, recipe, scene, signer, unsigned
from tests.support.attackgen.handmade import DS, ENVELOPED, EXC, Recipe, sign
from tests.support.attackgen.operators import Op
from tests.support.attackgen.signatures import ALL

_REFERENCE: Final = frozenset({"sig.reference"})
_TRANSFORM: Final = frozenset({"alg.transform"})
_C14N: Final = frozenset({"alg.c14n", "alg.transform"})
_SCHEMA: Final = frozenset({"msg.schema"})
_XSL: Final = "http://www.w3.org/1999/XSL/Transform"
Apply = Callable[[Kind, etree._Element], etree._Element]
Adjust = Callable[[etree._Element], None]


def _how(kind: Kind, **changes: object) -> Recipe:
    how = recipe(kind.sender).with_(**changes)
    return how.with_(certificate=signer(kind.sender).certificate_der) if kind is METADATA else how


def _signed(adjust: Adjust | None = None, **changes: object) -> Apply:
    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        sign(kind.locate(root), _how(kind, **changes), adjust)
        kind.reseal(root)
        return root

    return apply


URIS: Final = {
    "empty": "",
    "hash": "#",
    "xpointer-root": "#xpointer(/)",
    "xpointer-id": "#xpointer(id('{id}'))",
    "other": "#_nobody",
    "bare": "{id}",
    "percent": "#%5Fgenuine",
    "spaced": " #{id}",
    "trailing": "#{id} ",
    "query": "?x#{id}",
    "http": canary().url,
    "http-hash": canary().url + "#{id}",
    "https": canary().url.replace("http", "https") + "#{id}",
    "ftp": "ftp://127.0.0.1:9/x",
    "file": f"file://{canary().path}",
    "path": canary().path,
    "dev-zero": "/dev/zero",
    "dev-zero-file": "file:///dev/zero",
    "dev-stdin": "/dev/stdin",
    "cid": "cid:x",
    "data": "data:,x",
}


def _references(count: int) -> Adjust:
    def change(signature: etree._Element) -> None:
        info = signature.find(f"{{{DS}}}SignedInfo")
        reference = info.find(f"{{{DS}}}Reference")
        if count == 0:
            info.remove(reference)
        for _ in range(count - 1):
            info.append(deepcopy(reference))

    return change


def _attribute(name: str, value: str) -> Adjust:
    return lambda signature: signature.find(f".//{{{DS}}}Reference").set(name, value)


def _transform(algorithm: str, inside: str = "", *, position: int = 0) -> Adjust:
    """One more transform, with content."""

    def change(signature: etree._Element) -> None:
        transforms = signature.find(f".//{{{DS}}}Transforms")
        added = etree.Element(f"{{{DS}}}Transform", Algorithm=algorithm)
        if inside:
            added.append(etree.fromstring(inside))
        transforms.insert(position, added)

    return change


def _transforms(*algorithms: str) -> Apply:
    return _signed(transforms=algorithms)


def _bomb(depth: int = 12) -> str:
    """A stylesheet that doubles its work per level: it would run before the signature is checked."""
    templates = "".join(
        f'<xsl:template name="t{level}">' + f'<xsl:call-template name="t{level + 1}"/>' * 2 + "</xsl:template>"
        for level in range(depth)
    )
    end = f'<xsl:template name="t{depth}">x</xsl:template><xsl:template match="/"><xsl:call-template name="t0"/></xsl:template>'
    return f'<xsl:stylesheet version="1.0" xmlns:xsl="{_XSL}">{templates}{end}</xsl:stylesheet>'


def _inclusive(prefixes: str, *, where: str = "Transform") -> Adjust:
    def change(signature: etree._Element) -> None:
        holders = signature.findall(f".//{{{DS}}}{where}")
        etree.SubElement(holders[-1], f"{{{EXC}}}InclusiveNamespaces", PrefixList=prefixes)

    return change


def _c14n_parameter(signature: etree._Element) -> None:
    etree.SubElement(signature.find(f".//{{{DS}}}CanonicalizationMethod"), "{urn:example:foreign}Parameter")


def _manifest(signature: etree._Element) -> None:
    _attribute("Type", DS + "Manifest")(signature)


def _relative_namespace(kind: Kind, root: etree._Element) -> etree._Element:
    """S34: a namespace without a canonical form; some canonicalisers then return nothing at all."""
    name = f' ID="_{scene().token}'
    text = etree.tostring(root, encoding="unicode").replace(name, f' xmlns:e="1"{name}', 1)
    return etree.fromstring(text)


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    for name, uri in URIS.items():
        cites = ("S31",) if ":" in uri or uri.startswith("/") else ("S29",)
        yield Op(f"uri-{name}", "ref", cites, ALL, _REFERENCE, _signed(uri=uri), "genuine")
    yield Op("uri-missing", "ref", ("S29",), ALL, _REFERENCE, _signed(uri=None), "genuine")
    for count in (0, 2, 100):
        codes = _REFERENCE | {"sig.structure", "msg.schema"}
        yield Op(f"references-{count}", "ref", ("S30",), ALL, codes, _signed(_references(count)), "genuine")
    codes = _REFERENCE | {"sig.structure"}
    yield Op("type-object", "ref", ("S30",), ALL, codes, _signed(_attribute("Type", DS + "Object")), "genuine")
    yield Op("type-manifest", "ref", ("S30",), ALL, codes, _signed(_manifest), "genuine")
    yield from _transform_operators()
    yield from _c14n_operators()


def _transform_operators() -> Iterator[Op]:
    codes = _TRANSFORM | {"sig.structure", "sig.reference"}
    contents = {
        "xslt": ("http://www.w3.org/TR/1999/REC-xslt-19991116", _bomb()),
        "xpath": ("http://www.w3.org/TR/1999/REC-xpath-19991116", f'<ds:XPath xmlns:ds="{DS}">true()</ds:XPath>'),
        "xpath-filter2": (
            "http://www.w3.org/2002/06/xmldsig-filter2",
            '<XPath xmlns="http://www.w3.org/2002/06/xmldsig-filter2" Filter="intersect">//*</XPath>',
        ),
        "xpointer": ("http://www.w3.org/2001/04/xmldsig-more/xptr", ""),
        "base64": (DS + "base64", ""),
        "decrypt": ("http://www.w3.org/2002/07/decrypt#XML", ""),
    }
    for name, (algorithm, inside) in contents.items():
        yield Op(f"transform-{name}", "ref", ("S32",), ALL, codes, _signed(_transform(algorithm, inside)), "genuine")
        last = _signed(_transform(algorithm, inside, position=2))
        yield Op(f"transform-{name}-last", "ref", ("S32",), ALL, codes, last, "genuine")
    for name, algorithms in {
        "none": (),
        "only-enveloped": (ENVELOPED,),
        "only-c14n": (EXC,),
        "swapped": (EXC, ENVELOPED),
        "three": (ENVELOPED, EXC, EXC),
        "twice-enveloped": (ENVELOPED, ENVELOPED, EXC),
        "misspelt": ("http://www.w3.org/2000/09/xmldsig#enveloped-signature ", EXC),
        "other-enveloped": ("http://www.w3.org/2001/04/xmldsig#enveloped-signature", EXC),
    }.items():
        yield Op(
            f"transforms-{name}", "ref", ("S32",), ALL, codes | _C14N | _SCHEMA, _transforms(*algorithms), "genuine"
        )


def _c14n_operators() -> Iterator[Op]:
    for name, algorithm in {
        "with-comments": EXC + "WithComments",
        "inclusive": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "c14n11": "http://www.w3.org/2006/12/xml-c14n11",
        "c14n2": "http://www.w3.org/2010/xml-c14n2",
        "minimal": DS + "minimal",
        "unknown": "urn:example:c14n",
    }.items():
        yield Op(f"c14n-{name}", "c14n", ("S33",), ALL, _C14N, _signed(c14n=algorithm), "genuine")
        both = _signed(transforms=(ENVELOPED, algorithm))
        yield Op(f"c14n-transform-{name}", "c14n", ("S33",), ALL, _C14N, both, "genuine")
    codes = _C14N | {"sig.structure", "xml.limit"}
    many = " ".join(f"p{number}" for number in range(5000))
    yield Op("prefixes-5000", "c14n", ("S33",), ALL, codes, _signed(_inclusive(many)), "genuine")
    info = _signed(_inclusive(many, where="CanonicalizationMethod"))
    yield Op("prefixes-5000-signedinfo", "c14n", ("S33",), ALL, codes | _SCHEMA, info, "genuine")
    yield Op("c14n-parameter", "c14n", ("S33",), ALL, codes | _SCHEMA, _signed(_c14n_parameter), "genuine")
    codes = frozenset({"sig.invalid", "xml.malformed"})
    yield Op("relative-namespace", "c14n", ("S34",), ALL, codes, _relative_namespace)
