"""LogoutRequest and LogoutResponse."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.authn_request import build_authn_request
from routeringsvoorziening.saml.messages.logout_request import (
    LogoutRequest,
    build_logout_request,
    read_logout_request,
)
from routeringsvoorziening.saml.messages.logout_response import (
    LogoutResponse,
    build_logout_response,
    read_logout_response,
)
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.signing import sign
from tests.support.wire import (
    DV,
    NOW,
    RD,
    authn_request,
    bent,
    drop,
    drop_attribute,
    insert,
    over_the_wire,
    put,
    refused,
    shared_folder,
    signing_key,
    twice,
    verify_with_program,
    write,
)

RV_LOGOUT = "https://rv.example/saml/logout"
DV_LOGOUT = "https://portal.example/slo"
NAME = "0123456789abcdef0123456789abcdef"
REQUEST = LogoutRequest("_logout", DV, RV_LOGOUT, NOW, NAME, NAME)
RESPONSE = LogoutResponse("_answer", "_logout", RD, DV_LOGOUT, NOW, SUCCESS)
PARTIAL = Status(names.STATUS_RESPONDER, names.STATUS_PARTIAL_LOGOUT)


def request(*bends):
    return read_logout_request(over_the_wire(bent(build_logout_request(REQUEST), *bends)))


def answer(*bends):
    return read_logout_response(over_the_wire(bent(build_logout_response(RESPONSE), *bends), RD))


@pytest.mark.eis("SLO-04", "SLO-02")
def test_a_request_comes_back():
    """What is built is read back, with and without SessionIndex."""
    assert request() == REQUEST
    assert request(drop("samlp:SessionIndex")) == replace(REQUEST, session_index=None)


@pytest.mark.eis("SLO-11", "SLO-10", "SLO-09")
@pytest.mark.parametrize("status", [SUCCESS, PARTIAL])
def test_an_answer_comes_back(status):
    """What is built is read back, success and failure."""
    response = replace(RESPONSE, status=status)
    assert read_logout_response(over_the_wire(build_logout_response(response), RD)) == response


@pytest.mark.eis("SLO-03", "SLO-04", "SLO-08", "GEN-06", "SIG-06")
def test_a_request_before_other_eyes(tmp_path):
    """Valid by the schema; Issuer, Signature, NameID, SessionIndex in that order; the program verifies it."""
    element = build_logout_request(REQUEST)
    sign(element, signing_key(DV))
    validate(element)
    order = [etree.QName(child).localname for child in element]
    assert order == ["Issuer", "Signature", "NameID", "SessionIndex"]
    document = etree.tostring(element)
    verify_with_program(document, signing_key(DV), tmp_path, node=f"{names.SAMLP}:LogoutRequest")


@pytest.mark.eis("SLO-11", "GEN-06", "SIG-06")
def test_an_answer_before_other_eyes(tmp_path):
    """Valid by the schema, and the program verifies it."""
    element = build_logout_response(RESPONSE)
    sign(element, signing_key(RD))
    validate(element)
    document = etree.tostring(element)
    verify_with_program(document, signing_key(RD), tmp_path, node=f"{names.SAMLP}:LogoutResponse")


@pytest.mark.eis("SLO-04", "GEN-06")
def test_the_invalid_form_of_the_example_is_refused():
    """A saml:SessionIndex before the NameID is invalid by the schema (AMB-20)."""
    bends = (drop("samlp:SessionIndex"), insert(".", 1, f"<saml:SessionIndex>{NAME}</saml:SessionIndex>"))
    refused("msg.schema", lambda: request(*bends))


@pytest.mark.eis("SLO-04", "GEN-06")
def test_the_koppelvlak_s_own_example_is_refused():
    """As published, but signed: its SessionIndex stands in the wrong place and namespace."""
    root = parse((shared_folder("data", "st-saml-examples") / "logout_request.xml").read_bytes())
    root.remove(root.find(names.ds("Signature")))
    refused("msg.schema", lambda: read_logout_request(over_the_wire(root)))


@pytest.mark.eis("SLO-04")
@pytest.mark.attack("S73")
@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (drop("saml:NameID"), "msg.schema"),
        (write("saml:NameID", " "), "subject.structure"),
        (put("saml:NameID", "Format", names.NAMEID_PERSISTENT), "subject.structure"),
        (twice("samlp:SessionIndex"), "logout.session"),
        (write("samlp:SessionIndex", " "), "logout.session"),
        (insert("saml:NameID", 0, "<saml:NameID>x</saml:NameID>"), "msg.schema"),
    ],
)
def test_a_request_names_one_session(bend, code):
    """One transient NameID, and at most one SessionIndex that says something."""
    refused(code, lambda: request(bend))


@pytest.mark.eis("SLO-04")
def test_another_kind_of_name_is_refused():
    """A BaseID or an EncryptedID is no name of a session."""
    base = '<saml:BaseID xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    refused("msg.schema", lambda: request(drop("saml:NameID"), insert(".", 1, base)))


@pytest.mark.eis("SLO-02", "SLO-11", "SLO-09", "GEN-02", "GEN-03")
@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (drop_attribute(".", "Destination"), "destination"),
        (put(".", "Version", "1.1"), "msg.version"),
        (drop_attribute(".", "Version"), "msg.version"),
        (drop_attribute(".", "IssueInstant"), "time.missing"),
        (drop("saml:Issuer"), "msg.structure"),
        (write("saml:Issuer", ""), "msg.value"),
    ],
)
@pytest.mark.parametrize("read", [request, answer])
def test_what_every_message_has(read, bend, code):
    """Version, IssueInstant, Destination, Issuer."""
    refused(code, lambda: read(bend))


@pytest.mark.eis("SLO-11", "SLO-09")
@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (drop_attribute(".", "InResponseTo"), "irt.missing"),
        (drop("samlp:Status"), "msg.schema"),
        (put("samlp:Status/samlp:StatusCode", "Value", names.STATUS_PARTIAL_LOGOUT), "status"),
    ],
)
def test_an_answer_says_to_what_and_how(bend, code):
    """InResponseTo, and one of the four top-level codes."""
    refused(code, lambda: answer(bend))


def test_a_message_of_another_kind_is_refused():
    """Each reader reads its own kind."""
    refused("msg.type", lambda: read_logout_request(over_the_wire(build_authn_request(authn_request()))))
    refused("msg.type", lambda: read_logout_response(over_the_wire(build_logout_request(REQUEST))))


def test_until_when_a_request_is_wanted():
    """NotOnOrAfter, which the schema knows and the koppelvlak does not, is read."""
    until = NOW + timedelta(minutes=1)
    assert request(put(".", "NotOnOrAfter", "2026-03-01T12:01:00Z")).not_on_or_after == until


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0xFFFD, exclude_categories=("Cs", "Zs")), min_size=1))
def test_any_name_comes_back_whole(name):
    """Whatever characters a name is made of."""
    asked = replace(REQUEST, name_id=name, session_index=name)
    if name.strip(" \t\r\n"):
        assert read_logout_request(over_the_wire(build_logout_request(asked))) == asked


def test_the_name_stays_out_of_logs():
    """A repr shows neither NameID nor SessionIndex."""
    assert NAME not in repr(REQUEST)
