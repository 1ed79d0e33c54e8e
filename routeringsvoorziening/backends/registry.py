"""Every kind of login method that there is. To add one: its folder beside this module, and one line in `METHODS`."""

from typing import Final

from routeringsvoorziening.backends import method
from routeringsvoorziening.backends.digid.method import METHOD as DIGID
from routeringsvoorziening.backends.eherkenning.method import METHOD as EHERKENNING
from routeringsvoorziening.backends.eidas.method import METHOD as EIDAS
from routeringsvoorziening.configuration.kinds import Kinds

METHODS: Final[dict[str, method.Method]] = {
    "digid": DIGID,
    "eherkenning": EHERKENNING,
    "eidas": EIDAS,
}
"""By the name of its kind."""


def known_kinds() -> Kinds:
    """What may stand in the files, with these methods."""
    return Kinds([each.kind for each in METHODS.values()])
