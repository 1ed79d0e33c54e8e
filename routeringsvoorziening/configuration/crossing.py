"""What must fit between the files: names that occur once, names that exist, levels that can be reached.

Nothing here reads keys or metadata. A follow-up mistake is not reported when a file that it depends on is broken.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from routeringsvoorziening.configuration.crossing_clusters import check_members, known_dienstverleners
from routeringsvoorziening.configuration.crossing_mandates import check_mandates
from routeringsvoorziening.configuration.crossing_methods import check_methods
from routeringsvoorziening.configuration.federations import check_federations
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.kinds import EntityId, Standing
from routeringsvoorziening.configuration.loading import Files, Located
from routeringsvoorziening.configuration.model.main import MainFile
from routeringsvoorziening.configuration.urls import check_urls
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import Role, parse_entity_id

ROLE_NAMES: Final[Mapping[Role, str]] = {
    "RD": "a Routeringsdienst",
    "DV": "a dienstverlener",
    "LC": "a supplier",
    "BVD": "a bevoegdheidsverklaringsdienst",
}


_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def check_crossings(files: Files, findings: Findings) -> None:
    """Everything in this module, in the other `crossing_` modules and in `federations`.

    Codes: `entity.role`, `entity.test`, `entity.duplicate`, `dienst.duplicate`, `dienst.uuid`, `dienst.dienstverlener`,
    `dienst.no-connection`, `dienstverlener.no-diensten`, `http.production`, `http.back-channel`, `tls.missing`,
    `listener.same-port`, `cluster.duplicate`, `cluster.dienstverlener`, `cluster.dienst`, `federation.unknown`,
    `federation.mixed`, `federation.unused`, and those of `crossing_methods`, `crossing_mandates` and `urls`.
    """
    _check_entities(files, findings)
    _check_uuids(files, findings)
    _check_owners(files, findings)
    check_methods(files, findings)
    _check_kinds(files, findings)
    check_members(files, findings)
    check_mandates(files, findings)
    check_federations(files, findings)
    check_urls(files, findings)
    _check_addresses(files.main, findings)


@dataclass(frozen=True, slots=True)
class _Named:
    """A party that the files name: its entity ID, who it must be, and what takes such an entity ID apart."""

    entity_id: str
    who: str
    parse: Callable[[str], EntityId]
    place: Place


def _of_role(entity_id: str, role: Role, place: Place) -> _Named:
    return _Named(entity_id, ROLE_NAMES[role], partial(parse_entity_id, role=role), place)


def _entities(files: Files) -> Iterable[_Named]:
    main = files.main
    yield _of_role(main.model.own.entity_id, "RD", main.place("own", "entity_id"))
    for name, method in main.model.authentication_services.items():
        place = main.place("authentication_services", name, "entity_id")
        who = f"a login method of kind {method.kind}"
        yield _Named(method.entity_id, who, files.kinds.of(method).parse_entity_id, place)
    for name, mandates in main.model.mandate_services.items():
        yield _of_role(mandates.entity_id, "BVD", main.place("mandate_services", name, "entity_id"))
    for file in files.dienstverleners:
        yield _of_role(file.model.entity_id, "DV", file.place("entity_id"))
    for cluster in files.clusters:
        yield _of_role(cluster.model.entity_id, "LC", cluster.place("entity_id"))
        for position, member in enumerate(cluster.model.dienstverleners):
            if member.name is not None:
                yield _of_role(member.entity_id, "DV", cluster.place("dienstverleners", position, "entity_id"))


def _check_entities(files: Files, findings: Findings) -> None:
    """Every entity ID has the right role, occurs once, and is no test system's in production (MD-02)."""
    seen: dict[str, Place] = {}
    for named in _entities(files):
        if named.entity_id in seen:
            text = f"{named.entity_id} stands also in {seen[named.entity_id]}"
            mend = "A party stands in one file. If these are two parties, each has an entity ID of its own."
            findings.error("entity.duplicate", named.place, text, mend)
        seen.setdefault(named.entity_id, named.place)
        _check_entity(named, files.main.model, findings)


def _check_entity(named: _Named, main: MainFile, findings: Findings) -> None:
    entity_id, place = named.entity_id, named.place
    try:
        parsed = named.parse(entity_id)
    except SamlError:
        text = f"{entity_id} is not the entity ID of {named.who}"
        findings.error("entity.role", place, text, "Take the entity ID from its metadata.")
        return
    if parsed.is_test and main.environment == "production":
        text = f"{entity_id}: index {parsed.index} is for test systems only (MD-02)"
        findings.error("entity.test", place, text, "Use the entity ID with an index below 9000.")


