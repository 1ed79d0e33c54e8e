"""The DigiD simulator: an authenticatiedienst that keeps its side of the koppelvlak, and breaks it on request.

In comes the routeringsdienst's AuthnRequest through the browser; a person picks who to be and how to log in; out goes
an artifact by redirect, and the declaration behind it over mutual TLS, once. `start` is called by the demo, the tests
and the bench. It keeps no SSO session.

    settings        who it is, what it holds
    catalogue       the services that it knows
    requests        judging an AuthnRequest
    login_page      the page
    simulator       the handlers
    artifacts       judging an ArtifactResolve
    answers         from an answer that waits to signed bytes
    faults          every way to misbehave, as a table (faults_content, faults_wire)
    metadata        its own
    starting        listeners
"""

from routeringsvoorziening.simulators.digid.starting import start

__all__ = ["start"]
