"""What is taken over from the assertion of another party into our own: same ciphertext, new Ids (ATT-17).

Of an EncryptedID, which the RV does not decrypt, it copies EncryptedData and the EncryptedKeys of those for whom its
own assertion is meant (AMB-10). Every Id gets a suffix, and every reference to it follows, so that the copy and its
original in Advice can stand in one document.
"""

from collections.abc import Collection

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption_form import check_form
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, canonical, is_id, read_tree
from routeringsvoorziening.saml.written import ids_of


def recipients_of(encrypted_id: Element | bytes) -> frozenset[str]:
    """The entityIDs that hold a key for it.

    Args:
        encrypted_id: the element, or bytes that `canonical` made of it.

    Raises:
        SamlError: `enc.structure`, `enc.recipient`, `alg.forbidden`, `msg.encoding`: its form is not allowed.
    """
    element = read_tree(encrypted_id) if isinstance(encrypted_id, bytes) else encrypted_id
    return frozenset(key.recipient for key in check_form(element).keys)


def copy_encrypted_id(encrypted: Element | bytes, *, keep_recipients: Collection[str], suffix: str = "-1") -> Element:
    """A copy with the keys of `keep_recipients` only, and `suffix` after every Id and every reference to one.

    Args:
        encrypted: `saml:EncryptedID`, or bytes that `canonical` made of it; stays as it is.
        keep_recipients: entityIDs; EncryptedKeys for others are left out.
        suffix: what makes the Ids new.

    Raises:
        SamlError: `enc.recipient`: no key is left; `enc.structure`, `alg.forbidden`, `msg.encoding`: its form is not
            allowed.
    """
    copied = read_tree(encrypted if isinstance(encrypted, bytes) else canonical(encrypted))
    check_form(copied)
    dropped = _drop_keys(copied, keep_recipients)
    _repair_retrieval(copied, dropped)
    _renew_ids(copied, suffix)
    return copied


def copy_attribute_value(value: bytes, *, suffix: str = "-1") -> bytes:
    """An attribute of another party to hand on, unaltered but for Ids that the original has too (ATT-17, ATT-21).

    Args:
        value: one `saml:AttributeValue` in exclusive canonical XML, UTF-8.
        suffix: what makes the Ids new.

    Raises:
        SamlError: `xml.malformed`.
    """
    if not ids_of(value):
        return value
    copied = read_tree(value)
    _renew_ids(copied, suffix)
    return canonical(copied)


def _renew_ids(copied: Element, suffix: str) -> None:
    for element in copied.iter():
        for name, value in element.attrib.items():
            if is_id(str(name)):
                element.set(name, str(value) + suffix)
        if element.get("URI", "").startswith("#"):
            element.set("URI", element.attrib["URI"] + suffix)


def check_ids_differ(*documents: bytes) -> None:
    """Elements of different parties that must stand in one Advice have no ID in common: an original cannot be changed.

    Args:
        documents: in exclusive canonical XML.

    Raises:
        SamlError: `id.duplicate`.
    """
    seen: set[bytes] = set()
    for document in documents:
        found = set(ids_of(document))
        if seen & found:
            raise SamlError("id.duplicate", "between the declarations of two services")
        seen |= found


def _drop_keys(copied: Element, keep: Collection[str]) -> frozenset[str]:
    """Leave out the keys of others; gives the references to what is gone."""
    gone = []
    for key in copied.findall(names.xenc("EncryptedKey")):
        if key.attrib["Recipient"].strip() not in keep:
            gone.append(f"#{key.get('Id')}")
            copied.remove(key)
    if copied.find(names.xenc("EncryptedKey")) is None:
        raise SamlError("enc.recipient", "no EncryptedKey for those who get the copy")
    return frozenset(gone)


def _repair_retrieval(copied: Element, gone: frozenset[str]) -> None:
    """When EncryptedData points to a key that is left out, let it point to one that stays."""
    pointer = copied.find(f"{names.xenc('EncryptedData')}/{names.ds('KeyInfo')}/{names.ds('RetrievalMethod')}")
    if pointer is None or pointer.get("URI") not in gone:
        return
    left = copied.findall(names.xenc("EncryptedKey"))
    identified = [key.attrib["Id"] for key in left if key.get("Id")]
    if not identified:
        raise SamlError("enc.structure", "the EncryptedKey that stays has no Id")
    pointer.set("URI", f"#{identified[0]}")
