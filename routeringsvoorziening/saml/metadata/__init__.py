"""Metadata of the parties: who they are, with what keys, and where they listen.

    model      the frozen values
    reading    signed bytes to values: read_… refuses at the first mistake, inspect_… tells every mistake at once
    writing    values to signed bytes
    applicant  whoever wants to connect, with every mistake, for people to read

behind reading:

    findings   a mistake: code, requirement, plain words
    document   signature, trust and expiry of a whole document (MD-01, MD-03, MD-05)
    keys       KeyDescriptors (MD-06)
    endpoints  Locations, bindings, indexes and defaults
    services   AttributeConsumingServices (MD-DV-05 to MD-DV-07)
    entities   one EntityDescriptor in its role
    cluster    a supplier with the dienstverleners that it connects (MD-LC)

Metadata is read from nothing but what its publisher signed with a PKIoverheid key of its own OIN (AMB-14).
"""
