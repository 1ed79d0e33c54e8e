"""What a finding in metadata means, and how its publisher mends it, in words for whoever gets the letter."""

from typing import Final

from routeringsvoorziening.saml.metadata.findings import Finding

_UNKNOWN: Final = ("The metadata breaks a rule of the koppelvlak.", "Correct it, sign it again, and send it again.")
_XML: Final = ("The file is not XML as metadata may be.", "Export it again, as UTF-8 and without DOCTYPE or comments.")
_MEANINGS: Final = {
    "msg.size": ("The file is too large.", "Metadata holds at most 16 MiB; leave out what is not used."),
    "msg.schema": (
        "The document does not follow the schema of SAML metadata.",
        "Validate it against saml-schema-metadata-2.0.xsd; mind the order of elements.",
    ),
    "id.duplicate": ("Two elements have the same ID.", "Give every ID of the document a value of its own."),
    "id.form": ("An ID is not an XML name.", "Let it begin with a letter or an underscore."),
    "md.structure": (
        "The document is not built as the koppelvlak says.",
        (
            "A dienstverlener sends one EntityDescriptor; a supplier one EntitiesDescriptor with itself and all of its "
            "dienstverleners."
        ),
    ),
    "md.role": (
        "This is the metadata of another role.",
        "A dienstverlener has :DV: in its entityID and one SPSSODescriptor; a supplier has :LC:.",
    ),
    "md.entity": (
        "The entityID has not the form of the koppelvlak.",
        "Use urn:nl-eid-gdi:1.0:DV:<OIN of 20 digits>:entities:<4 digits>.",
    ),
    "md.signature": (
        "The signature is absent, or does not hold: the document is not what its publisher signed.",
        (
            "Sign the root element with your PKIoverheid key (rsa-sha256, exclusive canonicalization), and change "
            "nothing after that; a mail program or an editor may have."
        ),
    ),
    "md.expired": ("Its validUntil has passed.", "Publish it again with a validUntil in the future."),
    "md.expiry": (
        "It does not say how long it may be used.",
        (
            "Put validUntil or cacheDuration on the root. When it was agreed that it need not: "
            "--compat metadata_without_expiry."
        ),
    ),
    "md.keys": (
        "A KeyDescriptor is missing or incomplete.",
        (
            "Every KeyDescriptor has one KeyName and one X509Certificate; there is at least one for signing, and a "
            "dienstverlener has at least one for encryption."
        ),
    ),
    "md.endpoint": (
        "An address is missing, has the wrong binding, or shares its index.",
        (
            "List at least one AssertionConsumerService with binding HTTP-Artifact and an index of its own; of "
            "several, one has isDefault."
        ),
    ),
    "md.location": (
        "An address is one to which nobody may be sent.",
        "Use absolute https addresses, without user name and without #.",
    ),
    "md.service": (
        "The AttributeConsumingServices are not as they should be.",
        (
            "Each has an index, a name per language, and one RequestedAttribute urn:nl-eid-gdi:1.0:ServiceUUID with a "
            "value. When its ServiceUUIDs are agreed on paper: --compat service_index."
        ),
    ),
    "key.expired": ("A certificate is not valid now.", "Publish the certificate that has replaced it."),
    "key.chain": (
        "A certificate does not chain to an authority that is trusted here.",
        "Use a PKIoverheid certificate. When it is one: the trust bundle here lacks its authority.",
    ),
    "key.weak": ("A key is too weak.", "Use an RSA key of at least 2048 bits."),
    "key.usage": (
        "A certificate was not issued for this use.",
        "Order one whose key usage allows signing, or encryption, or TLS: what it is published for.",
    ),
    "oin.mismatch": (
        "A certificate is of another organisation than the entityID says.",
        "The OIN in the certificate's serialNumber and the OIN in the entityID must be the same.",
    ),
    "entity.test": (
        "This entityID is of a test system: its index is 9000 or higher.",
        "In production, use an index below 9000. To connect a test system: --test.",
    ),
}


def meaning_of(finding: Finding) -> tuple[str, str]:
    """What it means, and how to mend it."""
    if finding.code in _MEANINGS:
        return _MEANINGS[finding.code]
    if finding.code.startswith(("xml.", "node.", "msg.")):
        return _XML
    if finding.code.startswith(("sig.", "alg.", "keyinfo.", "key.")):
        return _MEANINGS["md.signature"]
    return _UNKNOWN
