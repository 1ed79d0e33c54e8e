"""A scheme of one's own, for simulators and tests: mints structures that a recipient reads as if they were real.

The algebra is that of the real scheme; how it derives a recipient's factors and a person's pseudonym point is ours,
since the real derivation is not published. Nobody who decrypts can tell the difference.

    x_I, x_P   master keys; IP_P = x_I·G, PP_P = x_P·G
    k          a recipient's factor; its decryption key is k·x, its public key (the third point) k·IP_P or k·PP_P
    z          a recipient's shuffle per diversifier: in an EP it is applied, for a DEP it is the recipient's own DRKi
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from routeringsvoorziening.bsnk.arithmetic import Table, add, multiply_secret
from routeringsvoorziening.bsnk.curve import N, Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.keys import (
    SCHEME_VERSION,
    KeyType,
    Migration,
    MigrationKey,
    MigrationRole,
    RecipientKey,
    RecipientKeys,
    SchemeKey,
    SchemeKeys,
    SchemeKeyType,
    urns_of,
)
from routeringsvoorziening.bsnk.signatures import BASE, sign_direct, sign_with_third_point
from routeringsvoorziening.bsnk.structures import (
    AUDIT_BYTES,
    OIDS_OF_FORMS,
    Diversifier,
    Encrypted,
    ExtraElement,
    Kind,
    Points,
    Signature,
    SignedForm,
    encode,
    encode_signed,
    encode_signed_part,
)
from routeringsvoorziening.bsnk.wrapping import Identifier, wrap

CREATOR: Final = "00000009999999999022"
"""OIN of the scheme's own activation service, in every structure that is minted here; of a test."""
_FILE: Final = "scheme.json"
PUBLIC_FILE: Final = "scheme-keys.json"
ENVIRONMENT: Final = "SIM"
"""In the URNs of the public keys."""


@dataclass(frozen=True, slots=True)
class Minting:
    """How to write a structure.

    Args:
        version: 1 or 2; None leaves it unsigned.
        signature: of an EI or EP: EC_SDSA, or the deprecated EC_SCHNORR, which only version 1 has.
        creator: OIN.
        issued: the day; only its month is written.
        extra_elements: of version 2.
        authorized_party: OIN, of a DEI (there without fail) or DEP.
    """

    version: int | None = 2
    signature: Signature = Signature.EC_SDSA
    creator: str = CREATOR
    issued: date | None = None
    extra_elements: tuple[tuple[str, ExtraElement], ...] = ()
    authorized_party: str | None = None


USUAL: Final = Minting()


