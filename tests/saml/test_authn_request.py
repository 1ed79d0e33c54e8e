"""AuthnRequest: what is built is read back, and every rule of the message has its code."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request, read_authn_request
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.schema import validate
from tests.support.wire import (
    AD,
    BVD,
    DV,
    NOW,
    SERVICE,
    Bend,
    authn_request,
    bent,
    drop,
    drop_attribute,
    insert,
    over_the_wire,
    put,
    refused,
    twice,
    write,
)

EXTENSIONS = {"attribute_index": None, "intended_audience": DV, "service_uuid": SERVICE, "has_extensions": True}


def read(*bends: Bend, tolerant: bool = False, **changes) -> AuthnRequest:
    element = bent(build_authn_request(authn_request(**changes)), *bends)
    return read_authn_request(over_the_wire(element), tolerate_requested_authn_context=tolerant)


def test_index_form_comes_back():
    """The form with an AttributeConsumingServiceIndex survives the wire."""
    request = authn_request()
    assert read_authn_request(over_the_wire(build_authn_request(request))) == request


@pytest.mark.eis("AR-11", "AR-12")
def test_extensions_form_comes_back():
    """The form with IntendedAudience and ServiceUUID in Extensions survives the wire."""
    request = authn_request(**EXTENSIONS)
    assert read_authn_request(over_the_wire(build_authn_request(request))) == request


@pytest.mark.eis("AR-15")
def test_scoping_comes_back():
    """IDPList and RequesterID survive, in order."""
    request = authn_request(idp_list=(AD, BVD), requester_ids=(BVD,))
    found = read_authn_request(over_the_wire(build_authn_request(request)))
    assert (found.idp_list, found.requester_ids) == ((AD, BVD), (BVD,))


TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=60)
URIS = st.from_regex(r"https://[a-z0-9.]{1,20}/[a-z0-9/?&=;',.-]{0,40}", fullmatch=True)
INDEXES = st.none() | st.integers(0, 65535)
INSTANTS = st.integers(10**9, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC))


@pytest.mark.attack("S45")
@given(
    st.builds(
        AuthnRequest,
        id=st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,80}", fullmatch=True),
        issuer=TEXTS,
        destination=URIS,
        issue_instant=INSTANTS,
        force_authn=st.booleans(),
        is_passive=st.booleans(),
        acs_index=INDEXES,
        attribute_index=INDEXES,
        idp_list=st.none() | st.lists(URIS, min_size=1, max_size=4).map(tuple),
        requester_ids=st.lists(URIS, max_size=3).map(tuple),
        provider_name=st.none() | TEXTS,
    )
)
def test_any_value_survives_the_wire(request):
    """Whatever stands in a field, markup included, comes back as that value and as nothing else."""
    verified = over_the_wire(build_authn_request(request))
    assert read_authn_request(verified) == request


@pytest.mark.eis("GEN-06", "GEN-05")
def test_emitted_request_is_valid():
    """What is built validates against the protocol schema and holds only what the koppelvlak knows."""
    element = build_authn_request(authn_request(force_authn=True, idp_list=(AD,)))
    validate(element)
    assert {child.tag.rpartition("}")[2] for child in element} == {"Issuer", "Scoping"}


@pytest.mark.eis("GEN-02")
@pytest.mark.attack("S51")
@pytest.mark.parametrize("version", ["1.1", "2.1", "2", " 2.0", ""])
def test_another_version_is_refused(version):
    """Version is exactly 2.0."""
    refused("msg.version", lambda: read(put(".", "Version", version)))


@pytest.mark.eis("GEN-02")
def test_no_version_is_refused():
    """Version is there."""
    refused("msg.version", lambda: read(drop_attribute(".", "Version")))


@pytest.mark.eis("GEN-03")
def test_no_issue_instant_is_refused():
    """IssueInstant is there."""
    refused("time.missing", lambda: read(drop_attribute(".", "IssueInstant")))


@pytest.mark.eis("GEN-03")
@pytest.mark.attack("S67")
@pytest.mark.parametrize("instant", ["2026-03-01T12:00:00", "2026-03-01", "today", "", "2026-03-01T24:00:00Z"])
def test_an_unreadable_issue_instant_is_refused(instant):
    """IssueInstant is an instant with a zone."""
    refused("time.format", lambda: read(put(".", "IssueInstant", instant)))


@pytest.mark.eis("AR-02")
@pytest.mark.attack("S65")
@pytest.mark.parametrize("bend", [drop_attribute(".", "Destination"), put(".", "Destination", "")])
def test_no_destination_is_refused(bend):
    """Destination is there."""
    refused("destination", lambda: read(bend))


@pytest.mark.eis("GEN-04")
def test_no_issuer_is_refused():
    """Issuer is there: the schema allows its absence, the koppelvlak does not."""
    element = bent(build_authn_request(authn_request()), drop("saml:Issuer"))
    refused("msg.structure", lambda: read_authn_request(over_the_wire(element)))
    refused("msg.structure", lambda: claimed_issuer(element))


@pytest.mark.eis("GEN-04")
def test_an_empty_issuer_is_refused():
    """Issuer says something."""
    refused("msg.value", lambda: read(write("saml:Issuer", " \n ")))


def test_an_issuer_of_another_format_is_refused():
    """Issuer is an entity."""
    refused(
        "msg.value", lambda: read(put("saml:Issuer", "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"))
    )


@pytest.mark.eis("GEN-04")
def test_layout_around_the_issuer_is_no_part_of_it():
    """Whitespace around an EntityID is trimmed (AMB-22)."""
    assert read(write("saml:Issuer", f"\n  {DV}\n")).issuer == DV


def test_the_claimed_issuer_chooses_keys():
    """Before verification only the Issuer is read."""
    assert claimed_issuer(build_authn_request(authn_request())) == DV


@pytest.mark.eis("GEN-06")
@pytest.mark.parametrize(
    "bend",
    [
        put(".", "ForceAuthn", "True"),
        put(".", "ForceAuthn", ""),
        put(".", "AssertionConsumerServiceIndex", "-1"),
        put(".", "AssertionConsumerServiceIndex", "70000"),
        put(".", "Unknown", "x"),
        twice("saml:Issuer"),
        insert(".", 1, "<saml:Audience>x</saml:Audience>"),
    ],
)
def test_what_the_schema_forbids_is_refused(bend):
    """The message is valid against the protocol schema."""
    refused("msg.schema", lambda: read(bend))


@pytest.mark.eis("AR-03")
@pytest.mark.parametrize(("value", "forced"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_force_authn_knows_four_spellings(value, forced):
    """ForceAuthn is an xs:boolean (AMB-21)."""
    assert read(put(".", "ForceAuthn", value)).force_authn is forced


def test_is_passive_is_reported():
    """The receiver must know about IsPassive to refuse it (AMB-25)."""
    assert read(put(".", "IsPassive", "true")).is_passive


@pytest.mark.eis("AR-04")
def test_an_acs_url_is_reported():
    """AssertionConsumerServiceURL does not pass unseen."""
    found = read(put(".", "AssertionConsumerServiceURL", "https://x.example/"), put(".", "ProtocolBinding", "urn:x"))
    assert (found.acs_url, found.protocol_binding) == ("https://x.example/", "urn:x")


@pytest.mark.eis("GEN-05", "AR-09")
def test_harmless_extras_are_ignored():
    """NameIDPolicy, Consent and ProviderName change nothing but what is reported of them."""
    found = read(
        insert(".", 1, "<samlp:NameIDPolicy AllowCreate='true'/>"),
        put(".", "Consent", "urn:oasis:names:tc:SAML:2.0:consent:prior"),
        put(".", "ProviderName", "<b>Gemeente</b>"),
    )
    assert (found.acs_index, found.attribute_index, found.provider_name) == (0, 1, "<b>Gemeente</b>")


def test_a_requested_authn_context_is_reported():
    """The catalogue decides about the level, but an operator may want to know."""
    context = "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>x</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
    assert read(insert(".", 1, context)).requested_authn_context


def test_a_requested_authn_context_in_a_wrong_place_needs_tolerance():
    """Out of schema order it is refused, unless the connection has the switch for it."""
    context = "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>x</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
    bend = insert(".", 1, context)
    refused("msg.schema", lambda: read(bend, **EXTENSIONS))
    assert read(bend, tolerant=True, **EXTENSIONS).misplaced_authn_context
    in_order = read(insert(".", 1, context), tolerant=True)
    assert (in_order.requested_authn_context, in_order.misplaced_authn_context) == (True, False)


AUDIENCE = "samlp:Extensions/saml:Attribute[@Name='urn:nl-eid-gdi:1.0:IntendedAudience']"
UUID = "samlp:Extensions/saml:Attribute[@Name='urn:nl-eid-gdi:1.0:ServiceUUID']"


@pytest.mark.eis("AR-11", "AR-12")
@pytest.mark.attack("S44")
@pytest.mark.parametrize("path", [AUDIENCE, UUID])
def test_extensions_that_do_not_say_one_thing_are_refused(path):
    """IntendedAudience and ServiceUUID are each there once, with one value that is not empty."""
    value = f"{path}/saml:AttributeValue"
    for bend in (drop(path), twice(path), drop(value), twice(value), write(value, " ")):
        refused("attribute.structure", lambda bend=bend: read(bend, **EXTENSIONS))


@pytest.mark.attack("S37")
def test_elements_in_a_value_are_refused():
    """A value is text."""
    refused("node.forbidden", lambda: read(insert(f"{UUID}/saml:AttributeValue", 0, "<saml:Audience/>"), **EXTENSIONS))


@pytest.mark.eis("AR-13")
@pytest.mark.attack("S15")
def test_an_idp_assertion_is_not_looked_at():
    """IdpAssertion changes nothing, whatever is in it."""
    attribute = (
        '<saml:Attribute Name="urn:nl-eid-gdi:1.0:IdpAssertion"><saml:AttributeValue>'
        '<saml:Attribute Name="urn:nl-eid-gdi:1.0:ServiceUUID"><saml:AttributeValue>evil</saml:AttributeValue>'
        "</saml:Attribute></saml:AttributeValue></saml:Attribute>"
    )
    assert read(insert("samlp:Extensions", 0, attribute), **EXTENSIONS).service_uuid == SERVICE


@pytest.mark.eis("AR-05")
def test_extensions_are_reported_beside_an_index():
    """The receiver can see that both forms were used, to refuse it."""
    found = read(**(EXTENSIONS | {"attribute_index": 1}))
    assert (found.has_extensions, found.attribute_index) == (True, 1)


def test_scoping_without_an_idp_list_is_no_idp_list():
    """Only RequesterID: every AD is open (AMB-04)."""
    assert read(requester_ids=(BVD,)).idp_list is None


def test_an_empty_requester_id_is_refused():
    """RequesterID says something."""
    refused("msg.value", lambda: read(write("samlp:Scoping/samlp:RequesterID", ""), requester_ids=(BVD,)))


@pytest.mark.attack("S51")
def test_another_message_is_not_an_authn_request():
    """The type of the message is settled first."""
    from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve

    other = build_artifact_resolve(ArtifactResolve("_a", DV, NOW, "x"))
    refused("msg.type", lambda: read_authn_request(over_the_wire(other)))
