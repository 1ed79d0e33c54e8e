"""What the portal of a dienstverlener or a supplier is given: names, keys, services, and what it knows of others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from routeringsvoorziening.saml.certificates import TrustBundle, load_trust_bundle
from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.keys import SigningKey, load_signing_key
from routeringsvoorziening.saml.metadata.model import MetadataKey
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.portal.behind import Behind
from routeringsvoorziening.simulators.portal.certificates import load_decryption_key, metadata_key
from routeringsvoorziening.simulators.world import layout

NEXT_ENCRYPTION: Final = "encryption-next"
"""A second encryption key, when there is one: metadata lists both and either opens an identity (ATT-13)."""
ACS_INDEX: Final = 0


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Everything that `start` needs.

    Args:
        name: of the dienstverlener, on its pages.
        entity_id: of the dienstverlener.
        front_url: base URL of the portal, without trailing slash.
        port: where to listen; 0 takes a free one.
        services: what a citizen can do here.
        authorities: entity ID to name of every authenticatiedienst that may be used, in neutral order (SES-11).
        signing: what messages are signed with.
        metadata_keys: what the metadata publishes: signing, TLS and one or two for encryption.
        decryption_keys: the private keys that open identities.
        tls_certificate: PEM file of the client certificate for the back channel.
        tls_key: PEM file of its key.
        trust: what certificates in metadata must chain to.
        trust_file: the same as PEM file, for TLS.
        rd_metadata: file with the routeringsdienst's signed metadata; read at the start.
        sso: it shares a login with other websites, so logging out goes by the routeringsdienst (SLO-01).
        behind: of a supplier: the dienstverleners for whom it asks, by their short name. It has no services itself.
        bsnk: keys for what BSNk makes for us; None when there are none.
    """

    name: str
    entity_id: str
    front_url: str
    port: int
    services: tuple[layout.DemoService, ...]
    authorities: Mapping[str, str]
    signing: SigningKey
    metadata_keys: tuple[MetadataKey, ...]
    decryption_keys: tuple[DecryptionKey, ...]
    tls_certificate: Path
    tls_key: Path
    trust: TrustBundle
    trust_file: Path
    rd_metadata: Path
    sso: bool = False
    behind: Mapping[str, Behind] = field(default_factory=dict)
    bsnk: BsnkKeys | None = None

    @property
    def logout_url(self) -> str:
        """Where answers to a logout arrive."""
        return self.front_url + layout.PORTAL_LOGOUT_PATH

    @property
    def acs_url(self) -> str:
        """Where artifacts arrive."""
        return self.front_url + layout.PORTAL_ACS_PATH

    @classmethod
    def of_world(cls, world: layout.World, party: layout.Party = layout.PORTAL) -> Self:
        """A portal of a demo world. The PKI exists already.

        Raises:
            OSError: a file is missing.
        """
        files = world.files(party)
        website = next(each for each in layout.WEBSITES if each.party == party)
        signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
        purposes = [each for each in ("encryption", NEXT_ENCRYPTION) if files.key(each).exists()]
        encryption = [metadata_key(files.certificate(each), "encryption") for each in purposes]
        tls = metadata_key(files.certificate("tls"), "signing")
        return cls(
            name=party.name,
            entity_id=party.entity_id,
            front_url=world.website(party),
            port=world.website_port(party),
            services=website.services,
            authorities={party.entity_id: name for party, name in layout.LOGIN_METHODS.values()},
            signing=signing,
            metadata_keys=(metadata_key(files.certificate("signing"), "signing"), tls, *encryption),
            decryption_keys=tuple(
                load_decryption_key(files.key(purpose), key.key_name)
                for purpose, key in zip(purposes, encryption, strict=True)
            ),
            tls_certificate=files.certificate("tls"),
            tls_key=files.key("tls"),
            trust=load_trust_bundle(world.trust_bundle.read_bytes()),
            trust_file=world.trust_bundle,
            rd_metadata=world.files(layout.RV).metadata,
            sso=website.sso,
            bsnk=BsnkKeys.of_world(world, party),
        )

    @classmethod
    def of_cluster(cls, world: layout.World) -> Self:
        """The portal of a demo world's supplier. The PKI exists already.

        Raises:
            OSError: a file is missing.
        """
        party = layout.CLOUD
        files = world.files(party)
        return cls(
            name=party.name,
            entity_id=party.entity_id,
            front_url=world.cluster_front,
            port=world.ports.cluster,
            services=(),
            authorities={party.entity_id: name for party, name in layout.LOGIN_METHODS.values()},
            signing=load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes()),
            metadata_keys=tuple(metadata_key(files.certificate(each), "signing") for each in ("signing", "tls")),
            decryption_keys=(),
            tls_certificate=files.certificate("tls"),
            tls_key=files.key("tls"),
            trust=load_trust_bundle(world.trust_bundle.read_bytes()),
            trust_file=world.trust_bundle,
            rd_metadata=world.files(layout.RV).metadata,
            sso=True,
            behind={each.folder: Behind.of_world(world, each) for each in layout.BEHIND_CLOUD},
        )
