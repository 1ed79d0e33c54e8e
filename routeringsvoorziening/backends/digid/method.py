"""DigiD in the registry."""

from typing import Final

from routeringsvoorziening.backends.digid.service import DigiD
from routeringsvoorziening.backends.method import Line, Method
from routeringsvoorziening.configuration.kinds import MethodKind
from routeringsvoorziening.configuration.result import AuthenticationServiceSettings


def connect(settings: AuthenticationServiceSettings, line: Line) -> DigiD:
    """The backend of one configured DigiD."""
    return DigiD(settings.id, line.conversation(settings), line.bvds)


METHOD: Final = Method(MethodKind("digid"), connect)
