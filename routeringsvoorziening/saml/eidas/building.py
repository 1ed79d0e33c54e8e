"""The parts that every message between nodes shares."""

from datetime import datetime
from typing import Any

from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages import building


def header(*, message_id: str, issuer: str, issue_instant: datetime) -> dict[str, Any]:
    """As that of ST-SAML, with the Format of an Issuer that eIDAS wants to see."""
    named = saml.Issuer(format=names.NAMEID_ENTITY, text=issuer)
    return building.header(message_id=message_id, issuer=issuer, issue_instant=issue_instant) | {"issuer": named}
