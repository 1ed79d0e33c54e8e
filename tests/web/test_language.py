"""Dutch or English, and every sentence in both."""

import re
import string
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

import routeringsvoorziening.web
from routeringsvoorziening.broker.failures import FailureKind
from routeringsvoorziening.broker.vocabulary import LoA
from routeringsvoorziening.transport.errors import STATUS_OF
from routeringsvoorziening.web.language import language_of, preferred
from routeringsvoorziening.web.setbacks import WITH_A_TEXT_OF_THEIR_OWN
from routeringsvoorziening.web.texts import TEXTS, text
from tests.support.core import WITH_DIGID, WITH_EIDAS, offer


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "nl"),
        ("nl", "nl"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.5,nl;q=0.8", "nl"),
        ("de,en;q=0.8,nl;q=0.5", "en"),
        ("de", "nl"),
        ("en;q=0", "nl"),
        ("en;q=broken", "nl"),
        ("*", "nl"),
        ("EN-us", "en"),
        ("english", "nl"),
    ],
)
def test_preference(header, language):
    """What the browser ranks highest of our two; Dutch when it likes neither."""
    assert preferred(header) == language


@pytest.mark.parametrize(
    ("query", "language"), [("?lang=en", "en"), ("?lang=nl", "nl"), ("?lang=fr", "nl"), ("", "nl")]
)
def test_the_switch_wins(query, language):
    """`?lang=` goes before the header; another language is ignored."""
    assert language_of(make_mocked_request("GET", f"/{query}", {"Accept-Language": "nl"})) == language


async def test_a_page_in_english(site, browser):
    """Language of the page, its title, and the links that switch."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    asked = await browser.post("/begin", Accept_Language="en")
    page = await browser.get(asked.location)
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en">' in page.text
    assert page.heading == "How do you want to log in?"
    assert "Example municipality" in page.text
    assert '<a href="?lang=nl" lang="nl" hreflang="nl">Nederlands</a>' in page.text


async def test_the_switch_travels_with_the_forms(site, browser):
    """Who switched stays switched after a choice."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    asked = await browser.post("/begin")
    page = await browser.get(asked.location.replace("lang=nl", "lang=en"))
    action = re.search('action="(/login/[^"]*choose[^"]*)"', page.text).group(1)
    assert action.endswith("/choose?lang=en")
    again = await browser.post(action, {"choice": "unknown"})
    assert again.location.endswith("?lang=en")


def test_every_sentence_in_both_languages_with_the_same_gaps():
    """A translation that lacks a name would fail in a person's hands."""
    for key, sentences in TEXTS.items():
        assert set(sentences) == {"nl", "en"}, key
        gaps = {
            frozenset(gap for _, gap, _, _ in string.Formatter().parse(sentence) if gap)
            for sentence in sentences.values()
        }
        assert len(gaps) == 1, key


def test_every_failure_and_status_has_its_words():
    """Those that can reach a page."""
    for kind in (*WITH_A_TEXT_OF_THEIR_OWN, FailureKind.CANCELLED):
        name = kind.value if kind in WITH_A_TEXT_OF_THEIR_OWN else "other"
        for part in ("title", "text", "advice"):
            assert f"setback.{name}.{part}" in TEXTS
    for status in {*STATUS_OF.values(), 404, 500} - {415}:
        assert f"error.{status}.title" in TEXTS
    assert {f"level.{level.value}" for level in LoA} <= TEXTS.keys()


def test_no_sentence_is_left_over():
    """Every key is used by a template or a module."""
    room = Path(routeringsvoorziening.web.__file__).parent
    used = "\n".join(path.read_text() for path in (*room.rglob("*.html"), *room.glob("*.py")))
    families = ("error.", "setback.", "level.", "departing.", "action.")
    left = [key for key in TEXTS if not key.startswith(families) and f'"{key}"' not in used]
    assert left == []


def test_a_sentence_is_not_a_template():
    """What is filled in is never filled in again."""
    assert text("en", "action.back", dienstverlener="{service}") == "Back to {service}"
