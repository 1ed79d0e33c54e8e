"""The numbers, for Prometheus, on a registry of our own. Labels come from small sets; what would not fit is `other`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

from routeringsvoorziening.broker.vocabulary import AuthenticationRequest, Choice
from routeringsvoorziening.observability.tally import Tally

OTHER: Final = "other"
MOST_VALUES: Final = 500
"""Different values of one open-ended label (a dienst, a connection)."""
DAY: Final = 86_400.0
STEP_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LOGIN_BUCKETS: Final = (1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0)


class BoundedLabel:
    """The first so many values of a label; every later one is `other`."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, value: str) -> str:
        """The value, or `other`."""
        if value in self._known:
            return value
        if len(self._known) >= self._most:
            return OTHER
        self._known.add(value)
        return value


class Metrics:
    """Everything that is counted and timed; implements the core's `Meter`.

    Args:
        registry: where the numbers are collected; one `Metrics` per registry.
        clock: now, UTC: for the days that certificates are still valid.
    """

    def __init__(
        self, registry: CollectorRegistry, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.registry = registry
        self._clock = clock
        self._service = BoundedLabel()
        self._connection = BoundedLabel()
        self._begun = Counter("rv_logins_begun_total", "Accepted requests", ["frontend"], registry=registry)
        self._ended = Counter(
            "rv_logins_ended_total", "Logins by outcome", ["frontend", "service", "outcome"], registry=registry
        )
        self._logouts_begun = Counter("rv_logouts_begun_total", "Accepted requests for a logout", registry=registry)
        self._logouts_ended = Counter("rv_logouts_ended_total", "Logouts by outcome", ["outcome"], registry=registry)
        self._login_seconds = Histogram(
            "rv_login_seconds",
            "From request to outcome, the person's time included",
            ["frontend", "outcome"],
            buckets=LOGIN_BUCKETS,
            registry=registry,
        )
        self._step_seconds = Histogram(
            "rv_step_seconds", "Our own time per step", ["step"], buckets=STEP_BUCKETS, registry=registry
        )
        self._backend_calls = Counter(
            "rv_backend_calls_total", "Calls to services", ["backend", "operation", "outcome"], registry=registry
        )
        self._backend_seconds = Histogram(
            "rv_backend_call_seconds",
            "Time of calls to services",
            ["backend", "operation"],
            buckets=STEP_BUCKETS,
            registry=registry,
        )
        self._store = Tally(
            "rv_store_operations",
            "Store operations",
            ("rv_store_operation_seconds", "Time of store operations"),
            ("operation", "kind", "outcome"),
            STEP_BUCKETS,
        )
        registry.register(self._store)
        self._certificate_days = Gauge(
            "rv_certificate_days_left",
            "Until a certificate in use expires",
            ["party", "use", "key"],
            registry=registry,
        )
        self._rejected = Counter(
            "rv_rejected_messages_total", "Refused messages by rule", ["endpoint", "code"], registry=registry
        )
        self._compat = Counter(
            "rv_compat_used_total", "Uses of a deviation from the standard", ["connection", "switch"], registry=registry
        )
        self._metadata_age = Gauge(
            "rv_metadata_age_seconds", "Since metadata was last fetched, and found good", ["party"], registry=registry
        )
        self._metadata_ends = Gauge(
            "rv_metadata_valid_until_seconds", "Unix time at which metadata ends", ["party"], registry=registry
        )
        self._metadata_refresh = Counter(
            "rv_metadata_refresh_total", "Attempts to fetch metadata", ["party", "outcome"], registry=registry
        )
        self._reloads = Counter(
            "rv_configuration_reload_total", "Reloads of the configuration", ["outcome"], registry=registry
        )
        self._bounds = Counter("rv_bound_reached_total", "How often a bound was reached", ["bound"], registry=registry)

        self._decrypted = Counter(
            "rv_identities_decrypted_total",
            "Identities opened on behalf of a dienstverlener",
            ["backend", "outcome"],
            registry=registry,
        )

    def identity_decrypted(self, backend: str, outcome: str) -> None:
        """An identity was opened for a dienstverlener, or not: `ok` or `refused`."""
        self._decrypted.labels(backend, outcome).inc()

    def login_begun(self, request: AuthenticationRequest) -> None:
        """A request was accepted."""
        self._begun.labels(request.frontend).inc()

    def login_ended(self, request: AuthenticationRequest, choice: Choice | None, outcome: str, seconds: float) -> None:
        """A login ended; `outcome` is `declared`, a `FailureKind` value or `abandoned`; the service is that chosen."""
        service = "none" if choice is None else choice.authentication
        self._ended.labels(request.frontend, self._service.of(service), outcome).inc()
        self._login_seconds.labels(request.frontend, outcome).observe(seconds)

    def logout_begun(self) -> None:
        """A website asked for a logout, by every rule."""
        self._logouts_begun.inc()

    def logout_ended(self, outcome: str) -> None:
        """The website was answered: `ended`, `partial` or `unknown`. Without an end: nobody came back."""
        self._logouts_ended.labels(outcome).inc()

    @contextmanager
    def step(self, step: str) -> Iterator[None]:
        """Times one step of ours (`sso`, `acs`, `artifact`), whatever its end."""
        started = monotonic()
        try:
            yield
        finally:
            self._step_seconds.labels(step).observe(monotonic() - started)

    def backend_called(self, backend: str, operation: str, outcome: str, seconds: float) -> None:
        """One call to a service; `outcome` is `ok` or the reason of an `ExchangeFailed`."""
        self._backend_calls.labels(backend, operation, outcome).inc()
        self._backend_seconds.labels(backend, operation).observe(seconds)

    def store_operated(self, operation: str, kind: str, outcome: str, seconds: float) -> None:
        """One operation of the store; `outcome` is `ok`, `none`, `busy` or `unavailable`."""
        self._store.add((operation, kind, outcome), seconds)

    def certificate_used(self, party: str, use: str, key: str, not_after: datetime) -> None:
        """A certificate is in use; the days it has left are computed when asked. `key` is its KeyName, shortened."""
        days = self._certificate_days.labels(self._connection.of(party), use, key[:16])
        days.set_function(lambda: (not_after - self._clock()).total_seconds() / DAY)

    def forget_certificates(self) -> None:
        """Before the certificates of a new configuration are told."""
        self._certificate_days.clear()
        self._metadata_ends.clear()

    def forget_certificates_of(self, party: str) -> None:
        """Before the certificates in a party's new metadata are told."""
        self._certificate_days.remove_by_labels({"party": self._connection.of(party)})
        self._metadata_ends.remove_by_labels({"party": self._connection.of(party)})

    def metadata_used(self, party: str, valid_until: datetime | None) -> None:
        """Metadata is in use; None when it does not say until when."""
        if valid_until is not None:
            self._metadata_ends.labels(self._connection.of(party)).set(valid_until.timestamp())

    def metadata_fetched(self, party: str, at: datetime) -> None:
        """Metadata from a URL was found good at that moment; its age is computed when asked."""
        age = self._metadata_age.labels(self._connection.of(party))
        age.set_function(lambda: (self._clock() - at).total_seconds())  # noqa: PLW0108  the clock is read when asked

    def metadata_refreshed(self, party: str, outcome: str) -> None:
        """One attempt: `renewed`, `unchanged`, `refused`, `rollback`, or the reason of an `ExchangeFailed`."""
        self._metadata_refresh.labels(self._connection.of(party), outcome).inc()

    def configuration_reloaded(self, outcome: str) -> None:
        """One reload: `done` or `refused`."""
        self._reloads.labels(outcome).inc()

    def message_rejected(self, endpoint: str, code: str) -> None:
        """A message broke the rule `code` at `endpoint`."""
        self._rejected.labels(endpoint, code).inc()

    def compat_used(self, connection: str, switch: str) -> None:
        """A connection needed a switch that allows it what the standard does not."""
        self._compat.labels(self._connection.of(connection), switch).inc()

    def bound_reached(self, bound: str) -> None:
        """A bound was reached; fit for `Listener(on_bound=…)`."""
        self._bounds.labels(bound).inc()


def new_registry() -> CollectorRegistry:
    """A registry with the numbers of the process and the platform."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry
