"""Which metadata comes from URLs, and whether those are addresses that may be fetched."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.loading import Files, Located
from routeringsvoorziening.configuration.model.methods import is_url
from routeringsvoorziening.configuration.result import MetadataSource


def check_urls(files: Files, findings: Findings) -> None:
    """Every URL is one that may be fetched, is of one party, and there is a place for its copy.

    Codes: `metadata.url`, `metadata.url-twice`, `metadata.cache`.
    """
    seen: dict[str, str] = {}
    main = files.main.model
    for source in sources_of(files):
        if not _may_be_fetched(source.url, localhost=main.environment != "production"):
            text, mend = f"{source.url} is not an address for metadata", "Write https://, without user name and #."
            findings.error("metadata.url", source.place, text, mend)
        if source.url in seen:
            text = f"{source.url} is also that of {seen[source.url]}"
            findings.error("metadata.url-twice", source.place, text, "Every party publishes metadata of its own.")
        seen.setdefault(source.url, source.party)
    if seen and main.metadata_cache is None:
        text = "metadata comes from URLs, and there is no directory for its last good copy"
        findings.error("metadata.cache", files.main.place(), text, "Add `metadata_cache:`.")


def sources_of(files: Files) -> tuple[MetadataSource, ...]:
    """Every party with metadata from a URL."""
    return (*_of_services(files), *_of_dienstverleners(files), *_of_suppliers(files))


def _of_services(files: Files) -> Iterator[MetadataSource]:
    main = files.main
    for kind in ("authentication_services", "mandate_services"):
        for name, part in getattr(main.model, kind).items():
            if is_url(part.metadata):
                narrow = _without_parties(files, **{kind: {name: part}})
                yield _source(part.metadata, part.entity_id, main.place(kind, name, "metadata"), narrow)


def _of_dienstverleners(files: Files) -> Iterator[MetadataSource]:
    catalogue = defaultdict(list)
    for each in files.catalogue:
        for owner in {owner for owner, _ in each.model.owned}:
            catalogue[owner].append(each)
    for file in files.dienstverleners:
        part, entity_id = file.model.connection, file.model.entity_id
        if part is not None and is_url(part.metadata):
            narrow = _without_parties(files)
            narrow = replace(narrow, dienstverleners=(file,), catalogue=tuple(catalogue[entity_id]))
            yield _source(part.metadata, entity_id, file.place("connection", "metadata"), narrow)


def _of_suppliers(files: Files) -> Iterator[MetadataSource]:
    for file in files.clusters:
        part = file.model.connection
        if is_url(part.metadata):
            narrow = replace(_without_parties(files), clusters=(file,))
            yield _source(part.metadata, file.model.entity_id, file.place("connection", "metadata"), narrow)


def _source(url: str, entity_id: str, place: Place, narrow: Files) -> MetadataSource:
    return MetadataSource(url, EntityID(entity_id), place, narrow)


def _without_parties(files: Files, **kept: object) -> Files:
    """The files without anybody in them but what is kept of the main file's services."""
    nobody: dict[str, object] = {"authentication_services": {}, "mandate_services": {}}
    main = Located(files.main.document, files.main.model.model_copy(update=nobody | kept))
    return replace(files, main=main, dienstverleners=(), catalogue=(), clusters=())


def _may_be_fetched(url: str, *, localhost: bool) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (localhost and host.endswith(".localhost"))
