"""eHerkenning in the registry."""

from typing import Final

from routeringsvoorziening.backends.eherkenning.publishing import publish
from routeringsvoorziening.backends.eherkenning.requesting import EtdDiensten
from routeringsvoorziening.backends.eherkenning.service import EHerkenning
from routeringsvoorziening.backends.eherkenning.settings import METHOD_KIND, EHerkenningMethod, diensten_of
from routeringsvoorziening.backends.method import Line, Method
from routeringsvoorziening.backends.saml_service.dialect import Dialect
from routeringsvoorziening.configuration.result import AuthenticationServiceSettings
from routeringsvoorziening.saml.etd.advice import check_advice
from routeringsvoorziening.saml.etd.names import VOCABULARY


def connect(settings: AuthenticationServiceSettings, line: Line) -> EHerkenning:
    """The backend of one configured makelaar.

    Raises:
        TypeError: the settings are of another kind; that is a mistake in the program.
    """
    method = settings.settings
    if not isinstance(method, EHerkenningMethod):
        raise TypeError("not eHerkenning")
    diensten = EtdDiensten(diensten_of(line.configuration))
    dialect = Dialect(diensten.build, diensten.service_uuid, VOCABULARY, check_advice)
    conversation = line.conversation(settings, line.requester(method.own_entity_id), dialect)
    return EHerkenning(settings.id, method, conversation, diensten, line.bvds)


METHOD: Final = Method(METHOD_KIND, connect, publish)
