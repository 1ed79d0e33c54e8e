"""Verification: what comes out is what a known key signed, and nothing else comes out."""

import hashlib
import hmac
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from routeringsvoorziening.saml import names, second_opinion, verifying
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.limits import METADATA
from routeringsvoorziening.saml.parsing import Element, canonical, parse, read_tree
from routeringsvoorziening.saml.second_opinion import confirm
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import Verified, check_only_signatures_at, verify
from tests.support.attackgen.handmade import Recipe
from tests.support.attackgen.handmade import sign as sign_by_hand
from tests.support.pki import NOT_AFTER, NOT_BEFORE, ec_key, pki, rsa_key
from tests.support.signed import (
    AT,
    DS,
    NAMESPACES,
    OIN,
    refused,
    request,
    sign_with_prefixes,
    signed_request,
    signing_key,
)

KEY = signing_key().verification_key
SECOND = timedelta(seconds=1)
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"


def by_hand(**changes: object) -> Element:
    """A request signed without libxmlsec, so that every part can be other than ours."""
    root = request()
    sign_by_hand(root, Recipe(signing_key().private_key, KEY.key_name).with_(**changes))
    return parse(etree.tostring(root))


class TestWhatComesOut:
    """The element, the evidence and the key."""

    @pytest.mark.eis("SIG-01", "SIG-04", "SIG-10")
    @pytest.mark.parametrize("layout", ["", "\n    "])
    def test_the_signed_element_alone(self, layout: str) -> None:
        """In a document of its own, without its signature, whitespace as it was."""
        verified = verify(parse(signed_request(layout=layout)), [KEY], at=AT)
        assert verified.element.getparent() is None
        assert canonical(verified.element) == canonical(request(layout=layout))
        assert verified.key is KEY

    @pytest.mark.parametrize("issuer", [b"<saml:Issuer>dv</saml:Issuer>", b""])
    def test_the_whitespace_after_a_signature_belongs_to_the_message(self, issuer: bytes) -> None:
        """As indented messages have it: what goes is the signature and nothing else."""
        document = f'<samlp:X {NAMESPACES} ID="_x">%s\n  <samlp:Y/></samlp:X>'.encode() % issuer
        root = parse(document)
        sign(root, signing_key())
        signature = root.find(f"{DS}Signature")
        assert signature is not None
        if issuer:
            root[0].tail = None
        root.text, signature.tail = None, "\n  "
        assert canonical(verify(parse(etree.tostring(root)), [KEY], at=AT).element) == canonical(parse(document))

    @pytest.mark.eis("SIG-04")
    @pytest.mark.attack("S43")
    def test_nothing_of_the_rest_of_the_document(self) -> None:
        """Siblings, ancestors and their namespaces are gone."""
        root = parse(b'<e:E xmlns:e="urn:e" xmlns:evil="urn:evil"><e:a/>' + signed_request() + b"<e:b/></e:E>")
        element = verify(root[1], [KEY], at=AT).element
        assert element.getroottree().getroot() is element
        assert element.nsmap.keys() == {"samlp", "saml"}
        assert [each for each in element.getroottree().iter() if not str(each.tag).startswith("{urn:oasis")] == []

    @pytest.mark.attack("S43")
    def test_not_within_the_tree_that_came_in(self) -> None:
        """What is around it can be changed, and looked for, without any effect."""
        root = parse(b'<e:E xmlns:e="urn:e" ID="_other"><e:a/>' + signed_request() + b"text<e:b/></e:E>")
        verified = verify(root[1], [KEY], at=AT)
        root[1].set("AssertionConsumerServiceIndex", "666")
        assert verified.element.get("AssertionConsumerServiceIndex") == "1"
        assert verified.element.xpath("//*[@ID='_other'] | //*[local-name()='b']") == []
        assert verified.element.tail is None

    def test_the_evidence_verifies_again(self) -> None:
        """Canonical XML with the signature: bytes that anybody can verify later."""
        verified = verify(parse(signed_request(layout="\n")), [KEY], at=AT)
        again = verify(parse(verified.canonical), [KEY], at=AT)
        assert again.canonical == verified.canonical
        assert canonical(again.element) == canonical(verified.element)

    @pytest.mark.attack("S91")
    def test_a_repr_shows_no_content(self) -> None:
        """Neither the element nor the evidence."""
        assert (
            repr(verify(parse(signed_request()), [KEY], at=AT))
            == f"Verified(key=VerificationKey(key_name='{KEY.key_name}'))"
        )

    def test_a_tree_can_be_verified_once(self) -> None:
        """Its signature has been taken out: nobody reads a second meaning from the same tree."""
        root = parse(signed_request())
        verify(root, [KEY], at=AT)
        with refused("sig.missing"):
            verify(root, [KEY], at=AT)

    def test_is_safe_in_threads(self) -> None:
        """One key, many threads."""
        data = signed_request()
        with ThreadPoolExecutor(4) as threads:
            found = set(threads.map(lambda _: verify(parse(data), [KEY], at=AT).canonical, range(300)))
        assert len(found) == 1

    def test_metadata_with_comments(self) -> None:
        """They are not covered by the signature, and not in what comes out."""
        root = parse(
            b'<md:E xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m"><!-- c --><md:X/></md:E>', METADATA
        )
        sign(root, signing_key(), include_certificate=True)
        again = parse(etree.tostring(root), METADATA)
        again.insert(0, etree.Comment("made by a program"))
        again.append(etree.Comment("anybody's words"))
        element = verify(again, [KEY], at=AT).element
        assert [each.tag for each in element.iter()] == [names.md("E"), names.md("X")]
        assert (
            canonical(element) == b'<md:E xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m"><md:X></md:X></md:E>'
        )

    @pytest.mark.attack("S48")
    @pytest.mark.parametrize("label", ["unknown", ""])
    def test_a_stranger_orders_no_work(self, monkeypatch: pytest.MonkeyPatch, label: str) -> None:
        """Without a signature in good form by a key that we know, nothing is put in canonical form."""
        monkeypatch.setattr(verifying, "canonical", lambda *_: pytest.fail("canonicalised"))
        root = parse(signed_request(label))
        if not label:
            root.remove(root[1])
        with refused("sig.missing", "key.unknown"):
            verify(root, [KEY], at=AT)


