"""The schema of an ArtifactResponse covers all that is in it, so that `judge` may check it once."""

import pytest

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import validate

HEAD = 'Version="2.0" IssueInstant="2026-01-01T00:00:00Z"'
STATUS = '<samlp:Status><samlp:StatusCode Value="urn:x"/></samlp:Status>'
ISSUER = "<saml:Issuer>urn:x</saml:Issuer>"

BARE = f'<saml:Assertion ID="_c">{ISSUER}</saml:Assertion>'


def answer(response: str) -> bytes:
    """An ArtifactResponse around that."""
    return (
        '<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        f' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" {HEAD}>{ISSUER}{STATUS}{response}'
        "</samlp:ArtifactResponse>"
    ).encode()


def test_a_valid_one_passes():
    """The twin of those below."""
    assertion = f'<saml:Assertion ID="_c" {HEAD}>{ISSUER}</saml:Assertion>'
    validate(parse(answer(f'<samlp:Response ID="_b" {HEAD}>{ISSUER}{STATUS}{assertion}</samlp:Response>')))


@pytest.mark.eis("GEN-06")
@pytest.mark.parametrize(
    "response",
    [
        f'<samlp:Response ID="_b" {HEAD}>{ISSUER}</samlp:Response>',
        f'<samlp:Response ID="_b" Version="2.0">{ISSUER}{STATUS}</samlp:Response>',
        f'<samlp:Response ID="_b" {HEAD}>{ISSUER}{STATUS}<saml:Assertion ID="_c" {HEAD}/></samlp:Response>',
        f'<samlp:Response ID="_b" {HEAD}>{ISSUER}{STATUS}{BARE}</samlp:Response>',
    ],
    ids=["no status", "no instant", "assertion without issuer", "assertion without version"],
)
def test_what_is_wrong_inside_is_refused_with_the_whole(response):
    """A Response and an Assertion are held to their own types, however deep."""
    with pytest.raises(SamlError, match=r"msg\.schema"):
        validate(parse(answer(response)))
