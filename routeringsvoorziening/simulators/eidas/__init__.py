"""The eIDAS-berichtenservice simulator: an authenticatiedienst for people from other countries.

On one side it speaks ST-SAML with the routeringsdienst, as any authenticatiedienst; on the other eIDAS with the nodes
of other countries. In between a person picks a country and consents; what comes back is verified, held against the
BRP, and declared as a BSN or as a pseudonym, with those attributes that the service may have.

    settings       who it is, what it holds
    catalogue      the services that it knows, and what each may have
    requests       judging an AuthnRequest
    pages          country, consent, and who cannot be let in
    asking_abroad  our AuthnRequest to another country
    abroad         judging what another country answers
    recognising    who that is here: the BRP
    answers        what it declares
    faults         every way to misbehave, as a table (faults_content)
    simulator      the handlers
    metadata       its own, for the routeringsdienst and for other countries
    starting       listeners
"""

from routeringsvoorziening.simulators.eidas.starting import start

__all__ = ["start"]
