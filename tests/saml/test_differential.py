"""Two implementations of XML Signature, one verdict: what we accept libxmlsec accepts, and the other way round.

Documents are made by chance from all that canonicalisation looks at, signed by libxmlsec, and changed by chance after
that. Ours reads the document as it came, in its surroundings; so does libxmlsec, which never sees our steps.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.verifying import verify
from tests.support.signed import AT, DS, signing_key

KEY: Final = signing_key().verification_key
DOCUMENTS: Final = 150
CHANGES: Final = 6
PREFIXES: Final = ("a", "b", "xs", "saml")
SPACES: Final = (
    "urn:a",
    "urn:b",
    "http://www.w3.org/2001/XMLSchema",
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "urn:e?x=1;y=%26",
)
TEXTS: Final = (
    "",
    " ",
    "\n\t",
    "v",
    "a:b",
    "&amp;lt;",
    "&lt;b/>",
    "&#13;\n",
    "\u00e9\u2028\U0001f600",
    "]]&gt;",
    "&quot;'",
    "e\u0301",
)
XML_ATTRIBUTES: Final = ('xml:lang="nl"', 'xml:space="preserve"', 'xml:base="http://x/"')
QNAMES: Final = ("a:T", "b:T", "xs:string", "T")


class Maker:
    """A document by chance, with one element in it that has an ID and is to be signed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._named = 0

    def document(self) -> bytes:
        """Some surroundings, the element, and something after it."""
        signed = (
            f'<saml:S{self._declared(must="saml")}{self._attributes()} ID="_s">'
            + self._inside(3, {"saml"})
            + "</saml:S>"
        )
        for _ in range(self._chance.randrange(3)):
            signed = f"<E{self._declared()}{self._attributes()}>{self._text()}{signed}{self._text()}</E>"
        return signed.encode()

    def prefixes(self) -> list[str]:
        """A PrefixList, empty half of the time."""
        return self._chance.choice([[], self._chance.sample(PREFIXES, self._chance.randrange(1, 4))])

    def _inside(self, depth: int, bound: set[str]) -> str:
        return self._text() + "".join(
            self._element(depth - 1, bound) + self._text() for _ in range(self._chance.randrange(3) if depth else 0)
        )

    def _element(self, depth: int, bound: set[str]) -> str:
        declared = self._declared()
        within = bound | set(re.findall(r"xmlns:(\w+)=", declared))
        name = self._chance.choice(["e", *(f"{each}:e" for each in sorted(within))])
        own = "".join(f' {each}:n="{self._text()}"' for each in sorted(within)[:1] if self._chance.random() < 0.3)
        return f"<{name}{declared}{own}{self._attributes()}>{self._inside(depth, within)}</{name}>"

    def _declared(self, must: str = "") -> str:
        some = {each: self._chance.choice(SPACES) for each in PREFIXES if self._chance.random() < 0.25}
        if must or "saml" in some:
            some["saml"] = SPACES[3]
        default = self._chance.choice(["", "", ' xmlns="urn:d"', ' xmlns=""'])
        # two prefixes of one namespace would make attributes that are the same
        return default + "".join(f' xmlns:{each}="{uri}"' for each, uri in some.items())

    def _attributes(self) -> str:
        some = [self._chance.choice(XML_ATTRIBUTES)] if self._chance.random() < 0.3 else []
        if self._chance.random() < 0.4:
            some.append(f'z="{self._text()}"')
        if self._chance.random() < 0.3:
            some.append(f'type="{self._chance.choice(QNAMES)}"')
        self._chance.shuffle(some)
        return "".join(f" {each}" for each in some)

    def _text(self) -> str:
        return self._chance.choice(TEXTS)


@cache
def pem() -> bytes:
    """The private key, for libxmlsec."""
    return signing_key().private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signed(document: bytes, prefixes: list[str], prefixes_of_info: list[str]) -> bytes:
    """With a signature by libxmlsec, in place."""
    root = etree.fromstring(document)
    element = next(each for each in root.iter() if each.get("ID") == "_s")
    signature = xmlsec.template.create(
        element, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    element.insert(0, signature)
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri="#_s")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    c14n = xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    if prefixes:
        xmlsec.template.transform_add_c14n_inclusive_namespaces(c14n, prefixes)
    if prefixes_of_info:
        method = signature.find(f".//{DS}CanonicalizationMethod")
        xmlsec.template.transform_add_c14n_inclusive_namespaces(method, prefixes_of_info)
    xmlsec.template.add_key_name(xmlsec.template.ensure_key_info(signature), KEY.key_name)
    context: Any = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem(), xmlsec.constants.KeyDataFormatPem)
    context.register_id(element, "ID")
    context.sign(signature)
    return etree.tostring(root, encoding="UTF-8")


def ours(data: bytes) -> tuple[bytes | None, str]:
    """What we accept, in canonical form, or the code of a refusal. Any other exception is a failure of ours."""
    try:
        return canonical(verify(located(parse(data)), [KEY], at=AT).element), ""
    except SamlError as error:
        return None, error.code


