"""The parts of `rv bsnk` that use private keys: decrypt, change a closing key, migrate."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.key_files import (
    AnyKey,
    diversifier_of,
    diversifier_text,
    read_key_file,
    read_key_files,
    read_scheme_keys,
)
from routeringsvoorziening.bsnk.keys import MigrationKey, MigrationRole, RecipientKey, RecipientKeys, SchemeKeys
from routeringsvoorziening.bsnk.opening import (
    open_identity,
    open_pseudonym,
    open_unsigned_identity,
    open_unsigned_pseudonym,
)
from routeringsvoorziening.bsnk.pseudonyms import Intermediary, Pseudonym, change_closing_key, hand_over, take_over
from routeringsvoorziening.bsnk.structures import Encrypted, Signed, decode
from routeringsvoorziening.cli.bsnk_text import MAX_BYTES, encoded, intermediary_in, pseudonym_in, structure_in
from routeringsvoorziening.cli.tables import table

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_PATH: Final = click.Path(exists=True, path_type=Path)
_SOURCE: Final = click.argument("source", metavar="[FILE]", type=click.File("rb"), default="-")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_DIVERSIFIER: Final = click.option("--diversifier", metavar="KEY=VALUE,…", help="Of a bare pseudonym. [default: none]")
_UNWRAP: Final = click.option("--unwrap-with", type=_FILE, help="PEM of the RSA key for which key files are enveloped.")


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong, in one line and without content."""
    try:
        yield
    except (BsnkError, OSError, ValueError) as problem:
        raise click.ClickException(str(problem)) from problem


@click.command("open")
@_SOURCE
@click.option("--keys", "paths", type=_PATH, multiple=True, required=True, help="Key file, or folder of `*.pem`.")
@click.option("--scheme", "scheme_file", type=_FILE, help="Public keys of the scheme: JSON of URNs, or PEM.")
@click.option("--recipient", metavar="OIN", help="For whom it must be. [default: whose the keys are]")
@click.option("--closing-key", type=int, help="Closing key version. [default: as the structure's key set]")
@_UNWRAP
@click.option("--unsigned", is_flag=True, help="Open what nobody signed; anybody can make such a thing.")
@_JSON
def open_(
    source: IO[bytes],
    *,
    paths: tuple[Path, ...],
    scheme_file: Path | None,
    recipient: str | None,
    closing_key: int | None,
    unwrap_with: Path | None,
    unsigned: bool,
    as_json: bool,
) -> None:
    """Verify and decrypt the structure in FILE (DER or base64; without it: standard input).

    Gives the BSN of an EI or DEI, and the pseudonym of an EP or DEP.
    """
    if (scheme_file is None) is not unsigned:
        raise click.UsageError("give --scheme with the keys to verify with, or --unsigned")
    with told():
        data = structure_in(source.read(MAX_BYTES + 1))
        held, _, _ = read_key_files(_files(paths), unwrap_with=_rsa_key(unwrap_with))
        scheme = read_scheme_keys(scheme_file) if scheme_file is not None else None
        found = decode(data)
        body = found.body if isinstance(found, Signed) else found
        oin = recipient or _only_recipient(held)
        if body.kind.is_identity:
            shown = _identity(data, held, scheme, oin)
        else:
            shown = pseudonym_shown(_pseudonym(data, held, scheme, oin, closing_key))
    _show({**shown, **_about(found, body)}, as_json=as_json)


def _files(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])]


def _rsa_key(file: Path | None) -> RSAPrivateKey | None:
    if file is None:
        return None
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise BsnkError("bsnk.key-file") from None
    if not isinstance(key, RSAPrivateKey):
        raise BsnkError("bsnk.key-file")
    return key


def _only_recipient(keys: RecipientKeys) -> str:
    oins = {key.recipient for key in keys}
    if len(oins) != 1:
        raise click.UsageError("the keys are not all of one recipient: give --recipient")
    return oins.pop()


def _identity(data: bytes, keys: RecipientKeys, scheme: SchemeKeys | None, oin: str) -> dict[str, object]:
    if scheme is None:
        opened = open_unsigned_identity(data, keys, recipient=oin)
    else:
        opened = open_identity(data, keys, scheme, recipient=oin)
    return {"value": opened.value, "type": opened.type}


def _pseudonym(data: bytes, keys: RecipientKeys, scheme: SchemeKeys | None, oin: str, closing: int | None) -> Pseudonym:
    if scheme is None:
        return open_unsigned_pseudonym(data, keys, recipient=oin, closing_key_version=closing)
    return open_pseudonym(data, keys, scheme, recipient=oin, closing_key_version=closing)


