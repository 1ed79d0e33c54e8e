"""The SAML wire format: parse, verify, sign, encrypt, messages and metadata. No HTTP, no policy, no clock of its own.

In come bytes from a stranger; out come frozen values that were read from nothing but what a known key signed. And the
other way round: values in, signed bytes out. Frontends, backends, configuration and the simulators call it.

    errors        SamlError: one stable code per rule
    names         namespaces, URIs and the koppelvlak's identifiers
    limits        how large, deep and wide a message may be
    parsing       base64 and bytes to a tree: hardened, the only parser
    schema        validation with the OASIS schemas
    keys          what we verify with and sign with; KeyName
    certificates  PKIoverheid rules: chain, validity, usage, OIN
    signature_profile   every structural rule about a Signature, in lxml, before anything is verified
    verifying     from a tree to a `Verified` element
    second_opinion      libxmlsec, about metadata that we verified
    signing       an enveloped signature on a message that we built
    offload       XML cryptography off the event loop; `on_the_spot` what is short
    building      pysaml2's element classes to a tree, or written at once; finished XML spliced in byte for byte
    moulds        messages of a shape that was written before
    written       what can be told of canonical XML without parsing it
    encryption    EncryptedID: create and decrypt
    encryption_form     the exact form of an EncryptedID, before any key touches it
    subject_identifiers the kinds of identifier in it: BSN, BSNk structures
    copying       EncryptedIDs copied from one assertion into another, with new Ids
    identifiers   EntityID, OIN, message IDs, KeyNames
    instants      xs:dateTime
    loa           the four levels and their URIs
    artifact      artifact type 4
    soap          envelopes
    messages/     AuthnRequest, ArtifactResolve, ArtifactResponse, Response, Assertion
    metadata/     reading and writing
    etd/          what eHerkenning says otherwise, and its service catalogue
    eidas/        what nodes of European countries say to each other, and attributes for a dienstverlener alone
"""
