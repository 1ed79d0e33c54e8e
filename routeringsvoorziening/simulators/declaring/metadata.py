"""Metadata of a declaring party: one EntityDescriptor with one IDPSSODescriptor, signed (MD-AD-01 to MD-AD-04)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.keys import key_name_of
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, KeyUse, MetadataKey
from routeringsvoorziening.saml.metadata.writing import write_identity_provider
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings

VALIDITY: Final = timedelta(days=90)
ARTIFACT_INDEX: Final = 0
SIGNING: Final[frozenset[KeyUse]] = frozenset({"signing"})
ENCRYPTION: Final[frozenset[KeyUse]] = frozenset({"encryption"})


def metadata_of(
    settings: DeclaringSettings,
    at: datetime,
    encryption: Iterable[x509.Certificate] = (),
    *,
    logout_url: str | None = None,
) -> bytes:
    """The signed document.

    Args:
        settings: who publishes it.
        at: now; it is valid for 90 days.
        encryption: certificates for which identities are encrypted, of a BVD (MD-AD-02).
        logout_url: of the SingleLogoutService of an AD that keeps sessions (MD-AD-04).
    """
    signing = settings.signing
    keys = [MetadataKey(key_name_of(each), each, ENCRYPTION) for each in encryption]
    return write_identity_provider(
        IdentityProvider(
            entity_id=settings.entity_id,
            keys=(MetadataKey(signing.key_name, signing.certificate, SIGNING), *keys),
            artifact_resolution=(Endpoint(settings.artifact_url, names.BINDING_SOAP, ARTIFACT_INDEX, is_default=True),),
            single_sign_on=(Endpoint(settings.sso_url, names.BINDING_POST),),
            single_logout=() if logout_url is None else (Endpoint(logout_url, names.BINDING_POST),),
            valid_until=at + VALIDITY,
        ),
        signing,
    )
