"""The world around the core, played: a clock to turn, services that answer what they are told, an audit trail to read.

The services keep a ledger of what they really declared, so that a test can hold a declaration against the truth.
"""
# ruff: noqa: D102 - the ports say what these methods do

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from routeringsvoorziening.broker.broker import Broker
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    AuthenticationServiceId,
    BrowserKey,
    Choice,
    Departure,
    EntityID,
    Identity,
    Leg,
    LegId,
    LoA,
    LocalizedText,
    Mandate,
    MandateServiceId,
    Offer,
    Preselection,
    Redirect,
    Reference,
    ServiceUUID,
    SubjectIdentifier,
)
from routeringsvoorziening.store.memory import MemoryStore

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DV = EntityID("urn:nl-eid-gdi:1.0:DV:00000000000000000001:entities:9001")
DIGID, EIDAS = AuthenticationServiceId("digid"), AuthenticationServiceId("eidas")
BVD = MandateServiceId("machtigen")
BROWSER = BrowserKey("a-browser-key-of-at-least-128-bits")
OTHER_BROWSER = BrowserKey("another-browser-s-key-of-128-bits")

WITH_DIGID, WITH_EIDAS, FOR_ANOTHER = Choice(DIGID), Choice(EIDAS), Choice(DIGID, BVD)
PRESELECTED = Preselection(authentication_services=frozenset({EntityID("urn:digid")}))

FAILURES = {
    "cancelled": Failure(FailureKind.CANCELLED, "service.cancelled"),
    "failed": Failure(FailureKind.AUTHENTICATION_FAILED, "service.failed"),
    "unsupported": Failure(FailureKind.NOT_SUPPORTED, "service.unsupported", message="Not today"),
    "unreachable": Failure(FailureKind.UNREACHABLE, "service.down"),
    "too-low": Failure(FailureKind.LOA_NOT_REACHED, "service.loa"),
    "denied": Failure(FailureKind.DENIED, "service.denied"),
    "untrusted": Failure(FailureKind.ANSWER_REJECTED, "sig.invalid"),
}


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Declared:
    """What a service really said: on which leg, for which task, about whom."""

    leg: Leg
    task: AuthenticationTask
    evidence: bytes
    loa: LoA | None = None
    about: Identity | None = None


@dataclass
class Ledger:
    """Every task a leg was started for, and everything that was declared."""

    tasks: dict[LegId, AuthenticationTask] = field(default_factory=dict)
    identities: dict[LegId, Identity | None] = field(default_factory=dict)
    declared: dict[bytes, Declared] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def depart(self, service: str, task: AuthenticationTask, identity: Identity | None) -> Departure:
        leg = LegId(f"_{service}-{next(self.numbers)}")
        self.tasks[leg], self.identities[leg] = task, identity
        return Departure(leg, Redirect(f"https://{service}.example/?leg={leg}"), {"noted": leg})

    def evidence(self, leg: Leg, task: AuthenticationTask, loa: LoA | None, about: Identity | None) -> bytes:
        evidence = f"evidence {next(self.numbers)}".encode()
        self.declared[evidence] = Declared(leg, task, evidence, loa, about)
        return evidence


async def _behave(answer: Mapping[str, str]) -> None:
    """Take the time an answer asks for, then fail if it says so."""
    for _ in range(int(answer.get("pauses", "0"))):
        await asyncio.sleep(0)
    if answer.get("result") == "never":
        await asyncio.Event().wait()
    if answer.get("result") in FAILURES:
        raise LoginFailed(FAILURES[answer["result"]])


class PlayedAuthentication:
    """An authenticatiedienst that declares what the answer tells it to: `loa`, or a failure as `result`."""

    def __init__(self, service: AuthenticationServiceId, ledger: Ledger) -> None:
        self.id = service
        self.claims_to_be = service
        self.down: str | None = None
        self._ledger = ledger

    async def begin(self, task: AuthenticationTask) -> Departure:
        await _behave({"result": self.down} if self.down else {})
        return self._ledger.depart(self.id, task, None)

    async def complete(self, leg: Leg, task: AuthenticationTask, answer: Mapping[str, str]) -> Identity:
        await _behave(answer)
        loa = LoA[answer.get("loa", "HOOG")]
        evidence = self._ledger.evidence(leg, task, loa, None)
        subject = SubjectIdentifier(frozenset({DV}), evidence)
        return Identity(self.claims_to_be, EntityID(f"urn:{self.id}"), loa, (subject,), evidence, START)


