"""Well signed and wrong in meaning, as far as a reader of one message can tell: S51, S18, S20, S44, S58, S68, S70."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Final

from lxml import etree

from tests.support.attackgen.canary import canary
from tests.support.attackgen.genuine import (
    ARTIFACT_RESOLVE,
    ARTIFACT_RESPONSE,
    ASSERTION,
    AUTHN_REQUEST,
    SAMLP,
    Kind,
    unsigned,
)
from tests.support.attackgen.handmade import DS, SAML
from tests.support.attackgen.operators import Family, Op
from tests.support.attackgen.texts import resigned

_XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
PROTOCOL: Final = (AUTHN_REQUEST, ARTIFACT_RESOLVE, ARTIFACT_RESPONSE)
MESSAGES: Final = (*PROTOCOL, ASSERTION)
_SHAPE: Final = frozenset({"msg.structure", "msg.schema"})
Change = Callable[[etree._Element], None]


def _changed(change: Change) -> Callable[[Kind, etree._Element], etree._Element]:
    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        element = kind.locate(root)
        change(element)
        return resigned(kind, root, element)

    return apply


def _set(name: str, value: str | None, path: str = ".") -> Change:
    def change(element: etree._Element) -> None:
        found = element if path == "." else element.find(path)
        if value is None:
            found.attrib.pop(name, None)
        else:
            found.set(name, value)

    return change


def _drop(path: str) -> Change:
    def change(element: etree._Element) -> None:
        found = element.find(path)
        found.getparent().remove(found)

    return change


def _double(path: str) -> Change:
    def change(element: etree._Element) -> None:
        found = element.find(path)
        copy = deepcopy(found)
        for each in copy.iter("*"):
            for name in ("ID", "Id"):
                if name in each.attrib:
                    each.set(name, each.get(name) + "-2")
            if each.get("URI", "").startswith("#"):
                each.set("URI", each.get("URI") + "-2")
        found.addnext(copy)

    return change


def _write(path: str, text: str) -> Change:
    def change(element: etree._Element) -> None:
        found = element.find(path)
        for child in list(found):
            found.remove(child)
        found.text = text

    return change


def _rename(path: str, name: str) -> Change:
    def change(element: etree._Element) -> None:
        (element if path == "." else element.find(path)).tag = name

    return change


def _append(path: str, xml: str, position: int | None = None) -> Change:
    def change(element: etree._Element) -> None:
        parent = element if path == "." else element.find(path)
        parent.insert(len(parent) if position is None else position, etree.fromstring(xml))

    return change


def _s(*steps: str) -> str:
    return "/".join(f"{{{SAML}}}{step}" for step in steps)


_RESPONSE: Final = f"{{{SAMLP}}}Response"
_STATUS: Final = f"{_RESPONSE}/{{{SAMLP}}}Status"
_CODE: Final = f"{_STATUS}/{{{SAMLP}}}StatusCode"
_CONFIRMATION: Final = _s("Subject", "SubjectConfirmation")
_ACTING: Final = _s("AttributeStatement", "Attribute")
_VALUE: Final = f"{_ACTING}/{{{SAML}}}AttributeValue"
_ENCRYPTED_ID: Final = f"{_VALUE}/{{{SAML}}}EncryptedID"
_DATA: Final = f"{_ENCRYPTED_ID}/{{{_XENC}}}EncryptedData"


def _op(name: str, cites: str, kinds: tuple[Kind, ...], codes: set[str] | frozenset[str], change: Change) -> Op:
    family: Family = "enc" if cites in ("S18", "S56", "S58") else "sem"
    return Op(name, family, (cites,), kinds, frozenset(codes), _changed(change), "genuine")


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    for version in ("1.1", "2.1", "2", ""):
        yield _op(f"version-{version}", "S51", MESSAGES, {"msg.version"}, _set("Version", version))
    yield _op("version-absent", "S51", MESSAGES, {"msg.version", "msg.schema"}, _set("Version", None))
    for instant in ("2026-06-01", "yesterday", "2026-06-01T24:00:60Z", ""):
        codes = {"time.format", "msg.schema"}
        yield _op(f"instant-{instant}", "S67", MESSAGES, codes, _set("IssueInstant", instant))
    yield _op("instant-zoneless", "S67", MESSAGES, {"time.format"}, _set("IssueInstant", "2026-06-01T12:00:00"))
    yield _op("instant-absent", "S67", MESSAGES, {"time.missing", "msg.schema"}, _set("IssueInstant", None))
    yield _op("issuer-absent", "S51", MESSAGES, _SHAPE | {"sig.structure"}, _drop(_s("Issuer")))
    yield _op("issuer-twice", "S44", MESSAGES, _SHAPE | {"sig.structure"}, _double(_s("Issuer")))
    yield _op("issuer-empty", "S44", MESSAGES, _SHAPE | {"msg.value"}, _write(_s("Issuer"), ""))
    legacy = "{urn:oasis:names:tc:SAML:1.0:protocol}Request"
    yield _op("saml-1", "S51", PROTOCOL, {"msg.type", *_SHAPE, "sig.structure"}, _rename(".", legacy))
    other = f"{{{SAMLP}}}LogoutRequest"
    yield _op("other-type", "S51", PROTOCOL, {"msg.type", *_SHAPE}, _rename(".", other))
    yield _op("stranger", "S51", MESSAGES, _SHAPE, _append(".", '<x xmlns="urn:example:foreign"/>'))
    yield from _request_operators()
    yield from _response_operators()
    yield from _assertion_operators()
    yield from _identity_operators()


def _request_operators() -> Iterator[Op]:
    artifact = f"{{{SAMLP}}}Artifact"
    yield _op("artifact-absent", "S76", (ARTIFACT_RESOLVE,), _SHAPE, _drop(artifact))
    yield _op("artifact-twice", "S76", (ARTIFACT_RESOLVE,), _SHAPE, _double(artifact))
    boolean = {"msg.schema", "msg.value"}
    for value in ("True", "yes", ""):
        yield _op(f"force-{value}", "S71", (AUTHN_REQUEST,), boolean, _set("ForceAuthn", value))
    for value in ("x", "-1", "65536", "1.5"):
        codes = {"msg.schema", "msg.value"}
        yield _op(f"index-{value}", "S71", (AUTHN_REQUEST,), codes, _set("AssertionConsumerServiceIndex", value))


def _response_operators() -> Iterator[Op]:
    kinds = (ARTIFACT_RESPONSE,)
    yield _op("response-twice", "S17", kinds, _SHAPE | {"assertion.count"}, _double(_RESPONSE))
    yield _op("assertion-twice", "S20", kinds, {"assertion.count", *_SHAPE}, _double(f"{_RESPONSE}/{_s('Assertion')}"))
    requester = "urn:oasis:names:tc:SAML:2.0:status:Requester"
    codes = {"status", "assertion.count", "msg.structure"}
    yield _op("failure-with-assertion", "S68", kinds, codes, _set("Value", requester, _CODE))
    yield _op("success-without-assertion", "S68", kinds, codes, _drop(f"{_RESPONSE}/{_s('Assertion')}"))
    codes = {"status", *_SHAPE}
    yield _op("status-twice", "S68", kinds, codes, _double(_CODE))
    nested = f'<p:StatusCode xmlns:p="{SAMLP}" Value="urn:a"/>'
    yield _op("success-nested", "S68", kinds, codes, _append(_CODE, nested))
    yield _op("status-unknown", "S68", kinds, codes | {"msg.value"}, _set("Value", "urn:example:fine", _CODE))
    yield _op("status-absent", "S68", kinds, codes, _drop(_STATUS))
    encrypted = (
        f'<s:EncryptedAssertion xmlns:s="{SAML}"><x:EncryptedData xmlns:x="{_XENC}"><x:CipherData>'
        "<x:CipherValue>AAAA</x:CipherValue></x:CipherData></x:EncryptedData></s:EncryptedAssertion>"
    )
    codes = {"assertion.encrypted", "assertion.count"}
    yield _op("encrypted-assertion", "S18", kinds, codes, _append(_RESPONSE, encrypted))


def _assertion_operators() -> Iterator[Op]:
    kinds = (ASSERTION,)
    confirmation = {"subject.confirmation", "subject.structure", "time.missing", *_SHAPE}
    yield _op("confirmation-absent", "S70", kinds, confirmation, _drop(_CONFIRMATION))
    yield _op("confirmation-twice", "S70", kinds, confirmation, _double(_CONFIRMATION))
    holder = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
    yield _op("confirmation-method", "S70", kinds, confirmation, _set("Method", holder, _CONFIRMATION))
    data = _s("Subject", "SubjectConfirmation", "SubjectConfirmationData")
    yield _op("confirmation-data-absent", "S70", kinds, confirmation, _drop(data))
    for name in ("InResponseTo", "Recipient", "NotOnOrAfter"):
        codes = confirmation | {"irt.missing", "recipient"}
        yield _op(f"confirmation-no-{name}", "S70", kinds, codes, _set(name, None, data))
    before = _set("NotBefore", "2026-06-01T11:58:00Z", data)
    yield _op("confirmation-not-before", "S67", kinds, confirmation, before)
    yield _op("name-absent", "S70", kinds, {"subject.structure", *_SHAPE}, _drop(_s("Subject", "NameID")))
    yield _op("name-twice", "S44", kinds, {"subject.structure", *_SHAPE}, _double(_s("Subject", "NameID")))
    yield _op("subject-absent", "S70", kinds, {"subject.structure", *_SHAPE}, _drop(_s("Subject")))
    yield _op("conditions-absent", "S67", kinds, {"time.missing", *_SHAPE}, _drop(_s("Conditions")))
    for name in ("NotBefore", "NotOnOrAfter"):
        codes = {"time.missing", *_SHAPE}
        yield _op(f"conditions-no-{name}", "S67", kinds, codes, _set(name, None, _s("Conditions")))
    restriction = _s("Conditions", "AudienceRestriction")
    yield _op("audience-absent", "S66", kinds, {"audience", *_SHAPE}, _drop(restriction))
    yield _op("audience-empty", "S66", kinds, {"audience", *_SHAPE}, _drop(f"{restriction}/{{{SAML}}}Audience"))
    yield _op("authn-absent", "S70", kinds, _SHAPE, _drop(_s("AuthnStatement")))
    yield _op("authn-twice", "S70", kinds, _SHAPE, _double(_s("AuthnStatement")))
    loa = _s("AuthnStatement", "AuthnContext", "AuthnContextClassRef")
    yield _op("loa-absent", "S69", kinds, {"loa", *_SHAPE}, _drop(loa))
    yield _op("loa-twice", "S69", kinds, {"loa", *_SHAPE}, _double(loa))
    yield _op("attributes-twice", "S70", kinds, {"attribute.structure", *_SHAPE}, _double(_s("AttributeStatement")))
    yield _op("attributes-absent", "S70", kinds, {"attribute.structure", *_SHAPE}, _drop(_s("AttributeStatement")))


def _identity_operators() -> Iterator[Op]:
    kinds = (ASSERTION,)
    attribute = {"attribute.structure", "subject.structure", "subject.identifier", "enc.structure", *_SHAPE}
    yield _op("acting-twice", "S70", kinds, attribute, _double(_ACTING))
    yield _op("acting-in-clear", "S70", kinds, attribute, _write(_VALUE, "900026236"))
    yield _op("acting-empty", "S70", kinds, attribute, _drop(_ENCRYPTED_ID))
    yield _op("acting-two-in-one-value", "S70", kinds, attribute, _double(_ENCRYPTED_ID))
    encryption = attribute | {"enc.structure", "alg.forbidden"}
    reference = f'<x:CipherReference xmlns:x="{_XENC}" URI="/dev/zero"/>'
    yield _op("cipher-reference", "S58", kinds, encryption, _cipher_reference(reference))
    yield _op("key-retrieval-far", "S58", kinds, encryption, _retrieval(canary().url))


def _cipher_reference(xml: str) -> Change:
    def change(element: etree._Element) -> None:
        data = element.find(f"{_DATA}/{{{_XENC}}}CipherData")
        for child in list(data):
            data.remove(child)
        data.append(etree.fromstring(xml))

    return change


def _retrieval(uri: str) -> Change:
    return lambda element: element.find(f"{_DATA}/{{{DS}}}KeyInfo/{{{DS}}}RetrievalMethod").set("URI", uri)
