"""The machtigingsinzage: after a simulated login a person sees all that exists about them, in every register.

Both ways: for whom they may act, and who may act for them; also what does not hold (any more), and why.
"""

from datetime import timedelta
from typing import Final

from aiohttp import web

from routeringsvoorziening.simulators.bvd import words
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.registers.stelsel import Stelsel
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.simulators.world.persons import BY_KEY, PERSONS, Person
from routeringsvoorziening.transport.forms import posted_form

VISIT_LIFE: Final = timedelta(minutes=15)
MOST_SHOWN: Final = 50
"""Lines of one table."""


class Inzage:
    """The handlers.

    Args:
        settings: of the BVD whose pages these are.
        stelsel: all registers, those of other BVDs too.
        clock: aware UTC.
    """

    def __init__(self, settings: BvdSettings, stelsel: Stelsel, clock: Clock) -> None:
        self._settings = settings
        self._stelsel = stelsel
        self._clock = clock
        self._visits: ShortLived[Person] = ShortLived(VISIT_LIFE, clock)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """GET /inzage: who are you."""
        return page(request, "bvd/inzage_login.html", profile=self._settings.profile, persons=PERSONS)

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """POST /inzage: a simulated login."""
        form = await posted_form(request)
        person = BY_KEY.get(str(form.get("person", "")))
        if person is None:
            raise web.HTTPSeeOther("/inzage")
        raise web.HTTPSeeOther(f"/inzage/{self._visits.add(person)}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /inzage/{id}: what exists about this person."""
        person = self._visits.peek(request.match_info["id"])
        if person is None:
            raise web.HTTPSeeOther("/inzage")
        overview = self._stelsel.overview(person.bsn, self._clock())
        return page(
            request,
            "bvd/inzage.html",
            profile=self._settings.profile,
            person=person,
            acting=overview.acting[:MOST_SHOWN],
            acting_total=len(overview.acting),
            represented=overview.represented[:MOST_SHOWN],
            services_of=self._stelsel.services_of,
            kinds=words.KINDS,
            actions=words.ACTIONS,
            standings=words.STANDINGS,
        )
