"""Single sign-on: federations of websites among which a person logs in once."""

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from routeringsvoorziening.configuration.model.common import Part, seconds

LONGEST: Final = timedelta(hours=12)
"""That a session may last, in any federation."""
FederationName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class FederationPart(Part):
    """One federation: the connections of one organisation that name it."""

    idle: Annotated[timedelta, seconds(60, LONGEST.total_seconds())] = timedelta(minutes=15)
    """A session that is not used ends after this; every login in it begins this anew."""
    maximum: Annotated[timedelta, seconds(60, LONGEST.total_seconds())] = timedelta(hours=2)
    """A session ends after this, however often it is used: then credentials are asked again (SSO-02)."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.idle > self.maximum:
            raise ValueError("idle must not be longer than maximum")
        return self
