"""How dienstverleners reach us: one folder per koppelvlak.

A frontend turns a wire request that it has authenticated into the core's `AuthenticationRequest`, and the core's
`Declaration` or `Failure` into a wire answer (`broker.ports.Frontend`). It knows no login method.
"""
