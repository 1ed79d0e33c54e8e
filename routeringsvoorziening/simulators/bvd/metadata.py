"""A BVD's own metadata: with encryption keys, so that an AD can encrypt for it, and without logout (MD-AD-02, -04)."""

from datetime import datetime

from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.declaring import metadata


def metadata_of(settings: BvdSettings, at: datetime) -> bytes:
    """The signed document."""
    return metadata.metadata_of(settings, at, settings.encryption)
