"""The YAML that connects an applicant, for a person to review: nothing in it is guessed that matters."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.x509.oid import NameOID

from routeringsvoorziening.saml.metadata.model import AttributeConsumingService, Cluster, ServiceProvider

FILL_IN: Final = "FILL-IN"
"""Refused by `rv check`, so that nobody forgets."""
INLINE_SWITCHES: Final = frozenset({"metadata_without_expiry", "service_index"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the terminal decided.

    Args:
        source: the file or URL, as it was given.
        at: now.
        name: of the organisation, instead of that in its certificate.
        loa: the minimum level of every dienst; None leaves it to be filled in.
        compat: names of switches.
    """

    source: str
    at: datetime
    name: str | None = None
    loa: str | None = None
    compat: frozenset[str] = frozenset()

    @property
    def is_url(self) -> bool:
        """Whether the metadata can be fetched again."""
        return self.source.startswith(("https://", "http://"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Files by their path below the configuration's directory, and what to do with them."""

    files: Mapping[PurePosixPath, bytes] = field(repr=False)
    remarks: Sequence[str] = ()


class FileExists(Exception):
    """A file that would be overwritten."""


def propose(found: ServiceProvider | Cluster, data: bytes, wishes: Wishes) -> Proposal:
    """The files for an applicant that may be connected."""
    provider = found.supplier if isinstance(found, Cluster) else found
    name = wishes.name or organisation_of(provider) or f"{provider.entity_id.split(':')[3]} {provider.oin}"
    slug = slug_of(name)
    folder = PurePosixPath("clusteraansluitingen" if isinstance(found, Cluster) else "dienstverleners")
    uuids = {each.index: each.service_uuid or str(uuid4()) for each in provider.attribute_services}
    lines = [*_head(provider, name, slug, wishes), *_compat(provider, uuids)]
    if isinstance(found, Cluster):
        lines += _members(found)
    files = {folder / f"{slug}.yaml": _text(lines)}
    if not wishes.is_url:
        files[folder / f"{slug}.xml"] = data
    if provider.attribute_services:
        files[PurePosixPath("dienstencatalogus") / f"{slug}.yaml"] = _text(_catalogue(provider, uuids, wishes))
    return Proposal(files, tuple(_remarks(found, wishes)))


def write(proposal: Proposal, directory: Path, *, force: bool) -> list[Path]:
    """Every file, or none.

    Raises:
        FileExists: one is there already, and `force` was not said.
        OSError: it cannot be written.
    """
    paths = {directory / name: content for name, content in proposal.files.items()}
    taken = [path for path in paths if path.exists()]
    if taken and not force:
        raise FileExists(", ".join(map(str, taken)))
    for path, content in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(paths)


def organisation_of(provider: ServiceProvider) -> str | None:
    """The organisation that its certificates name: PKIoverheid checked that it is the one with this OIN."""
    return next(filter(None, (_organisation(each.certificate) for each in provider.keys)), None)


def slug_of(name: str) -> str:
    """A name as part of a file name: `gemeente-s-gravenhage`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "naamloos"


def _organisation(certificate: x509.Certificate) -> str | None:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value).strip()[:200] or None if found else None


def _head(provider: ServiceProvider, name: str, slug: str, wishes: Wishes) -> Iterator[str]:
    yield f"# Made by `rv aansluiten` on {wishes.at:%Y-%m-%d}, from {_quoted(wishes.source)}."
    yield "# Review it, then: rv check"
    yield f"entity_id: {provider.entity_id}"
    yield "name:                          # as people know it; shown on our pages"
    yield f"  nl: {_quoted(name)}"
    yield f"  en: {_quoted(name)}"
    yield "connection:"
    yield f"  metadata: {_quoted(wishes.source) if wishes.is_url else slug + '.xml'}"


def _compat(provider: ServiceProvider, uuids: Mapping[int, str]) -> Iterator[str]:
    unnamed = [each.index for each in provider.attribute_services if each.service_uuid is None]
    endless = provider.valid_until is None and provider.cache_duration is None
    if not unnamed and not endless:
        return
    yield "  compat:                      # agreed deviations; agree an end with them too"
    if endless:
        yield "    metadata_without_expiry: true"
    if unnamed:
        yield "    service_index:"
        yield from (f"      {index}: {uuids[index]}" for index in unnamed)


def _members(cluster: Cluster) -> Iterator[str]:
    yield "dienstverleners:               # those that you agreed upon; the others of its metadata are not served"
    for member in cluster.members.values():
        names = (_organisation(each.certificate) for each in member.recipients)
        name = next(filter(None, names), member.entity_id)
        yield f"  - entity_id: {member.entity_id}"
        yield "    name:                      # leave it out when it has a file under dienstverleners/"
        yield f"      nl: {_quoted(name)}"
        yield f"      en: {_quoted(name)}"


def _catalogue(provider: ServiceProvider, uuids: Mapping[int, str], wishes: Wishes) -> Iterator[str]:
    yield "# minimum_loa: basis < laag < substantieel < hoog. Nobody gets in with less, so decide it per dienst."
    yield "# identity: legacy-BSN, unless they agreed with the authenticatiedienst upon BSN or Pseudonym (BSNk)."
    yield "# methods: which login methods may be used. Without it: all that reach the level and need no more (DigiD)."
    yield "# eherkenning:, eidas: open a dienst for organisations, and for people from other countries. mandates: lets"
    yield "# people act for somebody else. None of this is in their metadata: ask them, and see docs/aansluiten.md."
    yield f"dienstverlener: {provider.entity_id}"
    yield "diensten:"
    written = set[str]()
    for each in provider.attribute_services:
        uuid = uuids[each.index]
        if uuid not in written:
            yield from _dienst(each, uuid, wishes)
        written.add(uuid)


def _dienst(service: AttributeConsumingService, uuid: str, wishes: Wishes) -> Iterator[str]:
    names = {language.lower().partition("-")[0]: name for language, name in service.names.items() if name}
    any_name = next(iter(names.values()), f"Dienst {service.index}")[:200]
    yield f"  - uuid: {_quoted(uuid)}"
    yield "    name:"
    yield f"      nl: {_quoted(names.get('nl', any_name)[:200])}"
    yield f"      en: {_quoted(names.get('en', any_name)[:200])}" + ("" if "en" in names else "    # translate")
    yield f"    minimum_loa: {wishes.loa or FILL_IN}"


def _remarks(found: ServiceProvider | Cluster, wishes: Wishes) -> Iterator[str]:
    if isinstance(found, Cluster):
        yield "Their diensten are not in the metadata: add them to the dienstencatalogus, or use `rv importeer`."
        return
    if not found.attribute_services:
        yield "Its metadata names no diensten (it sends the ServiceUUID itself): add them to the dienstencatalogus."
        return
    if wishes.loa is None:
        yield f"Replace every {FILL_IN} by the minimum level of that dienst."
    yield "As written, every dienst is open with DigiD, for oneself alone. Ask for whom each one is: see the comments."


def _quoted(text: str) -> str:
    """As YAML reads it back, whatever is in it: JSON is YAML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\x85", "\\u0085")


def _text(lines: Sequence[str] | Iterator[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
