"""A configuration of any size: suppliers with dienstverleners behind them, each with a certificate and two diensten.

Everything is what a real one has: signed metadata per supplier, a certificate with the OIN of every dienstverlener,
names, windows, a dienstencatalogus. Only the private keys are shared, because making them would take hours.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.keys import SigningKey, key_name_of
from routeringsvoorziening.saml.metadata.model import Cluster, ClusterMember, Endpoint, MetadataKey, ServiceProvider
from routeringsvoorziening.saml.metadata.writing import write_cluster
from routeringsvoorziening.saml.names import BINDING_ARTIFACT
from routeringsvoorziening.simulators.world.authority import Authority, issue, new_key
from routeringsvoorziening.simulators.world.files import read_pair
from routeringsvoorziening.simulators.world.layout import World
from routeringsvoorziening.simulators.world.profile import PartyProfile

CONFIG: Final = Path(__file__).resolve().parents[2] / "config"
DAYS: Final = 90
LOWEST_OIN: Final = 9_999_000_000
"""Of ten digits; OINs of these are no organisation's."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many suppliers, and how many dienstverleners behind each."""

    suppliers: int
    members: int


SMALL: Final = Size(1, 10)
LARGE: Final = Size(100, 100)


@dataclass(frozen=True, slots=True)
class _Party:
    """One organisation by its number."""

    role: str
    number: int

    @property
    def oin(self) -> str:
        return f"{LOWEST_OIN + self.number:020d}"

    @property
    def entity_id(self) -> str:
        return f"urn:nl-eid-gdi:1.0:{self.role}:{self.oin}:entities:9001"

    @property
    def profile(self) -> PartyProfile:
        return PartyProfile(folder="x", name=f"Organisatie {self.number}", oin=self.oin, hosts=("localhost",))

    def uuid(self, number: int) -> str:
        return str(uuid5(NAMESPACE_OID, f"{self.oin} {number}"))


def generate(world: World, size: Size, *, at: datetime) -> Path:
    """The demo's configuration with so many suppliers and dienstverleners added; its main file.

    The PKI of the world exists already. About a millisecond per dienstverlener.
    """
    folder = world.directory / "config"
    shutil.copytree(CONFIG, folder)
    maker = _Maker(world, at)
    for supplier in range(size.suppliers):
        members = [_Party("DV", 1000 + supplier * size.members + number) for number in range(size.members)]
        party = _Party("LC", supplier)
        metadata = world.directory / "suppliers" / f"{supplier:03d}.xml"
        metadata.parent.mkdir(exist_ok=True)
        metadata.write_bytes(maker.metadata(party, members))
        name = f"bench-{supplier:03d}.yaml"
        _write(folder / "clusteraansluitingen" / name, _cluster_lines(party, members, metadata))
        _write(folder / "dienstencatalogus" / name, _catalogue_lines(members))
    return folder / "routeringsvoorziening.yaml"


class _Maker:
    """Makes certificates and metadata under the world's test PKI."""

    def __init__(self, world: World, at: datetime) -> None:
        directory = world.directory / "pki"
        intermediate = read_pair(directory / "intermediate.pem", directory / "intermediate.key")
        if intermediate is None:
            raise FileNotFoundError("the world has no PKI yet")
        root = x509.load_pem_x509_certificate((directory / "root.pem").read_bytes())
        self._authority, self._at = Authority(root, intermediate), at
        self._signing, self._encryption = new_key(), new_key()

    def metadata(self, supplier: _Party, members: list[_Party]) -> bytes:
        certificate = self._certificate(supplier, self._signing)
        signing = SigningKey(key_name_of(certificate), certificate, self._signing)
        key = MetadataKey(signing.key_name, certificate, frozenset({"signing"}))
        acs = Endpoint("https://cloud.example/acs", BINDING_ARTIFACT, 0, is_default=True)
        entry = ServiceProvider(supplier.entity_id, (key,), acs=(acs,), valid_until=self._at + timedelta(days=DAYS))
        behind = {each.entity_id: ClusterMember(each.entity_id, (self._recipient(each),)) for each in members}
        return write_cluster(Cluster(entry, behind), signing)

    def _recipient(self, party: _Party) -> Recipient:
        certificate = issue(
            self._authority, party.profile, "encryption", at=self._at, days=DAYS, key=self._encryption
        ).certificate
        return Recipient(party.entity_id, key_name_of(certificate), certificate)

    def _certificate(self, party: _Party, key: RSAPrivateKey) -> x509.Certificate:
        return issue(self._authority, party.profile, "signing", at=self._at, days=DAYS, key=key).certificate


def _cluster_lines(supplier: _Party, members: list[_Party], metadata: Path) -> Iterator[str]:
    yield f"entity_id: {supplier.entity_id}"
    yield f"name: {{nl: Leverancier {supplier.number}, en: Supplier {supplier.number}}}"
    yield f"connection: {{metadata: {metadata}}}"
    yield "dienstverleners:"
    for each in members:
        yield f"  - entity_id: {each.entity_id}"
        yield "    name:"
        yield f"      nl: Gemeente {each.number}"
        yield f"      en: Municipality {each.number}"
        yield "    active_from: 2026-01-01T00:00:00+01:00"
        yield "    diensten:"
        yield f"      - {each.uuid(1)}"
        yield f"      - uuid: {each.uuid(2)}"
        yield "        active_from: 2026-01-01T00:00:00+01:00"


def _catalogue_lines(members: list[_Party]) -> Iterator[str]:
    yield "diensten:"
    for each in members:
        for number, level in ((1, "laag"), (2, "substantieel")):
            yield f"  - uuid: {each.uuid(number)}"
            yield f"    dienstverlener: {each.entity_id}"
            yield "    name:"
            yield f"      nl: Dienst {number}"
            yield f"      en: Service {number}"
            yield f"    minimum_loa: {level}"


def _write(file: Path, lines: Iterator[str]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
