"""The DigiD simulator: an authenticatiedienst that keeps its side of the koppelvlak, and breaks it on request.

In comes the routeringsdienst's AuthnRequest through the browser; a person picks who to be and how to log in; out goes
an artifact by redirect, and the declaration behind it over mutual TLS, once. `start` is called by the demo, the tests
and the bench. What it shares with other declaring parties stands in `simulators/declaring`.

    settings        who it is, what it holds
    catalogue       the services that it knows
    requests        judging an AuthnRequest
    login_page      the page
    simulator       the handlers
    answers         what it declares
    faults          every way to misbehave, as a table (faults_content)
    sessions        single sign-on, per browser and domain
    logout          the end of a session (faults_logout: how that can go wrong)
    metadata        its own
    starting        listeners
"""

from routeringsvoorziening.simulators.digid.starting import start

__all__ = ["start"]
