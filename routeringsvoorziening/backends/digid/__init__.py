"""DigiD: the authenticatiedienst for people with a BSN.

service    the login method: a leg out, an answer back
identity   what an Assertion of DigiD must hold to be an identity
"""
