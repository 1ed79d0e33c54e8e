"""Names of eTD: attributes, levels, types of identifier (DV-HM interface; attribute catalogue)."""

from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.attributes import Vocabulary

CORE: Final = "urn:etoegang:core:"
SERVICE_ID: Final = f"{CORE}ServiceID"
SERVICE_UUID: Final = f"{CORE}ServiceUUID"
ACTING_SUBJECT_ID: Final = f"{CORE}ActingSubjectID"
LEGAL_SUBJECT_ID: Final = f"{CORE}LegalSubjectID"
REPRESENTATION: Final = f"{CORE}Representation"
AUTHORIZATION_REGISTRY_ID: Final = f"{CORE}AuthorizationRegistryID"
VESTIGINGSNR: Final = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"
SUBDOSSIER_NR: Final = "urn:etoegang:1.9:ServiceRestriction:SubdossierNr"
INTERMEDIATE_KVK: Final = "urn:etoegang:1.9:IntermediateEntityID:KvKnr"
INTERMEDIATE_SUBJECT: Final = f"{CORE}IntermediateSubjectID"
COMPANY_NAME: Final = "urn:etoegang:1.11:attribute-represented:CompanyName"
INTERMEDIATE_COMPANY_NAME: Final = "urn:etoegang:1.13:attribute-intermediate:CompanyName"

KVK: Final = names.ETD_KVK
RSIN: Final = names.ETD_RSIN
PSEUDO: Final = names.ETD_PSEUDO
BSN: Final = names.ETD_BSN
"""Base64 of a SignedEncryptedIdentity: of a natural person, or of whoever has an eenmanszaak."""
PSEUDO_ID: Final = names.ETD_PSEUDO_ID
"""Base64 of a SignedEncryptedPseudonym: not the pseudonym of who acts, which is `PSEUDO`."""

LEVEL: Final = f"{CORE}assurance-class:"
"""What stands before the short name of a level: `loa2`, `loa2plus`, `loa3`, `loa4`; `loa1` ended on 2021-07-01."""

VOCABULARY: Final = Vocabulary(
    acting_subject=ACTING_SUBJECT_ID,
    legal_subject=LEGAL_SUBJECT_ID,
    service_uuid=SERVICE_UUID,
    representation_type=None,
    encrypted_attributes=True,
)
"""How an AttributeStatement of eTD names what every Assertion has."""