@dataclass(frozen=True)
class Scheme:
    """Master keys. Whoever has them can read everything: for tests and demonstrations, never for production.

    Args:
        identity_master, pseudonym_master: x_I and x_P.
        signing: the private key of U.
        derivation: 48 bytes from which recipients' factors and persons' points follow.
        key_set_version: scheme key set version of everything it makes.
        key_version: scheme key version of its public keys.
    """

    identity_master: int = field(repr=False)
    pseudonym_master: int = field(repr=False)
    signing: int = field(repr=False)
    derivation: bytes = field(repr=False)
    key_set_version: int = 1
    key_version: int = 1

    @classmethod
    def generate(cls, *, key_set_version: int = 1) -> Self:
        """A new scheme."""
        x_i, x_p, signing = (secrets.randbelow(N - 1) + 1 for _ in range(3))
        return cls(x_i, x_p, signing, secrets.token_bytes(48), key_set_version)

    def save(self, folder: Path) -> Path:
        """Writes `scheme.json`, readable by its owner alone, and the public `scheme-keys.json`; the folder is made.

        Returns:
            The secret file.

        Raises:
            OSError: it cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / _FILE
        file.touch(mode=0o600)
        file.chmod(0o600)
        content = {
            "identity_master": f"{self.identity_master:x}",
            "pseudonym_master": f"{self.pseudonym_master:x}",
            "signing": f"{self.signing:x}",
            "derivation": self.derivation.hex(),
            "key_set_version": self.key_set_version,
            "key_version": self.key_version,
        }
        file.write_text(json.dumps(content, indent=2) + "\n")
        public = urns_of(self.public_keys, ENVIRONMENT)
        (folder / PUBLIC_FILE).write_text(json.dumps(public, indent=2) + "\n")
        return file

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote.

        Raises:
            OSError: it cannot be read.
            BsnkError: `bsnk.key-file`: something else.
        """
        try:
            content = json.loads((folder / _FILE).read_bytes())
            return cls(
                int(content["identity_master"], 16),
                int(content["pseudonym_master"], 16),
                int(content["signing"], 16),
                bytes.fromhex(content["derivation"]),
                int(content["key_set_version"]),
                int(content["key_version"]),
            )
        except (KeyError, TypeError, ValueError):
            raise BsnkError("bsnk.key-file") from None

    @cached_property
    def public_keys(self) -> SchemeKeys:
        """IP_P, PP_P and U."""
        masters = {
            SchemeKeyType.IDENTITY: self.identity_master,
            SchemeKeyType.PSEUDONYM: self.pseudonym_master,
            SchemeKeyType.DIRECT: self.signing,
        }
        return SchemeKeys(
            SchemeKey(type_, self.key_set_version, self.key_version, Table(BASE.multiply(master)))
            for type_, master in masters.items()
        )

    def recipient_keys(
        self, oin: str, key_set_version: int, *, diversifiers: Sequence[Diversifier] = ()
    ) -> RecipientKeys:
        """Every key of a recipient: the same each time.

        Args:
            oin: 20 digits.
            key_set_version: YYYYMMDD; also the closing key version.
            diversifiers: for which there must be a DRKi, beside the one for none.
        """
        factor = self._scalar("rekey", oin, str(key_set_version))
        scalars = {
            KeyType.IDENTITY_DECRYPTION: factor * self.identity_master % N,
            KeyType.PSEUDONYM_DECRYPTION: factor * self.pseudonym_master % N,
            KeyType.PSEUDONYM_CLOSING: self._scalar("closing", oin, str(key_set_version)),
        }
        keys = [
            RecipientKey(type_, oin, self.key_set_version, key_set_version, scalar) for type_, scalar in scalars.items()
        ]
        for diversifier in ((), *diversifiers):
            shuffle = self._shuffle(oin, diversifier)
            keys.append(
                RecipientKey(KeyType.DIRECT_RECEIVING, oin, self.key_set_version, key_set_version, shuffle, diversifier)
            )
        return RecipientKeys(keys)

    def migration_keys(
        self, source: tuple[str, int], target: tuple[str, int], *, diversifier: Diversifier = ()
    ) -> tuple[MigrationKey, MigrationKey]:
        """Both halves of a migration, other ones each time.

        Args:
            source: OIN and closing key version of who hands over.
            target: idem of who takes over.
            diversifier: of the pseudonyms that move.
        """
        identifier = "-".join(secrets.token_hex(4).upper() for _ in range(3))
        migration = Migration(*source, *target, self.key_set_version, identifier, diversifier)
        half = secrets.randbelow(N - 1) + 1
        before, after = (
            self._scalar("closing", oin, str(version)) * self._shuffle(oin, diversifier)
            for oin, version in (source, target)
        )
        return (
            MigrationKey(MigrationRole.SOURCE, migration, half),
            MigrationKey(MigrationRole.TARGET, migration, after * pow(before * half, -1, N) % N),
        )

    def encrypted_identity(
        self, identifier: str, oin: str, key_set_version: int, *, type_: str = "B", minting: Minting = USUAL
    ) -> bytes:
        """An EI, as DER.

        Args:
            identifier: a BSN, or whatever the type says; 1 to 15 letters and digits.
            oin: of the recipient.
            key_set_version: of the recipient.
            type_: one letter.
            minting: how; signed, version 2, EC-SDSA without.
        """
        return self._identity(Kind.EI, Identifier(identifier, type_), oin, key_set_version, minting)

    def direct_encrypted_identity(
        self, identifier: str, oin: str, key_set_version: int, *, type_: str = "B", minting: Minting = USUAL
    ) -> bytes:
        """A DEI, as DER; see `encrypted_identity`. It only exists in version 2. The authorized party: the recipient."""
        return self._identity(Kind.DEI, Identifier(identifier, type_), oin, key_set_version, minting)

    def encrypted_pseudonym(
        self,
        identifier: str,
        oin: str,
        key_set_version: int,
        *,
        type_: str = "B",
        diversifier: Diversifier = (),
        minting: Minting = USUAL,
    ) -> bytes:
        """An EP, as DER; see `encrypted_identity`. The identifier may be any text: it can not be read back."""
        return self._pseudonym(
            Kind.EP, Identifier(identifier, type_), oin, key_set_version, minting, diversifier=diversifier
        )

    def direct_encrypted_pseudonym(
        self,
        identifier: str,
        oin: str,
        key_set_version: int,
        *,
        type_: str = "B",
        diversifier: Diversifier = (),
        minting: Minting = USUAL,
    ) -> bytes:
        """A DEP, as DER; opening it needs the DRKi of its diversifier, and gives the same pseudonym as the EP."""
        return self._pseudonym(
            Kind.DEP, Identifier(identifier, type_), oin, key_set_version, minting, diversifier=diversifier
        )

    def _identity(self, kind: Kind, who: Identifier, oin: str, key_set_version: int, minting: Minting) -> bytes:
        factor = self._scalar("rekey", oin, str(key_set_version))
        points = _encrypt(wrap(who), self._base(kind), factor)
        party = (minting.authorized_party or oin) if kind is Kind.DEI else None
        body = Encrypted(
            kind,
            SCHEME_VERSION,
            self.key_set_version,
            minting.creator,
            oin,
            key_set_version,
            points,
            authorized_party=party,
        )
        return self._minted(body, factor, minting)

    def _pseudonym(
        self, kind: Kind, who: Identifier, oin: str, key_set_version: int, minting: Minting, *, diversifier: Diversifier
    ) -> bytes:
        factor = self._scalar("rekey", oin, str(key_set_version))
        a, b, c = _encrypt(self._person(who), self._base(kind), factor)
        if kind is Kind.EP:
            shuffle = self._shuffle(oin, diversifier)
            a, b = multiply_secret((shuffle, a)), multiply_secret((shuffle, b))
        body = Encrypted(
            kind,
            SCHEME_VERSION,
            self.key_set_version,
            minting.creator,
            oin,
            key_set_version,
            (a, b, c),
            who.type,
            diversifier,
            minting.authorized_party if kind is Kind.DEP else None,
        )
        return self._minted(body, factor, minting)

    def _minted(self, body: Encrypted, factor: int, minting: Minting) -> bytes:
        if minting.version is None:
            return encode(body)
        second = minting.version > 1
        form = SignedForm(body.kind, minting.version, Signature.ECDSA if body.kind.is_direct else minting.signature)
        if form not in OIDS_OF_FORMS:
            raise ValueError("there is no such signed form of this kind of structure")
        issued = minting.issued or datetime.now(UTC).date()
        signed_part = encode_signed_part(
            body,
            secrets.token_bytes(AUDIT_BYTES),
            signing_key_version=self.key_version if body.kind.is_direct else None,
            issuance_date=f"{issued:%Y%m}01" if second else None,
            extra_elements=minting.extra_elements if second else (),
        )
        if body.kind.is_direct:
            r, s = sign_direct(signed_part, self.signing)
        else:
            r, s = sign_with_third_point(form.signature, signed_part, self._base(body.kind), factor)
        return encode_signed(form, signed_part, r, s)

    def _base(self, kind: Kind) -> Table:
        wanted = SchemeKeyType.IDENTITY if kind.is_identity else SchemeKeyType.PSEUDONYM
        return next(key.public for key in self.public_keys if key.type is wanted)

    def _person(self, who: Identifier) -> Point:
        """One fixed point per person: the first x-coordinate that is one, of those that follow from the identifier."""
        for attempt in range(256):
            x = self._scalar("person", who.type, who.value, str(attempt))
            try:
                return Point.lifted(x, odd=False)
            except BsnkError:
                continue
        raise BsnkError("bsnk.point")

    def _shuffle(self, oin: str, diversifier: Diversifier) -> int:
        return self._scalar("shuffle", oin, *(f"{key}={value}" for key, value in diversifier))

    def _scalar(self, *names: str) -> int:
        """A scalar that follows from the scheme's secret and the names; never zero."""
        message = json.dumps([self.key_set_version, *names]).encode()
        return int.from_bytes(hmac.digest(self.derivation, message, hashlib.sha384), "big") % (N - 1) + 1


def _encrypt(point: Point, base: Table, factor: int) -> Points:
    """ElGamal for the recipient with this factor: (r·G, M + r·C, C), with C = factor·base."""
    nonce = secrets.randbelow(N - 1) + 1
    third = base.multiply(factor)
    return BASE.multiply(nonce), add(point, base.multiply(nonce * factor % N)), third
