"""The key store of the decryption service: our own RSA key, the scheme's public keys, and dienstverleners' BSNk keys.

It stands apart from every other key: what is read here opens identities. So a file that others can read is no warning
here but a mistake, and a key is taken for one dienstverlener only, by the OIN that it was made for.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.bsnk import BsnkError, RecipientKey, RecipientKeys, SchemeKeys
from routeringsvoorziening.bsnk.key_files import read_key_file
from routeringsvoorziening.bsnk.keys import KeyType, SchemeKey
from routeringsvoorziening.configuration.findings import Place
from routeringsvoorziening.configuration.keys import Circumstances, belongs_together, read_file, read_secret
from routeringsvoorziening.configuration.loading import Files, Located
from routeringsvoorziening.configuration.model.decryption import OnBehalf
from routeringsvoorziening.configuration.model.dienst import DienstverlenerFile
from routeringsvoorziening.configuration.model.main import MainFile
from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.keys import key_name_of

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class OwnCertificates(Protocol):
    """What our metadata publishes."""

    @property
    def encryption(self) -> x509.Certificate | None:
        """To encrypt for; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Decryption:
    """What the decryption service holds.

    Args:
        key: ours, for which authenticatiediensten encrypt.
        scheme: public keys of BSNk.
        held: the keys of each dienstverlener on whose behalf identities are opened; at least one.
    """

    key: DecryptionKey = field(repr=False)
    scheme: SchemeKeys = field(repr=False)
    held: Mapping[EntityID, RecipientKeys] = field(repr=False)


def read_decryption(files: Files, own: OwnCertificates | None, circumstances: Circumstances) -> Decryption | None:
    """The key store; None when nobody has identities opened, or when something is wrong with it.

    Codes: `decryption.missing`, `decryption.certificate`, `decryption.open`, `decryption.form`,
    `decryption.type`, `decryption.recipient`, and those of `keys`.

    Args:
        files: the configuration.
        own: ourselves; None when that cannot be used, which is told already.
        circumstances: now, and where findings go.
    """
    asking = [(file, file.model.decryption) for file in files.dienstverleners if file.model.decryption is not None]
    main = files.main
    if main.model.decryption is None:
        for file, _ in asking:
            text = "identities are to be opened on its behalf, and the main file has no `decryption:`"
            circumstances.findings.error(
                "decryption.missing", file.place("decryption"), text, "Add it, or remove this."
            )
        return None
    if not asking:
        return None
    store = _Store(main, circumstances)
    key, scheme = store.own_key(own.encryption) if own else None, store.scheme()
    held = {EntityID(file.model.entity_id): store.keys_of(file, part) for file, part in asking}
    whole = {entity_id: keys for entity_id, keys in held.items() if keys is not None}
    if key is None or scheme is None or len(whole) < len(held):
        return None
    return Decryption(key, scheme, MappingProxyType(whole))


class _Store:
    """Reads the files."""

    def __init__(self, main: Located[MainFile], circumstances: Circumstances) -> None:
        self._main, self._circumstances, self._findings = main, circumstances, circumstances.findings

    def own_key(self, certificate: x509.Certificate | None) -> DecryptionKey | None:
        """The private key of the certificate that we publish (MD-SP-05)."""
        part, place = self._main.model.decryption, self._main.place("decryption", "key")
        if part is None or certificate is None:
            text = "there is no `own.encryption` for which an authenticatiedienst could encrypt"
            self._findings.error("decryption.certificate", place, text, "Add the certificate of this key.")
            return None
        data = self._closed(self._main, part.key, place)
        if data is None or not belongs_together(data, certificate, place, self._circumstances):
            return None
        private = load_pem_private_key(data, password=None)
        return DecryptionKey(key_name_of(certificate), private) if isinstance(private, RSAPrivateKey) else None

    def scheme(self) -> SchemeKeys | None:
        """Public: anybody may read them."""
        part, keys = self._main.model.decryption, list[SchemeKey]()
        for number, name in enumerate(part.scheme if part else ()):
            place = self._main.place("decryption", "scheme", number)
            key = self._key(read_file(self._main.resolve(name), place, self._findings), place)
            if isinstance(key, SchemeKey):
                keys.append(key)
            elif key is not None:
                self._findings.error("decryption.type", place, f"{name} is not a public key of the scheme")
        return SchemeKeys(keys) if part and len(keys) == len(part.scheme) else None

    def keys_of(self, file: Located[DienstverlenerFile], part: OnBehalf) -> RecipientKeys | None:
        """Those of one dienstverlener, made for its own OIN."""
        oin, keys = parse_entity_id(file.model.entity_id).oin, list[RecipientKey]()
        for number, reference in enumerate(part.keys):
            place = file.place("decryption", "keys", number)
            key = self._key(self._closed(file, reference, place), place)
            if key is None:
                continue
            if not isinstance(key, RecipientKey) or key.type is not KeyType.IDENTITY_DECRYPTION:
                text = f"{reference} is not a key of type {KeyType.IDENTITY_DECRYPTION.value}, and no other is used"
                self._findings.error("decryption.type", place, text, "Leave every other key where it belongs.")
            elif key.recipient != oin:
                text = f"{reference} was made for another OIN than that of {file.model.entity_id}"
                self._findings.error("decryption.recipient", place, text, "Ask the dienstverlener for its own key.")
            else:
                keys.append(key)
        return RecipientKeys(keys) if len(keys) == len(part.keys) else None

    def _closed(
        self, file: Located[MainFile] | Located[DienstverlenerFile], reference: str, place: Place
    ) -> bytes | None:
        """A secret that nobody but we can read."""
        path = file.resolve(reference)
        if not reference.startswith("env:") and path.exists() and path.stat().st_mode & _OTHERS:
            text = f"{path} can be read by others; what it opens is somebody's identity"
            self._findings.error("decryption.open", place, text, f"chmod 600 {path}")
            return None
        return read_secret(reference, file.document.file.parent, place, self._circumstances)

    def _key(self, data: bytes | None, place: Place) -> object | None:
        if data is None:
            return None
        try:
            return read_key_file(data)
        except BsnkError:
            self._findings.error("decryption.form", place, f"{place.dotted} is not a key file of BSNk, in PEM")
            return None