class TestAlgorithms:
    """SIG-01, SIG-02: three of each, in any combination; nothing else."""

    @pytest.mark.eis("SIG-01", "SIG-02")
    @pytest.mark.parametrize("algorithm", [names.RSA_SHA256, names.RSA_SHA384, names.RSA_SHA512])
    @pytest.mark.parametrize("digest", [names.SHA256, names.SHA384, names.SHA512])
    def test_accepts_the_three_hashes(self, algorithm: str, digest: str) -> None:
        """Made by hand, so that no library of ours agrees with itself."""
        assert verify(by_hand(algorithm=algorithm, digest=digest), [KEY], at=AT).key is KEY

    @pytest.mark.eis("SIG-01")
    @pytest.mark.attack("S25", "S26")
    @pytest.mark.parametrize(
        "algorithm", [f"{XMLDSIG}rsa-sha1", f"{MORE}rsa-md5", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"]
    )
    def test_refuses_others_though_they_verify(self, algorithm: str) -> None:
        """A mathematically good signature of a forbidden kind."""
        with refused("alg.forbidden"):
            verify(by_hand(algorithm=algorithm), [KEY], at=AT)

    @pytest.mark.eis("SIG-01")
    @pytest.mark.attack("S25")
    @pytest.mark.parametrize("algorithm", [f"{XMLDSIG}hmac-sha1", f"{MORE}hmac-sha256"])
    @pytest.mark.parametrize("form", ["certificate", "key"])
    def test_refuses_an_hmac_with_the_public_key(self, algorithm: str, form: str) -> None:
        """The key is public, so anybody could make it."""
        public = KEY.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        secret = KEY.certificate_der if form == "certificate" else public
        with refused("alg.forbidden"):
            verify(by_hand(algorithm=algorithm, key=secret), [KEY], at=AT)

    @pytest.mark.eis("SIG-02")
    @pytest.mark.attack("S26")
    def test_refuses_a_sha1_digest_though_it_fits(self) -> None:
        """Under a good rsa-sha256 signature."""
        with refused("alg.forbidden"):
            verify(by_hand(digest=f"{XMLDSIG}sha1"), [KEY], at=AT)

    @pytest.mark.eis("SIG-03")
    @pytest.mark.attack("S32", "S33")
    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("alg.transform", {"transforms": (names.ENVELOPED,)}),
            ("alg.transform", {"transforms": (names.EXC_C14N,)}),
            ("alg.c14n", {"transforms": (names.ENVELOPED, names.EXC_C14N + "WithComments")}),
            ("alg.c14n", {"c14n": names.EXC_C14N + "WithComments"}),
        ],
    )
    def test_refuses_other_transforms_though_they_verify(self, code: str, changes: dict[str, object]) -> None:
        """Well signed, in a form that the koppelvlak does not know."""
        with refused(code):
            verify(by_hand(**changes), [KEY], at=AT)


