"""What is in an answer, read with lxml and the xmlsec1 program alone; nothing of the RV is believed or used."""

import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import padding as blocks
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

NS = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
_LOGOUT = ("LogoutRequest", "LogoutResponse")
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def find(root: etree._Element, path: str) -> etree._Element | None:
    """One element, by XPath with the usual prefixes."""
    found = root.xpath(path, namespaces=NS)
    return found[0] if found else None


def value(root: etree._Element, path: str) -> str | None:
    """One attribute or text, by XPath."""
    found = root.xpath(path, namespaces=NS)
    return str(found[0]) if found else None


def statuses(root: etree._Element) -> tuple[str | None, str | None, str | None]:
    """Of the Response: the top-level code and the nested one, shortened, and the message."""
    base = "//samlp:Response/samlp:Status"
    codes = (
        value(root, f"{base}/samlp:StatusCode/@Value"),
        value(root, f"{base}/samlp:StatusCode/samlp:StatusCode/@Value"),
    )
    short = [code.removeprefix(STATUS) if code else None for code in codes]
    return short[0], short[1], value(root, f"{base}/samlp:StatusMessage/text()")


def has_response(root: etree._Element) -> bool:
    """True when the ArtifactResponse delivers something."""
    return find(root, "/soap:Envelope/soap:Body/samlp:ArtifactResponse/samlp:Response") is not None


def acting_bsn(root: etree._Element, key: rsa.RSAPrivateKey, entity_id: str, name: str = "ActingSubjectID") -> str:
    """The BSN in the summary, decrypted by hand; or that of another attribute, such as LegalSubjectID."""
    path = f"//samlp:Response/saml:Assertion/saml:AttributeStatement/saml:Attribute[contains(@Name,'{name}')]"
    encrypted = find(root, f"{path}/saml:AttributeValue/saml:EncryptedID")
    wrapped = encrypted.xpath(
        "xenc:EncryptedKey[@Recipient=$who]/xenc:CipherData/xenc:CipherValue/text()", namespaces=NS, who=entity_id
    )
    oaep = padding.OAEP(padding.MGF1(SHA1()), SHA1(), None)
    content_key = key.decrypt(_bytes(wrapped[0]), oaep)
    data = _bytes(value(encrypted, "xenc:EncryptedData/xenc:CipherData/xenc:CipherValue/text()"))
    decryptor = Cipher(algorithms.AES(content_key), modes.CBC(data[:16])).decryptor()
    padded = decryptor.update(data[16:]) + decryptor.finalize()
    plain = padded[: -padded[-1]]
    return etree.fromstring(plain).text


def _bytes(text: str) -> bytes:
    import base64

    return base64.b64decode("".join(text.split()))


def unpadded(data: bytes) -> bytes:
    """Without PKCS 7 padding."""
    remover = blocks.PKCS7(128).unpadder()
    return remover.update(data) + remover.finalize()


def xmlsec1_verifies(xml: bytes, certificate: x509.Certificate, element: str) -> None:
    """Have the xmlsec1 program verify the signature of an element, named as `namespace:local`.

    Raises:
        AssertionError: it does not verify; with the program's words.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    with tempfile.TemporaryDirectory() as folder:
        message, key = Path(folder) / "message.xml", Path(folder) / "key.pem"
        message.write_bytes(xml)
        key.write_bytes(certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        local = element.rpartition(":")[2]
        place = f"(//*[local-name()='{local}']/*[local-name()='Signature'])[1]"
        ids = [
            flag
            for name in (*_LOGOUT, "ArtifactResponse", "Response", "AuthnRequest", "ArtifactResolve")
            for flag in ("--id-attr:ID", f"{NS['samlp']}:{name}")
        ]
        ids += ["--id-attr:ID", f"{NS['saml']}:Assertion"]
        ids += [
            flag
            for name in ("EntityDescriptor", "EntitiesDescriptor")
            for flag in ("--id-attr:ID", f"{NS['md']}:{name}")
        ]
        command = [
            "xmlsec1",
            "--verify",
            "--enabled-key-data",
            "key-name,rsa",
            "--pubkey-pem",
            str(key),
            *ids,
            "--node-xpath",
            place,
            str(message),
        ]
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode == 0, result.stderr
