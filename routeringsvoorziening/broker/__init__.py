"""The core: one login, from an authenticated request to one declaration.

In comes an `AuthenticationRequest` that a frontend has already authenticated; out goes, at most once, a
`Declaration` or a `Failure`. The core decides what happens next and in which order. It knows no HTTP, XML, YAML or
Redis: the world reaches it through the ports in `ports`, and every decision is a pure function in `state`.

    vocabulary   the words: frozen values that the whole house uses
    failures     the one taxonomy of what can go wrong
    ports        what the core needs from the outside (Protocols)
    state        the login's state machine: pure functions from login to login
    records      a login and a leg as bytes, for the store
    broker       the steps of a login: begin, choose, arrive, cancel
"""
