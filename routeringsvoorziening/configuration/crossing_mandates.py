"""What must fit between BVDs and the rest: short names that occur once, and diensten that name BVDs that exist."""

from collections.abc import Iterator

from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.loading import Files
from routeringsvoorziening.configuration.model.dienst import DienstPart


def check_mandates(files: Files, findings: Findings) -> None:
    """Everything in this module. Codes: `service.duplicate`, `method.mandate`, `dienst.mandate`."""
    _check_names(files, findings)
    _check_methods(files, findings)
    known = files.main.model.mandate_services
    for dienst, place in _allowing(files):
        for name in dienst.mandates:
            if name not in known:
                text = f"{dienst.name.nl!r} allows a mandate service that does not exist: {name}"
                mend = f"Known: {', '.join(sorted(known))}." if known else "Add `mandate_services:` to the main file."
                findings.error("dienst.mandate", place, text, mend)


def _check_names(files: Files, findings: Findings) -> None:
    """Login methods and BVDs share one set of names: their answers come in at `/saml/acs/{name}`."""
    main = files.main
    for name in main.model.mandate_services:
        if name in main.model.authentication_services:
            text = f"there is a login method with the name {name} too"
            findings.error("service.duplicate", main.place("mandate_services", name), text, "Rename one of them.")


def _check_methods(files: Files, findings: Findings) -> None:
    """A login method goes on to BVDs that exist."""
    main = files.main
    for name, method in main.model.authentication_services.items():
        for unknown in sorted(set(method.mandates or ()) - main.model.mandate_services.keys()):
            text = f"{name} goes on to a mandate service that does not exist: {unknown}"
            place = main.place("authentication_services", name, "mandates")
            findings.error("method.mandate", place, text, "Add it to `mandate_services:`, or correct its name.")


def _allowing(files: Files) -> Iterator[tuple[DienstPart, Place]]:
    for file in files.catalogue:
        for position, dienst in enumerate(file.model.diensten):
            if dienst.mandates:
                yield dienst, file.place("diensten", position, "mandates")
