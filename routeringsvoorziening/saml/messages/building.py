"""The parts that every message that we build shares."""

from datetime import datetime
from typing import Any

from saml2 import saml

from routeringsvoorziening.saml.instants import format_instant


def header(*, message_id: str, issuer: str, issue_instant: datetime) -> dict[str, Any]:
    """What pysaml2's message classes take for ID, Version, IssueInstant and Issuer (GEN-01 to GEN-04)."""
    return {
        "id": message_id,
        "version": "2.0",
        "issue_instant": format_instant(issue_instant),
        "issuer": saml.Issuer(text=issuer),
    }
