"""A small federation in memory: a Routeringsdienst, an authenticatiedienst and two dienstverleners, with real keys.

Each `…_request`, `…_resolve` and `answer_…` makes a message as that party would, signed, with any field replaced, so
that a test can break one rule and leave the rest as it should be.
"""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.broker.vocabulary import EntityID, LoA, LocalizedText
from routeringsvoorziening.configuration.model.dienst import Compat
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.dienst import Addresses, Routeringsdienst, Times
from routeringsvoorziening.saml.artifact import Artifact, new_artifact
from routeringsvoorziening.saml.encryption import NameId, encrypt_id
from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, build_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, build_assertion
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request
from routeringsvoorziening.saml.messages.response import Response, build_response
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import (
    AttributeConsumingService,
    Endpoint,
    IdentityProvider,
    MetadataKey,
    ServiceProvider,
)
from routeringsvoorziening.saml.names import BINDING_ARTIFACT, BINDING_POST, BINDING_SOAP, ID_LEGACY_BSN
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import wrap
from tests.support.pki import Pair, leaf

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BSN = "900070341"

RD_OIN, AD_OIN = "00000004183317817000", "00000004166909913000"
DV_OIN, OTHER_OIN = "00000009999999999001", "00000009999999999002"
RD = f"urn:nl-eid-gdi:1.0:RD:{RD_OIN}:entities:9001"
AD = f"urn:nl-eid-gdi:1.0:AD:{AD_OIN}:entities:9002"
DV = f"urn:nl-eid-gdi:1.0:DV:{DV_OIN}:entities:9003"
OTHER_DV = f"urn:nl-eid-gdi:1.0:DV:{OTHER_OIN}:entities:9004"

RV_URL = "https://rv.example"
SSO = f"{RV_URL}/saml/sso"
ARTIFACT = "https://rv-back.example/saml/artifact"
RV_ACS = f"{RV_URL}/saml/acs/digid"
DV_ACS = "https://portal.example/acs"
OTHER_ACS = "https://zorg.example/acs"
AD_SSO = "https://digid.example/saml/sso"
AD_ARTIFACT = "https://digid-back.example/saml/artifact"
SERVICE, SECOND_SERVICE = "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1001", "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1002"
CANCELLED = Failure(FailureKind.CANCELLED, "login.cancelled")
REQUEST_ID = "_the-request-of-the-dienstverlener"
LEG_ID = "_our-own-request"
RESOLVE_ID = "_our-own-artifact-resolve"

TIMES = Times(
    skew=MINUTE,
    request_age=5 * MINUTE,
    artifact_life=2 * MINUTE,
    assertion_validity=2 * MINUTE,
    conditions={LoA.BASIS: 15 * MINUTE, LoA.LAAG: 15 * MINUTE, LoA.SUBSTANTIEEL: 15 * MINUTE, LoA.HOOG: 2 * MINUTE},
)


def signing_key(oin: str, label: str = "") -> SigningKey:
    """A party's own key for messages."""
    pair = leaf(oin, "signing", label)
    return SigningKey(pair.key_name, pair.certificate, pair.key)


def tls_pair(oin: str) -> Pair:
    """A party's certificate for mutual TLS."""
    return leaf(oin, "tls")


def published(*pairs: tuple[Pair, str]) -> tuple[MetadataKey, ...]:
    """KeyDescriptors."""
    return tuple(MetadataKey(pair.key_name, pair.certificate, frozenset({use})) for pair, use in pairs)  # type: ignore[arg-type]


def party_keys(oin: str) -> tuple[MetadataKey, ...]:
    """What a dienstverlener publishes: for messages, for TLS, and to encrypt for."""
    return published(
        (leaf(oin, "signing", ""), "signing"), (tls_pair(oin), "signing"), (leaf(oin, "encryption"), "encryption")
    )


def dienst(times: Times = TIMES) -> Routeringsdienst:
    """The Routeringsdienst as dienstverleners see it."""
    addresses = Addresses(SSO, f"{RV_URL}/saml/logout", ARTIFACT, 0)
    return Routeringsdienst(RD, signing_key(RD_OIN), addresses, times)


def service_provider(entity_id: str = DV, oin: str = DV_OIN, acs: str = DV_ACS) -> ServiceProvider:
    """A dienstverlener's metadata: two AssertionConsumerServices, two diensten."""
    return ServiceProvider(
        entity_id=entity_id,
        keys=party_keys(oin),
        acs=(
            Endpoint(acs, BINDING_ARTIFACT, index=1, is_default=True),
            Endpoint(f"{acs}/tweede?kanaal=2", BINDING_ARTIFACT, index=2),
            Endpoint(f"{acs}/post", BINDING_POST, index=3),
        ),
        attribute_services=(
            AttributeConsumingService(1, is_default=True, service_uuid=SERVICE),
            AttributeConsumingService(2, service_uuid=SECOND_SERVICE),
            AttributeConsumingService(3),
        ),
        valid_until=NOW + timedelta(days=1),
    )


def connection(metadata: ServiceProvider | None = None, **compat: Any) -> Connection:
    """A dienstverlener's connection, with agreed deviations."""
    metadata = metadata or service_provider()
    return Connection(
        EntityID(metadata.entity_id), LocalizedText("Gemeente", "City"), metadata, compat=Compat(**compat)
    )