def located(root: Element) -> Element:
    """What is signed."""
    return next(each for each in root.iter() if each.get("ID") == "_s")


def theirs(data: bytes) -> bool:
    """What libxmlsec says of the same bytes, with our key whatever KeyInfo says."""
    context: Any = xmlsec.SignatureContext()
    context.key = KEY.xmlsec_key
    try:
        element = located(etree.fromstring(data))
        context.register_id(element, "ID")
        context.verify(element.find(f"{DS}Signature"))
    except (xmlsec.Error, etree.XMLSyntaxError, StopIteration, TypeError):
        return False
    return True


Change = Callable[[random.Random, bytes], bytes]


def _one(pattern: bytes, becomes: Callable[[random.Random, re.Match[bytes]], bytes]) -> Change:
    """Change one of the places where a pattern stands."""

    def change(chance: random.Random, data: bytes) -> bytes:
        places = list(re.finditer(pattern, data))
        if not places:
            return data
        place = chance.choice(places)
        return data[: place.start()] + becomes(chance, place) + data[place.end() :]

    return change


def _uri(chance: random.Random) -> bytes:
    return chance.choice(SPACES).encode()


ALL: Final[tuple[Change, ...]] = (
    _one(rb'xmlns:(\w+)="[^"]*"', lambda chance, found: b'xmlns:%s="%s"' % (found[1], _uri(chance))),
    _one(rb' xmlns:\w+="[^"]*"', lambda *_: b""),
    _one(rb' xmlns="[^"]*"', lambda chance, _: chance.choice([b"", b' xmlns=""', b' xmlns="urn:d"'])),
    _one(
        rb"<(?![/?!])[\w:.-]+",
        lambda chance, found: b'%s xmlns:%s="%s"' % (found[0], chance.choice(PREFIXES).encode(), _uri(chance)),
    ),
    _one(rb"<(?![/?!])[\w:.-]+", lambda chance, found: found[0] + b" " + chance.choice(XML_ATTRIBUTES).encode()),
    _one(rb' xml:\w+="[^"]*"', lambda *_: b""),
    _one(rb">([^<]*)<", lambda chance, _: b">" + chance.choice(TEXTS).encode() + b"<"),
    _one(
        rb'PrefixList="[^"]*"',
        lambda chance, _: b'PrefixList="%s"' % b" ".join(each.encode() for each in chance.sample(PREFIXES, 2)),
    ),
    _one(rb"<(\w+:)?e([^>]*)></(\w+:)?e>", lambda _, found: b"<%se%s/>" % (found[1] or b"", found[2])),
    _one(rb'type="[^"]*"', lambda chance, _: b'type="%s"' % chance.choice(QNAMES).encode()),
    _one(
        rb"(?s)<E[ >].*</E>|<saml:S.*</saml:S>",
        lambda chance, found: b'<E xmlns:%s="%s">%s</E>' % (chance.choice(PREFIXES).encode(), _uri(chance), found[0]),
    ),
    _one(rb"\n", lambda *_: b"\r\n"),
    _one(rb"v<", lambda *_: b"&#118;<"),
    _one(rb' ID="_s"', lambda *_: b" ID='_s'\n"),
    _one(
        rb"[A-Za-z0-9]{3}=?</ds:(Digest|Signature)Value>",
        lambda chance, found: bytes([chance.choice(b"AB9")]) + found[0][1:],
    ),
)


FORM: Final = frozenset({"sig.structure", "keyinfo.form", "key.unknown", "xml.limit"})
"""Where we are stricter, on purpose: text and attributes in the signature, KeyInfo, declarations without end."""


@pytest.mark.eis("SIG-03", "SIG-04")
@pytest.mark.attack("S34", "S35", "S39", "S43")
@pytest.mark.parametrize("part", range(4))
def test_both_say_the_same(part: int) -> None:
    """Nothing is accepted that libxmlsec refuses, nothing else is read than was signed, and only form refuses more."""
    seen: Counter[tuple[bool, bool]] = Counter()
    for seed in range(part * DOCUMENTS, (part + 1) * DOCUMENTS):
        maker, chance = Maker(seed), random.Random(-seed)
        data = signed(maker.document(), maker.prefixes(), maker.prefixes())
        genuine, code = ours(data)
        assert theirs(data), (seed, data)
        assert genuine is not None or code == "xml.limit", (seed, code, data)
        for _ in range(CHANGES):
            changed = data
            for _ in range(chance.randrange(1, 3)):
                changed = chance.choice(ALL)(chance, changed)
            (mine, code), other = ours(changed), theirs(changed)
            assert mine in (None, genuine), (seed, changed)
            assert other if mine is not None else not other or code in FORM, (seed, code, changed)
            seen[mine is not None, changed == data] += 1
    assert seen[True, False] > DOCUMENTS
    assert seen[False, False] > DOCUMENTS
