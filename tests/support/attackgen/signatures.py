"""Presence, keys, algorithms and form of a signature: S09, S12, S21 to S28."""

import base64
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from tests.support.attackgen import handmade
from tests.support.attackgen.canary import canary
from tests.support.attackgen.genuine import AUTHN_REQUEST, DV, KINDS, METADATA, Kind, oin, recipe, signer, unsigned
from tests.support.attackgen.handmade import DS, MORE, Recipe, place, seal, sign
from tests.support.attackgen.operators import Op
from tests.support.pki import ec_key, leaf, pki, rsa_key

ALL: Final = tuple(KINDS.values())
MESSAGES: Final = tuple(kind for kind in ALL if kind is not METADATA)
_MISSING: Final = frozenset({"sig.missing", "md.signature", "msg.schema"})
_FORM: Final = frozenset({"sig.structure", "sig.count", "msg.schema", "sig.object", "keyinfo.form"})
_ALGORITHM: Final = frozenset({"alg.forbidden"})


def _resigned(kind: Kind, how: Recipe, adjust: Callable[[etree._Element], None] | None = None) -> etree._Element:
    root = unsigned(kind)
    element = kind.locate(root)
    if kind is METADATA and how.certificate is None:
        how = how.with_(certificate=signer(kind.sender).certificate_der)
    sign(element, how, adjust)
    kind.reseal(root)
    return root


def _signature(kind: Kind, root: etree._Element) -> etree._Element:
    return kind.locate(root).find(f"{{{DS}}}Signature")


def _edited(change: Callable[[etree._Element], None]) -> Callable[[Kind, etree._Element], etree._Element]:
    """Change the Signature after it was made."""

    def apply(kind: Kind, root: etree._Element) -> etree._Element:
        change(_signature(kind, root))
        kind.reseal(root)
        return root

    return apply


def _remade(**changes: object) -> Callable[[Kind, etree._Element], etree._Element]:
    return lambda kind, _: _resigned(kind, recipe(kind.sender).with_(**changes))


def _strip(kind: Kind, _: etree._Element) -> etree._Element:
    root = unsigned(kind)
    kind.reseal(root)
    return root


def _strip_everything(kind: Kind, root: etree._Element) -> etree._Element:
    for found in list(root.iter(f"{{{DS}}}Signature")):
        found.getparent().remove(found)
    return root


def _empty(signature: etree._Element) -> None:
    for child in list(signature):
        signature.remove(child)


def _altered(kind: Kind, root: etree._Element) -> etree._Element:
    kind.poison(kind.locate(root))
    kind.reseal(root)
    return root


def _attacker(kind: Kind, *, with_certificate: bool) -> Recipe:
    """The attacker's own key, under the genuine KeyName; or with their own certificate, made out to the victim."""
    pair = pki("attacker").issue(oin(kind.sender), label="attacker")
    name = signer(kind.sender).key_name
    return Recipe(pair.key, None if with_certificate else name, pair.certificate_der if with_certificate else None)


def _other_party(kind: Kind, _: etree._Element) -> etree._Element:
    """A key that exists, of another party, by its own true name."""
    return _resigned(kind, Recipe(leaf("00000009999999999002").key, leaf("00000009999999999002").key_name))


def _retired(kind: Kind, _: etree._Element) -> etree._Element:
    """A key of the sender that is not (any more) in its metadata."""
    pair = leaf(oin(kind.sender), "signing", "retired")
    return _resigned(kind, Recipe(pair.key, pair.key_name))


def _hmac(kind: Kind, algorithm: str, secret: bytes) -> etree._Element:
    return _resigned(kind, recipe(kind.sender).with_(key=secret, algorithm=algorithm))


def _public(kind: Kind) -> bytes:
    return signer(kind.sender).certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _hmac_truncated(kind: Kind, _: etree._Element) -> etree._Element:
    def shorten(signature: etree._Element) -> None:
        method = signature.find(f".//{{{DS}}}SignatureMethod")
        etree.SubElement(method, f"{{{DS}}}HMACOutputLength").text = "1"

    how = recipe(kind.sender).with_(key=_public(kind), algorithm=MORE + "hmac-sha256")
    return _resigned(kind, how, shorten)


def _rsa_labelled_as(algorithm: str) -> Callable[[Kind, etree._Element], etree._Element]:
    return _remade(algorithm=algorithm, signer=handmade.RSA_SHA256)


def _key_info_of(name: str, inside: str = "") -> Callable[[Kind, etree._Element], etree._Element]:
    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        def write(signature: etree._Element) -> None:
            info = signature.find(f"{{{DS}}}KeyInfo")
            for child in list(info):
                info.remove(child)
            info.append(etree.fromstring(f'<{name} xmlns="{DS}">{inside}</{name.split(" ", 1)[0]}>'))

        return _resigned(kind, recipe(kind.sender), write)

    return apply


