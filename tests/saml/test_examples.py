"""The koppelvlak's own examples, as far as they are valid. Where they have `...` stand four letters of base64.

What contradicts the text in them is listed per example; the rest must be read, whoever signs it.
"""

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption_form import check_form
from routeringsvoorziening.saml.loa import level_of
from routeringsvoorziening.saml.messages.artifact_resolve import read_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import read_assertion
from routeringsvoorziening.saml.messages.authn_request import read_authn_request
from routeringsvoorziening.saml.messages.response import read_response
from routeringsvoorziening.saml.metadata.reading import (
    inspect_identity_provider,
    inspect_routing_dienst,
    inspect_service_provider,
)
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.soap import unwrap
from tests.support.wire import DV, NOW, codes, over_the_wire, refused, shared_folder, trust

ANSWERS = ("artifact_response", "artifact_response_with_bvd", "artifact_response_with_legal_representation")
DV_EXAMPLE = "urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:0000"


def example(name: str) -> bytes:
    data = (shared_folder("data", "st-saml-examples") / f"{name}.xml").read_bytes()
    return data.replace(b">...</", b">AAAA</")


def unsigned(root: Element) -> Element:
    """Without the signatures, which are none."""
    for signature in list(root.iter(names.ds("Signature"))):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    return root


@pytest.mark.eis("GEN-04", "AR-06")
def test_the_authn_request_by_index():
    """The index form."""
    found = read_authn_request(over_the_wire(unsigned(parse(example("authn_request")))))
    assert (found.issuer, found.acs_index, found.attribute_index) == (DV_EXAMPLE, 0, 1)
    assert not found.has_extensions


@pytest.mark.eis("AR-11", "AR-12")
def test_the_authn_request_with_extensions():
    """The Issuer has layout around it, ForceAuthn and IsPassive are false (AMB-13, AMB-22)."""
    found = read_authn_request(over_the_wire(unsigned(parse(example("authn_request_extensions")))))
    assert (found.issuer, found.intended_audience) == (DV_EXAMPLE, DV_EXAMPLE)
    assert found.service_uuid == "336fa5edb569-13fb-b3e4-8968-86c62aea"
    assert (found.force_authn, found.is_passive, found.acs_index) == (False, False, None)


def test_the_authn_request_with_a_bvd():
    """Scoping with a RequesterID only (AMB-04)."""
    found = read_authn_request(over_the_wire(unsigned(parse(example("authn_request_bvd")))))
    assert found.idp_list is None
    assert found.requester_ids == ("urn:nl-eid-gdi:1.0:BVD:00000004003214345001:entities:9000",)


@pytest.mark.eis("RES-04")
def test_the_artifact_resolve():
    """In its SOAP envelope. The artifact has a space in it, which stays (AMB-22)."""
    message = unsigned(unwrap(parse(example("artifact_resolve_request"))))
    assert read_artifact_resolve(over_the_wire(message)).artifact.startswith("AAQAAHZH")


def answer(name: str):
    """The assertion in an answer, and what stands around it."""
    message = unsigned(unwrap(parse(example(name))))
    outer = read_artifact_response(over_the_wire(message))
    assert outer.response is not None
    return outer, read_response(outer.response)


@pytest.mark.eis("ARR-06", "RSP-06")
@pytest.mark.parametrize("name", ANSWERS)
def test_the_answers(name):
    """ArtifactResponse and Response are read, in other prefixes than ours and with fractions of seconds."""
    outer, inner = answer(name)
    assert outer.in_response_to.startswith("_")
    assert inner.destination.endswith("sp.example.com")


@pytest.mark.eis("AS-02", "AS-03", "AS-06", "ATT-01", "ATT-05", "AS-11", "AS-13")
def test_the_assertion_of_a_plain_login():
    """All of the RD's assertion; the LoA is spelt in lower case (AMB-01)."""
    _, inner = answer("artifact_response")
    found = read_assertion(over_the_wire(inner.assertion))
    assert found.audiences == ("urn:nl-eid-gdi:1.0:DV:00000009999999999004:entities:0000",)
    assert level_of(found.class_ref) == 10
    assert (len(found.acting_subject), len(found.advice), found.legal_subject) == (1, 1, ())
    form = check_form(parse(found.acting_subject[0]))
    assert [key.recipient for key in form.keys] == list(found.audiences)


@pytest.mark.parametrize(
    ("name", "read", "mistakes"),
    [
        ("saml_metadata_dv_for_rd", inspect_service_provider, {"md.signature", "md.keys", "md.expired"}),
        ("saml_metadata_rd_for_ad_bvd", inspect_routing_dienst, {"md.signature", "md.keys", "md.expired"}),
    ],
)
def test_the_metadata_is_only_refused_for_what_is_missing(name, read, mistakes):
    """The certificates are none and the dates are past; nothing else is wrong with it."""
    value, found = read(example(name), trust=trust(), at=NOW)
    assert value is None
    assert set(codes(found)) == mistakes


def test_the_metadata_of_the_rd():
    """For dienstverleners."""
    data = example("saml_metadata_rd_for_dv")
    value, found = inspect_identity_provider(data, trust=trust(), at=NOW, role="RD")
    assert value is None
    assert set(codes(found)) == {"md.signature", "md.keys", "md.expired"}


@pytest.mark.eis("GEN-06", "SIG-06")
def test_no_example_passes_unverified():
    """None of them is signed: a reader never gets to see one."""
    from routeringsvoorziening.saml.verifying import verify

    message = parse(example("authn_request"))
    refused("sig.structure", lambda: verify(message, [], at=NOW))
    assert DV != DV_EXAMPLE
