"""Parties with keys, and messages of theirs that a test can bend before they are signed."""

import os
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.certificates import TrustBundle, load_trust_bundle
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, Recipient, encrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, build_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, build_assertion
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.messages.response import Response, build_response
from routeringsvoorziening.saml.messages.status import SUCCESS
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import Verified, verify
from tests.support.pki import Pair, leaf, pki

NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AD_OIN, RD_OIN, DV_OIN = "00000004166909913000", "00000004183317817000", "00000009999999999001"
BVD_OIN, OTHER_OIN = "00000004003214345001", "00000009999999999002"
AD: Final = f"urn:nl-eid-gdi:1.0:AD:{AD_OIN}:entities:9002"
RD: Final = f"urn:nl-eid-gdi:1.0:RD:{RD_OIN}:entities:9001"
DV: Final = f"urn:nl-eid-gdi:1.0:DV:{DV_OIN}:entities:9003"
BVD: Final = f"urn:nl-eid-gdi:1.0:BVD:{BVD_OIN}:entities:9004"
OTHER_DV: Final = f"urn:nl-eid-gdi:1.0:DV:{OTHER_OIN}:entities:9004"
LC_OIN: Final = "00000009999999999003"
LC: Final = f"urn:nl-eid-gdi:1.0:LC:{LC_OIN}:entities:9005"
OINS: Final = {AD: AD_OIN, RD: RD_OIN, DV: DV_OIN, BVD: BVD_OIN, OTHER_DV: OTHER_OIN, LC: LC_OIN}
BSN: Final = "900070341"
SERVICE: Final = "f847dc11-ac24-47b2-84a8-a057440ce56d"
ACS: Final = "https://portal.example/acs"
HOOG: Final = "http://eidas.europa.eu/LoA/high"

Bend = Callable[[Element], object]


def signing_key(entity_id: str, label: str = "") -> SigningKey:
    """The signing key of a party."""
    pair = leaf(OINS[entity_id], "signing", label)
    return SigningKey(pair.key_name, pair.certificate, pair.key)


def encryption_pair(entity_id: str, label: str = "") -> Pair:
    """The encryption key of a party with its certificate."""
    return leaf(OINS[entity_id], "encryption", label)


def recipient(entity_id: str, label: str = "") -> Recipient:
    """A party as somebody to encrypt for."""
    pair = encryption_pair(entity_id, label)
    return Recipient(entity_id, pair.key_name, pair.certificate)


def decryption_key(entity_id: str, label: str = "") -> DecryptionKey:
    """The private half of `recipient`."""
    pair = encryption_pair(entity_id, label)
    return DecryptionKey(pair.key_name, pair.key)


def trust() -> TrustBundle:
    """The bundle under which every party of these tests stands."""
    return load_trust_bundle(pki().trust_pem)


def over_the_wire(element: Element, signer: str | SigningKey = DV) -> Verified:
    """Sign an element, send it as bytes, and verify what arrives."""
    key = signing_key(signer) if isinstance(signer, str) else signer
    sign(element, key)
    return verify(parse(etree.tostring(element)), [key.verification_key], at=NOW)


def bent(element: Element, *bends: Bend) -> Element:
    """The element after the changes."""
    for bend in bends:
        bend(element)
    return element


def refused(code: str, act: Callable[[], Any]) -> SamlError:
    """The act is refused under that code and no other."""
    with pytest.raises(SamlError) as raised:
        act()
    assert raised.value.code == code, raised.value
    return raised.value


def find(element: Element, path: str) -> Element:
    """The first element at a path with the prefixes of `names`."""
    found = element.find(path, names.PREFIXES)
    assert found is not None, path
    return found


def put(path: str, attribute: str, value: str) -> Bend:
    """A bend that sets an attribute; path `.` is the element itself."""
    return lambda element: find(element, path).set(attribute, value)


def drop_attribute(path: str, attribute: str) -> Bend:
    """A bend that takes an attribute away."""
    return lambda element: find(element, path).attrib.pop(attribute)


def write(path: str, value: str) -> Bend:
    """A bend that replaces the text of an element."""

    def bend(element: Element) -> None:
        find(element, path).text = value

    return bend


def drop(path: str) -> Bend:
    """A bend that takes an element away."""

    def bend(element: Element) -> None:
        found = find(element, path)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return bend


def insert(path: str, index: int, xml: str) -> Bend:
    """A bend that adds an element below the one at the path; prefixes of `names` may be used."""
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in names.PREFIXES.items())

    def bend(element: Element) -> None:
        wrapper = etree.fromstring(f"<w{declared}>{xml}</w>")
        find(element, path).insert(index, wrapper[0])

    return bend


