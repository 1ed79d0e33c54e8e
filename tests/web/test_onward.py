"""The page that posts onward, of which all but the values is made once for everybody."""

import re

import pytest
from aiohttp.test_utils import make_mocked_request

from routeringsvoorziening.broker.vocabulary import PostForm
from routeringsvoorziening.web.pages import Pages, PageSettings

HOSTILE = "\"><script>alert(1)</script>&amp;'gap-0"


def posted(values: dict[str, str], *, action: str = "https://ad.example/sso", language: str = "nl") -> tuple[str, str]:
    """The page for one person, and its policy."""
    request = make_mocked_request("GET", "/", headers={"Accept-Language": language})
    answer = Pages(PageSettings()).posting(request, PostForm(action, values), "Titel", "Tekst")
    return str(answer.text), answer.headers["Content-Security-Policy"]


def fields(page: str) -> dict[str, str]:
    """Names and values of what is posted, as they stand there."""
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))


@pytest.mark.attack("S89")
def test_nobody_gets_the_values_of_another() -> None:
    """In either order, with a page that was made before."""
    first, _ = posted({"SAMLRequest": "b25l", "RelayState": "_one"})
    second, _ = posted({"SAMLRequest": "dHdv", "RelayState": "_two"})
    assert fields(first) == {"SAMLRequest": "b25l", "RelayState": "_one"}
    assert fields(second) == {"SAMLRequest": "dHdv", "RelayState": "_two"}
    assert second == first.replace("b25l", "dHdv").replace("_one", "_two")


def test_other_addresses_languages_and_fields_are_other_pages() -> None:
    """What is kept is found by all that differs."""
    page, policy = posted({"SAMLRequest": "b25l", "RelayState": "_one"})
    elsewhere, other_policy = posted({"SAMLRequest": "b25l", "RelayState": "_one"}, action="https://other.example/sso")
    assert 'action="https://other.example/sso"' in elsewhere
    assert "https://other.example" in other_policy
    assert "https://other.example" not in policy
    english, _ = posted({"SAMLRequest": "b25l", "RelayState": "_one"}, language="en")
    assert ('lang="en"' in english, 'lang="en"' in page) == (True, False)
    assert fields(posted({"RelayState": "_one", "SAMLart": "x"})[0]) == {"RelayState": "_one", "SAMLart": "x"}


def test_a_value_is_never_markup() -> None:
    """It comes after the template, and is escaped like all that is filled in."""
    page, _ = posted({"SAMLRequest": HOSTILE, "RelayState": "_one"})
    assert "<script>alert" not in page
    assert fields(page)["RelayState"] == "_one"