class TestKeys:
    """SIG-10, SIG-11: KeyInfo selects a key and never supplies one."""

    @pytest.mark.eis("SIG-10", "SIG-11")
    @pytest.mark.parametrize(
        "forms",
        [
            {"key_name": KEY.key_name},
            {"key_name": None, "certificate": KEY.certificate_der},
            {"certificate": KEY.certificate_der},
        ],
    )
    def test_finds_the_key_by_name_or_certificate_or_both(self, forms: dict[str, object]) -> None:
        """Among several of the same party, whatever their order."""
        other = signing_key("other").verification_key
        for keys in ([KEY, other], [other, KEY]):
            assert verify(by_hand(**forms), keys, at=AT).key is KEY

    @pytest.mark.eis("SIG-10", "SIG-11")
    @pytest.mark.attack("S22", "S24")
    def test_refuses_a_key_that_is_not_known(self) -> None:
        """No keys at all, or only others."""
        root = parse(signed_request())
        for keys in ([], [signing_key("other").verification_key]):
            with refused("key.unknown"):
                verify(root, keys, at=AT)

    @pytest.mark.eis("SIG-10", "SIG-11")
    @pytest.mark.attack("S23", "S24")
    @pytest.mark.parametrize(
        "forms",
        [
            {"certificate": signing_key("other").verification_key.certificate_der},
            {"key_name": "other", "certificate": KEY.certificate_der},
        ],
    )
    def test_name_and_certificate_must_point_to_one_key(self, forms: dict[str, object]) -> None:
        """Also when both are known, but belong to different keys (AMB-13)."""
        keys = [KEY, VerificationKey("other", signing_key("other").certificate)]
        with refused("key.unknown"):
            verify(by_hand(**forms), keys, at=AT)

    @pytest.mark.eis("SIG-11")
    @pytest.mark.attack("S23")
    def test_refuses_a_foreign_key_under_a_known_name(self) -> None:
        """Signed by an attacker who writes our KeyName; also with a valid certificate of his own."""
        attacker = pki("untrusted").issue(OIN, label="attacker")
        with refused("sig.invalid"):
            verify(by_hand(key=attacker.key), [KEY], at=AT)
        with refused("key.unknown"):
            verify(by_hand(key=attacker.key, certificate=attacker.certificate_der), [KEY], at=AT)

    @pytest.mark.eis("SIG-11")
    @pytest.mark.attack("S23")
    def test_refuses_a_certificate_that_only_the_message_knows(self) -> None:
        """Of the right PKI, with the right OIN, and well signed; but not in metadata."""
        newcomer = pki().issue(OIN, label="newcomer")
        root = by_hand(key=newcomer.key, key_name=None, certificate=newcomer.certificate_der)
        with refused("key.unknown"):
            verify(root, [KEY], at=AT)
        assert verify(root, [VerificationKey("n", newcomer.certificate)], at=AT).key.key_name == "n"

    @pytest.mark.eis("SIG-09")
    def test_a_key_name_can_be_required(self) -> None:
        """Of authenticatiediensten and BVDs, which may not send a certificate alone."""
        assert verify(by_hand(), [KEY], at=AT, require_key_name=True).key is KEY
        with refused("keyinfo.form"):
            verify(by_hand(key_name=None, certificate=KEY.certificate_der), [KEY], at=AT, require_key_name=True)

    @pytest.mark.eis("SIG-08")
    @pytest.mark.attack("S28")
    def test_the_certificate_must_be_valid_at_that_moment(self) -> None:
        """First and last moment included."""
        data = signed_request()
        for moment in (NOT_BEFORE, NOT_AFTER):
            assert verify(parse(data), [KEY], at=moment).key is KEY
        for moment in (NOT_BEFORE - SECOND, NOT_AFTER + SECOND):
            with refused("key.expired"):
                verify(parse(data), [KEY], at=moment)

    def test_a_renewed_certificate_of_the_same_name_takes_over(self) -> None:
        """The expired one is passed over; two valid ones of one name are one too many."""
        pair = pki().issue(OIN, label="renewed")
        old = pki().issue(OIN, label="old", not_after=AT - SECOND)
        root = by_hand(key=pair.key, key_name="renewed")
        renewed = VerificationKey("renewed", pair.certificate)
        with refused("key.unknown"):
            verify(root, [VerificationKey("renewed", KEY.certificate), renewed], at=AT)
        assert verify(root, [VerificationKey("renewed", old.certificate), renewed, renewed], at=AT).key is renewed

    @pytest.mark.eis("SIG-07")
    @pytest.mark.attack("S26")
    def test_refuses_a_weak_key(self) -> None:
        """Even when metadata has it: 1024 bits, a small exponent, a curve."""
        for key in (rsa_key("weak", 1024), rsa_key("weak", 2048, 3), ec_key("curve")):
            pair = pki().issue(OIN, key=key)  # type: ignore[arg-type]
            with refused("key.weak", "sig.structure"):
                verify(
                    by_hand(key=signing_key().private_key, key_name="weak"),
                    [VerificationKey("weak", pair.certificate)],
                    at=AT,
                )


