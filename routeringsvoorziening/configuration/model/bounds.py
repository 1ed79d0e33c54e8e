"""How much, how long, and where state is kept. Every default suits a first installation."""

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from routeringsvoorziening.configuration.model.common import FilePath, Part, SecretRef, seconds

ARTIFACT_MOST: Final = 900
"""Seconds that an artifact may live at most (ART-05)."""
QUARTER: Final = timedelta(minutes=15)


class ConditionsTimes(Part):
    """How long a declaration may be used at a dienstverlener, per level (AS-07)."""

    basis: Annotated[timedelta, seconds(60, 86400)] = QUARTER
    laag: Annotated[timedelta, seconds(60, 86400)] = QUARTER
    substantieel: Annotated[timedelta, seconds(60, 86400)] = QUARTER
    hoog: Annotated[timedelta, seconds(60, 86400)] = QUARTER


class Times(Part):
    """How long things hold; seconds, or ISO 8601 such as PT15M."""

    clock_skew: Annotated[timedelta, seconds(0, 300)] = timedelta(seconds=60)
    """By how much another party's clock may differ."""
    request_age: Annotated[timedelta, seconds(30, 900)] = timedelta(seconds=300)
    """How old an AuthnRequest may be."""
    login: Annotated[timedelta, seconds(60, 3600)] = QUARTER
    """How long a person may take to log in."""
    unproven_login: Annotated[timedelta, seconds(30, 3600)] = timedelta(seconds=180)
    """How long a login counts against the limits before somebody proved who they are; it lives on uncounted."""
    artifact_life: Annotated[timedelta, seconds(30, ARTIFACT_MOST)] = timedelta(seconds=120)
    """How long an answer waits to be collected; at most 15 minutes (ART-05)."""
    assertion_validity: Annotated[timedelta, seconds(30, 120)] = timedelta(seconds=120)
    """How long a declaration may be presented (SubjectConfirmation); at most two minutes (AS-04)."""
    conditions: ConditionsTimes = ConditionsTimes()

    @model_validator(mode="after")
    def _conditions_last_longest(self) -> Self:
        for level in ConditionsTimes.model_fields:
            if getattr(self.conditions, level) < self.assertion_validity:
                raise ValueError(f"conditions.{level} must not be shorter than assertion_validity (AS-07)")
        return self


class Limits(Part):
    """How much there may be at once; at a bound the answer is 503 with Retry-After."""

    logins: Annotated[int, Field(ge=10, le=10_000_000)] = 20_000
    """Logins under way, in total."""
    logins_per_connection: Annotated[int, Field(ge=10, le=10_000_000)] = 10_000
    """Logins under way of one connection, while there is room; the fuller the house, the fewer."""
    logins_guaranteed: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """When the last tenth of all logins begins to be used, who has so many waits; further on, who has fewer."""
    store_entries: Annotated[int, Field(ge=100, le=100_000_000)] = 200_000
    """Records in the embedded store."""
    open_connections: Annotated[int, Field(ge=10, le=100_000)] = 2_000
    """TCP connections per listener, those in their TLS handshake among them."""
    connections_per_address: Annotated[int, Field(ge=10, le=100_000)] = 500
    """Those of one IPv4 address, or one IPv6 /64; what comes by a configured proxy is not counted so."""
    request_bytes: Annotated[int, Field(ge=65_536, le=4_194_304)] = 262_144
    """The largest request body."""
    request_time: Annotated[timedelta, seconds(1, 60)] = timedelta(seconds=10)
    """How long a client may take to send its request."""
    crypto_workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Threads for XML cryptography: as many for what anybody can send, and for what we asked for."""
    crypto_queue: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Calls that such threads do or have waiting, for each of the two."""


class SealingKey(Part):
    """An AES-256 key that seals what is stored."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")]
    """Names the key in what it sealed; never use it again for another key."""
    key: SecretRef
    """32 bytes: as such in a file, or base64 in a file or in env:NAME."""


class Store(Part):
    """Short-lived state."""

    url: SecretRef = "memory://"
    """memory://, redis://, rediss:// or redis+sentinel://. With a password in it: env:NAME, and the address there."""
    sealing_keys: Annotated[tuple[SealingKey, ...], Field(max_length=8)] = ()
    """The first one seals, all of them open. None: a random key per start, for memory:// alone."""


class Audit(Part):
    """The audit trail: what must be provable afterwards, one JSON object per line."""

    file: FilePath | None = None
    """Absent: standard output."""
