"""The numbers, as an operator reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, Choice
from routeringsvoorziening.observability.metered_store import MeteredStore
from routeringsvoorziening.observability.metrics import BoundedLabel, Metrics, new_registry
from tests.support.clocks import Moment

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DIGID = Choice(AuthenticationServiceId("digid"))


def test_logins(metrics, registry, asked):
    """Begun and ended, by outcome and by the service chosen."""
    metrics.login_begun(asked)
    metrics.login_ended(asked, DIGID, "declared", 12.0)
    metrics.login_ended(asked, None, "cancelled", 2.0)
    value = registry.get_sample_value
    assert value("rv_logins_begun_total", {"frontend": "saml"}) == 1
    labels = {"frontend": "saml", "service": "digid", "outcome": "declared"}
    assert value("rv_logins_ended_total", labels) == 1
    assert value("rv_logins_ended_total", {"frontend": "saml", "service": "none", "outcome": "cancelled"}) == 1
    assert value("rv_login_seconds_sum", {"frontend": "saml", "outcome": "declared"}) == 12.0


def test_logouts(metrics, registry):
    """Begun and ended, by outcome: the difference is who never came back."""
    metrics.logout_begun()
    metrics.logout_begun()
    metrics.logout_ended("partial")
    assert registry.get_sample_value("rv_logouts_begun_total") == 2
    assert registry.get_sample_value("rv_logouts_ended_total", {"outcome": "partial"}) == 1


def test_a_step_is_timed_also_when_it_fails(metrics, registry):
    """An exception does not hide the time it took."""
    with pytest.raises(KeyError), metrics.step("sso"):
        raise KeyError
    assert registry.get_sample_value("rv_step_seconds_count", {"step": "sso"}) == 1


def test_backend_calls(metrics, registry):
    """By outcome, and their time."""
    metrics.backend_called("digid", "resolve", "timeout", 10.0)
    labels = {"backend": "digid", "operation": "resolve"}
    assert registry.get_sample_value("rv_backend_calls_total", labels | {"outcome": "timeout"}) == 1
    assert registry.get_sample_value("rv_backend_call_seconds_sum", labels) == 10.0


def test_certificates_count_down(registry, at):
    """The days left are computed when asked, and go below zero."""
    moments = [at]
    metrics = Metrics(registry, clock=lambda: moments[-1])
    metrics.certificate_used("urn:x", "signing", "ab" * 32, at + timedelta(days=10))
    labels = {"party": "urn:x", "use": "signing", "key": "ab" * 8}
    assert registry.get_sample_value("rv_certificate_days_left", labels) == 10
    moments.append(at + timedelta(days=11))
    assert registry.get_sample_value("rv_certificate_days_left", labels) == -1
    metrics.forget_certificates()
    assert registry.get_sample_value("rv_certificate_days_left", labels) is None


def test_rejections_switches_and_bounds(metrics, registry):
    """Each has its own counter."""
    metrics.message_rejected("/saml/sso", "sig.invalid")
    metrics.compat_used("urn:x", "old-suite")
    metrics.bound_reached("connections")
    value = registry.get_sample_value
    assert value("rv_rejected_messages_total", {"endpoint": "/saml/sso", "code": "sig.invalid"}) == 1
    assert value("rv_compat_used_total", {"connection": "urn:x", "switch": "old-suite"}) == 1
    assert value("rv_bound_reached_total", {"bound": "connections"}) == 1


def test_an_open_label_is_bounded():
    """The first values are kept, later ones are one."""
    label = BoundedLabel(most=2)
    assert [label.of(value) for value in "abcab"] == ["a", "b", "other", "a", "b"]


def test_a_registry_knows_the_process():
    """Memory and CPU come along."""
    assert new_registry().get_sample_value("process_cpu_seconds_total") is not None


class FakeStore:
    """Answers, or raises, as told."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        """As told."""
        self._give()

    async def take(self, kind: str, key: str) -> bytes | None:
        """As told."""
        return self._give()

    peek = take

    async def add_once(self, kind: str, key: str, ttl: float) -> bool:
        """As told."""
        return self._give()

    def _give(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("operation", "arguments", "answer", "outcome"),
    [
        ("put", ("k", b"v", 1), None, "ok"),
        ("peek", ("k",), b"v", "ok"),
        ("peek", ("k",), None, "none"),
        ("take", ("k",), b"v", "ok"),
        ("take", ("k",), None, "none"),
        ("add_once", ("k", 1), True, "ok"),
        ("add_once", ("k", 1), False, "none"),
    ],
)
async def test_store_operations(registry, operation, arguments, answer, outcome):
    """What the store says is handed on, and counted by table and outcome."""
    store = MeteredStore(FakeStore(answer), Metrics(registry))
    assert await getattr(store, operation)("login", *arguments) == answer
    labels = {"operation": operation, "kind": "login", "outcome": outcome}
    assert registry.get_sample_value("rv_store_operations_total", labels) == 1


@pytest.mark.parametrize(("error", "outcome"), [(TooBusy("x"), "busy"), (OSError(), "unavailable")])
async def test_store_trouble(metrics, registry, error, outcome):
    """What the store raises goes on, and is counted."""
    store = MeteredStore(FakeStore(error), metrics)
    with pytest.raises(type(error)):
        await store.take("leg", "k")
    labels = {"operation": "take", "kind": "leg", "outcome": outcome}
    assert registry.get_sample_value("rv_store_operations_total", labels) == 1


def test_metadata_tells_its_age_and_its_end(registry):
    """The age grows by itself; what a party no longer has is forgotten with its certificates."""
    moment = Moment(AT)
    metrics = Metrics(registry, clock=moment)
    metrics.metadata_used("a", AT + timedelta(days=1))
    metrics.metadata_used("b", None)
    metrics.metadata_fetched("a", AT)
    moment.advance(timedelta(minutes=1))
    ends = registry.get_sample_value("rv_metadata_valid_until_seconds", {"party": "a"})
    assert ends == (AT + timedelta(days=1)).timestamp()
    assert registry.get_sample_value("rv_metadata_age_seconds", {"party": "a"}) == 60
    metrics.forget_certificates_of("a")
    assert registry.get_sample_value("rv_metadata_valid_until_seconds", {"party": "a"}) is None


def test_refreshes_and_reloads_are_counted(metrics, registry):
    """By outcome."""
    metrics.metadata_refreshed("a", "unchanged")
    metrics.configuration_reloaded("refused")
    assert registry.get_sample_value("rv_metadata_refresh_total", {"party": "a", "outcome": "unchanged"}) == 1
    assert registry.get_sample_value("rv_configuration_reload_total", {"outcome": "refused"}) == 1
