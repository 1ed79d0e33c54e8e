"""HTTP and TLS as everybody here speaks it: the RV, its clients and its simulators.

What comes in are configured addresses, PEM files and bounds; what goes out are listeners that cannot be held up,
one kept-open client per service, and the certificate of the party at the other end. Nothing in here knows SAML, logins
or configuration; frontends, backends, the server, the pages and the simulators call it.

    tls.py        contexts for both sides: TLS 1.2 and higher, suites rated good by the NCSC
    listeners.py  a listener: one application on one host and port
    door.py       accepts connections: bounds on how many, in total and per address, and on TLS handshakes
    guarding.py   one connection under bounds: heads, and clients that do not read
    protocol.py   answers to what never reaches an application
    limits.py     middlewares and checks: size and pace of a body, methods, content types, single-valued parameters
    forms.py      what a client names in a query, a form or a media type, at a bounded cost
    client.py     a client of one service: bounds on time, size, concurrency; refuses redirects and encodings
    fetching.py   documents from addresses that others chose: https only, and never inwards
    addresses.py  which addresses may be called
    breaker.py    when a service is down: stop asking for a while
    resolver.py   *.localhost is this machine (RFC 6761)
    peer.py       who is at the other end of mutual TLS, also behind a proxy that ends it
    errors.py     what can go wrong
"""
