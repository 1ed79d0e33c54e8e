"""A BVD in the federation of `federation`: its metadata, and what it declares when all is well, with any field changed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from lxml import etree

from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, EntityID, Identity, LoA, SubjectIdentifier
from routeringsvoorziening.saml.artifact import Artifact, new_artifact
from routeringsvoorziening.saml.encryption import NameId, encrypt_id
from routeringsvoorziening.saml.messages.assertion import Assertion, build_assertion, read_assertion
from routeringsvoorziening.saml.messages.response import build_response
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, ServiceProvider
from routeringsvoorziening.saml.names import BINDING_POST, BINDING_SOAP, CLASS_UNSPECIFIED, ID_LEGACY_BSN
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.verifying import Verified, verify
from tests.support import federation as fed
from tests.support.federation import NOW
from tests.support.pki import leaf

BVD_OIN = "00000009999999999006"
BVD = f"urn:nl-eid-gdi:1.0:BVD:{BVD_OIN}:entities:9006"
BVD_SSO = "https://gezag.example/saml/sso"
BVD_ARTIFACT = "https://gezag-back.example/saml/artifact"
BVD_ACS = f"{fed.RV_URL}/saml/acs/gezag"
BVD_LEG = "_our-own-request-to-the-bvd"
CHILD = "900137009"
"""Who is represented."""
GEZAG_TYPE = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"


def bvd_keys() -> ServiceProvider:
    """The BVD as somebody to encrypt for."""
    return ServiceProvider(BVD, fed.published((leaf(BVD_OIN, "encryption"), "encryption")))


def bvd_provider(**changed: Any) -> IdentityProvider:
    """The BVD's metadata."""
    signing = (leaf(BVD_OIN, "signing", ""), "signing")
    metadata = IdentityProvider(
        entity_id=BVD,
        keys=fed.published(signing, (leaf(BVD_OIN, "encryption"), "encryption")),
        artifact_resolution=(Endpoint(BVD_ARTIFACT, BINDING_SOAP, index=0, is_default=True),),
        single_sign_on=(Endpoint(BVD_SSO, BINDING_POST),),
        valid_until=NOW + timedelta(days=1),
    )
    return replace(metadata, **changed)


def bvd_artifact() -> Artifact:
    """An artifact of the BVD."""
    return new_artifact(BVD, 0)


def encrypted_child(*providers: ServiceProvider) -> bytes:
    """Who is represented, for these to read."""
    recipients = [recipient for provider in providers for recipient in provider.recipients]
    return canonical(encrypt_id(NameId(CHILD, ID_LEGACY_BSN), recipients))


def bvd_assertion(**changed: Any) -> Assertion:
    """What the BVD declares when all is well."""
    confirmation = {"in_response_to": BVD_LEG, "recipient": BVD_ACS} | changed.pop("confirmation", {})
    usual = {
        "issuer": BVD,
        "class_ref": CLASS_UNSPECIFIED,
        "legal_subject": (encrypted_child(fed.service_provider()),),
        "representation_types": (GEZAG_TYPE,),
    }
    return fed.ad_assertion(confirmation=confirmation, **(usual | changed))


def bvd_answer(*, in_response_to: str = fed.RESOLVE_ID, **asserted: Any) -> bytes:
    """The whole answer when somebody may act."""
    assertion = fed.signed(build_assertion(bvd_assertion(**asserted)), fed.signing_key(BVD_OIN))
    response = fed.ad_response(assertion, issuer=BVD, in_response_to=BVD_LEG, destination=BVD_ACS)
    key = fed.signing_key(BVD_OIN)
    return fed.ad_envelope(build_response(response), key, issuer=BVD, in_response_to=in_response_to)


def bvd_refusal(status: Status, *, in_response_to: str = fed.RESOLVE_ID) -> bytes:
    """The whole answer when there is no mandate."""
    response = fed.ad_response(None, issuer=BVD, in_response_to=BVD_LEG, destination=BVD_ACS, status=status)
    key = fed.signing_key(BVD_OIN)
    return fed.ad_envelope(build_response(response), key, issuer=BVD, in_response_to=in_response_to)


def verified_evidence(assertion: Assertion, oin: str, keys: IdentityProvider) -> Verified:
    """An Assertion signed by a party, as a backend hands it over."""
    element = fed.signed(build_assertion(assertion), fed.signing_key(oin))
    return verify(parse(etree.tostring(element)), keys.signing_keys, at=NOW)


def identity_for_bvd(**changed: Any) -> Identity:
    """What the AD declared about somebody who goes on to the BVD: readable for it too (ATT-22)."""
    subject = fed.encrypted_for(fed.service_provider(), bvd_keys())
    asserted = fed.ad_assertion(**({"audiences": (fed.RD, BVD), "acting_subject": (subject,)} | changed))
    verified = verified_evidence(asserted, fed.AD_OIN, fed.identity_provider())
    declared = read_assertion(verified)
    recipients = frozenset({EntityID(fed.DV), EntityID(BVD)})
    return Identity(
        service=AuthenticationServiceId("digid"),
        authority=EntityID(fed.AD),
        loa=LoA.SUBSTANTIEEL,
        acting_subject=tuple(SubjectIdentifier(recipients, each) for each in declared.acting_subject),
        evidence=verified.canonical,
        authenticated_at=NOW,
    )
