"""What the exchange page says about each message and each status; the words themselves stand in `texts.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

Text = tuple[str, str]
"""Dutch and English."""

UNKNOWN_STATUS: Final = ("Een code buiten het koppelvlak.", "A code outside the koppelvlak.")


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a message, and what it is for."""

    name: str
    text: Text


@dataclass(frozen=True, slots=True)
class MessageText:
    """What is said about a message.

    Args:
        title: what it is called.
        route: who sends it to whom, and how.
        intro: one or two sentences.
        terms: its parts.
    """

    title: Text
    route: Text
    intro: Text
    terms: tuple[Term, ...]


def prepare_texts() -> None:
    """Read the texts, once. This blocks: call it before the event loop serves pages."""
    message_texts()


@cache
def message_texts() -> Mapping[str, MessageText]:
    """By the anchor of the message."""
    return {
        anchor: MessageText(
            _both(text["title"]),
            _both(text["route"]),
            _both(text["intro"]),
            tuple(Term(term["name"], _both(term)) for term in text.get("terms", ())),
        )
        for anchor, text in _document()["messages"].items()
    }


def status_text(code: str) -> Text:
    """What a status code means; by the last part of its URN."""
    text = _document()["statuses"].get(code.rpartition(":")[2])
    return _both(text) if text else UNKNOWN_STATUS


@cache
def _document() -> Mapping[str, Any]:
    source = files("routeringsvoorziening.simulators.portal") / "texts.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _both(text: Mapping[str, str]) -> Text:
    return text["nl"], text["en"]
