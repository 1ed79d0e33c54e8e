"""The HTTP-POST binding: one message and at most one RelayState out of a posted form (GEN-07, SES-04)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes

from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.transport.forms import FORM_TYPE, form_fields

RELAY_STATE_CAP: Final = 1024
"""Bytes. No connection's own limit goes above it (AMB-25)."""
BYTE_TRANSPARENT: Final = "latin-1"
"""Maps every byte to one character and back: what is not text to us stays as it was."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """What a browser posted.

    Args:
        message: the SAMLRequest: base64, still to be decoded.
        relay_state: the bytes that the dienstverlener chose; None when it sent none.
    """

    message: str
    relay_state: bytes | None

    @property
    def quoted_relay_state(self) -> str | None:
        """The RelayState ready for the query of a URL: every byte comes back as it was sent."""
        return None if self.relay_state is None else quote_from_bytes(self.relay_state, safe="")


@dataclass(frozen=True, slots=True)
class PostedAnswer:
    """What a browser posted for a service that we asked something.

    Args:
        message: the SAMLResponse: base64, still to be decoded.
        relay_state: as we sent it, if all is well; empty when there is none.
    """

    message: str
    relay_state: str


def read_logout_form(content_type: str, body: bytes) -> PostedMessage | PostedAnswer:
    """As `read_form`, where a SAMLResponse may come instead of a SAMLRequest (SLO-09).

    Raises:
        MessageRefused: as `read_form`.
    """
    if content_type == FORM_TYPE:
        fields = _single_valued(body)
        if "SAMLResponse" in fields and "SAMLRequest" not in fields:
            return PostedAnswer(fields["SAMLResponse"], fields.get("RelayState", ""))
    return read_form(content_type, body)


def read_form(content_type: str, body: bytes) -> PostedMessage:
    """The message of a posted form.

    Raises:
        MessageRefused: `binding` for another content type, a repeated or missing parameter, or a SAMLResponse;
            `relaystate` for one above the cap.
    """
    if content_type != FORM_TYPE:
        raise MessageRefused("binding", "not a posted form")
    fields = _single_valued(body)
    if "SAMLRequest" not in fields or "SAMLResponse" in fields:
        raise MessageRefused("binding", "exactly a SAMLRequest is expected here")
    relay_state = fields["RelayState"].encode(BYTE_TRANSPARENT) if "RelayState" in fields else None
    if relay_state is not None and len(relay_state) > RELAY_STATE_CAP:
        raise MessageRefused("relaystate", f"above the cap of {RELAY_STATE_CAP} bytes")
    return PostedMessage(fields["SAMLRequest"], relay_state)


def _single_valued(body: bytes) -> dict[str, str]:
    try:
        return form_fields(body, BYTE_TRANSPARENT)
    except RequestRefused as refused:
        raise MessageRefused("binding", refused.detail) from None
