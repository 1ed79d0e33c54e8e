"""Fresh names. All randomness of the core is made here, by the operating system."""

import secrets

from routeringsvoorziening.broker.vocabulary import BrowserKey, LoginId, Reference

READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U: what looks or sounds alike, and the vowel that makes words."""


def new_login_id() -> LoginId:
    """128 random bits, URL-safe (22 characters)."""
    return LoginId(secrets.token_urlsafe(16))


def new_browser_key() -> BrowserKey:
    """256 random bits, URL-safe (43 characters)."""
    return BrowserKey(secrets.token_urlsafe(32))


def new_reference() -> Reference:
    """A reference number to read out, such as `RV-7K3M-9QX2`: 39 random bits, enough to be unique, not to be secret."""
    letters = "".join(secrets.choice(READABLE) for _ in range(8))
    return Reference(f"RV-{letters[:4]}-{letters[4:]}")
