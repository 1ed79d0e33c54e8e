"""Who uses which certificates and metadata, and until when: for the numbers, and for readiness."""

from collections.abc import Iterator
from datetime import datetime

from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.observability.health import PartlyWell
from routeringsvoorziening.observability.metrics import Metrics
from routeringsvoorziening.saml.metadata.model import IdentityProvider, ServiceProvider

Provider = ServiceProvider | IdentityProvider


def tell_everything(configuration: Configuration, metrics: Metrics) -> None:
    """The certificates of everybody, and how long their metadata holds, in the place of what was told before."""
    metrics.forget_certificates()
    own = configuration.own
    for certificate, use in (
        *((key.certificate, "signing") for key in own.signing),
        (own.tls.certificate, "tls"),
        *((each, "encryption") for each in (own.encryption,) if each is not None),
    ):
        metrics.certificate_used(
            own.entity_id, use, format(certificate.serial_number, "x"), certificate.not_valid_after_utc
        )
    for provider in providers_of(configuration):
        _tell(provider, metrics)


def tell_anew(provider: Provider, metrics: Metrics) -> None:
    """The certificates and the end of one party's new metadata, in the place of its old ones."""
    metrics.forget_certificates_of(provider.entity_id)
    _tell(provider, metrics)


def check_parties(configuration: Configuration, at: datetime) -> None:
    """Everybody's metadata is there and in force.

    Raises:
        PartlyWell: with how many cannot be used; the rest works.
    """
    ended = sum(each.valid_until is not None and each.valid_until <= at for each in providers_of(configuration))
    missing = len(configuration.left_out) + len(configuration.left_out_mandates)
    if ended or missing:
        raise PartlyWell(f"metadata of {ended} parties has ended, {missing} are left out")


def providers_of(configuration: Configuration) -> Iterator[Provider]:
    """The metadata of every other party."""
    yield from (each.metadata for each in configuration.authentication_services.values())
    yield from (each.metadata for each in configuration.mandate_services.values())
    yield from (each.metadata for each in configuration.connections.values())


def _tell(provider: Provider, metrics: Metrics) -> None:
    for key in provider.keys:
        use = "+".join(sorted(key.uses))
        metrics.certificate_used(provider.entity_id, use, key.key_name, key.certificate.not_valid_after_utc)
    metrics.metadata_used(provider.entity_id, provider.valid_until)
