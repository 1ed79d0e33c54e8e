"""The wire format between countries: messages of the eIDAS nodes (eIDAS message format and attribute profile 1.2).

The Routeringsvoorziening itself speaks ST-SAML with the Dutch eIDAS-berichtenservice, and none of this: it is for that
service, of which we have a simulator, and for the node of another country, of which we have one too.

    vocabulary           names, levels, attributes and what they must look like
    identifiers          who somebody is across borders: XX/NL/...
    schema               validation with the eIDAS schemas that pysaml2 ships
    authn_request        one node asks another
    attributes           the minimum data set of a natural or legal person
    assertion            who logged in, in clear
    encrypted_assertion  the same, readable for one node alone
    response             the answer around it
"""
