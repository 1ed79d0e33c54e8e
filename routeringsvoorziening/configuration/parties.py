"""From the main file: who we are, where we listen, and where state is kept."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509

from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.configuration.findings import Place
from routeringsvoorziening.configuration.keys import (
    SEALING_BYTES,
    Circumstances,
    belongs_together,
    check_certificate_for,
    read_certificate,
    read_secret,
    sealing_bytes,
    signing_key,
    warn_of_end,
)
from routeringsvoorziening.configuration.loading import Located
from routeringsvoorziening.configuration.model.common import KeyPairFiles, TlsFiles
from routeringsvoorziening.configuration.model.listeners import Channel
from routeringsvoorziening.configuration.model.main import MainFile
from routeringsvoorziening.configuration.result import (
    ListenerSettings,
    OwnParty,
    SealingSecret,
    StoreSettings,
    TlsIdentity,
)
from routeringsvoorziening.saml.certificates import TrustBundle, Usage
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.keys import SigningKey

EMBEDDED: Final = "memory://"
SCHEMES: Final = (EMBEDDED, "redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://")
_BACK_CHANNEL: Final[tuple[Usage, ...]] = ("tls-server", "tls-client")


@dataclass(frozen=True, slots=True)
class _Pair:
    """PEM of a certificate with what stands behind it, and of its key."""

    certificate: x509.Certificate
    chain: bytes
    key: bytes = field(repr=False)


class PartyReader:
    """Reads what the main file says about ourselves."""

    def __init__(self, main: Located[MainFile], trust: TrustBundle | None, circumstances: Circumstances) -> None:
        self._main, self._trust, self._circumstances = main, trust, circumstances
        self._oin = parse_entity_id(main.model.own.entity_id).oin

    def own(self) -> OwnParty | None:
        """Our entity ID and keys; None when a key cannot be used. Codes: those of `keys`."""
        own = self._main.model.own
        signing = [self._signing_key(number, pair) for number, pair in enumerate(own.signing)]
        tls = self._tls(own.tls)
        encryption = self._encryption(own.encryption)
        usable = tuple(key for key in signing if key is not None)
        if tls is None or len(usable) < len(signing) or (own.encryption and encryption is None):
            return None
        return OwnParty(EntityID(own.entity_id), usable, tls, encryption, own.metadata_validity)

    def front_channel(self) -> ListenerSettings:
        """For browsers. A certificate of any authority that browsers know will do; it must be a pair and be valid."""
        channel = self._main.model.front_channel
        return _listener(channel, None if channel.tls is None else self._public_tls(channel.tls))

    def back_channel(self, own_tls: TlsIdentity | None) -> ListenerSettings:
        """For servers: our own TLS certificate, unless a proxy ends TLS."""
        channel = self._main.model.back_channel
        return _listener(channel, None if channel.proxy else own_tls)

    def management(self) -> ListenerSettings:
        """For operators: plain HTTP."""
        listener = self._main.model.management
        return ListenerSettings(listener.host, listener.port, f"http://{listener.host}:{listener.port}")

    def store(self) -> StoreSettings | None:
        """Codes: `store.url`, `store.password`, `sealing.size`, `sealing.duplicate`, `sealing.missing`."""
        url = self._store_url()
        keys = self._sealing_keys()
        if url is None or keys is None:
            return None
        place = self._main.place("store")
        if not keys and not url.startswith(EMBEDDED):
            text = "state that leaves this process must be sealed"
            self._circumstances.findings.error("sealing.missing", place, text, "Add `sealing_keys:`.")
            return None
        return StoreSettings(url, keys or (SealingSecret("start", secrets.token_bytes(SEALING_BYTES)),))

    def audit_file(self) -> Path | None:
        """Code: `audit.unwritable`."""
        name = self._main.model.audit.file
        if name is None:
            return None
        path = self._main.resolve(name)
        if not _is_writable(path):
            text = f"the audit trail {path} cannot be written"
            place = self._main.place("audit", "file")
            self._circumstances.findings.error("audit.unwritable", place, text, "Make the directory, give the right.")
        return path

    def _signing_key(self, number: int, files: KeyPairFiles) -> SigningKey | None:
        path = ("own", "signing", number)
        place = self._main.place(*path)
        pair = self._pair(files, *path)
        signing = None if pair is None else signing_key(pair.chain, pair.key, place, self._circumstances)
        if signing is not None:
            self._check(signing.certificate, place, ("signing",))
        return signing

    def _tls(self, files: TlsFiles) -> TlsIdentity | None:
        """The certificate for the back channel: PKIoverheid, ours, for both ends (TLS-02, TLS-03)."""
        pair = self._pair(files, "own", "tls")
        if pair is None:
            return None
        self._check(pair.certificate, self._main.place("own", "tls"), _BACK_CHANNEL)
        return self._identity(files, pair)

    def _public_tls(self, files: TlsFiles) -> TlsIdentity | None:
        pair, place = self._pair(files, "front_channel", "tls"), self._main.place("front_channel", "tls")
        if pair is None:
            return None
        warn_of_end(pair.certificate, place, self._circumstances)
        if pair.certificate.not_valid_after_utc < self._circumstances.at:
            text = f"{place.dotted}: the certificate is no longer valid"
            self._circumstances.findings.error("key.expired", place, text, "Put a valid certificate in its place.")
        return self._identity(files, pair)

    def _identity(self, files: TlsFiles, pair: _Pair) -> TlsIdentity:
        return TlsIdentity(pair.certificate, self._main.resolve(files.certificate), self._main.resolve(files.key))

    def _pair(self, files: KeyPairFiles | TlsFiles, *path: str | int) -> _Pair | None:
        """A certificate and the key that belongs to it."""
        at_certificate, at_key = self._main.place(*path, "certificate"), self._main.place(*path, "key")
        found = read_certificate(self._main.resolve(files.certificate), at_certificate, self._circumstances)
        key = read_secret(files.key, self._main.document.file.parent, at_key, self._circumstances)
        if found is None or key is None or not belongs_together(key, found[0], at_key, self._circumstances):
            return None
        return _Pair(found[0], found[1], key)

    def _encryption(self, name: str | None) -> x509.Certificate | None:
        if name is None:
            return None
        place = self._main.place("own", "encryption")
        found = read_certificate(self._main.resolve(name), place, self._circumstances)
        if found is None:
            return None
        self._check(found[0], place, ("encryption",))
        return found[0]

    def _check(self, certificate: x509.Certificate, place: Place, usages: tuple[Usage, ...]) -> None:
        if self._trust is not None:
            check_certificate_for(
                certificate, place, self._circumstances, trust=self._trust, oin=self._oin, usages=usages
            )

    def _store_url(self) -> str | None:
        reference, place = self._main.model.store.url, self._main.place("store", "url")
        findings = self._circumstances.findings
        if reference.startswith("env:"):
            secret = read_secret(reference, Path(), place, self._circumstances)
            reference = "" if secret is None else secret.decode("utf-8", "replace").strip()
            if not reference:
                return None
        elif "@" in reference:
            findings.error("store.password", place, "a password must not stand in this file", "Use env:NAME.")
            return None
        if not reference.startswith(SCHEMES):
            findings.error("store.url", place, "not the address of a store", f"Begin with {', '.join(SCHEMES)}.")
            return None
        return reference

    def _sealing_keys(self) -> tuple[SealingSecret, ...] | None:
        keys, seen = [], set[str]()
        findings, directory = self._circumstances.findings, self._main.document.file.parent
        settings = self._main.model.store.sealing_keys
        for number, setting in enumerate(settings):
            place = self._main.place("store", "sealing_keys", number)
            if setting.id in seen:
                findings.error("sealing.duplicate", place, f"two sealing keys have the id {setting.id}", "Rename one.")
            seen.add(setting.id)
            raw = read_secret(setting.key, directory, place, self._circumstances)
            key = None if raw is None else sealing_bytes(raw)
            if key is not None:
                keys.append(SealingSecret(setting.id, key))
            elif raw is not None:
                text = f"the sealing key {setting.id} is not {SEALING_BYTES} bytes, as they are or in base64"
                findings.error("sealing.size", place, text, "Make one: openssl rand -base64 32")
        return tuple(keys) if len(keys) == len(settings) else None


def _listener(channel: Channel, tls: TlsIdentity | None) -> ListenerSettings:
    return ListenerSettings(channel.host, channel.port, channel.base_url, tls, channel.proxy)


def _is_writable(path: Path) -> bool:
    if path.exists():
        return path.is_file() and os.access(path, os.W_OK)
    return path.parent.is_dir() and os.access(path.parent, os.W_OK)
