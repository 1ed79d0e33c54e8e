"""The exact form of an EncryptedID, checked before any key touches it (AMB-09, AMB-11).

    saml:EncryptedID
      xenc:EncryptedData [Id, Type]
        EncryptionMethod aes256-cbc
        ds:KeyInfo: RetrievalMethod to an EncryptedKey below, or the KeyName of the content key
        CipherData/CipherValue
      xenc:EncryptedKey [Id, Recipient] …
        EncryptionMethod rsa-oaep-mgf1p | xmlenc11 rsa-oaep with MGF1-SHA1
        ds:KeyInfo/KeyName of the recipient
        CipherData/CipherValue
        ReferenceList?, CarriedKeyName? (equals the KeyName of the content key)

Nothing is ever fetched: no CipherReference, no properties, no parameters, no key inside KeyInfo.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, decode_base64, has_text, text

MAX_KEYS: Final = 16
"""EncryptedKeys in one EncryptedID: a few recipients, each with a key that is being replaced (S58)."""

Digest = Literal["sha1", "sha256"]

_DIGESTS: Final[dict[str, Digest]] = {names.SHA1: "sha1", names.SHA256: "sha256"}
_DATA_ATTRIBUTES: Final = frozenset({"Id", "Type"})
_KEY_ATTRIBUTES: Final = frozenset({"Id", "Recipient"})
_DATA_CHILDREN: Final = [names.xenc("EncryptionMethod"), names.ds("KeyInfo"), names.xenc("CipherData")]
_AFTER_KEY: Final[tuple[list[str], ...]] = (
    [],
    [names.xenc("ReferenceList")],
    [names.xenc("CarriedKeyName")],
    [names.xenc("ReferenceList"), names.xenc("CarriedKeyName")],
)
_MGF: Final = f"{{{names.XENC11}}}MGF"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One EncryptedKey: the content key, encrypted for one key of one recipient.

    Args:
        recipient: entityID (AMB-08).
        key_name: of the recipient's key in its metadata.
        digest: of RSA-OAEP; the mask generation function is always MGF1 with SHA-1.
        ciphertext: bytes.
    """

    recipient: str
    key_name: str
    digest: Digest
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EncryptedForm:
    """An EncryptedID whose form is as it must be.

    Args:
        ciphertext: initialisation vector and blocks of AES-256-CBC.
        keys: in document order, at least one.
    """

    ciphertext: bytes = field(repr=False)
    keys: tuple[WrappedKey, ...]


def check_form(encrypted_id: Element) -> EncryptedForm:
    """The parts of an EncryptedID, when its form is exactly as above.

    Raises:
        SamlError: `enc.structure`, `enc.recipient`, `alg.forbidden`, `msg.encoding`.
    """
    if encrypted_id.tag != names.saml("EncryptedID"):
        raise SamlError("enc.structure", "not an EncryptedID")
    data, *keys = _children(encrypted_id) or [encrypted_id]
    if data.tag != names.xenc("EncryptedData") or not 0 < len(keys) <= MAX_KEYS:
        raise SamlError("enc.structure", "not one EncryptedData and then a few EncryptedKeys")
    if any(key.tag != names.xenc("EncryptedKey") for key in keys):
        raise SamlError("enc.structure", "something else than EncryptedKeys after EncryptedData")
    ciphertext = _check_data(data)
    content_key_name = _check_content_key(_children(data)[1], keys)
    _check_references(keys, data)
    return EncryptedForm(ciphertext, tuple(_check_key(key, content_key_name) for key in keys))


def _check_data(data: Element) -> bytes:
    """EncryptedData: an element in AES-256-CBC (ENC-01)."""
    children = _children(data)
    if [child.tag for child in children] != _DATA_CHILDREN or not _DATA_ATTRIBUTES.issuperset(data.attrib):
        raise SamlError("enc.structure", "EncryptedData is not method, key and value")
    if data.get("Type", names.TYPE_ELEMENT) != names.TYPE_ELEMENT:
        raise SamlError("enc.structure", "the Type of EncryptedData is not Element")
    if children[0].get("Algorithm") != names.AES256_CBC:
        raise SamlError("alg.forbidden", "the data is not in aes256-cbc")
    if _children(children[0]):
        raise SamlError("enc.structure", "parameters for aes256-cbc")
    return _cipher_value(children[2])


