"""What a parser must never do, and what must never reach it: S38, S41, S42, S46 to S48."""

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from tests.support.attackgen.canary import canary
from tests.support.attackgen.genuine import KINDS, METADATA, Kind
from tests.support.attackgen.operators import Op
from tests.support.attackgen.signatures import ALL

_DOCTYPE: Final = frozenset({"xml.doctype"})
_ENCODING: Final = frozenset({"xml.encoding"})
_MALFORMED: Final = frozenset({"xml.malformed"})
MESSAGES: Final = tuple(kind for kind in KINDS.values() if kind is not METADATA)
Apply = Callable[[Kind, etree._Element], bytes]


def _prefixed(text: str) -> Apply:
    return lambda _, root: text.encode() + etree.tostring(root)


def _dtd(inside: str, reference: str = "") -> Apply:
    def apply(kind: Kind, root: etree._Element) -> bytes:
        data = etree.tostring(root)
        if reference:
            data = data.replace(b"entities:9", reference.encode() + b"entities:9", 1)
        return f"<!DOCTYPE x {inside}>".encode() + data

    return apply


def _laughs(levels: int = 12) -> str:
    entities = ['<!ENTITY l0 "ha">'] + [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels)]
    return f"[{''.join(entities)}]"


DTDS: Final = {
    "empty": ("[]", ""),
    "external": (f'SYSTEM "{canary().url}"', ""),
    "file": (f'[<!ENTITY x SYSTEM "file://{canary().path}">]', "&x;"),
    "parameter": (f'[<!ENTITY % x SYSTEM "file://{canary().path}"> %x;]', ""),
    "laughs": (_laughs(), "&l11;"),
    "quadratic": (f'[<!ENTITY q "{"q" * 5000}">]', "&q;" * 50),
    "recursive": ('[<!ENTITY a "&b;"><!ENTITY b "&a;">]', "&a;"),
    "attlist": ('[<!ATTLIST Assertion ID ID #IMPLIED x CDATA "y">]', ""),
    "entity-in-value": ('[<!ENTITY e "">]', "&e;"),
}


def _encoded(codec: str, declaration: str) -> Apply:
    return lambda _, root: (declaration + etree.tostring(root, encoding="unicode")).encode(codec)


def _deep(kind: Kind, root: etree._Element) -> bytes:
    return _inserted(kind, root, b"<a>" * 60 + b"</a>" * 60)


def _very_deep(kind: Kind, root: etree._Element) -> bytes:
    return _inserted(kind, root, b"<a>" * 15000 + b"</a>" * 15000)


def _wide(kind: Kind, root: etree._Element) -> bytes:
    return _inserted(kind, root, b"<a/>" * 2500)


def _attributes(kind: Kind, root: etree._Element) -> bytes:
    return _inserted(kind, root, b"<a " + b" ".join(b'a%d=""' % n for n in range(4000)) + b"/>")


def _namespaces(kind: Kind, root: etree._Element) -> bytes:
    return _inserted(kind, root, b"<a " + b" ".join(b'xmlns:a%d="u:%d"' % (n, n) for n in range(3000)) + b"/>")


def _inserted(kind: Kind, root: etree._Element, data: bytes) -> bytes:
    kind.locate(root).append(etree.Element("here"))
    return etree.tostring(root).replace(b"<here/>", data, 1)


def _large(kind: Kind, root: etree._Element) -> bytes:
    return _inserted(kind, root, b"<a>" + b"a" * 140_000 + b"</a>")


def _after(text: bytes) -> Apply:
    return lambda _, root: etree.tostring(root) + text


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    for name, (inside, reference) in DTDS.items():
        yield Op(f"dtd-{name}", "dtd", ("S46", "S47"), ALL, _DOCTYPE, _dtd(inside, reference))
    yield Op("dtd-lower", "dtd", ("S38",), ALL, _MALFORMED | {"node.forbidden"}, _prefixed("<!doctype x>"))
    yield Op("dtd-after-comment", "dtd", ("S38",), ALL, _DOCTYPE, _prefixed('<!-- "> --><!DOCTYPE x>'))
    xml = '<?xml version="1.0" encoding="{}"?>'
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"):
        yield Op(f"{codec}", "dtd", ("S42",), ALL, _ENCODING, _encoded(codec, ""))
        doctype = _encoded(codec, xml.format(codec[:6].upper()) + "<!DOCTYPE x []>")
        yield Op(f"{codec}-dtd", "dtd", ("S42",), ALL, _ENCODING, doctype)
    for name in ("UTF-16", "UTF-7", "ISO-8859-1", "EBCDIC-US", "x-none"):
        yield Op(f"declared-{name}", "dtd", ("S42",), ALL, _ENCODING, _prefixed(xml.format(name)))
    yield Op("xml-1.1", "dtd", ("S42",), ALL, _ENCODING, _prefixed('<?xml version="1.1"?>'))
    yield Op("not-utf8", "dtd", ("S42",), ALL, _ENCODING, lambda _, root: etree.tostring(root) + b"<!-- \xff -->")
    yield Op("nul", "dtd", ("S42",), ALL, _ENCODING, _after(b"\0"))
    node = frozenset({"node.forbidden"})
    yield Op("comment-before", "dtd", ("S42",), MESSAGES, node, _prefixed("<!-- x -->"))
    yield Op("comment-after", "dtd", ("S42",), MESSAGES, node, _after(b"<!-- x -->"))
    yield Op("pi-before", "dtd", ("S42",), ALL, node, _prefixed("<?x y?>"))
    yield Op(
        "stylesheet",
        "dtd",
        ("S46",),
        ALL,
        node | _ENCODING,
        _prefixed(f'<?xml-stylesheet href="{canary().path}"?>'),
    )
    yield Op("pi-after", "dtd", ("S42",), ALL, node, _after(b"<?x y?>"))
    yield Op("two-roots", "dtd", ("S59",), ALL, _MALFORMED, lambda _, root: etree.tostring(root) * 2)
    yield Op("truncated", "dtd", ("S59",), ALL, _MALFORMED, lambda _, root: etree.tostring(root)[:-5])
    yield Op("text-after", "dtd", ("S59",), ALL, _MALFORMED, _after(b"text"))
    yield Op("nothing", "dtd", ("S51",), ALL, _MALFORMED, lambda *_: b"")
    yield Op("not-xml", "dtd", ("S51",), ALL, _MALFORMED, lambda *_: b"not xml")
    limit = frozenset({"xml.limit"})
    yield Op("deep", "dtd", ("S48",), ALL, limit, _deep)
    yield Op("very-deep", "dtd", ("S48",), ALL, limit | _MALFORMED, _very_deep)
    yield Op("attributes", "dtd", ("S48",), ALL, limit, _attributes)
    yield Op("wide", "dtd", ("S48",), MESSAGES, limit, _wide)
    yield Op("namespaces", "dtd", ("S48",), MESSAGES, limit, _namespaces)
    yield Op("large", "dtd", ("S48",), MESSAGES, frozenset({"msg.size"}), _large)
