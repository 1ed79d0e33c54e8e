"""The test PKI of a world: made when it is not there, left alone when it is good, renewed when it nearly ends.

<world>/pki/trust.pem             root and intermediate: the trust bundle of every party
<world>/pki/intermediate.key      makes further leaves
<world>/<party>/signing.pem .key  messages and metadata
<world>/<party>/encryption.pem .key
<world>/<party>/tls.pem .key      server and client; the intermediate stands behind the leaf
<world>/<party>/bsnk/             BSNk key files of whoever opens identities; the scheme in <world>/bsnk (`bsnk_keys`)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from routeringsvoorziening.simulators.world.authority import (
    Authority,
    KeyPair,
    alternative_names,
    issue,
    new_authority,
    subject_of,
)
from routeringsvoorziening.simulators.world.bsnk_keys import prepare_bsnk
from routeringsvoorziening.simulators.world.files import certificates_pem, read_pair, write_atomically, write_pair
from routeringsvoorziening.simulators.world.layout import RV, Purpose
from routeringsvoorziening.simulators.world.profile import PartyProfile, Profile, demo_profile


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate of the world, as a person wants to read it.

    Args:
        party: its folder.
        purpose: `signing`, `encryption` or `tls`.
        subject: RFC 4514.
        oin: from the subject's serialNumber.
        valid_until: UTC.
        certificate: path of the PEM.
        key: path of the private key.
        renewed: True when this run made it.
    """

    party: str
    purpose: Purpose
    subject: str
    oin: str
    valid_until: datetime
    certificate: Path
    key: Path
    renewed: bool


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A certificate that must be there."""

    directory: Path
    party: PartyProfile
    purpose: Purpose

    @property
    def certificate(self) -> Path:
        return self.directory / f"{self.purpose}.pem"

    @property
    def key(self) -> Path:
        return self.directory / f"{self.purpose}.key"


def prepare_pki(
    directory: Path, profile: Profile | None = None, *, at: datetime, force: bool = False
) -> tuple[Issued, ...]:
    """See to it that every certificate of the profile exists and is good at `at`; `force` makes all of them anew.

    About 0.1 s per certificate made; run it off the event loop.

    Raises:
        OSError: a file cannot be written.
    """
    profile = profile or demo_profile()
    authority, changed = _prepare_authority(directory / "pki", profile, at, force=force)
    issued = tuple(
        _prepare_leaf(_Leaf(directory / party.folder, party, purpose), profile, authority, at=at, force=changed)
        for party in profile.parties
        for purpose in party.purposes
    )
    readers = [each for each in profile.parties if "encryption" in each.purposes and each.folder != RV.folder]
    prepare_bsnk(directory, [(each.folder, each.oin) for each in readers])
    return issued


def _prepare_authority(directory: Path, profile: Profile, at: datetime, *, force: bool) -> tuple[Authority, bool]:
    existing = None if force else _read_authority(directory)
    if existing is not None and _lives(existing.intermediate.certificate, profile, at):
        return existing, False
    authority = new_authority(profile.authority, at)
    chain = (authority.intermediate.certificate, authority.root)
    write_atomically(directory / "root.pem", certificates_pem([authority.root]))
    write_pair(directory / "intermediate.pem", directory / "intermediate.key", chain[:1], authority.intermediate.key)
    write_atomically(directory / "trust.pem", certificates_pem(chain[::-1]))
    return authority, True


def _read_authority(directory: Path) -> Authority | None:
    intermediate = read_pair(directory / "intermediate.pem", directory / "intermediate.key")
    try:
        root = x509.load_pem_x509_certificate((directory / "root.pem").read_bytes())
        bundle = x509.load_pem_x509_certificates((directory / "trust.pem").read_bytes())
    except (OSError, ValueError):
        return None
    if (
        intermediate is None
        or bundle != [root, intermediate.certificate]
        or not _made_by(intermediate.certificate, root)
    ):
        return None
    return Authority(root, intermediate)


def _prepare_leaf(leaf: _Leaf, profile: Profile, authority: Authority, *, at: datetime, force: bool) -> Issued:
    pair = None if force else read_pair(leaf.certificate, leaf.key)
    if pair is not None and _is_as_wanted(pair, leaf, authority) and _lives(pair.certificate, profile, at):
        return _issued(leaf, pair, renewed=False)
    pair = issue(authority, leaf.party, leaf.purpose, at=at, days=profile.days)
    behind = (authority.intermediate.certificate,) if leaf.purpose == "tls" else ()
    write_pair(leaf.certificate, leaf.key, (pair.certificate, *behind), pair.key)
    return _issued(leaf, pair, renewed=True)


def _issued(leaf: _Leaf, pair: KeyPair, *, renewed: bool) -> Issued:
    return Issued(
        party=leaf.party.folder,
        purpose=leaf.purpose,
        subject=pair.certificate.subject.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"}),
        oin=leaf.party.oin,
        valid_until=pair.certificate.not_valid_after_utc,
        certificate=leaf.certificate,
        key=leaf.key,
        renewed=renewed,
    )


def _is_as_wanted(pair: KeyPair, leaf: _Leaf, authority: Authority) -> bool:
    certificate = pair.certificate
    return (
        certificate.subject == subject_of(leaf.party, leaf.purpose)
        and _made_by(certificate, authority.intermediate.certificate)
        and (leaf.purpose != "tls" or _names_of(certificate) == alternative_names(leaf.party))
    )


def _lives(certificate: x509.Certificate, profile: Profile, at: datetime) -> bool:
    margin = timedelta(days=profile.renew_before_days)
    return certificate.not_valid_before_utc <= at and at + margin < certificate.not_valid_after_utc


def _made_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _names_of(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
