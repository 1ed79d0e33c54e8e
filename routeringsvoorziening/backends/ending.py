"""Every configured authenticatiedienst that keeps sessions, as ending one needs it (SLO-08)."""

from collections.abc import Callable, Mapping

from routeringsvoorziening.backends.clients import Clients
from routeringsvoorziening.backends.saml_service.logging_out import Asker, LogoutConversation
from routeringsvoorziening.backends.saml_service.resolving import check_reachable
from routeringsvoorziening.backends.saml_service.sessions import keeps_sessions
from routeringsvoorziening.broker.ports import Clock, SessionService
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId
from routeringsvoorziening.configuration.result import AuthenticationServiceSettings, Configuration
from routeringsvoorziening.saml.offload import CryptoPool


def session_services(
    configuration: Configuration, *, logout_url: str, pool: CryptoPool, clients: Clients, clock: Clock
) -> Mapping[AuthenticationServiceId, SessionService]:
    """By our short name. BVDs keep no sessions: there is nothing to end there (MD-AD-04).

    Nobody is sent to a service that is known to be down, by what its back channel does.
    """

    def check(service: AuthenticationServiceSettings) -> Callable[[], None]:
        return lambda: _check_reachable(clients, configuration, service)

    own = Asker(
        entity_id=configuration.own.entity_id,
        signing=configuration.own.signing[0],
        logout_url=logout_url,
        skew=configuration.times.clock_skew,
        message_age=configuration.times.request_age,
    )
    return {
        each.id: LogoutConversation(each.metadata, own=own, pool=pool, clock=clock, check_reachable=check(each))
        for each in configuration.authentication_services.values()
        if keeps_sessions(each.metadata)
    }


def _check_reachable(clients: Clients, configuration: Configuration, service: AuthenticationServiceSettings) -> None:
    client = clients.made(configuration, service)
    if client is not None:
        check_reachable(client)
