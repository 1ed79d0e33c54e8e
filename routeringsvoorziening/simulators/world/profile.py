"""The profile of a test PKI: which parties there are and what their certificates say. Read from YAML."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import PURPOSES, Purpose

LONGEST_PROFILE: Final = 65536
"""Bytes; a profile of a hundred parties is far below it."""

Days = Annotated[int, Field(ge=1, le=7300)]
Text = Annotated[str, Field(min_length=1, max_length=64)]


class ProfileInvalid(ValueError):
    """A profile that cannot be read; the text lists every mistake."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuthorityProfile(_Part):
    """The chain above the leaves."""

    root: Text = "Routeringsvoorziening Test Root CA"
    intermediate: Text = "Routeringsvoorziening Test Services CA"
    organisation: Text = "Routeringsvoorziening test, not for production"
    days: Days = 3650


class PartyProfile(_Part):
    """One organisation: a signing, an encryption and a TLS certificate with the same OIN."""

    folder: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    name: Text
    oin: Annotated[str, Field(pattern=r"^[0-9]{20}$")]
    hosts: Annotated[tuple[Text, ...], Field(min_length=1, max_length=16)]
    purposes: tuple[Purpose, ...] = PURPOSES


class Profile(_Part):
    """A whole test PKI.

    Args of the YAML:
        authority: names and validity of root and intermediate.
        days: how long a leaf is valid.
        renew_before_days: a leaf that is valid for less than this is made again.
        parties: who gets certificates.
    """

    authority: AuthorityProfile = AuthorityProfile()
    days: Days = 365
    renew_before_days: Annotated[int, Field(ge=0)] = 30
    parties: Annotated[tuple[PartyProfile, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _fits_together(self) -> "Profile":
        folders = [party.folder for party in self.parties]
        if len(set(folders)) != len(folders) or "pki" in folders:
            raise ValueError("every party needs a folder of its own, other than 'pki'")
        if self.renew_before_days >= self.days:
            raise ValueError("renew_before_days must be below days")
        if self.authority.days <= self.days:
            raise ValueError("authority.days must be above days")
        return self


def read_profile(path: Path) -> Profile:
    """Read a profile from YAML.

    Raises:
        ProfileInvalid: the file is no valid profile.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LONGEST_PROFILE + 1)
    if len(data) > LONGEST_PROFILE:
        raise ProfileInvalid(f"{path}: more than {LONGEST_PROFILE} bytes")
    try:
        return Profile.model_validate(yaml.safe_load(data))
    except (yaml.YAMLError, ValidationError) as problem:
        raise ProfileInvalid(f"{path}: {problem}") from problem


def demo_profile() -> Profile:
    """The parties of the demo world; `certs-example/profile.yaml` says the same."""
    parties = tuple(
        PartyProfile(
            folder=party.folder,
            name=party.name,
            oin=party.oin,
            hosts=(party.host, "localhost", layout.LOOPBACK),
            purposes=party.purposes,
        )
        for party in layout.PARTIES
    )
    return Profile(parties=parties)


def is_address(host: str) -> bool:
    """True when `host` is an IP address and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
