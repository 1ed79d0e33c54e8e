"""We, as dienstverleners see us: the Routeringsdienst's names, addresses and keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from routeringsvoorziening.broker.vocabulary import LoA
from routeringsvoorziening.saml.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute URLs, as our metadata publishes them."""

    sso: str
    logout: str
    artifact: str
    artifact_index: int


@dataclass(frozen=True, slots=True)
class Times:
    """How long things hold.

    Args:
        skew: between the clocks of two parties (AMB-25).
        request_age: how old a request may be.
        artifact_life: between our redirect and the resolve; at most 15 minutes (ART-05).
        assertion_validity: of the subject confirmation, from the moment of resolving (AS-04).
        conditions: of the assertion, per level; never shorter than `assertion_validity` (AS-07).
    """

    skew: timedelta
    request_age: timedelta
    artifact_life: timedelta
    assertion_validity: timedelta
    conditions: Mapping[LoA, timedelta]


@dataclass(frozen=True, slots=True)
class Routeringsdienst:
    """Who answers, with which key, from where, and for how long it holds."""

    entity_id: str
    signing: SigningKey
    addresses: Addresses
    times: Times