def other_connection() -> Connection:
    """A second dienstverlener's connection."""
    return connection(service_provider(OTHER_DV, OTHER_OIN, OTHER_ACS))


def finding(*connections: Connection) -> Callable[[str], Connection | None]:
    """How the frontend looks connections up."""
    return {each.entity_id: each for each in connections}.get  # type: ignore[return-value]


def authn_request(**changed: Any) -> AuthnRequest:
    """What a dienstverlener sends when all is well."""
    request = AuthnRequest(id=REQUEST_ID, issuer=DV, destination=SSO, issue_instant=NOW, acs_index=1, attribute_index=1)
    return replace(request, **changed)


def with_extensions(**changed: Any) -> AuthnRequest:
    """The same, with Extensions instead of an index."""
    asked = {"attribute_index": None, "has_extensions": True, "intended_audience": DV, "service_uuid": SERVICE}
    return authn_request(**(asked | changed))


def signed(element: Element, key: SigningKey) -> Element:
    """The element, with a signature in it."""
    sign(element, key)
    return element


def posted(request: AuthnRequest, key: SigningKey | None = None) -> str:
    """A request as it stands in the form: signed, in base64."""
    element = signed(build_authn_request(request), key or signing_key(DV_OIN))
    return base64.b64encode(etree.tostring(element, encoding="UTF-8")).decode()


def artifact_resolve(artifact: str, key: SigningKey | None = None, **changed: Any) -> bytes:
    """What a dienstverlener posts to our back channel."""
    return wrap(signed(build_artifact_resolve(resolve_of(artifact, **changed)), key or signing_key(DV_OIN)))


def resolve_of(artifact: str, **changed: Any) -> ArtifactResolve:
    """A good ArtifactResolve, with fields replaced."""
    resolve = ArtifactResolve(id="_resolve", issuer=DV, issue_instant=NOW, artifact=artifact, destination=ARTIFACT)
    return replace(resolve, **changed)


def identity_provider(**changed: Any) -> IdentityProvider:
    """The authenticatiedienst's metadata."""
    metadata = IdentityProvider(
        entity_id=AD,
        keys=published((leaf(AD_OIN, "signing", ""), "signing")),
        artifact_resolution=(Endpoint(AD_ARTIFACT, BINDING_SOAP, index=0, is_default=True),),
        single_sign_on=(Endpoint(AD_SSO, BINDING_POST),),
        valid_until=NOW + timedelta(days=1),
    )
    return replace(metadata, **changed)


def ad_artifact(entity_id: str = AD, index: int = 0) -> Artifact:
    """An artifact of the authenticatiedienst."""
    return new_artifact(entity_id, index)


def encrypted_for(*providers: ServiceProvider) -> bytes:
    """An identity that these can read."""
    recipients = [recipient for provider in providers for recipient in provider.recipients]
    return canonical(encrypt_id(NameId(BSN, ID_LEGACY_BSN), recipients))


def ad_assertion(**changed: Any) -> Assertion:
    """What the authenticatiedienst declares when all is well."""
    confirmation = changed.pop("confirmation", {})
    asserted = Assertion(
        id=new_message_id(),
        issuer=AD,
        issue_instant=NOW,
        name_id=new_transient_id(),
        confirmation=replace(SubjectConfirmation(LEG_ID, RV_ACS, NOW + 2 * MINUTE), **confirmation),
        not_before=NOW - 2 * MINUTE,
        not_on_or_after=NOW + 2 * MINUTE,
        audiences=(RD,),
        authn_instant=NOW,
        class_ref="http://eidas.europa.eu/LoA/substantial",
        service_uuid=SERVICE,
        acting_subject=changed.pop("acting_subject", None) or (encrypted_for(service_provider()),),
    )
    return replace(asserted, **changed)


def ad_response(assertion: Element | None, **changed: Any) -> Response:
    """The authenticatiedienst's Response around it."""
    response = Response(
        id=new_message_id(),
        in_response_to=LEG_ID,
        issuer=AD,
        destination=RV_ACS,
        issue_instant=NOW,
        status=SUCCESS,
        assertion=assertion,
    )
    return replace(response, **changed)


def ad_envelope(response: Element | None, key: SigningKey | None = None, **changed: Any) -> bytes:
    """The SOAP answer of the authenticatiedienst."""
    answer = ArtifactResponse(
        id=new_message_id(),
        in_response_to=RESOLVE_ID,
        issuer=AD,
        issue_instant=NOW,
        status=SUCCESS,
        response=response,
    )
    return wrap(signed(build_artifact_response(replace(answer, **changed)), key or signing_key(AD_OIN)))


def ad_answer(*, in_response_to: str = RESOLVE_ID, **asserted: Any) -> bytes:
    """The whole answer to a successful login, with fields of the Assertion replaced."""
    assertion = signed(build_assertion(ad_assertion(**asserted)), signing_key(AD_OIN))
    return ad_envelope(build_response(ad_response(assertion)), in_response_to=in_response_to)


def ad_refusal(status: Status, *, in_response_to: str = RESOLVE_ID) -> bytes:
    """The whole answer to a login that did not succeed."""
    return ad_envelope(build_response(ad_response(None, status=status)), in_response_to=in_response_to)