def _no_key_info(signature: etree._Element) -> None:
    info = signature.find(f"{{{DS}}}KeyInfo")
    signature.remove(info)


def _value(text: str) -> Callable[[etree._Element], None]:
    def write(signature: etree._Element) -> None:
        signature.find(f"{{{DS}}}SignatureValue").text = text

    return write


def _comment_in_value(signature: etree._Element) -> None:
    value = signature.find(f"{{{DS}}}SignatureValue")
    text = value.text
    value.text = text[:20]
    comment = etree.Comment("x")
    comment.tail = text[20:]
    value.append(comment)


def _double_info(genuine_first: bool) -> Callable[[Kind, etree._Element], etree._Element]:
    """S09: a second SignedInfo whose digest fits the attacker's content."""

    def apply(kind: Kind, root: etree._Element) -> etree._Element:
        element = kind.locate(root)
        signature = element.find(f"{{{DS}}}Signature")
        real = signature.find(f"{{{DS}}}SignedInfo")
        fake = deepcopy(real)
        kind.poison(element)
        covered = handmade.canonical(handmade.without_signatures(element))
        fake.find(f".//{{{DS}}}DigestValue").text = handmade.digest(handmade.SHA256, covered)
        signature.insert(1 if genuine_first else 0, fake)
        kind.reseal(root)
        return root

    return apply


def _double_digest(kind: Kind, root: etree._Element) -> etree._Element:
    signature = _signature(kind, root)
    value = signature.find(f".//{{{DS}}}DigestValue")
    value.addprevious(deepcopy(value))
    kind.reseal(root)
    return root


def _two_signatures(kind: Kind, root: etree._Element) -> etree._Element:
    signature = _signature(kind, root)
    signature.addnext(deepcopy(signature))
    kind.reseal(root)
    return root


def _signature_last(kind: Kind, root: etree._Element) -> etree._Element:
    kind.locate(root).append(_signature(kind, root))
    kind.reseal(root)
    return root


def _object(signature: etree._Element) -> None:
    etree.SubElement(etree.SubElement(signature, f"{{{DS}}}Object"), "{urn:example:foreign}Anything")


def _flip(signature: etree._Element) -> None:
    value = signature.find(f"{{{DS}}}SignatureValue")
    raw = bytearray(base64.b64decode(value.text))
    raw[17] ^= 1
    value.text = base64.b64encode(bytes(raw)).decode()


def _ecdsa(kind: Kind, _: etree._Element) -> etree._Element:
    return _resigned(kind, recipe(kind.sender).with_(key=ec_key("attacker"), algorithm=MORE + "ecdsa-sha256"))


def _weak_key(kind: Kind, _: etree._Element) -> etree._Element:
    return _resigned(kind, Recipe(rsa_key("weak", 1024), signer(kind.sender).key_name))


def _resealed_over_nothing(kind: Kind, root: etree._Element) -> etree._Element:
    """S34: what is digested is empty, as when a canonicaliser fails and returns nothing."""
    fresh = unsigned(kind)
    element = kind.locate(fresh)
    how = recipe(kind.sender).with_(canonical=b"")
    if kind is METADATA:
        how = how.with_(certificate=signer(DV).certificate_der)
    sign(element, how)
    kind.poison(element)
    kind.reseal(fresh)
    return fresh


def _certificate_beside_foreign_name(kind: Kind, _: etree._Element) -> etree._Element:
    """KeyName of one key and certificate of another: they must point to one and the same."""
    other = leaf(oin(kind.sender), "tls")
    return _resigned(kind, recipe(kind.sender).with_(certificate=other.certificate_der))


