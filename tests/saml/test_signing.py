"""Our own signatures: their form, and that others verify them."""

import shutil
import subprocess
from pathlib import Path

import pytest
import xmlsec
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.signature_profile import check_signature
from routeringsvoorziening.saml.signing import sign, signed
from routeringsvoorziening.saml.verifying import verify
from tests.support.pki import leaf
from tests.support.signed import AT, DS, OIN, refused, request, signed_request, signing_key

METADATA = b'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" entityID="e">\n<md:Extensions/></md:EntityDescriptor>'


@pytest.mark.eis("SIG-01", "SIG-02", "SIG-03", "SIG-09")
def test_has_the_form_of_the_koppelvlak() -> None:
    """rsa-sha256, sha256, exclusive c14n without PrefixList, KeyName and nothing else."""
    form = check_signature(parse(signed_request()))
    assert (form.signature_method, form.digest_method) == (names.RSA_SHA256, names.SHA256)
    assert (form.key_name, form.certificate_der) == (signing_key().key_name, None)
    assert form.prefixes == form.signed_info_prefixes == frozenset()


@pytest.mark.eis("SIG-09")
def test_adds_the_certificate_on_request() -> None:
    """As metadata needs: KeyName and X509Certificate."""
    form = check_signature(parse(signed_request(include_certificate=True)))
    assert form.key_name == signing_key().key_name
    assert form.certificate_der == signing_key().verification_key.certificate_der


@pytest.mark.eis("SIG-03", "SIG-04")
def test_stands_after_the_issuer_or_comes_first() -> None:
    """A message and metadata; the text of the element stays where it was."""
    assert [etree.QName(child).localname for child in parse(signed_request())] == [
        "Issuer",
        "Signature",
        "NameIDPolicy",
    ]
    root = parse(METADATA)
    sign(root, signing_key())
    assert [etree.QName(child).localname for child in root] == ["Signature", "Extensions"]
    assert root.text == "\n"


@pytest.mark.eis("SIG-03", "SIG-04")
def test_is_one_line_of_base64_without_blanks() -> None:
    """Some parsers stumble over line breaks in values, and we emit none."""
    root = parse(signed_request(include_certificate=True))
    values = [root.findtext(f".//{DS}{local}") or "" for local in ("DigestValue", "SignatureValue", "X509Certificate")]
    assert all(value and value == "".join(value.split()) for value in values)


@pytest.mark.parametrize("document", [b"<r/>", b'<r ID=""/>', b'<r id="_a"/>'])
def test_signs_nothing_without_an_id(document: bytes) -> None:
    """What would the Reference point at."""
    with refused("id.form"):
        sign(etree.fromstring(document), signing_key())


def test_signs_nothing_twice() -> None:
    """A second signature would break the first."""
    root = parse(signed_request())
    with refused("sig.count"):
        sign(root, signing_key())


def test_survives_being_embedded() -> None:
    """Signed first, then put into an envelope with other prefixes in scope, and serialised."""
    root = request()
    sign(root, signing_key())
    envelope = etree.fromstring(
        b'<e:Envelope xmlns:e="urn:e" xmlns:samlp="urn:other" xmlns="urn:default"> <e:Body/> </e:Envelope>'
    )
    envelope[0].append(root)
    again = parse(etree.tostring(envelope))
    assert verify(again[0][0], [signing_key().verification_key], at=AT).element.get("ID") == "_request"


@pytest.mark.eis("SIG-01")
def test_libxmlsec_agrees() -> None:
    """python-xmlsec verifies what `cryptography` signed, without our own checks in between."""
    root = etree.fromstring(signed_request())
    context = xmlsec.SignatureContext()
    context.key = signing_key().verification_key.xmlsec_key
    context.register_id(root, "ID")
    context.verify(root.find(f"{DS}Signature"))


@pytest.mark.eis("SIG-01")
@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="the program xmlsec1 is not installed")
@pytest.mark.parametrize("document", ["request", "metadata"])
def test_the_program_xmlsec1_agrees(document: str, tmp_path: Path) -> None:
    """An independent build of libxmlsec, as pysaml2 uses it; and it refuses the same bytes with one changed."""
    root = request() if document == "request" else parse(METADATA)
    sign(root, signing_key(), include_certificate=document == "metadata")
    certificate, message = tmp_path / "signer.crt", tmp_path / "message.xml"
    certificate.write_bytes(leaf(OIN, "signing", "").certificate_pem)
    message.write_bytes(etree.tostring(root))
    name = (
        "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest"
        if document == "request"
        else "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor"
    )
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", str(certificate), "--id-attr:ID", name, str(message)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    message.write_bytes(
        message.read_bytes().replace(b"<saml:Issuer>dv", b"<saml:Issuer>DV").replace(b'entityID="e"', b'entityID="f"')
    )
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.eis("SIG-01", "SIG-04")
def test_what_is_written_is_signed_as_a_tree_is() -> None:
    """The same bytes, also when a value looks like the end of an Issuer."""
    root = request('<samlp:Extensions xmlns:e="urn:e" e:a="&lt;/saml:Issuer>"/>')
    written = signed(canonical(root), "_request", signing_key())
    sign(root, signing_key())
    assert written == canonical(root)
    assert verify(parse(written), [signing_key().verification_key], at=AT).element.get("ID") == "_request"


@pytest.mark.eis("SIG-04")
def test_what_has_no_issuer_is_not_signed_in_writing() -> None:
    """There would be no place for the signature; and an ID must be one."""
    with refused("sig.structure"):
        signed(canonical(parse(METADATA)), "_m", signing_key())
    with refused("id.form"):
        signed(canonical(request()), "7", signing_key())