class TestTampering:
    """Whatever changed after signing."""

    @pytest.mark.eis("SIG-03", "SIG-04")
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'Index="1"', b'Index="2"'),
            (b">dv<", b">DV<"),
            (b"<samlp:NameIDPolicy", b"<samlp:Extensions/><samlp:NameIDPolicy"),
            (b'Version="2.0"', b'Version="2.0" IsPassive="true"'),
            (b"</samlp:AuthnRequest>", b" </samlp:AuthnRequest>"),
            (b"sha256", b"sha512"),
            (b'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"', b'xmlns:samlp="urn:evil"'),
        ],
    )
    def test_is_noticed(self, old: bytes, new: bytes) -> None:
        """A value, an element, an attribute, whitespace, a namespace, the algorithm."""
        data = signed_request()
        assert data.replace(old, new) != data
        with refused("sig.invalid", "sig.structure", "alg.forbidden"):
            verify(parse(data.replace(old, new)), [KEY], at=AT)

    @pytest.mark.attack("S35")
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'ID="_request" Version="2.0"', b"Version='2.0'\n ID = '_request'"),
            (
                b'<samlp:NameIDPolicy AllowCreate="true"/>',
                b'<samlp:NameIDPolicy xmlns:z="urn:z" AllowCreate="true"></samlp:NameIDPolicy>',
            ),
            (b">dv<", b">&#x64;v<"),
            (b"<samlp:AuthnRequest ", b'<samlp:AuthnRequest xmlns:unused="urn:unused" '),
        ],
    )
    def test_another_spelling_of_the_same_is_the_same(self, old: bytes, new: bytes) -> None:
        """What canonicalisation evens out neither breaks a signature nor changes what is read."""
        data = signed_request()
        assert data.replace(old, new) != data
        verified = verify(parse(data.replace(old, new)), [KEY], at=AT)
        assert verified.canonical == verify(parse(data), [KEY], at=AT).canonical

    @pytest.mark.attack("S34")
    def test_a_void_canonical_form_is_no_signature(self) -> None:
        """A relative namespace makes canonicalisation fail; the digest of nothing does not help."""
        empty = by_hand(canonical=b"")
        for root in (
            empty,
            parse(etree.tostring(empty).replace(b"<samlp:NameIDPolicy", b'<e:x xmlns:e="1"/><samlp:NameIDPolicy')),
        ):
            with refused("sig.invalid"):
                verify(root, [KEY], at=AT)

    @pytest.mark.attack("S34")
    def test_an_ancestor_cannot_void_a_signature(self) -> None:
        """A relative namespace around a message can only have it refused."""
        root = parse(b'<e:E xmlns:e="1">' + signed_request() + b"</e:E>")
        with refused("sig.invalid"):
            verify(root[0], [KEY], at=AT)

    @pytest.mark.attack("S35", "S43")
    def test_what_another_implementation_signed_fits_no_other_message(self) -> None:
        """One that escapes the name of a namespace in canonical form, as it should; libxml2 does not."""
        root = request()
        root.append(read_tree(b'<e:Extra xmlns:e="urn:a?b&amp;c"/>'))
        escaped = canonical(root).replace(b"b&c", b"b&amp;c")
        sign_by_hand(root, Recipe(signing_key().private_key, KEY.key_name, canonical=escaped))
        other = etree.tostring(root).replace(b"b&amp;c", b"b&amp;amp;c")
        assert canonical(read_tree(other)[3]) != canonical(root[3])
        with refused("xml.limit"):
            verify(parse(other), [KEY], at=AT)

    @pytest.mark.attack("S39")
    def test_a_namespace_rebound_around_the_message_changes_nothing(self) -> None:
        """The message carries its own bindings."""
        root = parse(b'<e xmlns="urn:e" xmlns:saml="urn:evil" xmlns:ds="urn:evil">' + signed_request() + b"</e>")
        assert canonical(verify(root[0], [KEY], at=AT).element) == canonical(request())


