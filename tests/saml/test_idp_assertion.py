"""IdpAssertion in an AuthnRequest to a BVD: the assertion of the authenticatiedienst, whole and still verifiable."""

import pytest
import xmlsec
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.assertion import build_assertion, read_assertion
from routeringsvoorziening.saml.messages.authn_request import (
    AuthnRequest,
    build_authn_request,
    read_authn_request,
    write_authn_request,
)
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.signing import signed
from routeringsvoorziening.saml.verifying import verify
from tests.support.pki import leaf
from tests.support.signed import sign_with_prefixes
from tests.support.wire import (
    AD,
    DV,
    NOW,
    OINS,
    SERVICE,
    Bend,
    assertion,
    authn_request,
    bent,
    drop,
    find,
    insert,
    over_the_wire,
    refused,
    signed_assertion,
    signing_key,
    twice,
    write,
)

ATTRIBUTE = f"samlp:Extensions/saml:Attribute[@Name='{names.IDP_ASSERTION}']"
VALUE = f"{ATTRIBUTE}/saml:AttributeValue"


def request(embedded: bytes | None, **changes) -> AuthnRequest:
    return authn_request(
        **{
            "attribute_index": None,
            "intended_audience": DV,
            "service_uuid": SERVICE,
            "has_extensions": True,
            "idp_assertion": embedded,
        }
        | changes
    )


def evidence() -> bytes:
    return canonical(signed_assertion())


def read(embedded: bytes | None, *bends: Bend) -> bytes | None:
    element = bent(build_authn_request(request(embedded)), *bends)
    return read_authn_request(over_the_wire(element), with_idp_assertion=True).idp_assertion


@pytest.mark.eis("RBVD-02")
def test_it_arrives_byte_for_byte():
    """What was embedded comes out in the same bytes."""
    original = evidence()
    assert read(original) == original


@pytest.mark.eis("RBVD-02")
def test_its_signature_still_verifies():
    """The authenticatiedienst's signature is good after the journey inside another signed message."""
    key = signing_key(AD).verification_key
    arrived = read(evidence())
    assert read_assertion(verify(parse(arrived), [key], at=NOW)).issuer == AD


@pytest.mark.eis("RBVD-02")
@pytest.mark.parametrize("prefixes", ["saml", "saml xs"])
def test_a_list_of_prefixes_in_its_signature_does_no_harm(prefixes):
    """An authenticatiedienst may sign with InclusiveNamespaces; what they keep is kept here too (AMB-12)."""
    wrapper = etree.fromstring('<x xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    wrapper.append(build_assertion(assertion()))
    key = signing_key(AD)
    sign_keeping(wrapper[0], key, prefixes)
    arrived = read(canonical(wrapper[0], prefixes.split()))
    assert arrived is not None
    assert verify(parse(arrived), [key.verification_key], at=NOW)


@pytest.mark.eis("RBVD-02", "SIG-03")
@pytest.mark.parametrize("prefix", [b"saml", b"saml2"])
def test_our_request_around_an_assertion_that_keeps_prefixes_is_well_signed(prefix):
    """However the authenticatiedienst calls its namespace, both signatures verify."""
    spelled = canonical(build_assertion(assertion())).replace(b"saml:", prefix + b":")
    spelled = spelled.replace(b"xmlns:saml=", b"xmlns:" + prefix + b"=")
    around = parse(b'<x xmlns:xs="http://www.w3.org/2001/XMLSchema">' + spelled + b"</x>")
    key = signing_key(AD)
    sign_with_prefixes(around[0], "xs", key)
    kept = verify(around[0], [key.verification_key], at=NOW).canonical
    message = request(kept)
    ours = verify(parse(signed(write_authn_request(message), message.id, key)), [key.verification_key], at=NOW)
    inside = find(ours.element, f"{VALUE}/saml:Assertion")
    assert verify(inside, [key.verification_key], at=NOW).canonical == kept


def sign_keeping(element: Element, key: SigningKey, prefixes: str) -> None:
    """As xmlsec and OpenSAML sign, with a PrefixList."""
    signature = xmlsec.template.create(
        element, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    element.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    c14n = xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.transform_add_c14n_inclusive_namespaces(c14n, prefixes.split())
    xmlsec.template.add_key_name(xmlsec.template.ensure_key_info(signature), key.key_name)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(leaf(OINS[AD]).key_pem, xmlsec.constants.KeyDataFormatPem)
    context.key.name = key.key_name
    context.register_id(element, "ID")
    context.sign(signature)


@pytest.mark.eis("RBVD-02", "GEN-06")
def test_the_request_around_it_is_valid():
    """The whole request validates against the schema, and no identifier in it occurs twice."""
    element = build_authn_request(request(evidence()))
    validate(element)
    assert find(element, f"{VALUE}/saml:Assertion/ds:Signature") is not None
    found = [node.get("ID") or node.get("Id") for node in element.iter() if node.get("ID") or node.get("Id")]
    assert len(found) == len(set(found))


@pytest.mark.eis("RBVD-02")
def test_an_identifier_that_occurs_twice_is_refused():
    """A request may not bear the ID of the assertion that it carries."""
    embedded = signed_assertion()
    with_same_id = request(canonical(embedded), id=embedded.get("ID"))
    refused("id.duplicate", lambda: build_authn_request(with_same_id))


@pytest.mark.eis("RBVD-03")
def test_none_is_none():
    """A request without IdpAssertion says so; what that means is for the receiver to judge."""
    assert read(None) is None


@pytest.mark.attack("S44")
@pytest.mark.parametrize(
    "bend",
    [
        twice(ATTRIBUTE),
        twice(VALUE),
        twice(f"{VALUE}/saml:Assertion"),
        drop(f"{VALUE}/saml:Assertion"),
        drop(VALUE),
        insert(VALUE, 0, "<saml:Audience>x</saml:Audience>"),
        write(VALUE, "text"),
    ],
)
def test_a_form_that_is_not_one_assertion_is_refused(bend):
    """One Attribute, one value, one Assertion, and nothing beside it."""
    refused("attribute.structure", lambda: read(evidence(), bend))


@pytest.mark.eis("AR-13", "RAD-06")
def test_who_does_not_ask_for_it_does_not_see_it():
    """Everybody but a BVD reads the request as if it were not there."""
    element = build_authn_request(request(evidence()))
    assert read_authn_request(over_the_wire(element)).idp_assertion is None


def test_it_is_not_shown():
    """A request in a log line or a traceback does not spill the declaration."""
    assert "Assertion" not in repr(request(evidence())).replace("idp_assertion", "")
