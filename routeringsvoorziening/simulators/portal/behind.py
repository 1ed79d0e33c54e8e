"""A dienstverlener behind a supplier: it receives a declaration as the Routeringsvoorziening signed it, and opens it.

It stands apart from the supplier's portal: only it has the key, and it believes nothing on the supplier's word. What
it is handed is the Assertion itself, byte for byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, Recipient, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import read_assertion
from routeringsvoorziening.saml.metadata.model import IdentityProvider, MetadataKey
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.portal.certificates import load_decryption_key, metadata_key
from routeringsvoorziening.simulators.portal.checks import require
from routeringsvoorziening.simulators.world import layout

Subject = Literal["acting", "legal"]


@dataclass(frozen=True, slots=True)
class Behind:
    """One dienstverlener.

    Args:
        key: its short name, in forms.
        name: as people know it.
        entity_id: by which the Routeringsvoorziening knows it.
        services: what people can do there.
        encryption_key: what the supplier publishes of it.
        decryption_key: the private half.
        bsnk: its BSNk keys; None when it has none.
    """

    key: str
    name: str
    entity_id: str
    services: tuple[layout.DemoService, ...]
    encryption_key: MetadataKey
    decryption_key: DecryptionKey = field(repr=False)
    bsnk: BsnkKeys | None = None

    @property
    def recipient(self) -> Recipient:
        """As the supplier's metadata names it."""
        return Recipient(self.entity_id, self.encryption_key.key_name, self.encryption_key.certificate)

    def receive(self, declaration: bytes, rd: IdentityProvider, *, at: datetime, subject: Subject = "acting") -> NameId:
        """Who logged in, or for whom they act, out of an Assertion that the supplier hands over.

        Raises:
            SamlError: not signed by the Routeringsvoorziening, or not to be opened with this key.
            CheckFailed: of another issuer, meant for others, or expired.
        """
        assertion = read_assertion(verify(parse(declaration), rd.signing_keys, at=at))
        require(assertion.issuer == rd.entity_id, "issuer.mismatch")
        require(self.entity_id in assertion.audiences, "audience")
        require(at < assertion.not_on_or_after, "time.past")
        values = assertion.acting_subject if subject == "acting" else assertion.legal_subject
        mine = parse(value_for(self.entity_id, values))
        return decrypt_id(mine, entity_id=self.entity_id, keys=[self.decryption_key])

    @classmethod
    def of_world(cls, world: layout.World, party: layout.Party) -> Self:
        """One of the demo world. The PKI exists already.

        Raises:
            OSError: a file is missing.
        """
        files = world.files(party)
        published = metadata_key(files.certificate("encryption"), "encryption")
        return cls(
            key=party.folder,
            name=party.name,
            entity_id=party.entity_id,
            services=layout.CLUSTER_SERVICES[party],
            encryption_key=published,
            decryption_key=load_decryption_key(files.key("encryption"), published.key_name),
            bsnk=BsnkKeys.of_world(world, party),
        )


def value_for(entity_id: str, values: Iterable[bytes]) -> bytes:
    """ATT-16: the first value that has a key for somebody; values for others only are skipped.

    Raises:
        SamlError: a value of a form that is not allowed, or none for them.
    """
    for each in values:
        if entity_id in recipients_of(each):
            return each
    raise SamlError("enc.recipient", "no value for us")
