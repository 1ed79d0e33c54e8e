"""Login methods: the authenticatiediensten that are connected."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from routeringsvoorziening.configuration.model.common import EntityIdText, LoAName, Names, Part, seconds

METHOD_ID: Final = r"^[a-z][a-z0-9-]{0,30}$"
MethodId = Annotated[str, Field(pattern=METHOD_ID)]
MetadataRef = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_000_000,
        description="A path relative to this file, the metadata itself as a block of text that begins with <, or an "
        "https address from which it is fetched again and again.",
    ),
]


def is_url(reference: str) -> bool:
    """Whether a reference to metadata says where to fetch it."""
    return reference.startswith(("https://", "http://"))


class Breaker(Part):
    """When a service is down, stop asking it for a while."""

    failures: Annotated[int, Field(ge=1, le=1000)] = 5
    """So many failures in a row open it."""
    pause: Annotated[timedelta, seconds(1, 600)] = timedelta(seconds=15)
    """So long nobody is sent there; then one call tries."""


class Calls(Part):
    """Bounds on our calls to a service's back channel."""

    timeout: Annotated[timedelta, seconds(0.05, 60)] = timedelta(seconds=10)
    """For a whole call."""
    concurrent: Annotated[int, Field(ge=1, le=1000)] = 64
    """Calls at once."""
    response_bytes: Annotated[int, Field(ge=16_384, le=4_194_304)] = 262_144
    """The largest answer."""
    breaker: Breaker = Breaker()


class AuthenticationMethod(Part):
    """One login method; each kind adds what it needs (`configuration.kinds`)."""

    kind: str
    """Which backend speaks with it."""
    name: Names
    """As people know it; shown on the choice page."""
    entity_id: EntityIdText
    metadata: MetadataRef
    max_loa: LoAName = "hoog"
    """The highest level that it can prove; it is not offered where more is needed (LOA-07)."""
    mandates: tuple[MethodId, ...] | None = None
    """BVDs to which a login with it may go on. Absent: all that the dienst allows."""
    calls: Calls = Calls()
