"""Forms that return everywhere in the files."""

from datetime import timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from routeringsvoorziening.broker.vocabulary import LoA, LocalizedText

ENTITY_ID: Final = r"^urn:nl-eid-gdi:1\.0:(AD|DV|BVD|LC|RD):[0-9]{20}:entities:[0-9]{4}$"
URL: Final = r"^https?://[a-z0-9.\-]+(:[0-9]{1,5})?$"

EntityIdText = Annotated[
    str, Field(pattern=ENTITY_ID, examples=["urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:0001"])
]
BaseUrl = Annotated[str, Field(pattern=URL, max_length=512)]
Website = Annotated[str, Field(pattern=r"^https?://[^\s\"'<>\\]+$", max_length=512)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
FilePath = Annotated[str, Field(min_length=1, max_length=4096, description="A path, relative to this file.")]
SecretRef = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        pattern=r"^[^\n]+$",
        description="Where a secret is: a path, relative to this file, or env:NAME. Never the secret itself.",
    ),
]
Port = Annotated[int, Field(ge=0, le=65535)]
LoAName = Literal["basis", "laag", "substantieel", "hoog"]
LEVELS: Final = {
    "basis": LoA.BASIS,
    "laag": LoA.LAAG,
    "substantieel": LoA.SUBSTANTIEEL,
    "hoog": LoA.HOOG,
}


class Part(BaseModel):
    """What every part of a file is: immutable, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Names(Part):
    """A name in both languages of the pages."""

    nl: Name
    en: Name

    @property
    def text(self) -> LocalizedText:
        """The core's form."""
        return LocalizedText(self.nl, self.en)


class Windowed(Part):
    """Something that can be switched off, and that can begin and end by itself."""

    active: bool = True
    """Off: as if it were not there, but its names stay reserved."""
    active_from: AwareDatetime | None = None
    """From this moment on (inclusive). With a time zone: 2026-01-01T00:00:00+01:00."""
    active_until: AwareDatetime | None = None
    """Up to this moment (exclusive)."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.active_from and self.active_until and self.active_from >= self.active_until:
            raise ValueError("active_from must be before active_until")
        return self


class KeyPairFiles(Part):
    """A certificate and the private key that belongs to it."""

    certificate: FilePath
    """PEM; the leaf first, then what stands behind it."""
    key: SecretRef
    """PEM of the private key, without a passphrase."""


class TlsFiles(Part):
    """A certificate and key for TLS; both in files, because the TLS library reads files only."""

    certificate: FilePath
    """PEM; the leaf first, then what stands behind it."""
    key: FilePath
    """PEM of the private key, without a passphrase. Not env:NAME."""

    @field_validator("key")
    @classmethod
    def _stands_in_a_file(cls, key: str) -> str:
        if key.startswith("env:"):
            raise ValueError("a key for TLS must stand in a file")
        return key


def seconds(lowest: float, highest: float) -> object:
    """A duration between two bounds, in YAML a number of seconds or ISO 8601 (`PT15M`)."""
    return Field(ge=timedelta(seconds=lowest), le=timedelta(seconds=highest))
