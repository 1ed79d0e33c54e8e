"""`rv bsnk`: polymorphic identities and pseudonyms by hand. What is decrypted goes to standard output alone."""

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from routeringsvoorziening.bsnk.issuing import PUBLIC_FILE, Minting, Scheme
from routeringsvoorziening.bsnk.key_files import diversifier_of, diversifier_text, write_key_file
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKey
from routeringsvoorziening.cli.bsnk_opening import closing_key, migrate, open_, told
from routeringsvoorziening.cli.tables import table
from routeringsvoorziening.simulators.world.persons import passes_eleven_test

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_SCHEME: Final = click.argument("scheme_folder", metavar="SCHEME", type=_FOLDER)
_DAY: Final = click.IntRange(1, 99_999_999)
_OIN_LENGTH: Final = 20
_MAX_LINE: Final = 64
_FILE_NAMES: Final = {
    KeyType.IDENTITY_DECRYPTION: "ei-decryption",
    KeyType.PSEUDONYM_DECRYPTION: "ep-decryption",
    KeyType.PSEUDONYM_CLOSING: "ep-closing",
    KeyType.DIRECT_RECEIVING: "drki",
}


@click.group("bsnk")
def command() -> None:
    """Polymorphic identities and pseudonyms: make keys, decrypt, move pseudonyms.

    What is decrypted goes to standard output and nowhere else.
    """


command.add_command(open_)
command.add_command(closing_key)
command.add_command(migrate)


def _oin(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if len(value) != _OIN_LENGTH or not (value.isascii() and value.isdigit()):
        raise click.BadParameter("an OIN has twenty digits")
    return value


_OIN: Final = click.argument("oin", metavar="OIN", callback=_oin)


@command.command("scheme")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--key-set", type=click.IntRange(1, 999_999), default=1, show_default=True, help="Scheme key set version."
)
@click.option("--force", is_flag=True, help="Take the place of a scheme that is there.")
def scheme(folder: Path, *, key_set: int, force: bool) -> None:
    """Generate a scheme of your own in FOLDER: its master keys and its public keys.

    For tests and demonstrations, never for production: whoever has the master keys can read everything.
    """
    if (folder / "scheme.json").exists() and not force:
        raise click.ClickException(f"{folder} holds a scheme already; --force takes its place")
    with told():
        secret = Scheme.generate(key_set_version=key_set).save(folder)
    rows = [(str(secret), "master keys: secret"), (str(folder / PUBLIC_FILE), "IP_P, PP_P and U: public")]
    click.echo(table(("file", "holds"), rows))


@command.command("keys")
@_SCHEME
@_OIN
@click.option("--key-set", type=_DAY, help="Recipient key set version, YYYYMMDD. [default: today]")
@click.option("--diversifier", multiple=True, metavar="KEY=VALUE,…", help="For which there is a DRKi too.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder. [default: SCHEME/OIN]")
def keys(scheme_folder: Path, oin: str, *, key_set: int | None, diversifier: tuple[str, ...], out: Path | None) -> None:
    """Write the key files of the recipient with this OIN, under the scheme in SCHEME; the same each time."""
    version = key_set or int(f"{datetime.now(UTC):%Y%m%d}")
    with told():
        wanted = [diversifier_of(text) for text in diversifier]
        made = Scheme.load(scheme_folder).recipient_keys(oin, version, diversifiers=wanted)
        rows = [_written(key, out or scheme_folder / oin) for key in made]
    click.echo(table(("file", "type", "key set", "diversifier"), rows))


def _written(key: RecipientKey, folder: Path) -> tuple[str, str, str, str]:
    parts = [f"{name}_{value}" for name, value in key.diversifier]
    name = "-".join([_FILE_NAMES[key.type], str(key.key_set_version), *parts])
    file = folder / f"{''.join(letter if letter.isalnum() else '-' for letter in name)}.pem"
    folder.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_bytes(write_key_file(key))
    return str(file), key.type.value, str(key.key_set_version), diversifier_text(key.diversifier)


@command.command("mint")
@_SCHEME
@_OIN
@click.option("--kind", type=click.Choice(["EI", "EP", "DEI", "DEP"]), default="EI", show_default=True)
@click.option("--key-set", type=_DAY, required=True, help="Recipient key set version, YYYYMMDD.")
@click.option("--diversifier", metavar="KEY=VALUE,…", help="Of a pseudonym. [default: none]")
@click.option("--unsigned", is_flag=True, help="The plain structure.")
def mint(scheme_folder: Path, oin: str, *, kind: str, key_set: int, diversifier: str | None, unsigned: bool) -> None:
    """Make a structure for the recipient with this OIN; standard input says for which BSN. Prints base64.

    The scheme is one for tests, so the BSN must be one: it begins with 9, as no real one does.
    """
    identifier = sys.stdin.readline(_MAX_LINE).strip()
    if not identifier:
        raise click.UsageError("give the BSN on standard input")
    if not (identifier.startswith("9") and passes_eleven_test(identifier)):
        raise click.UsageError("not the BSN of a test person: nine digits that begin with 9 and pass the eleven test")
    minting = Minting(version=None) if unsigned else Minting()
    with told():
        made = Scheme.load(scheme_folder)
        if kind in {"EI", "DEI"}:
            identity = made.encrypted_identity if kind == "EI" else made.direct_encrypted_identity
            minted = identity(identifier, oin, key_set, minting=minting)
        else:
            pseudonym = made.encrypted_pseudonym if kind == "EP" else made.direct_encrypted_pseudonym
            wanted = diversifier_of(diversifier)
            minted = pseudonym(identifier, oin, key_set, diversifier=wanted, minting=minting)
    click.echo(base64.b64encode(minted).decode("ascii"))