class TestWrapping:
    """S01-S08 on one message: the evil element has the attacker's index 666, the genuine one is somewhere else."""

    @staticmethod
    def evil(identifier: str = "_evil") -> Element:
        """An unsigned request of the attacker's."""
        root = request(identifier=identifier)
        root.set("AssertionConsumerServiceIndex", "666")
        return root

    @pytest.mark.eis("SIG-04")
    @pytest.mark.attack("S01", "S02", "S05", "S06", "S07", "S08", "S11", "S14", "S15", "S21")
    @pytest.mark.parametrize("identifier", ["_evil", "_request"])
    @pytest.mark.parametrize("holder", ["Extensions", "Object", "Signature", "KeyInfo", "message", "before"])
    @pytest.mark.parametrize("signature", ["stays", "moves", "copied", "referring"])
    def test_the_evil_element_never_comes_out(self, identifier: str, holder: str, signature: str) -> None:
        """Wherever the genuine element hides, and wherever its signature goes."""
        genuine = parse(signed_request())
        evil = self.evil(identifier)
        own = genuine.find(f"{DS}Signature")
        assert own is not None
        if signature != "stays":
            evil.insert(1, deepcopy(own) if signature == "copied" else own)
        if signature == "referring":
            reference = evil.find(f".//{DS}Reference")
            assert reference is not None
            reference.set("URI", f"#{identifier}")
        places = {
            "Extensions": lambda: etree.SubElement(evil, names.samlp("Extensions")),
            "Object": lambda: etree.SubElement(
                etree.SubElement(evil, f"{DS}Signature") if signature == "stays" else evil[1], f"{DS}Object"
            ),
            "Signature": lambda: etree.SubElement(evil, f"{DS}Signature") if signature == "stays" else evil[1],
            "KeyInfo": lambda: etree.SubElement(evil, f"{DS}KeyInfo") if signature == "stays" else evil[1][2],
            "message": lambda: evil,
            "before": lambda: evil,
        }
        place = places[holder]()
        place.insert(1 if holder == "before" else len(place), genuine)
        with refused(
            "id.duplicate",
            "sig.missing",
            "sig.object",
            "sig.structure",
            "sig.reference",
            "sig.invalid",
            "sig.count",
            "keyinfo.form",
        ):
            verify(parse(etree.tostring(evil)), [KEY], at=AT)

    def test_the_genuine_element_does(self) -> None:
        """The positive twin: asked for by itself, it verifies, wherever it hides."""
        evil = self.evil()
        etree.SubElement(evil, names.samlp("Extensions")).append(parse(signed_request()))
        root = parse(etree.tostring(evil))
        found = root.find(f"{names.samlp('Extensions')}/{names.samlp('AuthnRequest')}")
        assert found is not None
        assert verify(found, [KEY], at=AT).element.get("AssertionConsumerServiceIndex") == "1"
        with refused("sig.missing"):
            verify(root, [KEY], at=AT)


