"""Every sentence that a person reads, in both languages, from `texts.yaml`; read once, with the program itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from routeringsvoorziening.broker.vocabulary import Language

_FILE: Final = Path(__file__).with_name("texts.yaml")
TEXTS: Final[Mapping[str, Mapping[Language, str]]] = yaml.safe_load(_FILE.read_text("utf-8"))
"""Key to language to text; `{name}` in a text is filled in."""


def text(language: Language, key: str, **filled: str) -> str:
    """One sentence, still to be escaped for where it stands.

    Raises:
        KeyError: there is no such sentence, or it lacks what must be filled in; that is a mistake in the program.
    """
    return TEXTS[key][language].format(**filled)
