"""Who takes part in which federation for single sign-on, and who may not (SSO-01, MD-DV-03, MD-LC-05)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from routeringsvoorziening.broker.vocabulary import Federation
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.loading import Files
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.names import BINDING_POST

PATH: Final = ("connection", "federation")


def check_federations(files: Files, findings: Findings) -> None:
    """Every federation exists, is used, and is of one organisation.

    Codes: `federation.unknown`, `federation.mixed` (SSO-01), `federation.unused`.
    """
    known = files.main.model.federations
    owners: dict[str, tuple[str, Place]] = {}
    for name, entity_id, place in _taking_part(files):
        if name not in known:
            mend = f"Known: {', '.join(sorted(known))}." if known else "Add `federations:` to the main file."
            findings.error("federation.unknown", place, f"there is no federation {name!r}", mend)
            continue
        organisation = _organisation(entity_id)
        first, where = owners.setdefault(name, (organisation, place))
        if organisation != first:
            text = f"the federation {name!r} has a connection of another organisation in {where} (SSO-01)"
            mend = "A federation is of one dienstverlener: give every organisation a federation of its own."
            findings.error("federation.mixed", place, text, mend)
    for name in known.keys() - owners.keys():
        text, place = f"no connection takes part in the federation {name!r}", files.main.place("federations", name)
        findings.warning("federation.unused", place, text, "Name it at `connection: federation:`, or leave it out.")


def federated(connections: Iterable[Connection], files: Files, findings: Findings) -> list[Connection]:
    """The connections, each with its federation.

    One that publishes no SingleLogoutService by HTTP-POST goes on without single sign-on. Code: `federation.logout`.
    """
    wanted = {entity_id: (name, place) for name, entity_id, place in _taking_part(files)}
    return [
        _federated(each, *wanted[each.entity_id], files, findings) if each.entity_id in wanted else each
        for each in connections
    ]


def _federated(connection: Connection, name: str, place: Place, files: Files, findings: Findings) -> Connection:
    part = files.main.model.federations.get(name)
    if part is None:
        return connection
    if not any(endpoint.binding == BINDING_POST for endpoint in connection.metadata.slo):
        eis = "MD-LC-05" if connection.is_cluster else "MD-DV-03"
        text = f"no single sign-on without a SingleLogoutService by HTTP-POST in the metadata ({eis})"
        findings.unusable("federation.logout", place, text, "Ask its owner for metadata with one.")
        return connection
    return replace(connection, federation=Federation(name, part.idle, part.maximum))


def _taking_part(files: Files) -> Iterator[tuple[str, str, Place]]:
    """Federation, entity ID, and where it says so."""
    for file in files.dienstverleners:
        part = file.model.connection
        if part is not None and part.federation is not None:
            yield part.federation, file.model.entity_id, file.place(*PATH)
    for cluster in files.clusters:
        federation = cluster.model.connection.federation
        if federation is not None:
            yield federation, cluster.model.entity_id, cluster.place(*PATH)


def _organisation(entity_id: str) -> str:
    """The OIN; an entity ID that has none is reported elsewhere."""
    try:
        return parse_entity_id(entity_id).oin
    except SamlError:
        return entity_id