def nested(*, outer_prefixes: str = "", inner_prefixes: str = "") -> bytes:
    """An ArtifactResponse, signed, with a signed assertion, of which each signature keeps its own prefixes."""
    assertion = parse(
        f'<saml:Assertion {NAMESPACES} xmlns:xs="urn:xs" xmlns:xsi="urn:xsi" ID="_assertion" Version="2.0"><saml:Issuer>ad</saml:Issuer>'
        '<saml:AttributeValue xsi:type="xs:string">v</saml:AttributeValue></saml:Assertion>'.encode()
    )
    response = parse(
        f'<samlp:ArtifactResponse {NAMESPACES} xmlns:top="urn:top" ID="_outer" Version="2.0">\n <saml:Issuer>ad</saml:Issuer>\n '
        '<samlp:Response ID="_response"> </samlp:Response>\n</samlp:ArtifactResponse>'.encode()
    )
    sign_with_prefixes(assertion, inner_prefixes)
    response[1].append(assertion)
    sign_with_prefixes(response, outer_prefixes)
    return etree.tostring(response)


class TestNested:
    """A signed assertion in a signed answer, each with prefixes of its own."""

    @pytest.mark.eis("SIG-03", "SIG-05")
    @pytest.mark.parametrize("outer", ["", "top", "#default top xs"])
    @pytest.mark.parametrize("inner", ["", "xs", "ds saml samlp xs", "xs xsi #default"])
    def test_the_inner_one_verifies_in_what_the_outer_one_gave(self, outer: str, inner: str) -> None:
        """And once more in the evidence, parsed and embedded somewhere else."""
        root = parse(nested(outer_prefixes=outer, inner_prefixes=inner))
        check_only_signatures_at(root, (".", "samlp:Response/saml:Assertion"))
        answer = verify(root, [KEY], at=AT)
        assertion = answer.element.find("samlp:Response/saml:Assertion", names.PREFIXES)
        assert assertion is not None
        verified = verify(assertion, [KEY], at=AT)
        assert verified.element.get("ID") == "_assertion"
        home = parse(f"<samlp:Response {NAMESPACES} ID='_x'><saml:Advice/></samlp:Response>".encode())
        home[0].append(parse(verified.canonical))
        sign(home, signing_key())
        embedded = verify(parse(etree.tostring(home)), [KEY], at=AT).element[0][0]
        assert canonical(verify(embedded, [KEY], at=AT).element) == canonical(verified.element)

    @pytest.mark.eis("SIG-03", "SIG-05")
    def test_the_inner_one_keeps_what_only_the_surroundings_declare(self) -> None:
        """A prefix of its PrefixList that is bound in the SOAP Envelope, and that nothing visibly uses."""
        root = parse(
            f'<e:E xmlns:e="urn:e" xmlns:xs="urn:xs"><samlp:ArtifactResponse {NAMESPACES} ID="_outer">'
            '<saml:Issuer>ad</saml:Issuer><saml:Assertion ID="_assertion"><saml:Issuer>ad</saml:Issuer></saml:Assertion>'
            "</samlp:ArtifactResponse></e:E>".encode()
        )
        sign_with_prefixes(root[0][1], "xs")
        sign(root[0], signing_key())
        answer = verify(parse(etree.tostring(root))[0], [KEY], at=AT)
        assert verify(answer.element[1], [KEY], at=AT).element.get("ID") == "_assertion"

    @pytest.mark.attack("S14", "S21")
    def test_each_signature_vouches_for_its_own_element(self) -> None:
        """The outer without the inner, and the inner without the outer."""
        root = parse(nested())
        assertion = root.find("samlp:Response/saml:Assertion", names.PREFIXES)
        assert assertion is not None
        own = assertion.find(f"{DS}Signature")
        assert own is not None
        assertion.remove(own)
        with refused("sig.invalid"):
            verify(root, [KEY], at=AT)
        with refused("sig.missing"):
            verify(assertion, [KEY], at=AT)


