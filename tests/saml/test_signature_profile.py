"""The form of a signature: every deviation has its code, and xmlsec never gets to see it."""

import base64
import time
from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from routeringsvoorziening.saml import names, verifying
from routeringsvoorziening.saml.limits import METADATA
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.signature_profile import check_only_signatures_at, check_signature, prefixes_within
from routeringsvoorziening.saml.verifying import verify
from tests.support.signed import AT, DS, refused, request, signed_request, signing_key

EC = "{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
Change = Callable[[Element], object]


def find(root: Element, local: str) -> Element:
    """The first element of the signature namespace by that name."""
    found = root.find(f".//{DS}{local}")
    assert found is not None
    return found


def add(local: str, name: str, *, at: int | None = None, text: str | None = None, **attributes: str) -> Change:
    """Add a child of the signature namespace to an element of it."""

    def change(root: Element) -> None:
        child = etree.Element(f"{DS}{name}", attributes)
        child.text = text
        parent = find(root, local)
        parent.insert(len(parent) if at is None else at, child)

    return change


def drop(local: str) -> Change:
    """Leave an element out."""

    def change(root: Element) -> None:
        element = find(root, local)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def twice(local: str) -> Change:
    """Repeat an element."""
    return lambda root: find(root, local).addnext(deepcopy(find(root, local)))


def last(local: str) -> Change:
    """Move an element to the end of its parent."""

    def change(root: Element) -> None:
        element = find(root, local)
        parent = element.getparent()
        assert parent is not None
        parent.append(element)

    return change


def put(local: str, **attributes: str) -> Change:
    """Set attributes."""
    return lambda root: find(root, local).attrib.update(attributes)


def write(local: str, text: str) -> Change:
    """Set the text."""

    def change(root: Element) -> None:
        find(root, local).text = text

    return change


def retail(local: str) -> Change:
    """Put text after an element."""

    def change(root: Element) -> None:
        find(root, local).tail = "x"

    return change


def transform(index: int, algorithm: str | None = None, *children: str) -> Change:
    """Change one of the two transforms."""

    def change(root: Element) -> None:
        found = find(root, "Transforms")[index]
        if algorithm is not None:
            found.set("Algorithm", algorithm)
        for child in children:
            found.append(etree.fromstring(child))

    return change


def transforms(*algorithms: str) -> Change:
    """Put other transforms in their place."""

    def change(root: Element) -> None:
        holder = find(root, "Transforms")
        for old in list(holder):
            holder.remove(old)
        for algorithm in algorithms:
            etree.SubElement(holder, f"{DS}Transform", Algorithm=algorithm)

    return change


def prefixes(value: str, *, on: str = "Transform", **more: str) -> Change:
    """Give the canonicalisation a PrefixList."""

    def change(root: Element) -> None:
        holder = find(root, "Transforms")[1] if on == "Transform" else find(root, on)
        etree.SubElement(holder, EC, {"PrefixList": value, **more})

    return change


def unattribute(local: str, name: str) -> Change:
    """Remove an attribute."""

    def change(root: Element) -> None:
        del find(root, local).attrib[name]

    return change


def on_root(change: Change) -> Change:
    """A change of the message rather than of its signature."""
    return change


def expect(code: str, *changes: Change) -> object:
    """A case of the table: these changes, that code."""
    return pytest.param(code, changes)


