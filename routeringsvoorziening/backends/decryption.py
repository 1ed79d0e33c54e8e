"""The decryption service: on behalf of a dienstverlener that asked for it, from BSNk's structure to a plain BSN.

This departs from ST-SAML, by which nobody but the dienstverlener can read who logged in; see docs/decisions/0011. It is
done for the dienstverleners whose keys are in the key store, for their diensten that get a plain BSN, and for nothing
else. The AD encrypts the structure for us; it is verified, opened in memory, encrypted for the dienstverlener, and
forgotten. No BSN is in a value that outlives `Opener.open`, in an error, in the audit trail or in a number.
"""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.ports import AuditTrail, AuthenticationTask
from routeringsvoorziening.broker.vocabulary import EntityID, ServiceUUID, SubjectIdentifier
from routeringsvoorziening.bsnk import BsnkError, RecipientKeys, SchemeKeys, open_identity
from routeringsvoorziening.configuration.encrypting import recipients
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, Recipient, decrypt_id, encrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.parsing import canonical, parse

AUDIT_TIMEOUT: Final = 5.0
"""Seconds for one record."""


class DecryptionMeter(Protocol):
    """What is counted."""

    def identity_decrypted(self, backend: str, outcome: str) -> None:
        """An identity was opened (`ok`), or it was `refused`."""
        ...


@dataclass(frozen=True, slots=True)
class Books:
    """Where it is written down that an identity was opened: before anything comes of it.

    Args:
        audit: one event for each identity.
        meter: counts them.
    """

    audit: AuditTrail
    meter: DecryptionMeter


@dataclass(frozen=True, slots=True)
class Held:
    """What we hold for one dienstverlener.

    Args:
        oin: its own; structures must be made for it.
        keys: its BSNk keys.
        recipients: all its encryption certificates.
    """

    oin: str
    keys: RecipientKeys = field(repr=False)
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Tools:
    """What opening takes.

    Args:
        entity_id: ours, for which the AD encrypts.
        key: the RSA key that belongs to it.
        scheme: public keys of BSNk.
    """

    entity_id: str
    key: DecryptionKey = field(repr=False)
    scheme: SchemeKeys = field(repr=False)


class DecryptionService:
    """Knows on whose behalf identities may be opened, and for which diensten.

    Args:
        tools: what opening takes.
        held: by dienstverlener.
        plain: the diensten that get a plain BSN; the others open their structures themselves.
        books: where openings are written down.
    """

    def __init__(
        self, tools: Tools, held: Mapping[EntityID, Held], plain: frozenset[ServiceUUID], books: Books
    ) -> None:
        self._tools, self._held, self._plain, self._books = tools, held, plain, books

    @classmethod
    def of(cls, configuration: Configuration, books: Books) -> "DecryptionService | None":
        """As configured; None when nothing is ever opened."""
        decryption = configuration.decryption
        if decryption is None:
            return None
        keys = recipients(configuration.connections.values())
        held = {each: Held(parse_entity_id(each).oin, own, keys.get(each, ())) for each, own in decryption.held.items()}
        plain = frozenset(uuid for uuid, each in configuration.diensten.items() if each.identity == "legacy-BSN")
        return cls(Tools(configuration.own.entity_id, decryption.key, decryption.scheme), held, plain, books)

    def opener(self, task: AuthenticationTask, backend: str) -> "Opener | None":
        """What opens the identities of one answer; None when they are not for us to open."""
        held = self._held.get(task.dienstverlener)
        if held is None or not held.recipients or task.service not in self._plain:
            return None
        return Opener(self._tools, held, self._books, task, backend)


class Opener:
    """Opens the identities in one answer of one service. Use it once.

    Args:
        tools: what opening takes.
        held: what we hold for the dienstverlener.
        books: where openings are written down.
        task: for which login.
        backend: our short name of the service.
    """

    def __init__(self, tools: Tools, held: Held, books: Books, task: AuthenticationTask, backend: str) -> None:
        self._tools, self._held, self._books = tools, held, books
        self._task, self._backend = task, backend
        self._opened: list[str] = []

    def open(self, encrypted: bytes, name: str) -> SubjectIdentifier:
        """The same person, as a plain BSN that only the dienstverlener can read. Runs in the crypto pool: about 10 ms.

        Args:
            encrypted: an EncryptedID that is encrypted for us alone, in an answer that was verified.
            name: of the attribute.

        Raises:
            SamlError: `enc.failed`, `enc.recipient`, `subject.identifier`; nothing of the person is in it.
        """
        try:
            fresh = self._reencrypted(encrypted)
        except SamlError:
            self._books.meter.identity_decrypted(self._backend, "refused")
            raise
        self._opened.append(name)
        return SubjectIdentifier(frozenset({self._task.dienstverlener}), fresh)

    async def account(self) -> None:
        """Write down what was opened, before anything comes of it.

        Raises:
            TooBusy: `audit`: it cannot be written; what was opened must not be used.
        """
        for name in self._opened:
            facts = {
                "dienstverlener": str(self._task.dienstverlener),
                "service": str(self._task.service),
                "backend": self._backend,
                "attribute": name,
            }
            try:
                async with asyncio.timeout(AUDIT_TIMEOUT):
                    await self._books.audit.record("identity.decrypted", self._task.reference, facts)
            except OSError as error:  # TimeoutError is one too
                raise TooBusy("audit") from error
            self._books.meter.identity_decrypted(self._backend, "ok")

    def _reencrypted(self, encrypted: bytes) -> bytes:
        tools = self._tools
        found = decrypt_id(parse(encrypted), entity_id=tools.entity_id, keys=[tools.key])
        if found.name_qualifier != names.ID_BSN:
            raise SamlError("subject.identifier", "what is encrypted for us is not an encrypted identity of BSNk")
        try:
            structure = base64.b64decode(found.value, validate=True)
            who = open_identity(structure, self._held.keys, tools.scheme, recipient=self._held.oin)
        except binascii.Error:
            raise SamlError("subject.identifier", "bsnk.form") from None
        except BsnkError as error:
            raise SamlError("subject.identifier", error.code) from None
        return canonical(encrypt_id(NameId(who.value, names.ID_LEGACY_BSN), self._held.recipients))
