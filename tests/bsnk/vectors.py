"""Where the third-party vectors are, and what they say about themselves. They are not ours, so they are not in here."""

import re
import tarfile
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest

from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.key_files import read_key_file
from routeringsvoorziening.bsnk.keys import MigrationKey, RecipientKey, RecipientKeys, SchemeKey, SchemeKeys
from tests.support.wire import shared_folder

POINTS = {
    "urn:nl-gdi-eid:1.0:pp-key:PP:11:IP_P:1": "AmUppru04ghsI/FvbvV59eoX3lCUWlMAZKu1pPdlvixch5avV+aFwQg=",
    "urn:nl-gdi-eid:1.0:pp-key:PP:11:PP_P:1": "A9GtKDUn++nl2NWtN4F/2id1gmBhxn4I6Qr9BfeMN+fjNuXGvE79qHc=",
}
"""Public keys of the scheme that signed `pp/`: published in that project's README; the folder itself does not hold them."""


def pp() -> Path:
    """The folder of the second family."""
    return shared_folder("data", "bsnk", "pp")


@cache
def pep(version: int = 1) -> dict[str, bytes]:
    """Every file of the first family, by its path below `v1/` or `v2/`; skips where that version is not there."""
    archive = shared_folder("data", "bsnk") / f"pep-v{version}.tar.gz"
    if not archive.exists():
        pytest.skip(f"{archive.name} is not with the shared test data")
    with tarfile.open(fileobj=BytesIO(archive.read_bytes())) as opened:
        return {
            "/".join(PurePosixPath(member.name).parts[-2:]): opened.extractfile(member).read()
            for member in opened.getmembers()
            if member.isfile()
        }


def pep_folder(folder: str, pattern: str, version: int = 1) -> dict[str, bytes]:
    """Files of one folder whose names match, in order."""
    return {
        name.split("/")[1]: pep(version)[name]
        for name in sorted(pep(version))
        if name.startswith(f"{folder}/") and re.fullmatch(pattern, name.split("/")[1])
    }


@cache
def pep_keys(version: int = 1) -> tuple[RecipientKeys, SchemeKeys, tuple[MigrationKey, ...]]:
    """Every undamaged key file of the first family."""
    files = pep_folder("keys", r".*\.pem", version)
    keys = [read_key_file(data) for name, data in files.items() if not name.startswith("e_")]
    return (
        RecipientKeys(key for key in keys if isinstance(key, RecipientKey)),
        SchemeKeys(key for key in keys if isinstance(key, SchemeKey)),
        tuple(key for key in keys if isinstance(key, MigrationKey)),
    )


def outcome(action, *args, **kwargs) -> str:
    """The code with which something is refused, or `ok`."""
    try:
        action(*args, **kwargs)
    except BsnkError as refused:
        return refused.code
    return "ok"
