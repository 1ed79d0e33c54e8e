"""Judging the AuthnRequest of another node: nothing is believed before the signature."""

from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.saml.eidas.authn_request import EidasRequest, read_eidas_request
from routeringsvoorziening.saml.eidas.vocabulary import LEGAL
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.parsing import decode_base64, parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.declaring.requests import check_age, check_not_replayed
from routeringsvoorziening.simulators.short_lived import ShortLived
from routeringsvoorziening.simulators.world.europe import Country


@dataclass(frozen=True, slots=True)
class ForeignLogin:
    """A request that passed every check.

    Args:
        country: that was asked.
        request: what was asked.
        relay_state: returned unchanged; None when absent.
    """

    country: Country
    request: EidasRequest
    relay_state: str | None

    @property
    def legal(self) -> bool:
        """Whether a legal person is asked for, and not a natural one."""
        return any(kind.namespace == LEGAL for kind in self.request.attributes)


def judge(
    saml_request: str,
    relay_state: str | None,
    country: Country,
    settings: ForeignSettings,
    *,
    seen: ShortLived[bool],
    at: datetime,
) -> ForeignLogin:
    """From form fields to a request that may be shown to a person.

    Raises:
        SamlError: not trustworthy: the person gets an error page, the sender gets nothing.
    """
    root = parse(decode_base64(saml_request))
    if claimed_issuer(root) != settings.asker.entity_id:
        raise SamlError("issuer.unknown", "not the Dutch node")
    request = read_eidas_request(verify(root, [settings.asker.signing], at=at))
    if request.destination != settings.request_url(country.code):
        raise SamlError("destination", "not the node of this country")
    check_age(request.issue_instant, at)
    check_not_replayed(request.id, seen)
    if request.node_country != "NL":
        raise SamlError("msg.value", "NodeCountry is not that of the asking node")
    return ForeignLogin(country, request, relay_state)
