"""What the simulator remembers of a login, and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.simulators.declaring.scene import Asked
from routeringsvoorziening.simulators.digid.catalogue import KnownService
from routeringsvoorziening.simulators.world.persons import Means, Person

LOGIN_LIFE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LoginRequest(Asked):
    """What is kept of an AuthnRequest that passed every check.

    Args:
        service: the service asked for, known in the catalogue.
        force_authn: credentials must be asked, whatever session there is (AR-03).
        bvd: to which the person goes next, to act for somebody else; None when for themselves.
    """

    service: KnownService | None
    force_authn: bool = False
    bvd: IdentityProvider | None = None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody proved who they are."""

    person: Person
    means: Means
