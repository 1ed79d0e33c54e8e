"""Which agreed deviations a request could not do without, so that they are counted and one day switched off."""

from collections.abc import Iterator

from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.asking import RELAY_STATE_MAX
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest


def switches_used(request: AuthnRequest, relay_state: bytes | None, connection: Connection) -> Iterator[str]:
    """The names of the switches of a connection that an accepted request made use of."""
    compat = connection.compat
    if relay_state is not None and len(relay_state) > RELAY_STATE_MAX:
        yield "relay_state_max"
    if request.acs_url is not None:
        yield "acs_url"
    if compat.default_service and request.attribute_index is None and not request.has_extensions:
        yield "default_service"
    if request.misplaced_authn_context:
        yield "tolerate_requested_authn_context"
    if connection.metadata.valid_until is None and connection.metadata.cache_duration is None:
        yield "metadata_without_expiry"
    if _is_mapped(request, connection):
        yield "service_index"


def _is_mapped(request: AuthnRequest, connection: Connection) -> bool:
    """The dienst is known by what was agreed for its index, because the metadata does not name it."""
    if request.has_extensions:
        return False
    asked = [
        entry
        for entry in connection.metadata.attribute_services
        if entry.index == request.attribute_index or (request.attribute_index is None and entry.is_default)
    ]
    return any(each.service_uuid is None and each.index in connection.compat.service_index for each in asked)
