"""Signed messages for the tests of the wire format: ordinary ones, and the means to spoil them."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.signing import sign
from tests.support.attackgen.handmade import Recipe
from tests.support.attackgen.handmade import sign as sign_by_hand
from tests.support.pki import Pair, leaf

AT: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
OIN: Final = "00000009999999999001"
NAMESPACES: Final = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"


def signing_key_of(pair: Pair) -> SigningKey:
    """The wire format's key for a pair of the test PKI."""
    return SigningKey(pair.key_name, pair.certificate, pair.key)


def signing_key(label: str = "") -> SigningKey:
    """An ordinary signing key; another label is another key of the same party."""
    return signing_key_of(leaf(OIN, "signing", label))


def request(inside: str = "", *, identifier: str = "_request", layout: str = "") -> Element:
    """An AuthnRequest without a signature; `layout` stands between its elements."""
    return parse(
        f'<samlp:AuthnRequest {NAMESPACES} ID="{identifier}" Version="2.0" IssueInstant="2026-06-01T12:00:00Z"'
        f' AssertionConsumerServiceIndex="1">{layout}<saml:Issuer>dv</saml:Issuer>{layout}'
        f'{inside}<samlp:NameIDPolicy AllowCreate="true"/>{layout}</samlp:AuthnRequest>'.encode()
    )


def signed_request(label: str = "", *, include_certificate: bool = False, layout: str = "") -> bytes:
    """The request as it goes over the wire."""
    root = request(layout=layout)
    sign(root, signing_key(label), include_certificate=include_certificate)
    return etree.tostring(root)


class Refused:
    """`with refused("sig.invalid"):` - the stable code, and nothing of the message in what a log would show."""

    def __init__(self, *codes: str) -> None:
        self._codes = codes
        self._raises = pytest.raises(SamlError)

    def __enter__(self) -> pytest.ExceptionInfo[SamlError]:
        self.info = self._raises.__enter__()
        return self.info

    def __exit__(self, *exception: object) -> bool:
        swallowed = self._raises.__exit__(*exception)
        if not swallowed:
            return False
        assert self.info.value.code in self._codes
        assert self.info.value.__cause__ is None
        assert self.info.value.__suppress_context__ or self.info.value.__context__ is None
        return True


def refused(*codes: str) -> Refused:
    """Expect a refusal by the wire format with one of these codes."""
    return Refused(*codes)


def sign_with_prefixes(
    element: Element, prefixes: str, key: SigningKey | None = None, *, also_of_signed_info: bool = True
) -> None:
    """As an implementation signs that keeps prefixes which nothing visibly uses.

    The schema of XML Signature knows no PrefixList in CanonicalizationMethod: leave it out there for who validates.
    """
    key = key or signing_key()
    if not prefixes:
        sign(element, key)
        return
    of_signed_info = prefixes.split() if also_of_signed_info else []

    def adjust(signature: Element) -> None:
        for holder in (signature[0][0], signature[0][2][0][1])[not also_of_signed_info :]:
            etree.SubElement(holder, f"{{{names.EXC_C14N}}}InclusiveNamespaces", PrefixList=prefixes)

    covered = canonical(element, prefixes.split())
    sign_by_hand(element, Recipe(key.private_key, key.key_name, canonical=covered), adjust)
    signature = element.find(f"{DS}Signature")
    assert signature is not None
    signed_info = canonical(signature[0], of_signed_info)
    signature[1].text = b64encode(key.private_key.sign(signed_info, PKCS1v15(), SHA256())).decode()
