"""Fresh names. All randomness of the core is made here, by the operating system."""

import hashlib
import secrets
from typing import Final

from routeringsvoorziening.broker.vocabulary import BrowserKey, LoginId, LogoutId, Reference, ServiceUUID, SessionKey

READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U: what looks or sounds alike, and the vowel that makes words."""


MARK: Final = 12
"""Characters of a mark."""


def new_login_id(service: ServiceUUID) -> LoginId:
    """128 random bits, URL-safe (22 characters), and the mark of its dienst."""
    return LoginId(f"{secrets.token_urlsafe(16)}-{mark_of(service)}")


def mark_of(service: ServiceUUID) -> str:
    """What the names of logins and legs end in: tells, when nothing is left of them, with whom to start again."""
    return hashlib.sha256(service.encode(errors="surrogatepass")).hexdigest()[:MARK]


def mark_in(name: str) -> str:
    """The mark in the name of a login or a leg. It proves nothing: anybody can write one."""
    return name[-MARK:]


def new_browser_key() -> BrowserKey:
    """256 random bits, URL-safe (43 characters)."""
    return BrowserKey(secrets.token_urlsafe(32))


def new_session_key() -> SessionKey:
    """256 random bits, URL-safe (43 characters)."""
    return SessionKey(secrets.token_urlsafe(32))


def new_logout_id() -> LogoutId:
    """128 random bits, URL-safe (22 characters)."""
    return LogoutId(secrets.token_urlsafe(16))


def new_reference() -> Reference:
    """A reference number to read out, such as `RV-7K3M-9QX2`: 39 random bits, enough to be unique, not to be secret."""
    number, letters = int.from_bytes(secrets.token_bytes(8)), ""
    for _ in range(8):
        number, letter = divmod(number, len(READABLE))
        letters += READABLE[letter]
    return Reference(f"RV-{letters[:4]}-{letters[4:]}")
