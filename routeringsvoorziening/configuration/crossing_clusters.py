"""What must fit between suppliers, the dienstverleners that they name, and the dienstencatalogus."""

from collections.abc import Mapping

from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.loading import Files, Located
from routeringsvoorziening.configuration.model.cluster import ClusterFile, MemberPart


def known_dienstverleners(files: Files) -> dict[str, Place]:
    """Where each dienstverlener is named: in a file of its own, or with a supplier."""
    known = {file.model.entity_id: file.place("entity_id") for file in files.dienstverleners}
    for file in files.clusters:
        for position, member in enumerate(file.model.dienstverleners):
            if member.name is not None:
                known.setdefault(member.entity_id, file.place("dienstverleners", position, "entity_id"))
    return known


def diensten_by_owner(files: Files) -> dict[str, set[str]]:
    """The ServiceUUIDs of every dienstverlener."""
    found: dict[str, set[str]] = {}
    for file in files.catalogue:
        for owner, dienst in file.model.owned:
            found.setdefault(owner, set()).add(dienst.uuid)
    return found


def check_members(files: Files, findings: Findings) -> None:
    """A supplier names known dienstverleners, each once, and only diensten of theirs.

    Codes: `cluster.duplicate`, `cluster.dienstverlener`, `cluster.dienst`.
    """
    known, diensten = known_dienstverleners(files), diensten_by_owner(files)
    for file in files.clusters:
        seen = set[str]()
        for position, member in enumerate(file.model.dienstverleners):
            place = file.place("dienstverleners", position, "entity_id")
            if member.entity_id in seen:
                text = f"{member.entity_id} stands twice with this supplier"
                findings.error("cluster.duplicate", place, text, "Keep one of the two.")
            seen.add(member.entity_id)
            if not files.broken:
                _check_known(member, place, known, findings)
                _check_diensten(member, file, position, diensten, findings)


def _check_known(member: MemberPart, place: Place, known: Mapping[str, Place], findings: Findings) -> None:
    if member.entity_id not in known:
        text = f"there is no dienstverlener {member.entity_id}"
        mend = "Give it a `name:` here, or a file of its own under dienstverleners/."
        findings.error("cluster.dienstverlener", place, text, mend)


def _check_diensten(
    member: MemberPart,
    file: Located[ClusterFile],
    position: int,
    diensten: Mapping[str, set[str]],
    findings: Findings,
) -> None:
    for number, dienst in enumerate(member.diensten or ()):
        if dienst.uuid not in diensten.get(member.entity_id, ()):
            place = file.place("dienstverleners", position, "diensten", number)
            text = f"{dienst.uuid} is not a dienst of {member.entity_id} in the dienstencatalogus"
            findings.error("cluster.dienst", place, text, "Correct the UUID, or add the dienst.")
