"""The demo portal: a dienstverlener, its citizens' pages, and everything that a dienstverlener must verify.

The same program plays a supplier (LC): one portal for several dienstverleners, that asks for them and cannot read who
logged in. It hands the declaration over to the dienstverlener behind it.

In comes a citizen who wants something done; out goes an AuthnRequest to the routeringsdienst; back comes an artifact,
and behind it, over mutual TLS, a declaration. The portal opens a session only when every check passed, and shows each
message and each check: this is where integrators see the koppelvlak at work. `start` is called by the demo, the tests
and the bench.

    settings      who it is, what it holds
    behind        a dienstverlener behind a supplier, with the only key
    asking        the AuthnRequest
    relay_state   RelayState with an HMAC
    resolving     SAMLart, ArtifactResolve, ArtifactResponse
    judging       Response, Assertion, identity
    checks        the list of what is verified, and its record
    representing  acting for somebody else: which BVDs fit a service, which RepresentationTypes it takes
    residents     names, looked up by BSN
    exchange      what is kept of one login, for the page
    views         from that record to what the page shows; texts and problems hold the words
    portal        the handlers
    logging_out   LogoutRequest, and judging the LogoutResponse
    leaving       the handlers of logging out everywhere
    metadata      its own
    starting      the listener
"""

from routeringsvoorziening.simulators.portal.starting import start

__all__ = ["start"]
