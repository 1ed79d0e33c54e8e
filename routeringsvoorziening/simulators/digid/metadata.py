"""DigiD's own metadata: one EntityDescriptor with one IDPSSODescriptor, signed (MD-AD-01 to MD-AD-04)."""

from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, KeyUse, MetadataKey
from routeringsvoorziening.saml.metadata.writing import write_identity_provider
from routeringsvoorziening.simulators.digid.settings import DigidSettings

VALIDITY: Final = timedelta(days=90)
ARTIFACT_INDEX: Final = 0
SIGNING: Final[frozenset[KeyUse]] = frozenset({"signing"})


def metadata_of(settings: DigidSettings, at: datetime) -> bytes:
    """The signed document. SSO is off, so there is no SingleLogoutService."""
    signing = settings.signing
    return write_identity_provider(
        IdentityProvider(
            entity_id=settings.entity_id,
            keys=(MetadataKey(signing.key_name, signing.certificate, SIGNING),),
            artifact_resolution=(Endpoint(settings.artifact_url, names.BINDING_SOAP, ARTIFACT_INDEX, is_default=True),),
            single_sign_on=(Endpoint(settings.sso_url, names.BINDING_POST),),
            single_logout=(),
            valid_until=at + VALIDITY,
        ),
        signing,
    )
