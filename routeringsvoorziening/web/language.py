"""Dutch or English: `?lang=` decides, else what the browser prefers, else Dutch."""

from typing import Final

from aiohttp import web

from routeringsvoorziening.broker.vocabulary import Language

LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
MOST_PREFERENCES: Final = 20


def language_of(request: web.Request) -> Language:
    """The language for the pages that answer this request."""
    asked = request.query.get("lang")
    for language in LANGUAGES:
        if asked == language:
            return language
    return preferred(request.headers.get("Accept-Language", ""))


def preferred(header: str) -> Language:
    """The one of ours that an Accept-Language header ranks highest (RFC 9110, 12.5.4)."""
    ranked: dict[Language, float] = {}
    for part in header.split(",")[:MOST_PREFERENCES]:
        name, _, weight = part.partition(";")
        for language in LANGUAGES:
            if name.strip().lower().partition("-")[0] == language:
                ranked.setdefault(language, _weight(weight))
    best = max(LANGUAGES, key=lambda language: ranked.get(language, 0.0))
    return best if ranked.get(best, 0.0) > 0 else "nl"


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
