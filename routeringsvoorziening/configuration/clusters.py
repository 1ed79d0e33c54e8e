"""A supplier's file and its metadata to one `Connection`, with a relation for every dienstverlener that both name."""

from dataclasses import dataclass
from types import MappingProxyType

from routeringsvoorziening.broker.vocabulary import EntityID, ServiceUUID
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.loading import Located
from routeringsvoorziening.configuration.metadata import MetadataReader
from routeringsvoorziening.configuration.model.cluster import ClusterFile, MemberPart
from routeringsvoorziening.configuration.model.common import Windowed
from routeringsvoorziening.configuration.result import ALWAYS, Connection, Relation, Window
from routeringsvoorziening.saml.metadata.model import Cluster, ClusterMember


@dataclass(frozen=True, slots=True)
class AssembledCluster:
    """What came of one supplier's file; `left_out` pairs it with dienstverleners that cannot be asked for."""

    connection: Connection
    left_out: frozenset[tuple[EntityID, EntityID]]


def assemble_cluster(file: Located[ClusterFile], reader: MetadataReader, findings: Findings) -> AssembledCluster | None:
    """The supplier's connection; None, and findings, when its metadata cannot be used.

    Codes: those of `MetadataReader`, `cluster.not-in-metadata`, `cluster.not-configured`.
    """
    model, place = file.model, file.place("connection", "metadata")
    reference, directory = model.connection.metadata, file.document.file.parent
    cluster = reader.supplier(reference, directory, place, model.entity_id, model.connection.compat)
    if cluster is None:
        return None
    _warn_of_strangers(cluster, model, place, findings)
    relations, left_out = {}, set()
    for position, part in enumerate(model.dienstverleners):
        member = cluster.members.get(part.entity_id)
        if member is None:
            _report_absent(part, file.place("dienstverleners", position, "entity_id"), findings)
            left_out.add((EntityID(model.entity_id), EntityID(part.entity_id)))
        else:
            relations[EntityID(part.entity_id)] = _relation(part, member)
    connection = Connection(
        entity_id=EntityID(model.entity_id),
        name=model.name.text,
        metadata=cluster.supplier,
        window=window_of(model.connection),
        compat=model.connection.compat,
        organisation=window_of(model),
        role=window_of(model.role),
        members=MappingProxyType(relations),
    )
    return AssembledCluster(connection, frozenset(left_out))


def window_of(part: Windowed) -> Window:
    """A window of the files."""
    if part.active and part.active_from is None and part.active_until is None:
        return ALWAYS
    return Window(part.active, part.active_from, part.active_until)


def _relation(part: MemberPart, member: ClusterMember) -> Relation:
    diensten = None
    if part.diensten is not None:
        diensten = MappingProxyType({ServiceUUID(each.uuid): window_of(each) for each in part.diensten})
    return Relation(member.recipients, window_of(part), diensten, member.valid_until)


def _report_absent(part: MemberPart, place: Place, findings: Findings) -> None:
    text = f"{part.entity_id} is not, or not any more, in the supplier's metadata (MD-LC-01)"
    findings.unusable("cluster.not-in-metadata", place, text, "Ask the supplier for newer metadata, or leave it out.")


def _warn_of_strangers(cluster: Cluster, model: ClusterFile, place: Place, findings: Findings) -> None:
    """Who is in the metadata only: nobody can log in there, and somebody may think that they can."""
    strangers = sorted(cluster.members.keys() - {each.entity_id for each in model.dienstverleners})
    if strangers:
        text = f"in the supplier's metadata and not in this file, so not served: {', '.join(strangers[:3])}"
        text += f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""  # noqa: PLR2004 - shown above
        findings.warning(
            "cluster.not-configured", place, text, "Add them under `dienstverleners:` when they should be."
        )