_ISSUER_SERIAL: Final = (
    "<X509IssuerSerial><X509IssuerName>C=NL</X509IssuerName><X509SerialNumber>1</X509SerialNumber></X509IssuerSerial>"
)


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    unknown = frozenset({"key.unknown", "sig.invalid", "md.signature", "md.keys", "key.chain", "keyinfo.form"})
    yield Op("none", "sig", ("S21",), ALL, _MISSING, _strip)
    yield Op("none-anywhere", "sig", ("S21",), ALL, _MISSING, _strip_everything)
    yield Op("empty", "sig", ("S21",), ALL, _FORM | _MISSING, _edited(_empty))
    yield Op("altered", "sig", ("S43",), ALL, frozenset({"sig.invalid"}), _altered)
    yield Op("bit-flip", "sig", ("S27",), ALL, frozenset({"sig.invalid"}), _edited(_flip))
    yield Op(
        "foreign-key-same-name",
        "sig",
        ("S23",),
        ALL,
        frozenset({"sig.invalid"}),
        lambda kind, _: _resigned(kind, _attacker(kind, with_certificate=False)),
        "attacker",
    )
    yield Op(
        "foreign-certificate",
        "sig",
        ("S23",),
        ALL,
        unknown,
        lambda kind, _: _resigned(kind, _attacker(kind, with_certificate=True)),
        "attacker",
    )
    yield Op("other-party", "sig", ("S24",), ALL, unknown, _other_party, "attacker")
    yield Op("retired-key", "sig", ("S28",), ALL, unknown, _retired, "genuine")
    yield Op("key-name-of-another", "sig", ("S24",), ALL, unknown, _certificate_beside_foreign_name, "genuine")
    for name in ("hmac-sha1", "hmac-sha256"):
        algorithm = (DS if name == "hmac-sha1" else MORE) + name
        yield Op(
            f"{name}-public-key",
            "sig",
            ("S25",),
            ALL,
            _ALGORITHM,
            lambda kind, _, algorithm=algorithm: _hmac(kind, algorithm, _public(kind)),
        )
        yield Op(
            f"{name}-certificate",
            "sig",
            ("S25",),
            ALL,
            _ALGORITHM,
            lambda kind, _, algorithm=algorithm: _hmac(kind, algorithm, signer(kind.sender).certificate_pem),
        )
    yield Op("hmac-truncated", "sig", ("S25",), ALL, _ALGORITHM | _FORM, _hmac_truncated)
    yield Op("rsa-sha1", "sig", ("S26",), ALL, _ALGORITHM, _remade(algorithm=DS + "rsa-sha1"), "genuine")
    yield Op("rsa-md5", "sig", ("S26",), ALL, _ALGORITHM, _remade(algorithm=MORE + "rsa-md5"), "genuine")
    yield Op("digest-sha1", "sig", ("S26",), ALL, _ALGORITHM, _remade(digest=DS + "sha1"), "genuine")
    pss = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
    yield Op("rsa-pss", "sig", ("S26",), ALL, _ALGORITHM, _remade(algorithm=pss), "genuine")
    yield Op("ecdsa", "sig", ("S26",), ALL, _ALGORITHM, _ecdsa, "attacker")
    yield Op("dsa", "sig", ("S26",), ALL, _ALGORITHM, _rsa_labelled_as(DS + "dsa-sha1"), "genuine")
    yield Op("misspelt", "sig", ("S26",), ALL, _ALGORITHM, _rsa_labelled_as(handmade.RSA_SHA256 + " "), "genuine")
    yield Op("rsa-1024", "sig", ("S26",), ALL, frozenset({"sig.invalid", "sig.structure"}), _weak_key, "attacker")
    for name, inside in (
        ("KeyValue", "<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"),
        (f'RetrievalMethod URI="{canary().url}"', ""),
        ("PGPData", "<PGPKeyID>AAAA</PGPKeyID>"),
        ("SPKIData", "<SPKISexp>AAAA</SPKISexp>"),
        ("MgmtData", "x"),
        (
            "X509Data",
            _ISSUER_SERIAL,
        ),
    ):
        codes = frozenset({"keyinfo.form"})
        yield Op(f"keyinfo-{name.split()[0]}", "sig", ("S24",), ALL, codes, _key_info_of(name, inside), "genuine")
    codes = frozenset({"keyinfo.form", "sig.structure"})
    yield Op(
        "no-keyinfo",
        "sig",
        ("S24",),
        ALL,
        codes,
        lambda kind, _: _resigned(kind, recipe(kind.sender), _no_key_info),
        "genuine",
    )
    yield Op("value-empty", "sig", ("S27",), ALL, frozenset({"sig.structure", "sig.invalid"}), _edited(_value("")))
    yield Op("value-junk", "sig", ("S27",), ALL, _FORM | {"sig.invalid"}, _edited(_value("!not base64!")))
    yield Op("value-long", "sig", ("S27",), ALL, _FORM | {"sig.invalid"}, _edited(_value("A" * 8000)))
    yield Op("value-comment", "sig", ("S27",), MESSAGES, frozenset({"node.forbidden"}), _edited(_comment_in_value))
    yield Op("two-signedinfo-genuine-first", "sig", ("S09",), ALL, _FORM, _double_info(genuine_first=True))
    yield Op("two-signedinfo-fake-first", "sig", ("S09",), ALL, _FORM, _double_info(genuine_first=False))
    yield Op("two-digests", "sig", ("S12",), ALL, _FORM | {"sig.reference"}, _double_digest)
    yield Op("two-signatures", "sig", ("S12",), ALL, _FORM, _two_signatures)
    with_more = tuple(kind for kind in ALL if kind is not AUTHN_REQUEST)
    yield Op("signature-last", "sig", ("S14",), with_more, _FORM | {"sig.missing"}, _signature_last)
    yield Op("object", "sig", ("S30",), ALL, _FORM, _edited(_object))
    yield Op("digest-of-nothing", "sig", ("S34",), ALL, frozenset({"sig.invalid"}), _resealed_over_nothing, "genuine")


__all__ = ["ALL", "MESSAGES", "operators", "place", "seal"]