def _about(found: Encrypted | Signed, body: Encrypted) -> dict[str, object]:
    """What the structure says of itself: nothing of a person."""
    about: dict[str, object] = {
        "structure": body.kind.name,
        "creator": body.creator,
        "recipient": body.recipient,
        "recipient_key_set": body.recipient_key_set_version,
        "scheme_key_set": body.scheme_key_set_version,
        "authorized_party": body.authorized_party,
    }
    if isinstance(found, Signed):
        about |= {"version": found.form.version, "signature": found.form.signature.name, "issued": found.issuance_date}
    return about


def pseudonym_shown(pseudonym: Pseudonym) -> dict[str, object]:
    """A pseudonym in its forms."""
    return {
        "value": pseudonym.value,
        "short": pseudonym.short,
        "der": encoded(pseudonym),
        "type": pseudonym.type,
        "recipient": pseudonym.recipient,
        "scheme_key_set": pseudonym.scheme_key_set_version,
        "closing_key": pseudonym.closing_key_version,
        "diversifier": diversifier_text(pseudonym.diversifier) or None,
    }


def _show(shown: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(shown))
    else:
        click.echo(table(("what", "is"), [(name, str(value)) for name, value in shown.items() if value is not None]))


@click.command("closing-key")
@_SOURCE
@click.option("--from", "old_file", type=_FILE, required=True, help="Key file of the closing key until now.")
@click.option("--to", "new_file", type=_FILE, required=True, help="Key file of the closing key from now on.")
@_DIVERSIFIER
@_UNWRAP
@_JSON
def closing_key(
    source: IO[bytes],
    *,
    old_file: Path,
    new_file: Path,
    diversifier: str | None,
    unwrap_with: Path | None,
    as_json: bool,
) -> None:
    """Bring the stored pseudonym in FILE (or standard input) under another closing key.

    It may be a Pseudonym structure (DER or base64), the base64 of a point, or `version|base64`.
    """
    with told():
        rsa = _rsa_key(unwrap_with)
        old, new = (_closing(_key(file, rsa)) for file in (old_file, new_file))
        stored = pseudonym_in(
            source.read(MAX_BYTES + 1),
            old.recipient,
            old.scheme_key_set_version,
            old.key_set_version,
            diversifier_of(diversifier),
        )
        changed = change_closing_key(stored, old, new)
    _show(pseudonym_shown(changed), as_json=as_json)


def _key(file: Path, rsa: RSAPrivateKey | None) -> AnyKey:
    with file.open("rb") as opened:
        return read_key_file(opened.read(MAX_BYTES + 1), unwrap_with=rsa)


def _closing(key: AnyKey) -> RecipientKey:
    if not isinstance(key, RecipientKey):
        raise BsnkError("bsnk.key-missing")
    return key


@click.command("migrate")
@_SOURCE
@click.option("--key", "key_file", type=_FILE, required=True, help="Key file of a migration's source or target.")
@_UNWRAP
@_JSON
def migrate(source: IO[bytes], *, key_file: Path, unwrap_with: Path | None, as_json: bool) -> None:
    """Move the pseudonym in FILE (or standard input) to another recipient, in two steps.

    With the source's key, a stored pseudonym becomes an intermediary one, to hand over. With the target's key, that
    becomes the target's own pseudonym.
    """
    with told():
        key = _key(key_file, _rsa_key(unwrap_with))
        if not isinstance(key, MigrationKey):
            raise BsnkError("bsnk.key-missing")
        data = source.read(MAX_BYTES + 1)
        if key.role is MigrationRole.SOURCE:
            shown = _intermediary_shown(hand_over(_stored(data, key), key))
        else:
            shown = pseudonym_shown(take_over(intermediary_in(data), key))
    _show(shown, as_json=as_json)


def _stored(data: bytes, key: MigrationKey) -> Pseudonym:
    migration = key.migration
    return pseudonym_in(
        data,
        migration.source,
        migration.scheme_key_set_version,
        migration.source_version,
        migration.diversifier,
    )


def _intermediary_shown(intermediary: Intermediary) -> dict[str, object]:
    migration = intermediary.migration
    return {
        "der": encoded(intermediary),
        "source": migration.source,
        "target": migration.target,
        "migration": migration.identifier,
        "type": intermediary.type,
    }
