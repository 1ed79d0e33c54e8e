"""A message that is not trusted enough to be answered to the place it names.

    Exception
    ├── saml.SamlError     a rule of the wire format was broken
    └── MessageRefused     a rule of this frontend was broken: replay, choice of endpoint, client certificate

Both end in the same place: a page (front channel) or a SOAP fault (back channel) with a reference number and no
details, one log line and one count with the stable code (ERR-06, ERR-11, ERR-12).
"""

from typing import Final


class MessageRefused(Exception):
    """A message that breaks a rule which is not of the wire format itself.

    Args:
        code: stable and dotted, one of `CODES`.
        detail: English, for the log; holds no content of the message.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        if code not in CODES:
            raise ValueError(f"not a code of the SAML frontend: {code}")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


CODES: Final = frozenset(
    {
        "binding",
        "relaystate",
        "msg.replay",
        "authn.acs",
        "tls.client",
        "logout.unsupported",
        "logout.endpoint",
    }
)
"""Every code of `MessageRefused`. The failures that are answered have codes of their own, see `asking`."""
