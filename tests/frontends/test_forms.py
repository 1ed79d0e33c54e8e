"""The HTTP-POST binding, byte for byte."""

from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.frontends.saml.forms import FORM_TYPE, read_form
from routeringsvoorziening.frontends.saml.refusals import MessageRefused


def refused(body: bytes, content_type: str = FORM_TYPE) -> str:
    with pytest.raises(MessageRefused) as caught:
        read_form(content_type, body)
    return caught.value.code


def test_a_message_and_a_relay_state_come_out() -> None:
    """Both parameters, decoded once."""
    form = read_form(FORM_TYPE, b"SAMLRequest=PHg%2B&RelayState=a%2Bb+c%26d")
    assert (form.message, form.relay_state) == ("PHg+", b"a+b c&d")


def test_relay_state_may_be_absent_or_empty() -> None:
    """Absent is not empty: absent stays absent on the way back (SES-04)."""
    assert read_form(FORM_TYPE, b"SAMLRequest=x").quoted_relay_state is None
    assert read_form(FORM_TYPE, b"SAMLRequest=x&RelayState=").quoted_relay_state == ""


@pytest.mark.eis("SES-04")
@pytest.mark.attack("S86")
@given(st.binary(max_size=80))
def test_every_byte_of_a_relay_state_survives(raw: bytes) -> None:
    """Whatever bytes the dienstverlener sends, valid UTF-8 or not, its own decoder finds the same bytes again."""
    quoted = read_form(FORM_TYPE, b"SAMLRequest=x&RelayState=" + quote_from_bytes(raw).encode()).quoted_relay_state
    assert quoted is not None
    assert unquote_to_bytes(quoted) == raw
    assert not set("\r\n&=#+ \"'<>") & set(quoted)


@pytest.mark.eis("GEN-07")
@pytest.mark.attack("S72")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"RelayState=x",
        b"SAMLResponse=x",
        b"SAMLRequest=x&SAMLResponse=y",
        b"SAMLRequest=x&SAMLRequest=x",
        b"SAMLRequest=x&RelayState=a&RelayState=b",
        b"SAMLRequest=x&" + b"&".join(b"n%d=1" % number for number in range(20)),
    ],
)
def test_anything_but_one_request_is_refused(body: bytes) -> None:
    """No message, a repeated parameter, a response, or a flood of fields: the binding is broken."""
    assert refused(body) == "binding"


@pytest.mark.eis("GEN-07")
def test_another_content_type_is_refused() -> None:
    """Only a posted form is the HTTP-POST binding."""
    assert refused(b"SAMLRequest=x", "multipart/form-data") == "binding"


def test_a_relay_state_above_the_cap_is_refused() -> None:
    """1024 bytes pass here, one more does not."""
    assert read_form(FORM_TYPE, b"SAMLRequest=x&RelayState=" + b"a" * 1024).relay_state == b"a" * 1024
    assert refused(b"SAMLRequest=x&RelayState=" + b"a" * 1025) == "relaystate"
