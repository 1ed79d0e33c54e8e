"""An attribute of a person on its way from the eIDAS-berichtenservice to a dienstverlener, who alone can read it.

    saml:AttributeValue [LatinScript="false" when it is in the original script]
      saml:EncryptedID, in the form of every other one
        in it: saml:NameID, NameQualifier = the Name of the attribute, its text = the value

ST-SAML has no form of its own for this. This one is valid, is opened by the code that opens an identity, and its
NameQualifier ties a value to its attribute, so that a ciphertext put under another Name does not pass for one.
"""

from collections.abc import Sequence
from typing import Final

from lxml import etree
from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import ASSERTION_PREFIXES, element_of
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.eidas.attributes import Value
from routeringsvoorziening.saml.eidas.vocabulary import AttributeKind
from routeringsvoorziening.saml.encryption import DecryptionKey, Recipient, decrypt_element, encrypt_bytes
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, canonical, has_text, parse, text

_BOOLEANS: Final = frozenset({"true", "false", "1", "0"})


def encrypt_value(kind: AttributeKind, value: Value, recipients: Sequence[Recipient]) -> tuple[bytes, ...]:
    """The AttributeValues of one attribute, in exclusive canonical XML: Latin script first, then the original.

    Raises:
        ValueError: no recipient.
    """
    latin = _encrypted(kind, value.latin, recipients)
    if value.original is None:
        return (canonical(latin),)
    original = _encrypted(kind, value.original, recipients)
    original.set(kind.latin_script, "false")
    return canonical(latin), canonical(original)


def _encrypted(kind: AttributeKind, content: str, recipients: Sequence[Recipient]) -> Element:
    plain = saml.NameID(format=names.NAMEID_UNSPECIFIED, name_qualifier=kind.name, text=content)
    element = etree.Element(names.saml("AttributeValue"), nsmap={"saml": names.SAML})
    element.append(encrypt_bytes(canonical(element_of(plain, ASSERTION_PREFIXES)), recipients))
    return element


def readers_of(value: bytes) -> frozenset[str]:
    """The entityIDs that hold a key for an AttributeValue, which must be of the form above.

    Raises:
        SamlError: `attribute.structure`; what `recipients_of` raises.
    """
    return recipients_of(_only_child(parse(value)))


def decrypt_value(
    kind: AttributeKind, values: Sequence[bytes], *, entity_id: str, keys: Sequence[DecryptionKey]
) -> Value:
    """What the AttributeValues of one attribute say.

    Raises:
        SamlError: `attribute.structure`; what `decrypt_element` raises.
    """
    found: dict[bool, str] = {}
    for value in values:
        element = parse(value)
        latin = element.get(kind.latin_script, "true") in {"true", "1"}
        if latin in found:
            raise SamlError("attribute.structure", f"too many values of {kind.local}")
        name_id = decrypt_element(_only_child(element), entity_id=entity_id, keys=keys)
        found[latin] = _read(name_id, kind)
    if True not in found:
        raise SamlError("attribute.structure", f"no {kind.local} in Latin script")
    return Value(found[True], found.get(False))


def _read(name_id: Element, kind: AttributeKind) -> str:
    value = text(name_id)
    if name_id.tag != names.saml("NameID") or name_id.get("NameQualifier") != kind.name or not value:
        raise SamlError("attribute.structure", f"not a value of {kind.local}")
    return value


def _only_child(element: Element) -> Element:
    labels = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    if not (labels.keys() <= {"LatinScript"} and _BOOLEANS.issuperset(labels.values())):
        raise SamlError("attribute.structure", "an AttributeValue that says more than its script")
    if element.tag != names.saml("AttributeValue") or len(element) != 1 or has_text(element, list(element)):
        raise SamlError("attribute.structure", "not an AttributeValue with one EncryptedID")
    return element[0]
