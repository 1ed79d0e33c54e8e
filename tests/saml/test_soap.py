"""SOAP envelopes."""

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import unwrap, wrap
from routeringsvoorziening.saml.verifying import verify
from tests.support.wire import DV, NOW, refused, signing_key, whole_answer

MESSAGE = '<x xmlns="urn:x" ID="_a"/>'


def envelope(inside: str, namespace: str = names.SOAP11) -> bytes:
    return f'<s:Envelope xmlns:s="{namespace}">{inside}</s:Envelope>'.encode()


def opened(inside: str, namespace: str = names.SOAP11):
    return unwrap(parse(envelope(inside, namespace)))


@pytest.mark.eis("RES-01", "ARR-01")
def test_what_is_wrapped_is_a_valid_soap_11_envelope():
    """SOAP 1.1, valid by its schema, with the message in the Body."""
    root = parse(wrap(build_artifact_resolve(ArtifactResolve("_a", DV, NOW, "x"))))
    validate(root, "soap11")
    assert unwrap(root).tag == names.samlp("ArtifactResolve")


def test_the_declaration_has_double_quotes():
    """A declaration in single quotes breaks clients that exist."""
    assert wrap(build_artifact_resolve(ArtifactResolve("_a", DV, NOW, "x"))).startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>'
    )


@pytest.mark.eis("AS-14")
def test_wrapping_leaves_every_signature_intact():
    """A signed answer with evidence inside still verifies after the trip through an envelope."""
    answer = whole_answer()
    arrived = unwrap(parse(wrap(answer)))
    assert canonical(arrived) == canonical(answer)


def test_a_signed_message_verifies_after_unwrapping():
    """The signature holds within the envelope."""
    element = build_artifact_resolve(ArtifactResolve("_a", DV, NOW, "x"))
    key = signing_key(DV)
    sign(element, key)
    assert verify(unwrap(parse(wrap(element))), [key.verification_key], at=NOW).key.key_name == key.key_name


@pytest.mark.eis("RES-01")
@pytest.mark.parametrize("namespace", [names.SOAP11, names.SOAP12])
def test_both_versions_are_read(namespace):
    """1.1 and 1.2, with an empty Header or none, and layout between the elements."""
    assert opened(f"<s:Body>{MESSAGE}</s:Body>", namespace).get("ID") == "_a"
    assert opened(f"\n <s:Header/>\n <s:Body>\n{MESSAGE}</s:Body>", namespace).get("ID") == "_a"


@pytest.mark.eis("RES-01")
@pytest.mark.attack("S16")
@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<s:Body/>",
        "<s:Body>text</s:Body>",
        f"<s:Body>{MESSAGE}text</s:Body>",
        f"<s:Body>{MESSAGE}</s:Body><s:Body/>",
        f"<s:Header>{MESSAGE}</s:Header><s:Body>{MESSAGE.replace('_a', '_b')}</s:Body>",
        f"<s:Header/><s:Header/><s:Body>{MESSAGE}</s:Body>",
        f"<s:Body>{MESSAGE}</s:Body><s:Header/>",
        f"<s:Body>{MESSAGE}{MESSAGE.replace('_a', '_b')}</s:Body>",
        f"<s:Body>{MESSAGE}</s:Body>{MESSAGE.replace('_a', '_b')}",
        f"text<s:Body>{MESSAGE}</s:Body>",
    ],
)
def test_another_structure_is_refused(inside):
    """One Body with one message, and nothing beside it."""
    refused("soap.structure", lambda: opened(inside))


@pytest.mark.eis("RES-01")
@pytest.mark.parametrize(
    "document",
    [
        MESSAGE.encode(),
        envelope("<s:Body/>", "urn:other"),
        f'<s:Body xmlns:s="{names.SOAP11}">{MESSAGE}</s:Body>'.encode(),
        f'<s:Envelope xmlns:s="{names.SOAP11}"><b:Body xmlns:b="{names.SOAP12}">{MESSAGE}</b:Body></s:Envelope>'.encode(),
    ],
)
def test_what_is_no_envelope_is_refused(document):
    """A bare message, another namespace, two versions mixed."""
    refused("soap.structure", lambda: unwrap(parse(document)))


def test_an_envelope_in_an_envelope_stays_one():
    """The inner envelope is what is in the Body: it is no message, and its reader says so."""
    inner = envelope(f"<s:Body>{MESSAGE}</s:Body>").decode()
    assert opened(f"<s:Body>{inner}</s:Body>").tag == f"{{{names.SOAP11}}}Envelope"
