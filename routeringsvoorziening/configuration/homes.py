"""Where a login came from, when nothing of it is left: the dienstverlener's name and website, found by a mark.

The names of logins and legs end in a mark of their dienst (`broker.identifiers.mark_of`), so that somebody who comes
back too late still hears with whom to start again. Nothing is kept for it, and nothing but configured names comes out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from routeringsvoorziening.broker.identifiers import mark_in, mark_of
from routeringsvoorziening.broker.vocabulary import LocalizedText
from routeringsvoorziening.configuration.result import Configuration, Connection, Dienstverlener


@dataclass(frozen=True, slots=True)
class Home:
    """A dienstverlener, for somebody who wants to start again; `url` None when no website is known."""

    name: LocalizedText
    url: str | None


class Homes:
    """Every dienstverlener with diensten, by the marks of those."""

    def __init__(self, homes: Iterator[tuple[str, Home]]) -> None:
        self._homes = dict(homes)

    @classmethod
    def of(cls, configuration: Configuration) -> Self:
        """Those of a configuration."""
        homes = {
            each.entity_id: Home(each.name, _website(each, configuration.connections.get(each.entity_id)))
            for each in configuration.dienstverleners.values()
        }
        diensten = configuration.diensten.values()
        return cls(
            (mark_of(each.uuid), homes[each.dienstverlener]) for each in diensten if each.dienstverlener in homes
        )

    def home_of(self, name: str) -> Home | None:
        """The home of a login or a leg, by its name; None for a name that is not ours, or of a dienst that is gone."""
        return self._homes.get(mark_in(name))


def _website(dienstverlener: Dienstverlener, connection: Connection | None) -> str | None:
    """As configured, else the site to which its own signed metadata sends people."""
    if dienstverlener.website is not None or connection is None:
        return dienstverlener.website
    return next((_site(each.location) for each in connection.metadata.acs), None)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
