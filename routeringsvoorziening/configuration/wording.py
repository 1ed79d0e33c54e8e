"""What is wrong with a value in a file, in words for who wrote it and not in those of the library that saw it."""

from typing import Any, Final

from pydantic_core import ErrorDetails

from routeringsvoorziening.configuration.model.common import ENTITY_ID, URL
from routeringsvoorziening.configuration.model.methods import METHOD_ID

_WORDS: Final = {
    "bool": "must be true or false",
    "datetime": "must be a moment with a time zone",
    "dict": "must have parts of its own",
    "greater_than_equal": "must be at least {ge}",
    "int": "must be a whole number",
    "ip": "must be a network",
    "less_than_equal": "must be at most {le}",
    "list": "must be a list",
    "literal_error": "must be {expected}",
    "model": "must have parts of its own",
    "string_pattern_mismatch": "does not have the right form",
    "string_too_long": "may have {max_length} characters at most",
    "string_too_short": "needs {min_length} characters at least",
    "string": "must be text",
    "time_delta": "must be a duration",
    "timezone_aware": "must be a moment with a time zone",
    "too_long": "may have {max_length} at most",
    "too_short": "needs {min_length} at least",
    "tuple": "must be a list",
    "union_tag_invalid": "must be one of {expected_tags}",
}
"""For the longest beginning of pydantic's type of an error; what is not here has words of its own that will do."""

_MENDS: Final = {
    "datetime": "For example 2026-01-31T09:00:00+01:00.",
    "ip": "For example 10.0.0.0/8, or 10.0.0.1/32 for one address.",
    "list": "Put it in brackets: [a, b].",
    "string": "One text; in quotes when it looks like a number.",
    "time_delta": "A number of seconds, or ISO 8601: PT15M is a quarter of an hour.",
    "timezone_aware": "For example 2026-01-31T09:00:00+01:00.",
    "tuple": "Put it in brackets: [a, b].",
}

_FORMS: Final = {
    ENTITY_ID: "An entity ID looks like urn:nl-eid-gdi:1.0:DV:<OIN of 20 digits>:entities:0001.",
    METHOD_ID: "A short name has small letters, digits and hyphens, and begins with a letter.",
    URL: "An address looks like https://login.example.nl, without a slash at the end.",
}
"""What a text that must fit a pattern looks like. A pattern that is not here is shown as it is."""


def in_words(error: ErrorDetails) -> str:
    """What is wrong; follows the name of what it is about."""
    words = _WORDS.get(_known_beginning(error["type"], _WORDS))
    if words is None:
        return error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return words.format(**_details(error))


def mend_of(error: ErrorDetails) -> str:
    """What to write instead; empty when the words say so already."""
    pattern = _details(error).get("pattern")
    if pattern is not None:
        return _FORMS.get(str(pattern), f"It must fit {pattern}")
    return _MENDS.get(_known_beginning(error["type"], _MENDS), "")


def _details(error: ErrorDetails) -> dict[str, Any]:
    return error.get("ctx", {})


def _known_beginning(kind: str, known: dict[str, str]) -> str:
    fitting = [each for each in known if kind == each or kind.startswith(f"{each}_")]
    return max(fitting, key=len, default="")
