"""A scheme and a recipient that every test of the polymorphic structures shares; minting changes neither."""

import pytest

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.bsnk.keys import RecipientKeys
from tests.bsnk.people import DIVERSIFIER, KEY_SET, OIN


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme.generate()


@pytest.fixture(scope="session")
def keys(scheme: Scheme) -> RecipientKeys:
    return scheme.recipient_keys(OIN, KEY_SET, diversifiers=[DIVERSIFIER])
