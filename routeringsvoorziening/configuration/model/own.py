"""Who we are: the Routeringsdienst's own entity ID and keys."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from routeringsvoorziening.configuration.model.common import (
    EntityIdText,
    FilePath,
    KeyPairFiles,
    Part,
    TlsFiles,
    seconds,
)


class Own(Part):
    """The Routeringsdienst itself."""

    entity_id: EntityIdText
    """Role RD; the OIN is the one in the certificates. Index 9000-9999 is for test systems."""
    signing: Annotated[tuple[KeyPairFiles, ...], Field(min_length=1, max_length=2)]
    """Signs our messages and metadata. The first one signs; a second one is published for rollover."""
    tls: TlsFiles
    """Server certificate of the back channel, and client certificate when we call a service."""
    encryption: FilePath | None = None
    """Certificate that our metadata must list for AD and BVD (MD-SP-05). An identity is encrypted for it only
    for a dienstverlener with `decryption:`."""
    metadata_validity: Annotated[timedelta, seconds(3600, 90 * 86400)] = timedelta(days=7)
    """How long metadata that we publish may be used."""