CASES = {
    "S21 no signature": expect("sig.missing", drop("Signature")),
    "S13 two signatures": expect("sig.count", twice("Signature")),
    "S21 empty signature": expect(
        "sig.structure", *(drop(local) for local in ("SignedInfo", "SignatureValue", "KeyInfo"))
    ),
    "S02 signature last": expect("sig.structure", last("Signature")),
    "S02 signature first": expect("sig.structure", lambda root: root.insert(0, find(root, "Signature"))),
    "S01 object": expect("sig.object", add("Signature", "Object")),
    "S08 object first": expect("sig.object", add("Signature", "Object", at=0)),
    "S06 object in KeyInfo": expect("sig.object", add("KeyInfo", "Object")),
    "S06 message in signature": expect(
        "sig.structure", lambda root: find(root, "Signature").append(request(identifier="_other"))
    ),
    "S09 second SignedInfo after": expect("sig.structure", twice("SignedInfo")),
    "S09 second SignedInfo last": expect("sig.structure", twice("SignedInfo"), last("SignedInfo")),
    "S09 second SignatureValue": expect("sig.structure", twice("SignatureValue")),
    "order": expect("sig.structure", last("SignedInfo")),
    "no SignatureValue": expect("sig.structure", drop("SignatureValue")),
    "no KeyInfo": expect("sig.structure", drop("KeyInfo")),
    "S12 second DigestValue": expect("sig.structure", twice("DigestValue")),
    "second DigestMethod": expect("sig.structure", twice("DigestMethod")),
    "no DigestMethod": expect("sig.structure", drop("DigestMethod")),
    "attribute of Signature": expect("sig.structure", put("Signature", x="_s")),
    "attribute of SignedInfo": expect("sig.structure", put("SignedInfo", Id="_s")),
    "attribute of SignatureValue": expect("sig.structure", put("SignatureValue", Id="_s")),
    "attribute of DigestValue": expect("sig.structure", put("DigestValue", x="1")),
    "attribute of SignatureMethod": expect("sig.structure", put("SignatureMethod", x="1")),
    "attribute of DigestMethod": expect("sig.structure", put("DigestMethod", x="1")),
    "text in Signature": expect("sig.structure", write("Signature", "x")),
    "text after SignatureValue": expect("sig.structure", retail("SignatureValue")),
    "text in SignedInfo": expect("sig.structure", retail("SignatureMethod")),
    "text in Reference": expect("sig.structure", retail("Transforms")),
    "S25 HMACOutputLength": expect("sig.structure", add("SignatureMethod", "HMACOutputLength", text="1")),
    "text in SignatureMethod": expect("sig.structure", write("SignatureMethod", "x")),
    "S30 no reference": expect("sig.structure", drop("Reference")),
    "S30 two references": expect("sig.structure", twice("Reference")),
    "S30 many references": expect("sig.structure", *(twice("Reference") for _ in range(50))),
    "S30 manifest": expect("sig.structure", add("SignedInfo", "Manifest")),
    "S30 Type": expect("sig.reference", put("Reference", Type=f"{XMLDSIG}Object")),
    "S30 Id": expect("sig.reference", put("Reference", Id="_ref")),
    "S29 no URI": expect("sig.reference", unattribute("Reference", "URI")),
    "S40 message without ID": expect("sig.reference", lambda root: root.attrib.pop("ID")),
    "S40 second ID": expect("sig.reference", lambda root: root.set("{urn:x}ID", "_request2")),
    "S40 xml:id": expect(
        "sig.reference", lambda root: root.set("{http://www.w3.org/XML/1998/namespace}id", "_request2")
    ),
    "S40 Id": expect("sig.reference", lambda root: root.set("Id", "_request2")),
    "S40 only xml:id": expect(
        "sig.reference",
        lambda root: (root.attrib.pop("ID"), root.set("{http://www.w3.org/XML/1998/namespace}id", "_request")),
    ),
    "S40 no NCName": expect("id.form", lambda root: root.set("ID", "a b"), put("Reference", URI="#a b")),
    "S32 no transform": expect("alg.transform", transforms()),
    "S32 no Transforms": expect("sig.structure", drop("Transforms")),
    "S32 no enveloped": expect("alg.transform", transforms(names.EXC_C14N)),
    "S32 no c14n": expect("alg.transform", transforms(names.ENVELOPED)),
    "S32 wrong order": expect("alg.transform", transforms(names.EXC_C14N, names.ENVELOPED)),
    "S32 three": expect("alg.transform", transforms(names.ENVELOPED, names.EXC_C14N, names.EXC_C14N)),
    "S32 enveloped twice": expect("alg.transform", transforms(names.ENVELOPED, names.ENVELOPED)),
    "S32 XSLT": expect(
        "alg.transform",
        transform(
            1,
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
            '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/>',
        ),
    ),
    "S32 XSLT first": expect("alg.transform", transform(0, "http://www.w3.org/TR/1999/REC-xslt-19991116")),
    "S32 XPath": expect("alg.transform", transform(1, "http://www.w3.org/TR/1999/REC-xpath-19991116")),
    "S32 XPath in enveloped": expect("alg.transform", transform(0, None, f'<XPath xmlns="{XMLDSIG}">1</XPath>')),
    "S32 XPath filter": expect("alg.transform", transform(1, "http://www.w3.org/2002/06/xmldsig-filter2")),
    "S32 base64": expect("alg.transform", transform(1, f"{XMLDSIG}base64")),
    "S32 decrypt": expect("alg.transform", transform(1, "http://www.w3.org/2002/07/decrypt#XML")),
    "S32 unknown": expect("alg.transform", transform(1, "urn:unknown")),
    "S32 no algorithm": expect("alg.transform", transform(1, "")),
    "AMB-12 enveloped by its address": expect(
        "alg.transform", transform(0, "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/#enveloped-signature")
    ),
    "S32 Transforms with attribute": expect("alg.transform", put("Transforms", x="1")),
    "S32 text in Transforms": expect("sig.structure", write("Transforms", "x")),
    "S32 attribute of enveloped": expect("alg.transform", lambda root: find(root, "Transforms")[0].set("x", "1")),
    "S33 inclusive": expect("alg.c14n", transform(1, C14N)),
    "S33 with comments": expect("alg.c14n", transform(1, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments")),
    "S33 1.1": expect("alg.c14n", transform(1, "http://www.w3.org/2006/12/xml-c14n11")),
    "S32 text in enveloped": expect("alg.transform", lambda root: setattr(find(root, "Transforms")[0], "text", "x")),
    "S33 child in a list": expect("alg.c14n", prefixes("x"), lambda root: etree.SubElement(root.find(f".//{EC}"), "x")),
    "S33 an empty list of great length": expect("alg.c14n", prefixes(" " * 100_000)),
    "S33 attribute": expect("alg.c14n", lambda root: find(root, "Transforms")[1].set("x", "1")),
    "S33 SignedInfo inclusive": expect("alg.c14n", put("CanonicalizationMethod", Algorithm=C14N)),
    "S33 SignedInfo with comments": expect(
        "alg.c14n", put("CanonicalizationMethod", Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments")
    ),
    "S33 SignedInfo minimal": expect("alg.c14n", put("CanonicalizationMethod", Algorithm=f"{XMLDSIG}minimal")),
    "S33 SignedInfo XSLT": expect(
        "alg.c14n", put("CanonicalizationMethod", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116")
    ),
    "S33 SignedInfo none": expect("alg.c14n", unattribute("CanonicalizationMethod", "Algorithm")),
    "S33 many prefixes": expect("alg.c14n", prefixes(" ".join(f"p{i}" for i in range(17)))),
    "S33 very many prefixes": expect("alg.c14n", prefixes(" ".join(f"p{i}" for i in range(10_000)))),
    "S33 a long prefix": expect("alg.c14n", prefixes("p" * 65)),
    "S33 many prefixes of SignedInfo": expect(
        "alg.c14n", prefixes(" ".join(f"p{i}" for i in range(17)), on="CanonicalizationMethod")
    ),
    "S33 no PrefixList": expect("alg.c14n", prefixes("x"), lambda root: root.find(f".//{EC}").attrib.pop("PrefixList")),
    "S33 attribute beside PrefixList": expect("alg.c14n", prefixes("x", y="1")),
    "S33 two lists": expect("alg.c14n", prefixes("x"), prefixes("y")),
    "S33 other parameter": expect("alg.c14n", transform(1, None, f'<XPath xmlns="{XMLDSIG}">1</XPath>')),
    "S33 text in a list": expect("alg.c14n", prefixes("x"), lambda root: setattr(root.find(f".//{EC}"), "text", "x")),
    "S33 text beside a list": expect("sig.structure", lambda root: setattr(find(root, "Transforms")[1], "text", "x")),
    "S33 malformed prefix": expect("id.form", prefixes("a:b")),
    "S27 empty SignatureValue": expect("sig.structure", write("SignatureValue", "")),
    "S27 SignatureValue not base64": expect("sig.structure", write("SignatureValue", "!" * 344)),
    "S27 short SignatureValue": expect("sig.structure", write("SignatureValue", base64.b64encode(b"x" * 255).decode())),
    "S27 long SignatureValue": expect("sig.structure", write("SignatureValue", base64.b64encode(b"x" * 1025).decode())),
    "S27 very long SignatureValue": expect("sig.structure", write("SignatureValue", "A" * 100_000)),
    "S27 child in SignatureValue": expect("node.forbidden", add("SignatureValue", "X")),
    "S27 comment in SignatureValue": expect(
        "node.forbidden", lambda root: find(root, "SignatureValue").append(etree.Comment("x"))
    ),
    "S27 comment in DigestValue": expect(
        "node.forbidden", lambda root: find(root, "DigestValue").append(etree.Comment("x"))
    ),
    "S27 comment in Signature": expect(
        "sig.structure", lambda root: find(root, "Signature").append(etree.Comment("x"))
    ),
    "S27 empty DigestValue": expect("sig.structure", write("DigestValue", "")),
    "S27 DigestValue of other length": expect(
        "sig.structure", write("DigestValue", base64.b64encode(b"x" * 20).decode())
    ),
    "S24 empty KeyInfo": expect("keyinfo.form", drop("KeyName")),
    "S24 KeyName twice": expect("keyinfo.form", twice("KeyName")),
    "S24 X509Data twice": expect("keyinfo.form", add("KeyInfo", "X509Data"), add("KeyInfo", "X509Data")),
    "S24 KeyValue": expect("keyinfo.form", add("KeyInfo", "KeyValue")),
    "S24 KeyValue alone": expect("keyinfo.form", drop("KeyName"), add("KeyInfo", "KeyValue")),
    "S24 RetrievalMethod": expect("keyinfo.form", add("KeyInfo", "RetrievalMethod", URI="/dev/zero")),
    "S24 PGPData": expect("keyinfo.form", add("KeyInfo", "PGPData")),
    "S24 SPKIData": expect("keyinfo.form", add("KeyInfo", "SPKIData")),
    "S24 MgmtData": expect("keyinfo.form", add("KeyInfo", "MgmtData")),
    "S24 DEREncodedKeyValue": expect(
        "keyinfo.form",
        lambda root: etree.SubElement(find(root, "KeyInfo"), "{http://www.w3.org/2009/xmldsig11#}DEREncodedKeyValue"),
    ),
    "S24 KeyInfoReference": expect(
        "keyinfo.form",
        lambda root: etree.SubElement(
            find(root, "KeyInfo"), "{http://www.w3.org/2009/xmldsig11#}KeyInfoReference", URI="/dev/zero"
        ),
    ),
    "S24 EncryptedKey": expect(
        "keyinfo.form",
        lambda root: etree.SubElement(find(root, "KeyInfo"), "{http://www.w3.org/2001/04/xmlenc#}EncryptedKey"),
    ),
    "S24 empty X509Data": expect("keyinfo.form", add("KeyInfo", "X509Data")),
    "S24 X509IssuerSerial": expect("keyinfo.form", add("KeyInfo", "X509Data"), add("X509Data", "X509IssuerSerial")),
    "S24 two certificates": expect(
        "keyinfo.form",
        add("KeyInfo", "X509Data"),
        add("X509Data", "X509Certificate", text="AAAA"),
        add("X509Data", "X509Certificate", text="AAAA"),
    ),
    "S24 malformed certificate": expect(
        "keyinfo.form", add("KeyInfo", "X509Data"), add("X509Data", "X509Certificate", text="!")
    ),
    "S24 huge certificate": expect(
        "keyinfo.form", add("KeyInfo", "X509Data"), add("X509Data", "X509Certificate", text="A" * 40_000)
    ),
    "S24 certificate with attribute": expect(
        "keyinfo.form", add("KeyInfo", "X509Data"), add("X509Data", "X509Certificate", text="AAAA", x="1")
    ),
    "S24 attribute of KeyInfo": expect("keyinfo.form", put("KeyInfo", Id="_k")),
    "S24 attribute of KeyName": expect("keyinfo.form", put("KeyName", x="1")),
    "S24 attribute of X509Data": expect(
        "keyinfo.form", add("KeyInfo", "X509Data", x="1"), add("X509Data", "X509Certificate", text="AAAA")
    ),
    "S24 empty KeyName": expect("keyinfo.form", write("KeyName", " \n")),
    "S24 long KeyName": expect("keyinfo.form", write("KeyName", "x" * 257)),
    "S24 text in KeyInfo": expect("sig.structure", write("KeyInfo", "x")),
    "S24 text in X509Data": expect(
        "sig.structure", add("KeyInfo", "X509Data", text="x"), add("X509Data", "X509Certificate", text="AAAA")
    ),
}


@pytest.fixture
def no_canonical_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever gets past the form, and so to canonicalisation, fails the test."""
    monkeypatch.setattr(verifying, "canonical", lambda *_: pytest.fail("canonicalised"))


@pytest.mark.eis("SIG-01", "SIG-02", "SIG-03", "SIG-04", "SIG-10")
@pytest.mark.parametrize("layout", ["", "\n  "])
def test_accepts_the_signature_of_the_koppelvlak(layout: str) -> None:
    """The positive twin of the table, with and without line breaks."""
    form = check_signature(parse(signed_request(layout=layout)))
    assert form.key_name == signing_key().key_name
    assert len(form.digest) == 32


@pytest.mark.eis("SIG-03", "SIG-04", "SIG-06", "SIG-10")
@pytest.mark.attack(
    "S01", "S02", "S06", "S08", "S09", "S12", "S13", "S21", "S24", "S25", "S27", "S29", "S30", "S32", "S33", "S40"
)
@pytest.mark.usefixtures("no_canonical_form")
@pytest.mark.parametrize(("code", "changes"), CASES.values(), ids=CASES.keys())
def test_refuses_every_deviation(code: str, changes: tuple[Change, ...]) -> None:
    """Each with its own code, before xmlsec, in no time."""
    root = parse(signed_request())
    for change in changes:
        change(root)
    started = time.thread_time()
    with refused(code):
        check_signature(root)
    assert time.thread_time() - started < 0.05
    if root.xpath("count(//comment())") == 0:
        with refused(code):
            verify(root, [signing_key().verification_key], at=AT)


@pytest.mark.eis("SIG-04")
@pytest.mark.attack("S05", "S14", "S29", "S31")
@pytest.mark.usefixtures("no_canonical_form")
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "#",
        "#_other",
        "#_Request",
        "#_request ",
        " #_request",
        "#%5Frequest",
        "_request",
        "##_request",
        "#xpointer(/)",
        "#xpointer(id('_request'))",
        "/dev/zero",
        "file:///dev/zero",
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "https://127.0.0.1:1/#_request",
        "ftp://127.0.0.1:1/",
        "cid:_request",
        "data:,x",
        "?#_request",
        "./#_request",
    ],
)
def test_refuses_every_other_reference(uri: str) -> None:
    """An absolute URI hangs libxmlsec for ever or reads a file; here it is text that differs from `#_request`."""
    root = parse(signed_request())
    find(root, "Reference").set("URI", uri)
    started = time.thread_time()
    with refused("sig.reference"):
        verify(root, [signing_key().verification_key], at=AT)
    assert time.thread_time() - started < 0.05


@pytest.mark.eis("SIG-01")
@pytest.mark.attack("S25", "S26")
@pytest.mark.usefixtures("no_canonical_form")
@pytest.mark.parametrize(
    "algorithm",
    [
        f"{XMLDSIG}rsa-sha1",
        f"{XMLDSIG}dsa-sha1",
        f"{XMLDSIG}hmac-sha1",
        f"{MORE}hmac-sha256",
        f"{MORE}hmac-sha512",
        f"{MORE}rsa-md5",
        f"{MORE}rsa-sha224",
        f"{MORE}rsa-ripemd160",
        f"{MORE}ecdsa-sha256",
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
        "http://www.w3.org2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256",
        f"{MORE}rsa-sha256 ",
        "",
    ],
)
def test_refuses_other_signature_methods(algorithm: str) -> None:
    """SHA-1, HMAC, DSA, curves, PSS, and the misspelling in the koppelvlak's examples (AMB-12)."""
    root = parse(signed_request())
    find(root, "SignatureMethod").set("Algorithm", algorithm)
    with refused("alg.forbidden"):
        verify(root, [signing_key().verification_key], at=AT)


@pytest.mark.eis("SIG-02")
@pytest.mark.attack("S26")
@pytest.mark.usefixtures("no_canonical_form")
@pytest.mark.parametrize(
    "algorithm",
    [
        f"{XMLDSIG}sha1",
        f"{MORE}md5",
        f"{MORE}sha224",
        f"{MORE}sha256",
        "http://www.w3.org/2001/04/xmlenc#ripemd160",
        "",
    ],
)
def test_refuses_other_digest_methods(algorithm: str) -> None:
    """SHA-1 with a good signature over it is SHA-1; sha256 under another name is no sha256 (AMB-12)."""
    root = parse(signed_request())
    find(root, "DigestMethod").set("Algorithm", algorithm)
    with refused("alg.forbidden"):
        verify(root, [signing_key().verification_key], at=AT)


@pytest.mark.eis("SIG-10")
def test_accepts_key_name_certificate_or_both_in_any_order() -> None:
    """What connected software sends; the KeyName may stand on a line of its own."""
    root = parse(signed_request(include_certificate=True))
    info = find(root, "KeyInfo")
    assert check_signature(root).certificate_der == signing_key().verification_key.certificate_der
    info.append(info[0])
    assert check_signature(root).key_name == signing_key().key_name
    find(root, "KeyName").text = f"\n   {signing_key().key_name}\n   "
    assert check_signature(root).key_name == signing_key().key_name
    info.remove(info[1])
    assert check_signature(root).key_name is None


@pytest.mark.eis("SIG-03")
def test_reads_the_prefixes_of_either_canonicalisation() -> None:
    """InclusiveNamespaces is accepted, also with undeclared prefixes and #default (AMB-12)."""
    root = parse(signed_request())
    prefixes("ds saml samlp xs #default")(root)
    prefixes("", on="CanonicalizationMethod")(root)
    form = check_signature(root)
    assert form.prefixes == {"ds", "saml", "samlp", "xs", "#default"}
    assert form.signed_info_prefixes == frozenset()
    assert prefixes_within(root) == form.prefixes


@pytest.mark.eis("SIG-03")
@pytest.mark.attack("S33", "S48")
def test_a_list_of_prefixes_stands_in_a_signature() -> None:
    """Anywhere else it means nothing, and would be work that anybody can order."""
    for path in (".", "*", ".//{*}SignedInfo", ".//{*}Reference", ".//{*}Transforms", ".//{*}SignatureMethod"):
        root = parse(signed_request())
        holder = root.find(path)
        assert holder is not None
        etree.SubElement(holder, EC, PrefixList="x")
        with refused("alg.c14n"):
            prefixes_within(root)


@pytest.mark.eis("SIG-03")
@pytest.mark.attack("S33", "S48")
def test_the_lists_of_all_signatures_together_are_bounded() -> None:
    """32 different prefixes pass, whatever the number of lists; 33 do not."""
    root = parse(signed_request())
    prefixes(" ".join(f"p{i}" for i in range(16)))(root)
    prefixes(" ".join(f"p{i}" for i in range(16, 32)), on="CanonicalizationMethod")(root)
    for _ in range(3):
        root.append(parse(etree.tostring(find(root, "Signature"))))
    assert len(prefixes_within(root)) == 32
    root[-1].find(f".//{EC}").set("PrefixList", "p32")  # type: ignore[union-attr]
    with refused("alg.c14n"):
        prefixes_within(root)


class TestPlaces:
    """Where signatures may be at all."""

    RESPONSE = (
        '<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{0}'
        "<samlp:Response>{1}<samlp:Status><samlp:StatusDetail>{2}</samlp:StatusDetail></samlp:Status>"
        "<saml:Assertion>{3}<saml:Advice><saml:Assertion>{4}<saml:Advice><saml:Assertion>{5}</saml:Assertion>"
        "</saml:Advice></saml:Assertion>{6}</saml:Advice></saml:Assertion></samlp:Response></samlp:ArtifactResponse>"
    )
    ALLOWED = (".", "samlp:Response/saml:Assertion", "samlp:Response/saml:Assertion/saml:Advice//saml:Assertion")

    def tree(self, *places: int) -> Element:
        """Signatures at the numbered places; a place given twice has two."""
        return parse(self.RESPONSE.format(*("<ds:Signature/>" * places.count(place) for place in range(7))).encode())

    @pytest.mark.eis("SIG-05")
    @pytest.mark.parametrize("places", [(), (0,), (0, 3), (3, 4), (0, 3, 4, 5)])
    def test_accepts_the_named_places(self, places: tuple[int, ...]) -> None:
        """The message, the assertion, and the assertions of Advice at any depth; all, some or none."""
        check_only_signatures_at(self.tree(*places), self.ALLOWED)

    @pytest.mark.attack("S12", "S13")
    @pytest.mark.parametrize("places", [(1,), (0, 2, 3), (6,), (0, 0), (3, 3), (0, 3, 4, 4)])
    def test_refuses_every_other_place(self, places: tuple[int, ...]) -> None:
        """StatusDetail, Response when it is not named, Advice itself, or two in one element."""
        with refused("sig.count"):
            check_only_signatures_at(self.tree(*places), self.ALLOWED)

    def test_nothing_is_allowed_by_itself(self) -> None:
        """An empty list allows no signature at all."""
        check_only_signatures_at(self.tree(), ())
        with refused("sig.count"):
            check_only_signatures_at(self.tree(0), ())


def test_metadata_is_signed_at_its_root() -> None:
    """The first child; comments between elements, which the signature does not cover, do no harm."""
    root = parse(b'<md:E xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m"><!-- c --><md:X/></md:E>', METADATA)
    root.insert(0, find(parse(signed_request()), "Signature"))
    find(root, "Reference").set("URI", "#_m")
    assert check_signature(root).key_name == signing_key().key_name
    root.append(root[0])
    with refused("sig.structure"):
        check_signature(root)
