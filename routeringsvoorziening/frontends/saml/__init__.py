"""How a dienstverlener reaches us over SAML: the koppelvlak 'Stelsel Toegang SAML', in the role of Routeringsdienst.

An AuthnRequest comes in through the browser; it is trusted, understood and handed to the core. What the core decides
goes back as an artifact, and the answer behind it is made and signed when the dienstverlener asks for it.

    browser ──POST /saml/sso──▶ sso: forms ▸ receiving ▸ freshness ▸ asking ──▶ broker
    browser ◀──303 SAMLart───── answers: pending ◀──────────────────────────── broker
    server ───POST /saml/artifact▶ artifact: receiving ▸ freshness ▸ pending ▸ building

    dienst       who we are to them: names, addresses, keys, times
    forms        the HTTP-POST binding
    receiving    bytes of a stranger to a message of a known connection
    freshness    meant for us, made just now, never seen before
    asking       a message to the core's `AuthenticationRequest`
    compat       which agreed deviations a request needed
    answers      the core's `Frontend`: artifact and redirect
    pending      what waits behind an artifact
    building     Declaration or Failure to Assertion, Response, ArtifactResponse
    statuses     Failure to Status
    back_channel the application for servers; `faults` are its errors
    metadata     our own metadata; `publishing` keeps it fresh
    federating   single sign-on: in which session of the browser a request takes part
    logout       a dienstverlener ends the session; `logout_answer` is what it hears
    refusals     messages that get no answer; `rejecting` writes them down
"""
