"""Certificates: chain, validity, strength, usage, OIN."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from routeringsvoorziening.saml.certificates import (
    TrustBundle,
    Usage,
    check_certificate,
    every_problem,
    load_trust_bundle,
    oin_of,
    stale_crls,
)
from tests.support.pki import ALL_USAGES, NOT_AFTER, NOT_BEFORE, Pair, ec_key, leaf, pki, rsa_key
from tests.support.signed import AT, OIN, refused

TRUST = load_trust_bundle(pki().trust_pem)
SECOND = timedelta(seconds=1)


def check(
    certificate: x509.Certificate,
    *,
    trust: TrustBundle = TRUST,
    at: datetime = AT,
    oin: str | None = OIN,
    usage: Usage = "signing",
) -> None:
    """An ordinary check, but for what a test changes."""
    check_certificate(certificate, trust=trust, at=at, oin=oin, usage=usage)


def authority(
    label: str,
    issuer: Pair,
    *,
    ca: bool | None = True,
    path_length: int | None = None,
    usages: tuple[str, ...] | None = ("key_cert_sign", "crl_sign"),
    not_after: datetime = NOT_AFTER,
    issuer_name: x509.Name | None = None,
    critical: bool = True,
) -> Pair:
    """An intermediate, with something wrong where a test says so."""
    key = rsa_key(f"authority {label}")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label)])
    builder = x509.CertificateBuilder(
        issuer_name or issuer.certificate.subject,
        name,
        key.public_key(),
        x509.random_serial_number(),
        NOT_BEFORE,
        not_after,
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical=critical)
    if usages is not None:
        granted = x509.KeyUsage(**{each: each in usages for each in ALL_USAGES})
        builder = builder.add_extension(granted, critical=True)
    return Pair(builder.sign(issuer.key, SHA256()), key)


def plain_leaf(subject: x509.Name, *extensions: x509.ExtensionType) -> x509.Certificate:
    """A leaf of the trusted intermediate with exactly these extensions."""
    issuer = pki().intermediate
    builder = x509.CertificateBuilder(
        issuer.certificate.subject,
        subject,
        rsa_key("plain").public_key(),
        x509.random_serial_number(),
        NOT_BEFORE,
        NOT_AFTER,
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer.key, SHA256())


def named(*serial_numbers: str) -> x509.Name:
    """A subject with so many serialNumbers."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "x"),
            *(x509.NameAttribute(NameOID.SERIAL_NUMBER, each) for each in serial_numbers),
        ]
    )


SIGNS = x509.KeyUsage(**{each: each == "digital_signature" for each in ALL_USAGES})


class TestGood:
    """The positive twins."""

    @pytest.mark.eis("SIG-07", "SIG-08", "MD-05")
    def test_accepts_a_certificate_of_the_chain(self) -> None:
        """Root, intermediate, leaf; RSA 2048; the right OIN; usage signing."""
        check(leaf(OIN).certificate)
        assert every_problem(leaf(OIN).certificate, trust=TRUST, at=AT, oin=OIN, usage="signing") == []

    @pytest.mark.eis("SIG-07", "TLS-02")
    @pytest.mark.parametrize(
        ("purpose", "usage"),
        [
            ("signing", "signing"),
            ("encryption", "encryption"),
            ("tls", "tls-client"),
            ("tls", "tls-server"),
            ("tls", "signing"),
            ("tls", "encryption"),
        ],
    )
    def test_accepts_each_purpose_for_its_usage(self, purpose: str, usage: Usage) -> None:
        """A PKIoverheid server certificate also signs: that is how parties use it."""
        check(leaf(OIN, purpose).certificate, usage=usage)

    def test_accepts_a_leaf_right_under_a_root(self) -> None:
        """No intermediate is no fault."""
        check(pki().issue(OIN, issuer=pki().root).certificate)

    def test_any_oin_will_do_when_none_is_asked(self) -> None:
        """As for a TLS server of a party without one."""
        check(leaf(OIN).certificate, oin=None)


