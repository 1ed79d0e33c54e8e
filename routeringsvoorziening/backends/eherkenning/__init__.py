"""eHerkenning: a herkenningsmakelaar says who acts for which organisation, by the eTD koppelvlak for dienstverleners.

Towards the makelaar we are a dienstverlener of eTD, with an entity ID and metadata of that scheme.

method      eHerkenning in the registry
settings    what stands in the files, and what must fit between the diensten
requesting  our AuthnRequest, which asks for a service by its index
identity    what a makelaar's summary must hold to be an identity, and what of it is handed on
service     the login method: a leg out, an answer back
publishing  our metadata as a dienstverlener of eTD
"""
