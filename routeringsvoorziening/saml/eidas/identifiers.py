"""Who somebody is across borders: the country that says so, the country that it is said to, and an identifier."""

import re
from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.saml.errors import SamlError

LONGEST: Final = 256
_FORM: Final = re.compile(r"([A-Z]{2})/([A-Z]{2})/(\S(?:.*\S)?)")


@dataclass(frozen=True, slots=True)
class CrossBorderIdentifier:
    """A PersonIdentifier or LegalPersonIdentifier, such as `ES/NL/02635542Y`.

    Args:
        origin: ISO 3166-1 alpha-2 of the country that identified.
        destination: of the country for which the identifier is meant.
        value: unique for these two; never shown.
    """

    origin: str
    destination: str
    value: str = field(repr=False)

    @property
    def text(self) -> str:
        """As it travels."""
        return f"{self.origin}/{self.destination}/{self.value}"


def parse_identifier(text: str, *, origin: str | None = None, destination: str = "NL") -> CrossBorderIdentifier:
    """Take an identifier apart; it must be meant for `destination` and, when given, come from `origin`.

    Raises:
        SamlError: `subject.identifier`; nothing of the value is in it.
    """
    match = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise SamlError("subject.identifier", "not two countries and an identifier")
    found = CrossBorderIdentifier(*match.groups())
    if found.destination != destination:
        raise SamlError("subject.identifier", "an identifier for another country")
    if origin is not None and found.origin != origin:
        raise SamlError("subject.identifier", "an identifier of another country than was asked")
    return found
