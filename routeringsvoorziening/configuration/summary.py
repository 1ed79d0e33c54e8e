"""What a configuration amounts to: certificates and their ends, compat switches, windows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from routeringsvoorziening.broker.vocabulary import EntityID, Federation
from routeringsvoorziening.configuration.model.dienst import Compat
from routeringsvoorziening.configuration.result import Configuration, Window
from routeringsvoorziening.saml.metadata.model import MetadataKey


@dataclass(frozen=True, slots=True)
class KnownCertificate:
    """A certificate that the configuration uses.

    Args:
        party: an entity ID.
        purpose: `signing`, `encryption`, `tls` or `front-channel`.
    """

    party: str
    purpose: str
    certificate: x509.Certificate = field(repr=False)

    def days_left(self, at: datetime) -> int:
        """Whole days from a moment to its end; negative when it has ended."""
        return (self.certificate.not_valid_after_utc - at).days


@dataclass(frozen=True, slots=True)
class CompatSwitch:
    """A deviation that was agreed with one connection."""

    connection: str
    switch: str
    value: object


def certificates(configuration: Configuration) -> Iterator[KnownCertificate]:
    """Every certificate: ours, the services', the dienstverleners'."""
    own = configuration.own
    yield from (KnownCertificate(own.entity_id, "signing", key.certificate) for key in own.signing)
    yield KnownCertificate(own.entity_id, "tls", own.tls.certificate)
    if own.encryption is not None:
        yield KnownCertificate(own.entity_id, "encryption", own.encryption)
    if configuration.front_channel.tls is not None:
        yield KnownCertificate(own.entity_id, "front-channel", configuration.front_channel.tls.certificate)
    for service in configuration.authentication_services.values():
        yield from _of_party(service.entity_id, service.metadata.keys)
    for mandates in configuration.mandate_services.values():
        yield from _of_party(mandates.entity_id, mandates.metadata.keys)
    for connection in configuration.connections.values():
        yield from _of_party(connection.entity_id, connection.metadata.keys)
        for member, relation in (connection.members or {}).items():
            yield from (KnownCertificate(member, "encryption", each.certificate) for each in relation.recipients)


def _of_party(entity_id: str, keys: Iterable[MetadataKey]) -> Iterator[KnownCertificate]:
    return (KnownCertificate(entity_id, "+".join(sorted(key.uses)), key.certificate) for key in keys)


def compat_switches(configuration: Configuration) -> Iterator[CompatSwitch]:
    """Every compat switch that is not at its default, per connection."""
    usual = Compat()
    for connection in configuration.connections.values():
        for name in Compat.model_fields:
            value = getattr(connection.compat, name)
            if value != getattr(usual, name):
                yield CompatSwitch(connection.entity_id, name, value)


def windows(window: Window) -> str:
    """A window as people read it."""
    if not window.active:
        return "no"
    begins = f"from {window.begins:%Y-%m-%d %H:%M %Z}" if window.begins else ""
    ends = f"until {window.ends:%Y-%m-%d %H:%M %Z}" if window.ends else ""
    return " ".join(part for part in (begins, ends) if part) or "yes"


def federations(configuration: Configuration) -> list[tuple[Federation, tuple[EntityID, ...]]]:
    """Every federation in which a connection takes part, by name, with those connections."""
    members: dict[str, tuple[Federation, list[EntityID]]] = {}
    for each in configuration.connections.values():
        if each.federation is not None:
            members.setdefault(each.federation.name, (each.federation, []))[1].append(each.entity_id)
    return [(members[name][0], tuple(sorted(members[name][1]))) for name in sorted(members)]
