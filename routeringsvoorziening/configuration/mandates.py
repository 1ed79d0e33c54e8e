"""The BVDs of the main file, with their metadata. One that cannot be used is left out; the rest works."""

from collections.abc import Iterator

from routeringsvoorziening.broker.vocabulary import EntityID, MandateServiceId
from routeringsvoorziening.configuration.loading import Located
from routeringsvoorziening.configuration.metadata import MetadataReader
from routeringsvoorziening.configuration.model.main import MainFile
from routeringsvoorziening.configuration.result import MandateServiceSettings


def assemble_mandates(main: Located[MainFile], reader: MetadataReader) -> Iterator[MandateServiceSettings]:
    """Every BVD that can be used. Why another one cannot stands in the findings."""
    directory = main.document.file.parent
    for position, (name, part) in enumerate(main.model.mandate_services.items()):
        place = main.place("mandate_services", name, "metadata")
        metadata = reader.mandate_service(part.metadata, directory, place, part.entity_id)
        metadata = metadata or reader.awaited_service(part.metadata, part.entity_id)
        if metadata is not None:
            yield MandateServiceSettings(
                id=MandateServiceId(name),
                position=position,
                kind=part.kind,
                name=part.name.text,
                prompt=part.prompt.text,
                entity_id=EntityID(part.entity_id),
                metadata=metadata,
                representation_types=frozenset(part.representation_types),
                legal=part.representation == "legal",
                calls=part.calls,
            )
