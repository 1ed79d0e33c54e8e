"""Requests, clocks and registries for the tests of this room."""

from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from routeringsvoorziening.broker.vocabulary import AuthenticationRequest, EntityID, ServiceUUID
from routeringsvoorziening.observability.metrics import Metrics

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
BSN = "900000016"
"""Of nobody: begins with 9, and passes the 11-proof."""


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def bsn() -> str:
    return BSN


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry) -> Metrics:
    return Metrics(registry, clock=lambda: AT)


@pytest.fixture
def asked() -> AuthenticationRequest:
    dienstverlener = EntityID("urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:9003")
    return AuthenticationRequest("saml", dienstverlener, dienstverlener, ServiceUUID("u"), AT, {})
