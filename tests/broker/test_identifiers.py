"""Fresh names."""

import re

from routeringsvoorziening.broker.identifiers import mark_in, mark_of, new_browser_key, new_login_id, new_reference
from routeringsvoorziening.broker.login import fingerprint
from routeringsvoorziening.broker.vocabulary import ServiceUUID

MANY = 1000
SERVICE = ServiceUUID("336fa5ed-b569-13fb-b3e4-896886c62aea")


def test_login_ids_are_url_safe_and_of_128_bits() -> None:
    """22 characters of base64url, none twice, and the mark of the dienst."""
    ids = {new_login_id(SERVICE) for _ in range(MANY)}
    assert len(ids) == MANY
    assert len({each[:22] for each in ids}) == MANY
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}-[0-9a-f]{12}", each) for each in ids)


def test_the_name_of_a_login_tells_its_dienst_and_no_other() -> None:
    """By a mark that gives the ServiceUUID itself away to nobody who does not know it."""
    login = new_login_id(SERVICE)
    assert mark_in(login) == mark_of(SERVICE) != mark_of(ServiceUUID(SERVICE[:-1] + "b"))
    assert SERVICE not in login


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
