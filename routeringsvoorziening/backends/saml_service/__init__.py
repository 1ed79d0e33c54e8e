"""What every service that speaks SAML has in common: our request out, its artifact resolved, its answer judged.

A login method is a folder beside this one, with a class that implements `broker.ports.AuthenticationService` out of
these parts and adds what is particular to it; `bvd` implements `broker.ports.MandateService` in the same way.

    conversation asks, and hears the answer: the other parts in their order
    party        we as services see us; which of a service's endpoints to use
    requesting   our signed AuthnRequest, as a form for the browser
    resolving    an artifact to the bytes of an ArtifactResponse, over mutual TLS
    judging      those bytes to an Assertion that is proven to answer our question
    subjects     the identifiers in it that the dienstverlener can read
    sessions     single sign-on: may it answer from a session, and which one was it
    logging_out  our signed LogoutRequest out, its LogoutResponse back
    statuses     a status of theirs to a failure of ours
"""
