"""Fresh names."""

import re

from routeringsvoorziening.broker.identifiers import new_browser_key, new_login_id, new_reference
from routeringsvoorziening.broker.login import fingerprint

MANY = 1000


def test_login_ids_are_url_safe_and_of_128_bits() -> None:
    """22 characters of base64url, none twice."""
    ids = {new_login_id() for _ in range(MANY)}
    assert len(ids) == MANY
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", each) for each in ids)


def test_browser_keys_are_fit_to_bind_a_login() -> None:
    """43 characters of base64url, accepted as a binding."""
    key = new_browser_key()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", key)
    assert len(fingerprint(key)) == 32


def test_references_can_be_read_out() -> None:
    """Two groups of four, without letters and digits that look or sound alike."""
    references = {new_reference() for _ in range(MANY)}
    assert len(references) == MANY
    assert all(re.fullmatch(r"RV-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", each) for each in references)
