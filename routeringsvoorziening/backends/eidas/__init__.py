"""eIDAS: the Dutch message service for people who log in with a means of another country (inbound).

It speaks ST-SAML with us as any authenticatiedienst; what is particular to it is little:

    method      its line in the registry, and what a dienst says before it is open for it
    service     the login method: a leg out that says for whom the person consents, an answer back
    requesting  our AuthnRequest, with a ProviderName
    identity    what an Assertion of it must hold to be an identity, and which attributes may come along
"""