class TestInTurn:
    """The order of the steps: what is cheap and settles most comes first."""

    @pytest.mark.attack("S22", "S23", "S48")
    def test_a_forged_value_orders_no_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One RSA operation over SignedInfo, and the message itself is not touched, whatever its size."""
        forged = by_hand(key=pki("untrusted").issue(OIN, label="attacker").key)
        seen: list[str] = []

        def spy(element: Element, prefixes: frozenset[str]) -> bytes:
            seen.append(etree.QName(element).localname)
            return canonical(element, prefixes)

        monkeypatch.setattr(verifying, "canonical", spy)
        with refused("sig.invalid"):
            verify(forged, [KEY], at=AT)
        assert seen == ["SignedInfo"]

    @pytest.mark.attack("S43", "S14")
    def test_a_good_value_over_another_digest_is_refused(self) -> None:
        """SignedInfo is genuine, and the element is not what it speaks of."""
        with refused("sig.invalid"):
            verify(parse(signed_request().replace(b">dv<", b">DV<")), [KEY], at=AT)

    @pytest.mark.attack("S22")
    def test_a_good_digest_under_another_value_is_refused(self) -> None:
        """The digest fits, and nobody signed it."""
        root = parse(signed_request())
        value = root.find(f".//{DS}SignatureValue")
        assert value is not None
        value.text = b64encode(b"\0" * 256).decode()
        with refused("sig.invalid"):
            verify(root, [KEY], at=AT)


class TestSecondOpinion:
    """libxmlsec, about what we verified."""

    def test_it_agrees(self) -> None:
        """With a plain one, with prefixes to keep, and with another signature inside."""
        for data in (signed_request(), nested(), nested(outer_prefixes="top", inner_prefixes="xs")):
            confirm(verify(parse(data), [KEY], at=AT))

    @pytest.mark.attack("S43")
    def test_it_may_disagree(self) -> None:
        """Were we to say yes to what nobody signed, it would still say no."""
        verified = verify(parse(signed_request()), [KEY], at=AT)
        with refused("sig.invalid"):
            confirm(replace(verified, canonical=verified.canonical.replace(b">dv<", b">DV<")))

    @pytest.mark.attack("S32", "S33", "S25", "S26")
    @pytest.mark.parametrize(
        "changes",
        [
            {"algorithm": f"{XMLDSIG}rsa-sha1"},
            {"digest": f"{XMLDSIG}sha1"},
            {"algorithm": f"{MORE}rsa-md5"},
            {"c14n": names.EXC_C14N + "WithComments"},
            {"transforms": (names.ENVELOPED, names.EXC_C14N + "WithComments")},
            {"transforms": (names.ENVELOPED, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")},
            {"transforms": (names.ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")},
        ],
    )
    def test_it_has_the_allow_lists_too(self, changes: dict[str, object]) -> None:
        """Signatures that are mathematically good, and that our form refuses long before."""
        root = by_hand(**changes)
        with refused("sig.invalid"):
            confirm(Verified(root, canonical(root), KEY))

    @pytest.mark.attack("S32")
    def test_no_stylesheet_runs(self) -> None:
        """One that doubles twenty-four times would take half a minute."""
        templates = "".join(
            f'<x:template name="t{i}"><x:call-template name="t{i + 1}"/><x:call-template name="t{i + 1}"/></x:template>'
            for i in range(24)
        )
        sheet = f'<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"><x:template match="/"><x:call-template name="t0"/></x:template>{templates}<x:template name="t24">a</x:template></x:stylesheet>'
        root = request()

        def adjust(signature: Element) -> None:
            signature[0][2][0][1].set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
            signature[0][2][0][1].append(etree.fromstring(sheet))

        sign_by_hand(root, Recipe(signing_key().private_key, KEY.key_name), adjust)
        started = time.thread_time()
        with refused("sig.invalid"):
            confirm(Verified(root, canonical(root), KEY))
        assert time.thread_time() - started < 0.05

    @pytest.mark.attack("S22")
    @pytest.mark.parametrize("error", [xmlsec.Error("x"), xmlsec.VerificationError("x"), xmlsec.InternalError("x")])
    def test_any_error_of_xmlsec_is_a_refusal(self, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not only VerificationError."""

        class Context:
            key = None

            def __getattr__(self, name: str) -> object:
                if name == "verify":
                    return self.raise_error
                return lambda *_: None

            def raise_error(self, _: object) -> None:
                raise error

        verified = verify(parse(signed_request()), [KEY], at=AT)
        monkeypatch.setattr(second_opinion.xmlsec, "SignatureContext", Context)
        with refused("sig.invalid"):
            confirm(verified)