def _check_content_key(key_info: Element, keys: list[Element]) -> str | None:
    """How EncryptedData points to its key: None for a RetrievalMethod to one of `keys`, else a KeyName."""
    pointer = _only_child(key_info)
    if pointer.tag == names.ds("KeyName"):
        return _filled(pointer)
    if pointer.tag != names.ds("RetrievalMethod") or len(pointer):
        raise SamlError("enc.structure", "the data's KeyInfo is not a RetrievalMethod or KeyName")
    ids = {f"#{key.get('Id')}" for key in keys if key.get("Id")}
    if pointer.get("Type") != names.TYPE_ENCRYPTED_KEY or pointer.get("URI") not in ids:
        raise SamlError("enc.structure", "RetrievalMethod does not point to an EncryptedKey beside the data")
    return None


def _check_key(key: Element, content_key_name: str | None) -> WrappedKey:
    """EncryptedKey: RSA-OAEP for a named key of a named recipient (ENC-02, ATT-11, ATT-14)."""
    if not key.get("Recipient", "").strip():
        raise SamlError("enc.recipient", "an EncryptedKey without Recipient")
    children = _children(key)
    tags = [child.tag for child in children]
    if tags[:3] != _DATA_CHILDREN or tags[3:] not in _AFTER_KEY or not _KEY_ATTRIBUTES.issuperset(key.attrib):
        raise SamlError("enc.structure", "EncryptedKey is not method, key and value")
    digest = _check_key_method(children[0])
    if content_key_name is not None and _carried(children) != content_key_name:
        raise SamlError("enc.structure", "CarriedKeyName is not the KeyName of the data")
    name = _only_child(children[1])
    if name.tag != names.ds("KeyName"):
        raise SamlError("enc.structure", "the key's KeyInfo is not a KeyName")
    return WrappedKey(key.attrib["Recipient"].strip(), _filled(name), digest, _cipher_value(children[2]))


def _check_references(keys: list[Element], data: Element) -> None:
    """What a ReferenceList names is the data beside it, and nothing elsewhere (ATT-15)."""
    for key in keys:
        for reference in key.iterfind(f"{names.xenc('ReferenceList')}/*"):
            if reference.tag != names.xenc("DataReference") or reference.get("URI") != f"#{data.get('Id')}":
                raise SamlError("enc.structure", "a ReferenceList that names something else than the data")


def _check_key_method(method: Element) -> Digest:
    """The digest of the one permitted key transport (ENC-02, S56)."""
    algorithm = method.get("Algorithm")
    if algorithm not in {names.RSA_OAEP_MGF1P, names.RSA_OAEP}:
        raise SamlError("alg.forbidden", "the key is not in RSA-OAEP")
    parameters = {child.tag: child for child in _children(method)}
    if len(parameters) != len(method) or not parameters.keys() <= {names.ds("DigestMethod"), _MGF}:
        raise SamlError("enc.structure", "parameters of RSA-OAEP that we do not know")
    mask = parameters.get(_MGF)
    if mask is not None and (algorithm != names.RSA_OAEP or mask.get("Algorithm") != names.MGF1_SHA1):
        raise SamlError("alg.forbidden", "the mask generation function is not MGF1 with SHA-1")
    digest = parameters.get(names.ds("DigestMethod"))
    uri = names.SHA1 if digest is None else digest.get("Algorithm", "")
    if uri not in _DIGESTS:
        raise SamlError("alg.forbidden", "the digest of RSA-OAEP is not SHA-1 or SHA-256")
    return _DIGESTS[uri]


def _carried(children: list[Element]) -> str | None:
    last = children[-1]
    return _filled(last) if last.tag == names.xenc("CarriedKeyName") else None


def _cipher_value(cipher_data: Element) -> bytes:
    """The bytes of the one CipherValue; a CipherReference is never followed (S58)."""
    value = _only_child(cipher_data)
    if value.tag != names.xenc("CipherValue"):
        raise SamlError("enc.structure", "CipherData is not a CipherValue")
    return decode_base64(text(value))


def _only_child(parent: Element) -> Element:
    children = _children(parent)
    if len(children) != 1:
        raise SamlError("enc.structure", f"not exactly one element in {etree.QName(parent).localname}")
    return children[0]


def _children(parent: Element) -> list[Element]:
    """The child elements of an element that holds nothing else but layout."""
    children = list(parent)
    if has_text(parent, children):
        raise SamlError("enc.structure", "text between the elements")
    return children


def _filled(element: Element) -> str:
    value = text(element)
    if not value:
        raise SamlError("enc.structure", "an empty key name")
    return value
