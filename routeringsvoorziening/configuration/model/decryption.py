"""The Routeringsvoorziening as decryption service on behalf of dienstverleners: off unless somebody is written down."""

from typing import Annotated

from pydantic import Field

from routeringsvoorziening.configuration.model.common import FilePath, Part, SecretRef


class DecryptionService(Part):
    """What the service needs itself. Nothing is decrypted before a dienstverlener has a `decryption:` of its own."""

    key: SecretRef
    """PEM of the RSA private key that belongs to `own.encryption`, for which authenticatiediensten then encrypt."""
    scheme: Annotated[tuple[FilePath, ...], Field(min_length=1, max_length=32)]
    """The public keys of BSNk, in PEM: signatures are verified with them."""


class OnBehalf(Part):
    """That we open, for this dienstverlener, what BSNk made for it. This departs from ST-SAML (ATT-10, ENC-03)."""

    keys: Annotated[tuple[SecretRef, ...], Field(min_length=1, max_length=16)]
    """Its own BSNk key files of type "EI Decryption", for its own OIN; readable by nobody else."""
