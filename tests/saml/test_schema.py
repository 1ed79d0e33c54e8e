"""Validation with the OASIS schemas."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import _JUDGES, Schema, validate
from routeringsvoorziening.saml.signing import sign
from tests.support.signed import DS, NAMESPACES, refused, request, signed_request, signing_key


def resolve(inside: str = "<samlp:Artifact>AA</samlp:Artifact>", attributes: str = 'Version="2.0"') -> bytes:
    """A small message."""
    return f'<samlp:ArtifactResolve {NAMESPACES} ID="_r" IssueInstant="2026-06-01T12:00:00Z" {attributes}>{inside}</samlp:ArtifactResolve>'.encode()


@pytest.mark.eis("GEN-06")
def test_accepts_what_the_schemas_allow() -> None:
    """A signed request, of which the signature is checked by its own schema as well."""
    validate(parse(signed_request(include_certificate=True)))
    validate(parse(resolve()))


@pytest.mark.eis("GEN-06", "GEN-02", "GEN-03")
@pytest.mark.parametrize(
    "document",
    [
        resolve("<samlp:Artefact>AA</samlp:Artefact>"),
        resolve("<samlp:Artifact>A</samlp:Artifact><samlp:Artifact>B</samlp:Artifact>"),
        resolve("<samlp:Artifact>A</samlp:Artifact><saml:Issuer>late</saml:Issuer>"),
        resolve("text<samlp:Artifact>A</samlp:Artifact>"),
        resolve(attributes=""),
        resolve(attributes='Version="2.0" Extra="1"'),
        resolve().replace(b"2026-06-01T12:00:00Z", b"yesterday"),
        resolve().replace(b' IssueInstant="2026-06-01T12:00:00Z"', b""),
        b"<r/>",
        f"<samlp:Unknown {NAMESPACES}/>".encode(),
    ],
)
def test_refuses_what_they_do_not(document: bytes) -> None:
    """Unknown, missing, surplus and misplaced elements and attributes, and values of the wrong type."""
    with refused("msg.schema"):
        validate(parse(document))


@pytest.mark.attack("S01", "S12")
def test_judges_the_signature_too() -> None:
    """A second SignatureValue is no signature."""
    root = parse(signed_request())
    signature = root.find(f"{DS}Signature")
    etree.SubElement(signature, f"{DS}SignatureValue").text = "AA=="
    with refused("msg.schema"):
        validate(root)


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        (
            "assertion",
            f'<saml:Assertion {NAMESPACES} ID="_a" Version="2.0" IssueInstant="2026-06-01T12:00:00Z"><saml:Issuer>i</saml:Issuer></saml:Assertion>',
        ),
        (
            "metadata",
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:x"><md:AffiliationDescriptor affiliationOwnerID="urn:x"><md:AffiliateMember>urn:y</md:AffiliateMember></md:AffiliationDescriptor></md:EntityDescriptor>',
        ),
        (
            "soap11",
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><anything/></s:Body></s:Envelope>',
        ),
        (
            "protocol",
            f'<saml:Assertion {NAMESPACES} ID="_a" Version="2.0" IssueInstant="2026-06-01T12:00:00Z"><saml:Issuer>i</saml:Issuer></saml:Assertion>',
        ),
    ],
)
def test_each_schema_knows_its_roots(schema: Schema, document: str) -> None:
    """Assertion, metadata, SOAP envelope, protocol message; and none takes a stranger."""
    validate(parse(document.encode()), schema)
    with refused("msg.schema"):
        validate(parse(b"<stranger/>"), schema)


@pytest.mark.attack("S91")
def test_says_nothing_of_the_message() -> None:
    """The detail is a line and a kind."""
    with refused("msg.schema") as info:
        validate(parse(resolve("\n<samlp:Secret900000000/>")))
    assert info.value.detail == "line 2: ELEMENT_CONTENT"


def test_leaves_the_element_alone() -> None:
    """Also a part of a document can be validated, and neither it nor what is around it changes."""
    root = parse(b"<wrapper>" + signed_request() + b"tail</wrapper>")
    before = etree.tostring(root)
    validate(root[0])
    assert etree.tostring(root) == before


@pytest.mark.attack("S46")
def test_opens_nothing_that_a_message_points_at(tmp_path: Path) -> None:
    """xsi:schemaLocation at a FIFO would hang, were it opened; the file itself is no business of ours."""
    fifo = tmp_path / "schema.xsd"
    os.mkfifo(fifo)
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    for attribute in (f'xsi:schemaLocation="urn:x {fifo.as_uri()}"', f'xsi:noNamespaceSchemaLocation="{fifo}"'):
        validate(parse(resolve(attributes=f'Version="2.0" {xsi} {attribute}')))


@pytest.mark.attack("S10")
def test_looks_into_advice() -> None:
    """An assertion there is an assertion."""
    inner = '<saml:Assertion ID="_b" Version="2.0" IssueInstant="2026-06-01T12:00:00Z">{}</saml:Assertion>'
    outer = f'<saml:Assertion {NAMESPACES} ID="_a" Version="2.0" IssueInstant="2026-06-01T12:00:00Z"><saml:Issuer>i</saml:Issuer><saml:Advice>{inner}</saml:Advice></saml:Assertion>'
    validate(parse(outer.format("<saml:Issuer>i</saml:Issuer>").encode()), "assertion")
    with refused("msg.schema"):
        validate(parse(outer.format("").encode()), "assertion")


def test_is_quick_and_safe_in_threads() -> None:
    """Loaded once per thread; errors of one message never end up with another."""

    def both(_: int) -> str:
        validate(request())
        with refused("msg.schema") as info:
            validate(parse(resolve("<samlp:Artefact/>")))
        return info.value.detail

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(both, range(400))) == {"line 1: ELEMENT_CONTENT"}
    started = time.thread_time()
    for _ in range(100):
        validate(request())
    assert time.thread_time() - started < 0.5


def test_our_own_signature_is_valid_against_its_schema() -> None:
    """With and without certificate."""
    for include_certificate in (False, True):
        root = request()
        sign(root, signing_key(), include_certificate=include_certificate)
        validate(root)


@pytest.mark.attack("S48")
async def test_the_event_loop_waits_for_no_thread() -> None:
    """Whatever takes long there, or for ever, a message is judged here; and the other way round."""
    judge = _JUDGES["protocol"]
    with judge._in_threads._lock:
        validate(parse(resolve()))
        with refused("msg.schema"):
            validate(parse(resolve("<samlp:Artefact/>")))
    with judge._on_loop._lock:
        await asyncio.to_thread(validate, parse(resolve()))
    with _JUDGES["metadata"]._in_threads._lock:
        await asyncio.to_thread(validate, parse(resolve()))
