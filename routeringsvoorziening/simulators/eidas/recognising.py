"""Who somebody from another country is here: the simulated BRP, asked by name and date of birth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from routeringsvoorziening.saml.eidas.attributes import text_of
from routeringsvoorziening.saml.eidas.vocabulary import DATE_OF_BIRTH, FAMILY_NAME, GIVEN_NAME
from routeringsvoorziening.simulators.eidas.abroad import Arrived
from routeringsvoorziening.simulators.world.europe import PEOPLE, European

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Brp:
    """People who live or lived in the Netherlands; by family name, given name and date of birth to BSN."""

    bsns: Mapping[Key, str] = field(repr=False)

    @classmethod
    def of(cls, people: Iterable[European] = PEOPLE) -> "Brp":
        """Those who have a BSN."""
        known = ((_key(each.family, each.given, each.born.isoformat()), each.bsn) for each in people)
        return cls({key: bsn for key, bsn in known if bsn is not None})

    def bsn_of(self, arrived: Arrived) -> str | None:
        """The BSN of a person; None for who is not known here, and for companies, which have none."""
        parts = [text_of(arrived.values, kind) or "" for kind in (FAMILY_NAME, GIVEN_NAME, DATE_OF_BIRTH)]
        return None if arrived.legal else self.bsns.get(_key(*parts))


def _key(family: str, given: str, born: str) -> Key:
    return family.casefold(), given.casefold(), born
