"""Betrouwbaarheidsniveaus and their URIs (ST-SAML types, Level of Assurance; LOA-01)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from routeringsvoorziening.saml.errors import SamlError

URIS: Final[Mapping[int, str]] = MappingProxyType(
    {
        10: "http://eID.logius.nl/LoA/basic",
        20: "http://eidas.europa.eu/LoA/low",
        25: "http://eidas.europa.eu/LoA/substantial",
        30: "http://eidas.europa.eu/LoA/high",
    }
)
"""By the number of the dienstencatalogus, ascending."""

ALIASES: Final[Mapping[str, int]] = MappingProxyType({"http://eid.logius.nl/LoA/basic": 10})
"""The spelling of the koppelvlak's examples; accepted from a login service, never sent (AMB-01)."""

_LEVELS: Final = {uri: level for level, uri in URIS.items()}


def level_of(uri: str, *, lenient: bool = True) -> int:
    """The level (10, 20, 25 or 30) of a class reference, compared exactly; `lenient` also knows the alias.

    Raises:
        SamlError: `loa`.
    """
    level = _LEVELS.get(uri)
    if level is None and lenient:
        level = ALIASES.get(uri)
    if level is None:
        raise SamlError("loa", "not one of the four levels")
    return level


def uri_of(level: int) -> str:
    """The class reference of a level, as we send it.

    Raises:
        SamlError: `loa`.
    """
    try:
        return URIS[level]
    except KeyError:
        raise SamlError("loa", f"no such level: {level}") from None
