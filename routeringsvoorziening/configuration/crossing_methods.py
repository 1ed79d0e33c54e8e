"""What must fit between diensten and login methods: names that exist, levels that are reached, nothing said in vain."""

from collections.abc import Callable, Collection
from functools import partial

from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.loading import Files
from routeringsvoorziening.configuration.model.common import LEVELS
from routeringsvoorziening.configuration.model.dienst import DienstPart
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod

PlaceOf = Callable[..., Place]
"""Of something in a dienst, by its path there."""


def check_methods(files: Files, findings: Findings) -> None:
    """Everything in this module.

    Codes: `dienst.method`, `dienst.method-settings`, `dienst.unreachable-loa`; as warnings `dienst.method-unused` and
    `dienst.mandate-unreachable`.
    """
    for file in files.catalogue:
        for position, dienst in enumerate(file.model.diensten):
            _check_dienst(dienst, partial(file.place, "diensten", position), files, findings)


def _check_dienst(dienst: DienstPart, place: PlaceOf, files: Files, findings: Findings) -> None:
    services = files.main.model.authentication_services
    for number, name in enumerate(dienst.methods or ()):
        if name not in services:
            known = ", ".join(sorted(services))
            findings.error(
                "dienst.method", place("methods", number), f"there is no login method {name!r}", f"Known: {known}."
            )
            return
        if not files.kinds.open_for(dienst, services[name]):
            kind = services[name].kind
            text = f"{name} cannot be used for {dienst.name.nl!r}, which does not say what {kind} needs"
            findings.error("dienst.method-settings", place("methods", number), text, f"Add `{kind}:` to the dienst.")
    allowed = services if dienst.methods is None else dienst.methods
    open_for_it = [services[name] for name in allowed if files.kinds.open_for(dienst, services[name])]
    reaching = [each for each in open_for_it if LEVELS[each.max_loa] >= LEVELS[dienst.minimum_loa]]
    if not reaching:
        text = f"no login method of {dienst.name.nl!r} reaches {dienst.minimum_loa}"
        mend = "Allow a method that does, or lower the minimum."
        findings.error("dienst.unreachable-loa", place("minimum_loa"), text, mend)
        return
    _check_said(dienst, {services[name].kind for name in allowed}, place, files, findings)
    _check_mandates(dienst, reaching, place, files, findings)


def _check_said(dienst: DienstPart, kinds: Collection[str], place: PlaceOf, files: Files, findings: Findings) -> None:
    """What a dienst says for a kind of method opens something."""
    for kind in sorted(files.kinds.said_for(dienst).keys() - kinds):
        text = f"{dienst.name.nl!r} says `{kind}:`, but none of its login methods is of that kind"
        mend = f"Add such a method to `methods:`, or leave `{kind}:` out."
        findings.warning("dienst.method-unused", place(kind), text, mend)


def _check_mandates(
    dienst: DienstPart, reaching: Collection[AuthenticationMethod], place: PlaceOf, files: Files, findings: Findings
) -> None:
    """Some login method of the dienst goes on to each of its BVDs."""
    for name in dienst.mandates:
        goes_on = any(each.mandates is None or name in each.mandates for each in reaching)
        if name in files.main.model.mandate_services and not goes_on:
            text = f"{dienst.name.nl!r} allows {name}, but with none of its login methods can people act through that"
            mend = f"Leave it out, or allow a login method after which people may go on to {name}."
            findings.warning("dienst.mandate-unreachable", place("mandates"), text, mend)
