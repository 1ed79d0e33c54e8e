"""Every configured authenticatiedienst that keeps sessions, as ending one needs it (SLO-08)."""

from collections.abc import Mapping

from routeringsvoorziening.backends.saml_service.logging_out import Asker, LogoutConversation
from routeringsvoorziening.backends.saml_service.sessions import keeps_sessions
from routeringsvoorziening.broker.ports import Clock, SessionService
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.saml.offload import CryptoPool


def session_services(
    configuration: Configuration, *, logout_url: str, pool: CryptoPool, clock: Clock
) -> Mapping[AuthenticationServiceId, SessionService]:
    """By our short name. BVDs keep no sessions: there is nothing to end there (MD-AD-04)."""
    own = Asker(
        entity_id=configuration.own.entity_id,
        signing=configuration.own.signing[0],
        logout_url=logout_url,
        skew=configuration.times.clock_skew,
        message_age=configuration.times.request_age,
    )
    return {
        each.id: LogoutConversation(each.metadata, own=own, pool=pool, clock=clock)
        for each in configuration.authentication_services.values()
        if keeps_sessions(each.metadata)
    }
