"""What DigiD declares: who logged in, how surely, for which service."""

from dataclasses import replace

from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.simulators.declaring.answers import new_assertion
from routeringsvoorziening.simulators.declaring.identities import identity_values
from routeringsvoorziening.simulators.declaring.scene import Scene
from routeringsvoorziening.simulators.digid.logins import LoggedIn, LoginRequest


def assertion_in_session(login: LoginRequest, logged_in: LoggedIn, name_id: str, scene: Scene) -> Assertion:
    """AS-10: as `assertion_of`, under a name by which the session can be ended."""
    return replace(assertion_of(login, logged_in, scene), name_id=name_id, session_index=name_id)


def assertion_of(login: LoginRequest, logged_in: LoggedIn, scene: Scene) -> Assertion:
    """AS-15: the audience is the RD, and with representation the BVD as well, which must open the identity too.

    Raises:
        ValueError: a login without a service, which is never shown to anybody.
    """
    service, bvd = login.service, login.bvd
    if service is None:
        raise ValueError("nothing to declare")
    return new_assertion(
        scene,
        audiences=(login.requester,) if bvd is None else (login.requester, bvd.entity_id),
        class_ref=uri_of(logged_in.means.level),
        service_uuid=service.uuid,
        acting_subject=identity_values(
            logged_in.person.bsn,
            service,
            scene.routing,
            scene.settings.scheme,
            also=bvd.recipients if bvd else (),
        ),
    )
