"""The BSNk keys of a party that opens identities: those of its own OIN, and the public keys of the scheme."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Self

from routeringsvoorziening.bsnk import (
    BsnIdentity,
    BsnkError,
    Pseudonym,
    RecipientKeys,
    SchemeKeys,
    open_identity,
    open_pseudonym,
)
from routeringsvoorziening.bsnk.key_files import read_key_files
from routeringsvoorziening.bsnk.structures import Signed, decode
from routeringsvoorziening.simulators.world.bsnk_keys import recipient_files, scheme_files
from routeringsvoorziening.simulators.world.layout import Party, World


@dataclass(frozen=True, slots=True)
class BsnkKeys:
    """What one party holds.

    Args:
        oin: for whom structures must be.
        own: its private keys.
        scheme: public keys.
    """

    oin: str
    own: RecipientKeys = field(repr=False)
    scheme: SchemeKeys = field(repr=False)

    @classmethod
    def of_world(cls, world: World, party: Party) -> Self:
        """From the key files of a demo world.

        Raises:
            OSError: a file cannot be read.
            BsnkError: `bsnk.key-file`: it is no key file.
        """
        own, _, _ = read_key_files(recipient_files(world.files(party)))
        _, scheme, _ = read_key_files(scheme_files(world))
        return cls(party.oin, own, scheme)

    def open_identity(self, text: str) -> BsnIdentity:
        """The BSN in a NameID of kind BSN: base64 of a signed structure.

        Raises:
            BsnkError: every rule of `bsnk.opening`; `bsnk.form` for what is not base64.
        """
        return open_identity(structure_in(text), self.own, self.scheme, recipient=self.oin)

    def open_pseudonym(self, text: str) -> Pseudonym:
        """Our own pseudonym in a NameID of kind Pseudonym.

        Raises:
            BsnkError: as `open_identity`.
        """
        return open_pseudonym(structure_in(text), self.own, self.scheme, recipient=self.oin)


def structure_in(text: str) -> bytes:
    """The DER in a NameID.

    Raises:
        BsnkError: `bsnk.form`.
    """
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BsnkError("bsnk.form") from None


def read_signed(text: str) -> Signed:
    """The signed structure in a NameID, to tell what it says of itself. Nothing of it is verified here.

    Raises:
        BsnkError: `bsnk.form`; `bsnk.signature` when it is not signed.
    """
    found = decode(structure_in(text))
    if not isinstance(found, Signed):
        raise BsnkError("bsnk.signature")
    return found