class PlayedMandates:
    """A BVD, in the same way."""

    def __init__(self, service: MandateServiceId, ledger: Ledger) -> None:
        self.id = service
        self.down: str | None = None
        self._ledger = ledger

    async def begin(self, task: AuthenticationTask, identity: Identity) -> Departure:
        await _behave({"result": self.down} if self.down else {})
        return self._ledger.depart(self.id, task, identity)

    async def complete(
        self, leg: Leg, task: AuthenticationTask, identity: Identity, answer: Mapping[str, str]
    ) -> Mandate:
        await _behave(answer)
        evidence = self._ledger.evidence(leg, task, None, identity)
        subject = SubjectIdentifier(frozenset({DV}), evidence)
        return Mandate(self.id, EntityID(f"urn:{self.id}"), (subject,), (), evidence)


class PlayedCatalogue:
    """Offers the same to everyone, or refuses."""

    def __init__(self) -> None:
        self.offered = offer(WITH_DIGID)
        self.refusal: Failure | None = None

    def offer(self, request: AuthenticationRequest, at: datetime) -> Offer:
        if self.refusal:
            raise LoginFailed(self.refusal)
        return self.offered


class KeptAudit:
    """An audit trail that can be read back, and that breaks on demand."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Reference, dict[str, str]]] = []
        self.broken: OSError | None = None
        self.hangs = False

    async def record(self, event: str, reference: Reference, facts: Mapping[str, str]) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.broken:
            raise self.broken
        self.events.append((event, reference, dict(facts)))

    def names(self) -> list[str]:
        return [event for event, _, _ in self.events]


class KeptMeter:
    """What was counted."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended: list[tuple[Choice | None, str, float]] = []
        self.logouts: list[str] = []

    def login_begun(self, request: AuthenticationRequest) -> None:
        self.begun += 1

    def login_ended(self, request: AuthenticationRequest, choice: Choice | None, outcome: str, seconds: float) -> None:
        self.ended.append((choice, outcome, seconds))

    def logout_begun(self) -> None:
        self.logouts.append("begun")

    def logout_ended(self, outcome: str) -> None:
        self.logouts.append(outcome)


class Core:
    """A broker in its played world."""

    def __init__(self, **options: float) -> None:
        self.clock = Moment()
        self.store = MemoryStore(self.clock.seconds)
        self.ledger = Ledger()
        self.catalogue = PlayedCatalogue()
        self.authentication = {each: PlayedAuthentication(each, self.ledger) for each in (DIGID, EIDAS)}
        self.mandates = {BVD: PlayedMandates(BVD, self.ledger)}
        self.audit = KeptAudit()
        self.meter = KeptMeter()
        self.broker = Broker(
            store=self.store,
            catalogue=self.catalogue,
            authentication=self.authentication,
            mandates=self.mandates,
            audit=self.audit,
            meter=self.meter,
            clock=self.clock,
            **options,  # type: ignore[arg-type]
        )


def offer(*choices: Choice, minimum_loa: LoA = LoA.LAAG) -> Offer:
    """An offer of these choices."""
    name = LocalizedText("Gemeente Voorbeeld", "Example municipality")
    return Offer(minimum_loa, choices, name, LocalizedText("Parkeren", "Parking"))


def request(
    *, preselection: Preselection | None = None, minimum_loa: LoA = LoA.BASIS, connection: EntityID = DV
) -> AuthenticationRequest:
    """A request as a frontend hands it over."""
    return AuthenticationRequest(
        frontend="saml",
        connection=connection,
        dienstverlener=DV,
        service=ServiceUUID("336fa5ed-b569-13fb-b3e4-896886c62aea"),
        received_at=START,
        reply={"acs": "1", "in_response_to": "_abc"},
        minimum_loa=minimum_loa,
        preselection=preselection or Preselection(),
    )