def _check_uuids(files: Files, findings: Findings) -> None:
    """Every ServiceUUID occurs once in the whole catalogue, and looks like one."""
    seen: dict[str, Place] = {}
    for file in files.catalogue:
        for position, dienst in enumerate(file.model.diensten):
            place = file.place("diensten", position, "uuid")
            if _UUID.fullmatch(dienst.uuid) is None:
                text = f"{dienst.uuid} does not look like a UUID"
                findings.warning("dienst.uuid", place, text, "Is it what their metadata and their requests name?")
            if dienst.uuid in seen:
                text = f"the ServiceUUID {dienst.uuid} stands also in {seen[dienst.uuid]}"
                mend = "A dienst stands in one file. If these are two diensten, give one another UUID: uuidgen"
                findings.error("dienst.duplicate", place, text, mend)
            seen.setdefault(dienst.uuid, place)


def _check_owners(files: Files, findings: Findings) -> None:
    """Every dienst is of a known dienstverlener, and every dienstverlener has diensten and a connection."""
    known, connected = known_dienstverleners(files), _connected(files)
    owners = set[str]()
    for file in files.catalogue:
        for position, (owner, dienst) in enumerate(file.model.owned):
            if owner not in owners:
                place = file.place(*(("diensten", position) if dienst.dienstverlener else ()), "dienstverlener")
                _check_owner(owner, place, known, connected, findings, broken=files.broken)
                owners.add(owner)
    for owner, place in known.items():
        if owner not in owners and not files.broken:
            text = f"{owner} has no diensten in the dienstencatalogus: every login is refused"
            findings.warning("dienstverlener.no-diensten", place, text, "Add its diensten.")


def _check_owner(
    owner: str,
    place: Place,
    known: Mapping[str, Place],
    connected: Collection[str],
    findings: Findings,
    *,
    broken: bool,
) -> None:
    if owner in known and owner not in connected:
        text = f"nobody can ask for these diensten: {owner} has no connection"
        findings.warning("dienst.no-connection", place, text, "Add `connection:` to the dienstverlener.")
    if owner not in known and not broken:
        text = f"there is no dienstverlener {owner}"
        findings.error("dienst.dienstverlener", place, text, "Add a file for it, or correct the entity ID.")


def _connected(files: Files) -> frozenset[str]:
    """Those that have a connection: their own, or a supplier's."""
    direct = {file.model.entity_id for file in files.dienstverleners if file.model.connection is not None}
    return frozenset(direct | {each.entity_id for file in files.clusters for each in file.model.dienstverleners})


def _check_kinds(files: Files, findings: Findings) -> None:
    """What the diensten say for each kind of login method fits together."""
    known = known_dienstverleners(files)
    decrypted = {file.model.entity_id for file in files.dienstverleners if file.model.decryption is not None}
    diensten = [
        Standing(dienst, partial(file.place, "diensten", position), owner in decrypted)
        for file in files.catalogue
        for position, (owner, dienst) in enumerate(file.model.owned)
        if owner in known or not files.broken
    ]
    files.kinds.check_diensten(diensten, findings)


def _check_addresses(located: Located[MainFile], findings: Findings) -> None:
    """Addresses are https where they must be (TLS-01, TLS-03), and no two listeners on one port."""
    main = located.model
    for name in ("front_channel", "back_channel"):
        channel = getattr(main, name)
        place = located.place(name, "base_url")
        if channel.base_url.startswith("https://"):
            continue
        if name == "back_channel":
            text = "the back channel's address must be https: it is mutual TLS (TLS-03)"
            findings.error("http.back-channel", place, text, "Write https://.")
        elif main.environment == "production":
            findings.error("http.production", place, f"{name} has an http address (TLS-01)", "Write https://.")
    if main.environment == "production" and main.front_channel.tls is None and main.front_channel.proxy is None:
        text = "the front channel has no TLS certificate, and no proxy that ends TLS for it (TLS-01)"
        findings.error("tls.missing", located.place("front_channel"), text, "Add `tls:` or `proxy:`.")
    _check_ports(located, findings)


def _check_ports(located: Located[MainFile], findings: Findings) -> None:
    main, seen = located.model, dict[tuple[str, int], str]()
    for name in ("front_channel", "back_channel", "management"):
        listener = getattr(main, name)
        address = (listener.host, listener.port)
        if listener.port and address in seen:
            text = f"{name} listens on the port of {seen[address]}"
            findings.error("listener.same-port", located.place(name, "port"), text, "Give each a port of its own.")
        seen.setdefault(address, name)
