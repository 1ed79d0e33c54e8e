"""What every declaring party is given: its name, keys and addresses, and the routeringsdienst that it serves."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.saml.certificates import TrustBundle, load_trust_bundle
from routeringsvoorziening.saml.keys import SigningKey, load_signing_key
from routeringsvoorziening.saml.messages.attributes import ST_SAML, Vocabulary
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.bsnk_keys import read_scheme


@dataclass(frozen=True, slots=True)
class DeclaringSettings:
    """What all of them have.

    Args:
        entity_id: of this party.
        front_url: base URL for browsers, without trailing slash.
        back_url: base URL for the routeringsdienst (mutual TLS), without trailing slash.
        front_port: where to listen for browsers; 0 takes a free one.
        back_port: where to listen for the routeringsdienst; 0 takes a free one.
        signing: what messages are signed with.
        tls_certificate: PEM file of the back channel's certificate, with the intermediate.
        tls_key: PEM file of its key.
        trust: what certificates in metadata must chain to.
        trust_file: the same as PEM file, for TLS.
        rd_metadata: file with the routeringsdienst's signed EntitiesDescriptor; read at the start.
        scheme: what it mints polymorphic identities and pseudonyms with; None when it makes none.
    """

    entity_id: str
    front_url: str
    back_url: str
    front_port: int
    back_port: int
    signing: SigningKey
    tls_certificate: Path
    tls_key: Path
    trust: TrustBundle
    trust_file: Path
    rd_metadata: Path
    scheme: Scheme | None = field(default=None, kw_only=True, repr=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """How its Assertions name attributes."""
        return ST_SAML

    @property
    def sso_url(self) -> str:
        """Where requests come in; their Destination."""
        return self.front_url + layout.SSO_PATH

    @property
    def artifact_url(self) -> str:
        """Where artifacts are resolved."""
        return self.back_url + layout.ARTIFACT_PATH


class Own(TypedDict):
    """The fields of `DeclaringSettings`, to fill those of a party with."""

    entity_id: str
    front_url: str
    back_url: str
    front_port: int
    back_port: int
    signing: SigningKey
    tls_certificate: Path
    tls_key: Path
    trust: TrustBundle
    trust_file: Path
    rd_metadata: Path
    scheme: Scheme


def own_of_world(world: layout.World, party: layout.Party) -> Own:
    """A declaring party of a demo world, whose PKI exists already.

    Raises:
        OSError: a file is missing.
    """
    files = world.files(party)
    return Own(
        entity_id=party.entity_id,
        front_url=world.front(party),
        back_url=world.back(party),
        front_port=world.front_port(party),
        back_port=world.back_port(party),
        signing=load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes()),
        tls_certificate=files.certificate("tls"),
        tls_key=files.key("tls"),
        trust=load_trust_bundle(world.trust_bundle.read_bytes()),
        trust_file=world.trust_bundle,
        rd_metadata=world.files(layout.RV).sp_metadata,
        scheme=read_scheme(world),
    )