def twice(path: str) -> Bend:
    """A bend that repeats an element right after itself."""

    def bend(element: Element) -> None:
        found = find(element, path)
        copied = etree.fromstring(etree.tostring(found, with_tail=False))
        for each in copied.iter():
            for name in ("ID", "Id"):
                if name in each.attrib:
                    each.set(name, new_message_id())
        found.addnext(copied)

    return bend


def authn_request(**changes: Any) -> AuthnRequest:
    """The request of a dienstverlener that uses an index."""
    return AuthnRequest(
        **{
            "id": new_message_id(),
            "issuer": DV,
            "destination": "https://rv.example/saml/sso",
            "issue_instant": NOW,
            "acs_index": 0,
            "attribute_index": 1,
        }
        | changes
    )


def encrypted(*recipients: Recipient) -> bytes:
    """A BSN, encrypted for the dienstverlener unless said otherwise."""
    return canonical(encrypt_id(NameId(BSN, names.ID_LEGACY_BSN), recipients or (recipient(DV),)))


def assertion(**changes: Any) -> Assertion:
    """The assertion of an authenticatiedienst for the RV."""
    return Assertion(
        **{
            "id": new_message_id(),
            "issuer": AD,
            "issue_instant": NOW,
            "name_id": new_transient_id(),
            "confirmation": SubjectConfirmation("_request", ACS, NOW + timedelta(minutes=2)),
            "not_before": NOW - timedelta(minutes=2),
            "not_on_or_after": NOW + timedelta(minutes=2),
            "audiences": (RD,),
            "authn_instant": NOW,
            "class_ref": HOOG,
            "service_uuid": SERVICE,
            "acting_subject": (encrypted(),),
        }
        | changes
    )


def signed_assertion(issuer: str = AD, **changes: Any) -> Element:
    """An assertion with its signature."""
    element = build_assertion(assertion(issuer=issuer, **changes))
    sign(element, signing_key(issuer))
    return element


def response(**changes: Any) -> Response:
    """A Response of the authenticatiedienst with a signed assertion."""
    return Response(
        **{
            "id": new_message_id(),
            "in_response_to": "_request",
            "issuer": AD,
            "destination": ACS,
            "issue_instant": NOW,
            "status": SUCCESS,
        }
        | changes
        | ({} if "assertion" in changes else {"assertion": signed_assertion()})
    )


def artifact_response(**changes: Any) -> ArtifactResponse:
    """An ArtifactResponse of the authenticatiedienst with a Response in it."""
    return ArtifactResponse(
        **{
            "id": new_message_id(),
            "in_response_to": "_resolve",
            "issuer": AD,
            "issue_instant": NOW,
            "status": SUCCESS,
        }
        | changes
        | ({} if "response" in changes else {"response": build_response(response())})
    )


def whole_answer() -> Element:
    """ArtifactResponse, Response and Assertion of the RV with the evidence in Advice, signed as they go out."""
    evidence = canonical(signed_assertion())
    inner = signed_assertion(RD, audiences=(DV,), authenticating_authorities=(AD,), advice=(evidence,))
    answer = build_artifact_response(
        artifact_response(issuer=RD, response=build_response(response(issuer=RD, assertion=inner)))
    )
    sign(answer, signing_key(RD))
    return answer


def verify_with_program(document: bytes, pair: SigningKey, directory: Path, *, node: str, path: str = "") -> None:
    """Let the `xmlsec1` program verify a signature: another mind than ours.

    Args:
        document: the bytes as they go out.
        pair: whose public key must fit.
        directory: for the files.
        node: `namespace:local` of the elements that have an ID.
        path: XPath of the Signature; the first one in the document when empty.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    message, certificate = directory / "message.xml", directory / "certificate.pem"
    message.write_bytes(document)
    certificate.write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    ids = [option for each in node.split() for option in ("--id-attr:ID", each)]
    where = ["--node-xpath", path] if path else []
    command = ["xmlsec1", "--verify", "--enabled-reference-uris", "empty,same-doc", "--pubkey-cert-pem"]
    ran = subprocess.run([*command, str(certificate), *ids, *where, str(message)], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


def shared_folder(*parts: str) -> Path:
    """A folder of shared test data; the test is skipped where it is absent."""
    root = Path(os.environ.get("RV_SHARED", Path(__file__).parents[2].parent / "shared"))
    folder = root.joinpath(*parts)
    if not folder.is_dir():
        pytest.skip(f"no shared test data at {'/'.join(parts)}: set RV_SHARED")
    return folder


def codes(found: Iterable[Any]) -> list[str]:
    """The codes of findings."""
    return [each.code for each in found]
