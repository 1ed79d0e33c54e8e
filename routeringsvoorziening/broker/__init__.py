"""The core: one login, from an authenticated request to one declaration.

In comes an `AuthenticationRequest` that a frontend has already authenticated; out goes, at most once, a
`Declaration` or a `Failure`. The core decides what happens next and in which order. It knows no HTTP, XML, YAML or
Redis: the world reaches it through the ports in `ports`, and every decision is a pure function in `state`.

    vocabulary   the words: frozen values that the whole house uses
    failures     the one taxonomy of what can go wrong
    ports        what the core needs from the outside (Protocols)
    identifiers  fresh names: login ids, reference numbers, browser keys
    login        a login, an attempt within it, and the leg that is out
    state        the login's state machine: pure functions from what happened to what must happen
    steps        what the browser must do next: depart, choose, finish
    records      a login and a trip as bytes, for the store
    services     the backends, each call with a deadline
    journal      the audit trail and the meter, in the right order
    occupancy    how many logins are open
    abandoned    logins that nobody finished
    broker       the steps of a login: begin, choose, arrive, cancel, show
    sessions     single sign-on: which browser logged in where, and in which federation
    logout       the steps of a logout: begin, arrive, show, give up

A login's record never changes: it is put once and taken once, by whoever finishes it. What happens on the way (the
choice made, the identity proven) travels in the record of the leg that is out. So there is nothing to overwrite: two
tabs each follow their own legs, an older leg can never complete a newer one's identity, and of all of them exactly one
takes the login.
"""
