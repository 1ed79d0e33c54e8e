"""Mandate services: the bevoegdheidsverklaringsdiensten (BVD) that are connected."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from routeringsvoorziening.configuration.model.common import EntityIdText, Names, Part
from routeringsvoorziening.configuration.model.methods import Calls, MetadataRef

PUBLISHED_TYPES: Final = ("urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind",)
"""The whole table of the koppelvlak, at present (ATT-07)."""

TypeUrn = Annotated[str, Field(pattern=r"^urn:nl-eid-gdi:[0-9.]{1,10}:RT:[A-Za-z0-9_-]{1,100}$")]


class MandateService(Part):
    """One BVD."""

    kind: Literal["bvd"]
    """Which backend speaks with it."""
    name: Names
    """As people know it."""
    prompt: Names
    """When somebody chooses it, in their own words and without a capital: with an authorisation, for my child."""
    entity_id: EntityIdText
    metadata: MetadataRef
    representation: Literal["voluntary", "legal"]
    """legal: what it declares always has a RepresentationType; voluntary: it may have one."""
    representation_types: tuple[TypeUrn, ...] = PUBLISHED_TYPES
    """The RepresentationTypes that it may declare; an answer with any other is refused."""
    calls: Calls = Calls()

    @model_validator(mode="after")
    def _can_declare(self) -> Self:
        if self.representation == "legal" and not self.representation_types:
            raise ValueError("legal representation needs representation_types")
        return self