@pytest.mark.attack("S91")
def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither libxml2 nor libxmlsec writes to a terminal or log, whatever they dislike."""
    with refused("sig.invalid"):
        verify(parse(signed_request().replace(b">dv<", b">900000000<")), [KEY], at=AT)
    with refused("xml.malformed"):
        parse(b"<r><900000000></r>")
    with refused("sig.invalid"):
        verify(
            parse(signed_request().replace(b"<samlp:NameIDPolicy", b'<e:x xmlns:e="1"/><samlp:NameIDPolicy')),
            [KEY],
            at=AT,
        )
    assert capfd.readouterr() == ("", "")


def test_is_quick() -> None:
    """Well under two milliseconds for an ordinary message, so that a busy machine does not make this test lie."""
    roots = [parse(signed_request()) for _ in range(51)]
    verify(roots.pop(), [KEY], at=AT)
    started = time.thread_time()
    for root in roots:
        verify(root, [KEY], at=AT)
    assert (time.thread_time() - started) / 50 < 0.002


def test_the_digest_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A habit rather than a need: the digest is no secret."""
    compared: list[bytes] = []

    def spy(first: bytes, second: bytes) -> bool:
        compared.append(first)
        return hmac.compare_digest(first, second)

    class Spy:
        compare_digest = staticmethod(spy)

    monkeypatch.setattr(verifying, "hmac", Spy)
    verified = verify(parse(signed_request()), [KEY], at=AT)
    assert compared == [hashlib.sha256(canonical(verified.element)).digest()]
    assert read_tree(verified.canonical).tag == verified.element.tag