class TestChain:
    """SIG-08: the PKIoverheid rules, as far as they can be checked here."""

    @pytest.mark.eis("SIG-08", "TLS-02", "SIG-11")
    @pytest.mark.attack("S28", "S23")
    def test_refuses_another_root(self) -> None:
        """The same names and usages, made by somebody else."""
        with refused("key.chain"):
            check(pki("untrusted").issue(OIN).certificate)

    @pytest.mark.attack("S28")
    def test_refuses_a_self_signed_leaf(self) -> None:
        """Even with the name of the root as its issuer."""
        key = rsa_key("self")
        builder = x509.CertificateBuilder(
            pki().root.certificate.subject, named(OIN), key.public_key(), 1, NOT_BEFORE, NOT_AFTER
        )
        with refused("key.chain"):
            check(builder.add_extension(SIGNS, critical=True).sign(key, SHA256()))

    def test_refuses_a_missing_intermediate(self) -> None:
        """A root alone does not vouch for what an unknown intermediate issued."""
        with refused("key.chain"):
            check(leaf(OIN).certificate, trust=TrustBundle(TRUST.roots))

    def test_an_intermediate_is_no_anchor(self) -> None:
        """Trust begins at a root of the bundle."""
        elsewhere = TrustBundle((pki("untrusted").root.certificate,), TRUST.intermediates)
        with refused("key.chain"):
            check(leaf(OIN).certificate, trust=elsewhere)

    @pytest.mark.attack("S28")
    @pytest.mark.parametrize(
        "fault",
        [
            {"ca": False},
            {"ca": None},
            {"usages": ("digital_signature",)},
            {"usages": None},
            {"not_after": AT - SECOND},
            {"issuer_name": x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")])},
        ],
        ids=["not a CA", "no constraints", "no keyCertSign", "no key usage", "expired", "other issuer"],
    )
    def test_refuses_a_link_that_may_not_issue(self, fault: dict[str, object]) -> None:
        """Each with the same link, sound, beside it."""
        for faulty in (False, True):
            link = authority("link", pki().root, path_length=0, **(fault if faulty else {}))  # type: ignore[arg-type]
            trust = TrustBundle(TRUST.roots, (link.certificate,))
            certificate = pki().issue(OIN, issuer=link).certificate
            if faulty:
                with refused("key.chain"):
                    check(certificate, trust=trust)
            else:
                check(certificate, trust=trust)

    @pytest.mark.attack("S28")
    def test_refuses_a_leaf_that_issues(self) -> None:
        """A party's own certificate is no CA for other parties."""
        party = leaf(OIN)
        forged = pki().issue("00000009999999999002", issuer=party).certificate
        with refused("key.chain"):
            check(
                forged,
                oin="00000009999999999002",
                trust=TrustBundle(TRUST.roots, (*TRUST.intermediates, party.certificate)),
            )

    @pytest.mark.attack("S28")
    @pytest.mark.parametrize(("path_length", "good"), [(None, True), (1, True), (0, False)])
    def test_a_chain_is_no_longer_than_its_links_allow(self, path_length: int | None, good: bool) -> None:
        """Two intermediates, as PKIoverheid has them (domain CA, TSP CA); the upper one says how many may follow."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "long root")])
        root = authority("long root", Pair(pki().root.certificate, rsa_key("authority long root")), issuer_name=name)
        domain = authority("domain", root, path_length=path_length)
        issuing = authority("issuing", domain, path_length=0)
        trust = TrustBundle((root.certificate,), (domain.certificate, issuing.certificate))
        certificate = pki().issue(OIN, issuer=issuing).certificate
        if good:
            check(certificate, trust=trust)
            return
        with refused("key.chain"):
            check(certificate, trust=trust)


class TestValidity:
    """SIG-08: expired and not yet valid."""

    @pytest.mark.eis("SIG-08")
    @pytest.mark.attack("S28")
    def test_to_the_second(self) -> None:
        """The last moment counts, the one after does not; the same at the beginning."""
        certificate = pki().issue(OIN, not_before=AT, not_after=AT + timedelta(days=1)).certificate
        check(certificate, at=AT)
        check(certificate, at=AT + timedelta(days=1))
        with refused("key.expired"):
            check(certificate, at=AT - SECOND)
        with refused("key.expired"):
            check(certificate, at=AT + timedelta(days=1) + SECOND)


class TestStrength:
    """SIG-07: RSA of at least 2048 bits."""

    @pytest.mark.eis("SIG-07", "TLS-02")
    @pytest.mark.attack("S26")
    def test_refuses_1024_bits(self) -> None:
        """Though the chain is good."""
        with refused("key.weak"):
            check(pki().issue(OIN, key=rsa_key("weak", 1024)).certificate)

    @pytest.mark.eis("SIG-07")
    def test_refuses_a_curve(self) -> None:
        """The koppelvlak knows RSA only."""
        with refused("key.weak"):
            check(pki().issue(OIN, key=ec_key("curve")).certificate)  # type: ignore[arg-type]


class TestUsage:
    """SIG-07: (extended) key usage."""

    @pytest.mark.eis("SIG-07")
    @pytest.mark.attack("S28")
    @pytest.mark.parametrize(
        ("usages", "usage", "good"),
        [
            ({"digital_signature"}, "signing", True),
            ({"content_commitment"}, "signing", True),
            ({"key_encipherment"}, "signing", False),
            ({"key_encipherment"}, "encryption", True),
            ({"data_encipherment"}, "encryption", True),
            ({"digital_signature"}, "encryption", False),
            ({"digital_signature"}, "tls-client", True),
            ({"content_commitment"}, "tls-client", False),
            ({"key_encipherment"}, "tls-server", False),
        ],
    )
    def test_key_usage(self, usages: set[str], usage: Usage, good: bool) -> None:
        """What each usage needs."""
        certificate = pki().issue(OIN, usages=usages).certificate
        if good:
            check(certificate, usage=usage)
            return
        with refused("key.usage"):
            check(certificate, usage=usage)

    @pytest.mark.eis("SIG-07", "TLS-02")
    @pytest.mark.parametrize(
        ("extended", "usage", "good"),
        [
            (ExtendedKeyUsageOID.CLIENT_AUTH, "tls-client", True),
            (ExtendedKeyUsageOID.SERVER_AUTH, "tls-client", False),
            (ExtendedKeyUsageOID.SERVER_AUTH, "tls-server", True),
            (ExtendedKeyUsageOID.CLIENT_AUTH, "tls-server", False),
            (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, "tls-server", True),
            (ExtendedKeyUsageOID.CLIENT_AUTH, "signing", True),
            (ExtendedKeyUsageOID.OCSP_SIGNING, "signing", False),
            (ExtendedKeyUsageOID.TIME_STAMPING, "signing", False),
            (ExtendedKeyUsageOID.CODE_SIGNING, "tls-client", False),
        ],
    )
    def test_extended_key_usage(self, extended: x509.ObjectIdentifier, usage: Usage, good: bool) -> None:
        """When a certificate has one, it must fit."""
        certificate = plain_leaf(named(OIN), SIGNS, x509.ExtendedKeyUsage([extended]))
        if good:
            check(certificate, usage=usage)
            return
        with refused("key.usage"):
            check(certificate, usage=usage)

    @pytest.mark.eis("SIG-07")
    def test_refuses_a_certificate_without_key_usage(self) -> None:
        """PKIoverheid always says what a key is for."""
        check(plain_leaf(named(OIN), SIGNS))
        with refused("key.usage"):
            check(plain_leaf(named(OIN)))

    def test_refuses_a_ca_as_a_party(self) -> None:
        """Its key issues; it does not sign messages."""
        for ca, code in ((False, None), (True, "key.usage")):
            certificate = plain_leaf(named(OIN), SIGNS, x509.BasicConstraints(ca=ca, path_length=None))
            if code is None:
                check(certificate)
            else:
                with refused(code):
                    check(certificate)


class TestOin:
    """MD-05: the OIN of the participant."""

    @pytest.mark.eis("SIG-07", "MD-05")
    @pytest.mark.attack("S82", "S28")
    @pytest.mark.parametrize(
        "serial_numbers",
        [
            (),
            ("00000009999999999002",),
            (OIN[:-1],),
            (OIN + "1",),
            (OIN, OIN),
            (OIN, "1"),
            (OIN[:-1] + "x",),
        ],
    )
    def test_refuses_no_or_another_oin(self, serial_numbers: tuple[str, ...]) -> None:
        """Missing, other, malformed, or two of them."""
        check(plain_leaf(named(OIN), SIGNS))
        with refused("oin.mismatch"):
            check(plain_leaf(named(*serial_numbers), SIGNS))

    def test_reads_the_oin_of_the_subject(self) -> None:
        """Twenty digits in serialNumber, or none."""
        assert oin_of(leaf(OIN).certificate) == OIN
        assert oin_of(pki().root.certificate) is None
        assert oin_of(plain_leaf(named(OIN[:-1]))) is oin_of(plain_leaf(named(OIN + "1"))) is None

    def test_only_ascii_digits_are_digits(self) -> None:
        """In a field that can hold others."""
        for last, expected in (("1", OIN), ("\u0661", None)):
            subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, OIN[:-1] + last)])
            assert oin_of(plain_leaf(subject, SIGNS), NameOID.ORGANIZATION_IDENTIFIER) == expected

    def test_the_field_of_the_oin_is_configurable(self) -> None:
        """The specification does not say in which attribute it stands (AMB-14)."""
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, OIN)])
        check(
            plain_leaf(subject, SIGNS),
            trust=TrustBundle(TRUST.roots, TRUST.intermediates, (), NameOID.ORGANIZATION_IDENTIFIER),
        )
        with refused("oin.mismatch"):
            check(plain_leaf(subject, SIGNS))


def crl(
    issuer: Pair, *revoked: x509.Certificate, signer: Pair | None = None, next_update: datetime = NOT_AFTER
) -> x509.CertificateRevocationList:
    """A revocation list in the name of an issuer."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, NOT_BEFORE, next_update)
    for each in revoked:
        entry = x509.RevokedCertificateBuilder(each.serial_number, NOT_BEFORE).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign((signer or issuer).key, SHA256())


class TestRevocation:
    """SIG-08: revoked certificates, where the bundle has lists."""

    @pytest.mark.eis("SIG-08")
    @pytest.mark.attack("S28")
    def test_refuses_a_revoked_leaf(self) -> None:
        """And no other one."""
        bad, good = pki().issue(OIN).certificate, pki().issue(OIN).certificate
        trust = TrustBundle(TRUST.roots, TRUST.intermediates, (crl(pki().intermediate, bad),))
        check(good, trust=trust)
        with refused("key.chain") as info:
            check(bad, trust=trust)
        assert info.value.detail == "revoked"

    @pytest.mark.eis("SIG-08")
    def test_refuses_what_a_revoked_intermediate_issued(self) -> None:
        """Every link counts."""
        trust = TrustBundle(TRUST.roots, TRUST.intermediates, (crl(pki().root, pki().intermediate.certificate),))
        with refused("key.chain"):
            check(leaf(OIN).certificate, trust=trust)

    def test_ignores_a_list_that_its_issuer_did_not_sign(self) -> None:
        """Nobody else can have a certificate refused."""
        certificate = leaf(OIN).certificate
        forged = crl(pki().intermediate, certificate, signer=pki("untrusted").intermediate)
        check(certificate, trust=TrustBundle(TRUST.roots, TRUST.intermediates, (forged,)))

    def test_a_stale_list_still_counts_and_is_reported(self) -> None:
        """Old news of a revocation is still a revocation."""
        certificate = pki().issue(OIN).certificate
        stale = crl(pki().intermediate, certificate, next_update=AT - SECOND)
        trust = TrustBundle(TRUST.roots, TRUST.intermediates, (stale, crl(pki().root)))
        assert stale_crls(trust, AT) == (stale,)
        with refused("key.chain"):
            check(certificate, trust=trust)


class TestBundle:
    """Reading a bundle from a file."""

    def test_sorts_roots_from_intermediates_and_finds_lists(self) -> None:
        """In any order."""
        listed = crl(pki().root)
        bundle = load_trust_bundle(
            pki().intermediate.certificate_pem + listed.public_bytes(Encoding.PEM) + pki().root.certificate_pem
        )
        assert bundle == TrustBundle((pki().root.certificate,), (pki().intermediate.certificate,), (listed,))

    @pytest.mark.parametrize(
        "pem",
        [
            b"",
            b"nonsense",
            pki().intermediate.certificate_pem,
            pki().trust_pem + b"-----BEGIN X509 CRL-----\nnonsense\n-----END X509 CRL-----\n",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ],
    )
    def test_refuses_a_bundle_that_cannot_anchor(self, pem: bytes) -> None:
        """Unreadable, empty, or without a root."""
        with refused("key.chain"):
            load_trust_bundle(pem)


def test_every_problem_names_them_all() -> None:
    """For `rv check`: one certificate, five faults, five findings."""
    certificate = (
        pki("untrusted")
        .issue(
            "00000009999999999002", "encryption", key=rsa_key("weak", 1024), not_after=datetime(2021, 1, 1, tzinfo=UTC)
        )
        .certificate
    )
    problems = every_problem(certificate, trust=TRUST, at=AT, oin=OIN, usage="signing")
    assert [problem.code for problem in problems] == [
        "key.weak",
        "key.expired",
        "key.usage",
        "key.chain",
        "oin.mismatch",
    ]
