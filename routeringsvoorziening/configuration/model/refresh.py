"""Metadata from URLs: how often it is fetched, and from where it may come."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from routeringsvoorziening.configuration.model.common import Part, seconds
from routeringsvoorziening.configuration.model.listeners import Network


class MetadataRefresh(Part):
    """How metadata is kept fresh."""

    least: Annotated[timedelta, seconds(60, 86400)] = timedelta(minutes=5)
    """Not sooner again than this, whatever its cacheDuration says."""
    most: Annotated[timedelta, seconds(300, 604800)] = timedelta(days=1)
    """Not later."""
    usual: Annotated[timedelta, seconds(60, 604800)] = timedelta(hours=1)
    """For metadata without cacheDuration."""
    timeout: Annotated[timedelta, seconds(1, 300)] = timedelta(seconds=30)
    """For one fetch."""
    networks: Annotated[tuple[Network, ...], Field(max_length=64)] = ()
    """Addresses that are not public and may be asked all the same: 10.20.0.0/16."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least > self.most:
            raise ValueError("least must not be more than most")
        return self
