"""How the messages of a kind of service differ from those of an authenticatiedienst of ST-SAML."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.requesting import build_request
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import LegId, PostForm, ServiceUUID
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.attributes import ST_SAML, Vocabulary
from routeringsvoorziening.saml.parsing import Element


class BuildRequest(Protocol):
    """Makes our signed AuthnRequest; `requesting.build_request` is that of ST-SAML."""

    def __call__(
        self,
        own: Requester,
        destination: str,
        leg: LegId,
        task: AuthenticationTask,
        *,
        force_authn: bool,
        requester_ids: tuple[str, ...],
        idp_assertion: bytes | None,
        now: datetime,
    ) -> PostForm:
        """A form for the browser, whose ID and RelayState are the leg's id."""
        ...


def forbid_advice(_: Element, __: str) -> None:
    """An authenticatiedienst or BVD declares what it knows itself (AS-16).

    Raises:
        SamlError: `advice.forbidden`.
    """
    raise SamlError("advice.forbidden")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The defaults are those of ST-SAML.

    Args:
        build: our AuthnRequest.
        service_uuid: under which the service knows a dienst of ours.
        vocabulary: names of attributes.
        check_advice: judges the Advice of a verified Assertion, given its issuer; raises `SamlError`.
    """

    build: BuildRequest = build_request
    service_uuid: Callable[[ServiceUUID], str] = str
    vocabulary: Vocabulary = ST_SAML
    check_advice: Callable[[Element, str], None] = forbid_advice


ST_DIALECT: Final = Dialect()
