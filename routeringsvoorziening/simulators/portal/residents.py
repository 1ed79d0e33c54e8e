"""The municipality's own register of residents: a declaration holds no name, so the portal looks it up by the BSN."""

from datetime import date

from routeringsvoorziening.simulators.world.families import residents


def name_of(bsn: str, today: date) -> str | None:
    """Whose BSN it is; None when the register does not know."""
    return next((each.name for each in residents(today) if each.bsn == bsn), None)
