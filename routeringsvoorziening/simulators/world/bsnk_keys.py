"""The BSNk of a world: a scheme of its own, and for everybody who opens identities the keys that BSNk would give them.

<world>/bsnk/scheme.json                   makes structures for anybody: only simulators read it
<world>/bsnk/ipp.pem ppp.pem u.pem         public: what signatures are verified with
<world>/<party>/bsnk/ei-decryption.pem …   the keys of that party's OIN
<world>/rv/bsnk/<party>/ei-decryption.pem  what a dienstverlener handed over, for whom the RV decrypts
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from routeringsvoorziening.bsnk import BsnkError
from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.bsnk.key_files import write_key_file
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKey
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.files import PRIVATE, write_atomically
from routeringsvoorziening.simulators.world.layout import PartyFiles, World

KEY_SET_VERSION: Final = 20260101
"""Of every recipient in the world, and the version of its closing key."""
FOLDER: Final = "bsnk"
_FILES: Final = {
    KeyType.IDENTITY_DECRYPTION: "ei-decryption.pem",
    KeyType.PSEUDONYM_DECRYPTION: "ep-decryption.pem",
    KeyType.PSEUDONYM_CLOSING: "ep-closing.pem",
    KeyType.DIRECT_RECEIVING: "drki.pem",
}


def prepare_bsnk(directory: Path, recipients: Iterable[tuple[str, str]]) -> None:
    """See to it that the scheme and every recipient's key files are there.

    Args:
        directory: of the world.
        recipients: folder and OIN of each.

    Raises:
        OSError: a file cannot be written.
    """
    folder = directory / FOLDER
    scheme, is_new = _prepare_scheme(folder)
    for folder_name, oin in recipients:
        _prepare_recipient(directory, folder_name, oin, scheme, force=is_new)


def read_scheme(world: World) -> Scheme:
    """The scheme, to mint with.

    Raises:
        OSError: it is not there.
        BsnkError: `bsnk.key-file`: it is something else.
    """
    return Scheme.load(world.directory / FOLDER)


def scheme_files(world: World) -> list[Path]:
    """The public keys of the scheme."""
    return sorted((world.directory / FOLDER).glob("*.pem"))


def recipient_files(files: PartyFiles) -> list[Path]:
    """The BSNk keys of a party; empty when it has none."""
    return sorted((files.directory / FOLDER).glob("*.pem"))


def _prepare_scheme(folder: Path) -> tuple[Scheme, bool]:
    try:
        return Scheme.load(folder), False
    except (OSError, BsnkError):
        scheme = Scheme.generate()
    scheme.save(folder)
    for key in scheme.public_keys:
        write_atomically(folder / f"{key.type.value.lower()}.pem", write_key_file(key))
    return scheme, True


def _prepare_recipient(directory: Path, folder: str, oin: str, scheme: Scheme, *, force: bool) -> None:
    places = {type_: directory / folder / FOLDER / name for type_, name in _FILES.items()}
    handed_over = directory / layout.RV.folder / FOLDER / folder / _FILES[KeyType.IDENTITY_DECRYPTION]
    decrypted = folder in {each.folder for each in layout.DECRYPTED}
    wanted = [*places.values(), *([handed_over] if decrypted else [])]
    if not force and all(path.exists() for path in wanted):
        return
    for key in scheme.recipient_keys(oin, KEY_SET_VERSION):
        _write(places[key.type], key)
        if decrypted and key.type is KeyType.IDENTITY_DECRYPTION:
            _write(handed_over, key)


def _write(path: Path, key: RecipientKey) -> None:
    write_atomically(path, write_key_file(key), PRIVATE)
