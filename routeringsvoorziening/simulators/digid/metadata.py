"""DigiD's own metadata."""

from datetime import datetime

from routeringsvoorziening.simulators.declaring import metadata
from routeringsvoorziening.simulators.digid.settings import DigidSettings


def metadata_of(settings: DigidSettings, at: datetime) -> bytes:
    """The signed document, with a signing key only: nobody encrypts for an authenticatiedienst.

    With single sign-on it says where to log out (MD-AD-04).
    """
    return metadata.metadata_of(settings, at, logout_url=settings.logout_url if settings.domains else None)
