"""Namespaces, algorithm URIs and identifiers, as the specifications write them."""

from functools import lru_cache
from typing import Final

SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XS: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

PREFIXES: Final = {"saml": SAML, "samlp": SAMLP, "md": MD, "ds": DS, "xenc": XENC, "soap": SOAP11}

BINDING_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BINDING_ARTIFACT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
BINDING_SOAP: Final = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
BINDING_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
PROTOCOL: Final = SAMLP

STATUS_SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS_REQUESTER: Final = "urn:oasis:names:tc:SAML:2.0:status:Requester"
STATUS_RESPONDER: Final = "urn:oasis:names:tc:SAML:2.0:status:Responder"
STATUS_VERSION_MISMATCH: Final = "urn:oasis:names:tc:SAML:2.0:status:VersionMismatch"
STATUS_AUTHN_FAILED: Final = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
STATUS_NO_AUTHN_CONTEXT: Final = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"
STATUS_REQUEST_UNSUPPORTED: Final = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported"
STATUS_REQUEST_DENIED: Final = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
STATUS_NO_SUPPORTED_IDP: Final = "urn:oasis:names:tc:SAML:2.0:status:NoSupportedIDP"
STATUS_UNKNOWN_PRINCIPAL: Final = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"
STATUS_PARTIAL_LOGOUT: Final = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
CANCELLED_MESSAGE: Final = "Authentication cancelled"
"""StatusMessage of a cancellation, exactly (ERR-03)."""

NAMEID_TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
NAMEID_ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
NAMEID_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
NAMEID_PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ATTRIBUTE_URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
CLASS_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"

ACTING_SUBJECT_ID: Final = "urn:nl-eid-gdi:1.0:ActingSubjectID"
LEGAL_SUBJECT_ID: Final = "urn:nl-eid-gdi:1.0:LegalSubjectID"
SERVICE_UUID: Final = "urn:nl-eid-gdi:1.0:ServiceUUID"
INTENDED_AUDIENCE: Final = "urn:nl-eid-gdi:1.0:IntendedAudience"
IDP_ASSERTION: Final = "urn:nl-eid-gdi:1.0:IdpAssertion"
REPRESENTATION_TYPE: Final = "urn:nl-eid-gdi:1.1:RepresentationType"
ID_LEGACY_BSN: Final = "urn:nl-eid-gdi:1.0:id:legacy-BSN"
ID_BSN: Final = "urn:nl-eid-gdi:1.0:id:BSN"
ID_PSEUDONYM: Final = "urn:nl-eid-gdi:1.0:id:Pseudonym"
ETD_KVK: Final = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
ETD_RSIN: Final = "urn:etoegang:1.9:EntityConcernedID:RSIN"
ETD_PSEUDO: Final = "urn:etoegang:1.9:EntityConcernedID:Pseudo"
ETD_BSN: Final = "urn:etoegang:1.12:EntityConcernedID:BSN"
ETD_PSEUDO_ID: Final = "urn:etoegang:1.12:EntityConcernedID:PseudoID"

RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA384: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
RSA_SHA512: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
SHA1: Final = "http://www.w3.org/2000/09/xmldsig#sha1"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA384: Final = "http://www.w3.org/2001/04/xmldsig-more#sha384"
SHA512: Final = "http://www.w3.org/2001/04/xmlenc#sha512"
ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
AES256_CBC: Final = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
RSA_OAEP_MGF1P: Final = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
RSA_OAEP: Final = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
MGF1_SHA1: Final = "http://www.w3.org/2009/xmlenc11#mgf1sha1"
TYPE_ELEMENT: Final = "http://www.w3.org/2001/04/xmlenc#Element"
TYPE_ENCRYPTED_KEY: Final = "http://www.w3.org/2001/04/xmlenc#EncryptedKey"


@lru_cache(256)
def saml(local: str) -> str:
    """The lxml name of an element of the assertion namespace."""
    return f"{{{SAML}}}{local}"


@lru_cache(256)
def samlp(local: str) -> str:
    """The lxml name of an element of the protocol namespace."""
    return f"{{{SAMLP}}}{local}"


@lru_cache(256)
def md(local: str) -> str:
    """The lxml name of an element of the metadata namespace."""
    return f"{{{MD}}}{local}"


@lru_cache(256)
def ds(local: str) -> str:
    """The lxml name of an element of the XML Signature namespace."""
    return f"{{{DS}}}{local}"


@lru_cache(256)
def xenc(local: str) -> str:
    """The lxml name of an element of the XML Encryption namespace."""
    return f"{{{XENC}}}{local}"
