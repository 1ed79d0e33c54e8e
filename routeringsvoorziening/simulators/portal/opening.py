"""From a NameID to somebody: by its NameQualifier a plain BSN, or what is in a structure of BSNk (ATT-20).

A structure is not believed because it came in a declaration that is in order: it has a signature of its own, by the
scheme, and is opened with keys that belong to the OIN of the dienstverlener alone.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.bsnk import BsnkError
from routeringsvoorziening.bsnk.structures import Signature, Signed
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import NameId
from routeringsvoorziening.saml.etd import names as etd
from routeringsvoorziening.simulators.bsnk import BsnkKeys, read_signed
from routeringsvoorziening.simulators.portal.checks import CheckFailed, require
from routeringsvoorziening.simulators.portal.texts import Text
from routeringsvoorziening.simulators.world.layout import IdentityKind
from routeringsvoorziening.simulators.world.persons import passes_eleven_test

QUALIFIERS: Final[dict[IdentityKind, str]] = {
    "legacy-BSN": names.ID_LEGACY_BSN,
    "BSN": names.ID_BSN,
    "Pseudonym": names.ID_PSEUDONYM,
}
KIND_NAMES: Final[dict[str, Text]] = {
    names.ID_LEGACY_BSN: ("BSN", "BSN"),
    names.ID_BSN: ("BSN, uit een versleutelde identiteit van BSNk", "BSN, from an encrypted identity of BSNk"),
    etd.PSEUDO: ("Pseudoniem van de medewerker", "Pseudonym of the employee"),
    etd.KVK: ("KvK-nummer", "KvK number"),
    etd.BSN: ("BSN van de eigenaar, uit een versleutelde identiteit", "BSN of the owner, from an encrypted identity"),
    etd.PSEUDO_ID: ("Pseudoniem van de eigenaar, alleen voor ons", "Pseudonym of the owner, for us alone"),
    names.ID_PSEUDONYM: ("Pseudoniem, alleen voor ons, van BSNk", "Pseudonym, for us alone, of BSNk"),
}
_SCHEMES: Final = {
    Signature.EC_SDSA: "EC-SDSA, SHA-384",
    Signature.EC_SCHNORR: "EC-Schnorr, SHA-384",
    Signature.ECDSA: "ECDSA, SHA-384",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of a structure that was verified.

    Args:
        name: what.
        value: what it is.
    """

    name: Text
    value: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody.

    Args:
        kind: the NameQualifier.
        value: nine digits, or a pseudonym as a dienstverlener keeps it: closing key version, bar, base64.
        facts: what was verified of the structure; none for a plain BSN.
    """

    kind: str
    value: str = field(repr=False)
    facts: tuple[Fact, ...] = ()

    @property
    def name(self) -> Text:
        """What kind it is, in words."""
        return KIND_NAMES[self.kind]

    @property
    def is_pseudonym(self) -> bool:
        """It says nothing about the BSN."""
        return self.kind in {names.ID_PSEUDONYM, etd.PSEUDO, etd.PSEUDO_ID}


def check_kind(name_id: NameId, *kinds: IdentityKind) -> None:
    """ATT-12, ATT-20: a kind that this service is registered for; a plain BSN is nine digits that pass their test.

    Raises:
        CheckFailed: `identifier.kind`, `identifier.bsn`.
    """
    require(name_id.name_qualifier in {QUALIFIERS[each] for each in kinds}, "identifier.kind")
    _check_bsn(name_id)


def check_employee(name_id: NameId) -> None:
    """What eHerkenning declares of who acts: a pseudonym, with the hash of whom they act for behind it.

    Raises:
        CheckFailed: `identifier.kind`.
    """
    form = _PSEUDONYM.fullmatch(name_id.value)
    require(name_id.name_qualifier == etd.PSEUDO and form is not None, "identifier.kind")


_PSEUDONYM: Final = re.compile("[0-9a-fA-F]{64}(@[0-9a-fA-F]{32})?")


def _check_bsn(name_id: NameId) -> None:
    if name_id.name_qualifier == names.ID_LEGACY_BSN:
        require(passes_eleven_test(name_id.value), "identifier.bsn")


def opened(name_id: NameId, keys: BsnkKeys | None) -> Opened:
    """Who it is.

    Args:
        name_id: of a kind that was checked.
        keys: our BSNk keys; None when we have none.

    Raises:
        CheckFailed: `bsnk.keys` when it takes keys that we do not have; a code of `BsnkError`.
    """
    if name_id.name_qualifier in {names.ID_LEGACY_BSN, etd.PSEUDO}:
        return Opened(name_id.name_qualifier, name_id.value)
    if keys is None:
        raise CheckFailed("bsnk.keys")
    with _as_check():
        signed = read_signed(name_id.value)
        if name_id.name_qualifier in {names.ID_BSN, etd.BSN}:
            identity = keys.open_identity(name_id.value)
            return Opened(name_id.name_qualifier, identity.value, _facts(signed))
        pseudonym = keys.open_pseudonym(name_id.value)
        closing = Fact(("Versie van de sluitsleutel", "Closing key version"), str(pseudonym.closing_key_version))
        return Opened(name_id.name_qualifier, pseudonym.short, (*_facts(signed), closing))


@contextmanager
def _as_check() -> Iterator[None]:
    try:
        yield
    except BsnkError as problem:
        raise CheckFailed(problem.code) from problem


def _facts(signed: Signed) -> tuple[Fact, ...]:
    """Everything that the signature covers and that decides which keys open it."""
    form, body = signed.form, signed.body
    return (
        Fact(("Soort structuur", "Kind of structure"), f"{form.kind.name}, v{form.version}"),
        Fact(("Handtekening van het stelsel", "Signature of the scheme"), _SCHEMES[form.signature]),
        Fact(("Sleutelset van het stelsel", "Key set of the scheme"), str(body.scheme_key_set_version)),
        Fact(("Gemaakt voor OIN", "Made for OIN"), body.recipient),
        Fact(("Versie van onze sleutelset", "Version of our key set"), str(body.recipient_key_set_version)),
    )
