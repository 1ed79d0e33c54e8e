"""RelayState of the portal: which attempt, guarded with an HMAC that also binds it to one browser (SES-05)."""

import base64
import hashlib
import hmac
from typing import Final

from routeringsvoorziening.simulators.portal.checks import CheckFailed

MAC_BYTES: Final = 16
LONGEST: Final = 80
"""Bytes that a RelayState may have (SES-05)."""


def seal(attempt: str, browser: str, secret: bytes) -> str:
    """The RelayState for an attempt of a browser: 45 characters, URL-safe."""
    return f"{attempt}.{_mac(attempt, browser, secret)}"


def unseal(relay_state: str, browser: str | None, secret: bytes) -> str:
    """The attempt that a RelayState names.

    Raises:
        CheckFailed: `relay-state`: not ours, altered, or of another browser.
    """
    attempt, _, mac = relay_state.partition(".")
    if browser is None or not hmac.compare_digest(mac.encode(), _mac(attempt, browser, secret).encode()):
        raise CheckFailed("relay-state")
    return attempt


def _mac(attempt: str, browser: str, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{attempt}|{browser}".encode(), hashlib.sha256)[:MAC_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
