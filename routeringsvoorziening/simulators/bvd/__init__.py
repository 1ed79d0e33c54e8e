"""The BVD simulator: a bevoegdheidsverklaringsdienst that says for whom somebody may act, and breaks rules on request.

In comes the routeringsdienst's AuthnRequest with the declaration of an authenticatiedienst in it: who somebody is. The
simulator opens it, asks its registers for whom this person may act at this service, lets them pick one or cancel, and
declares both identities for the dienstverlener. Three parties of the demo world are made of it: `machtigen`, `gezag`
and `bewind`; they share the registers. `start` is called by the demo, the tests and the bench.

    settings        who it is, what it holds, on which grounds it declares
    idp_assertion   judging the declaration inside the request
    requests        judging the request
    choosing        the page: for whom do you act
    inzage          the machtigingsinzage: all that exists about a person
    simulator       the handlers
    answers         what it declares
    faults          every way to misbehave, as a table (faults_content)
    metadata        its own
    starting        listeners

What it shares with other declaring parties stands in `simulators/declaring`; what it asks, in `simulators/registers`.
"""

from routeringsvoorziening.simulators.bvd.starting import start

__all__ = ["start"]
