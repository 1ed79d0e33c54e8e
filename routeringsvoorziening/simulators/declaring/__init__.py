"""What an authenticatiedienst and a bevoegdheidsverklaringsdienst share: both declare something to a routeringsdienst.

A signed AuthnRequest comes in through the browser; an artifact goes out by redirect; the declaration behind it goes
over mutual TLS, once. What is asked of the person in between, and what is declared, is each party's own.

    settings        who it is, what it holds, where it listens
    requests        the rules of every AuthnRequest
    artifacts       judging an ArtifactResolve
    desk            where answers wait behind their artifacts
    answers         from an answer that waits to signed bytes
    scene           one answer in the making
    identities      a BSN as each recipient may get it: plain, or as a structure of BSNk
    faults          every way to misbehave, as a table (faults_content, faults_wire)
    metadata        a party's own
    starting        two listeners
"""
