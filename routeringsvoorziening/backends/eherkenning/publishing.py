"""Our metadata as a dienstverlener of eTD: one AttributeConsumingService for every dienst that has eHerkenning."""

from datetime import datetime
from typing import Final

from routeringsvoorziening.backends.eherkenning.settings import EHerkenningMethod, diensten_of, service_id
from routeringsvoorziening.configuration.result import AuthenticationServiceSettings, Configuration
from routeringsvoorziening.saml.etd.metadata import EtdService, EtdServiceProvider, write_etd_dienstverlener
from routeringsvoorziening.saml.keys import key_name_of
from routeringsvoorziening.saml.metadata.model import Endpoint, KeyUse, MetadataKey
from routeringsvoorziening.saml.names import BINDING_ARTIFACT

_SIGNING: Final = frozenset[KeyUse]({"signing"})


def publish(
    configuration: Configuration, service: AuthenticationServiceSettings, acs_url: str, _valid_until: datetime
) -> bytes:
    """The signed document. eTD has no validUntil in it: a makelaar is told of every change.

    Raises:
        TypeError: the service is of another kind; that is a mistake in the program.
    """
    method = service.settings
    if not isinstance(method, EHerkenningMethod):
        raise TypeError("not eHerkenning")
    own = configuration.own
    keys = {key.certificate: key.key_name for key in own.signing}
    keys.setdefault(own.tls.certificate, key_name_of(own.tls.certificate))
    return write_etd_dienstverlener(
        EtdServiceProvider(
            entity_id=method.own_entity_id,
            keys=tuple(MetadataKey(name, certificate, _SIGNING) for certificate, name in keys.items()),
            acs=(Endpoint(acs_url, BINDING_ARTIFACT, index=0, is_default=True),),
            services=_services(configuration, method),
        ),
        own.signing[0],
    )


def _services(configuration: Configuration, method: EHerkenningMethod) -> tuple[EtdService, ...]:
    """By index; of several, the first is the default."""
    found = sorted(diensten_of(configuration).items(), key=lambda each: each[1].service_index)
    names = {uuid: configuration.diensten[uuid].name for uuid, _ in found}
    return tuple(
        EtdService(
            index=dienst.service_index,
            service_id=service_id(method, dienst),
            names={"nl": names[uuid].nl, "en": names[uuid].en},
            is_default=position == 0 and len(found) > 1,
            requested=dienst.requested,
        )
        for position, (uuid, dienst) in enumerate(found)
    )
