"""The simulators in memory, and a Routeringsdienst that stands in for the real one on either side of them."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from lxml import etree

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.encryption import DecryptionKey, NameId, Recipient, encrypt_id
from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, build_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, build_assertion
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request
from routeringsvoorziening.saml.messages.response import Response, build_response
from routeringsvoorziening.saml.messages.status import SUCCESS
from routeringsvoorziening.saml.metadata.model import (
    Endpoint,
    IdentityProvider,
    MetadataKey,
    RoutingDienst,
    ServiceProvider,
)
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import wrap
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.digid.catalogue import demo_catalogue
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.bsnk_keys import KEY_SET_VERSION
from routeringsvoorziening.simulators.world.persons import BY_KEY
from routeringsvoorziening.transport.client import Answer
from tests.support.pki import Pair, pki
from tests.support.pki import leaf as cached_leaf

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
RD, AD, DV = layout.RV, layout.DIGID, layout.PORTAL
RD_SSO: Final = "http://rv.localhost:8080/saml/sso"
RD_ARTIFACT: Final = "https://rv.localhost:8443/saml/artifact"
RD_ACS: Final = "http://rv.localhost:8080/saml/acs/digid"
PORTAL_URL: Final = "http://portal.localhost:8082"
DIGID_URL: Final = "http://digid.localhost:8081"
UNUSED: Final = Path("unused")
BSN: Final = BY_KEY["fenna"].bsn

Bend = Callable[[Element], object]


def leaf(oin: str, purpose: str, label: str = "") -> Pair:
    """A certificate of the trusted PKI: the same one for the same words."""
    return cached_leaf(oin, purpose, label)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Now."""
        return self.now

    def advance(self, by: timedelta) -> None:
        """Let time go by."""
        self.now += by


def signing_key(party: layout.Party, label: str = "") -> SigningKey:
    """A party's own key for messages; another label is another key of the same party."""
    pair = leaf(party.oin, "signing", label)
    return SigningKey(pair.key_name, pair.certificate, pair.key)


def key_descriptor(pair: Pair, use: str) -> MetadataKey:
    """A KeyDescriptor."""
    return MetadataKey(pair.key_name, pair.certificate, frozenset({use}))  # type: ignore[arg-type]


def recipient(party: layout.Party, label: str = "") -> Recipient:
    """One encryption key of a party."""
    pair = leaf(party.oin, "encryption", label)
    return Recipient(party.entity_id, pair.key_name, pair.certificate)


def decryption_key(party: layout.Party, label: str = "") -> DecryptionKey:
    """What opens what is encrypted for `recipient(party, label)`."""
    pair = leaf(party.oin, "encryption", label)
    return DecryptionKey(pair.key_name, pair.key)


def encrypted(bsn: str, *recipients: Recipient) -> bytes:
    """An identity for these."""
    return canonical(encrypt_id(NameId(bsn, names.ID_LEGACY_BSN), recipients))


@cache
def scheme(label: str = "") -> Scheme:
    """The BSNk of these tests; another label is another scheme."""
    return Scheme.generate()


@cache
def bsnk_keys(party: layout.Party) -> BsnkKeys:
    """The BSNk keys of a party."""
    return BsnkKeys(party.oin, scheme().recipient_keys(party.oin, KEY_SET_VERSION), scheme().public_keys)


def polymorphic(structure: bytes, kind: str, *recipients: Recipient) -> bytes:
    """A structure of BSNk for these."""
    return canonical(encrypt_id(NameId(base64.b64encode(structure).decode(), kind), recipients))


def declared(bsn: str, identity: layout.IdentityKind, party: layout.Party = DV) -> bytes:
    """An identity for a party, of a kind."""
    if identity == "legacy-BSN":
        return encrypted(bsn, recipient(party))
    if identity == "BSN":
        structure = scheme().encrypted_identity(bsn, party.oin, KEY_SET_VERSION)
        return polymorphic(structure, names.ID_BSN, recipient(party))
    structure = scheme().encrypted_pseudonym(bsn, party.oin, KEY_SET_VERSION)
    return polymorphic(structure, names.ID_PSEUDONYM, recipient(party))


def portal_settings(**changed: Any) -> PortalSettings:
    """The demo portal, without files."""
    settings = PortalSettings(
        name=DV.name,
        entity_id=DV.entity_id,
        front_url=PORTAL_URL,
        port=0,
        services=layout.PORTAL_SERVICES,
        authorities={AD.entity_id: "DigiD"},
        signing=signing_key(DV),
        metadata_keys=(
            key_descriptor(leaf(DV.oin, "signing"), "signing"),
            key_descriptor(leaf(DV.oin, "tls"), "signing"),
            key_descriptor(leaf(DV.oin, "encryption"), "encryption"),
        ),
        decryption_keys=(decryption_key(DV),),
        tls_certificate=UNUSED,
        tls_key=UNUSED,
        trust=load_trust_bundle(pki().trust_pem),
        trust_file=UNUSED,
        rd_metadata=UNUSED,
        bsnk=bsnk_keys(DV),
    )
    return replace(settings, **changed)


def digid_settings(**changed: Any) -> DigidSettings:
    """The DigiD simulator, without files."""
    settings = DigidSettings(
        entity_id=AD.entity_id,
        front_url=DIGID_URL,
        back_url="https://digid.localhost:8444",
        front_port=0,
        back_port=0,
        signing=signing_key(AD),
        tls_certificate=UNUSED,
        tls_key=UNUSED,
        trust=load_trust_bundle(pki().trust_pem),
        trust_file=UNUSED,
        rd_metadata=UNUSED,
        catalogue=demo_catalogue(),
        scheme=scheme(),
    )
    return replace(settings, **changed)


def rd_as_service() -> IdentityProvider:
    """The Routeringsdienst as dienstverleners know it."""
    return IdentityProvider(
        entity_id=RD.entity_id,
        keys=(key_descriptor(leaf(RD.oin, "signing"), "signing"), key_descriptor(leaf(RD.oin, "tls"), "signing")),
        artifact_resolution=(Endpoint(RD_ARTIFACT, names.BINDING_SOAP, 0, is_default=True),),
        single_sign_on=(Endpoint(RD_SSO, names.BINDING_POST),),
        valid_until=NOW + timedelta(days=1),
    )


def rd_as_asker(*recipients: Recipient, **changed: Any) -> RoutingDienst:
    """The Routeringsdienst as DigiD knows it, with the keys of the demo portal."""
    provider = ServiceProvider(
        entity_id=RD.entity_id,
        keys=(key_descriptor(leaf(RD.oin, "signing"), "signing"), key_descriptor(leaf(RD.oin, "tls"), "signing")),
        acs=(Endpoint(RD_ACS, names.BINDING_ARTIFACT, 0, is_default=True),),
        valid_until=NOW + timedelta(days=1),
    )
    return RoutingDienst(replace(provider, **changed), {DV.entity_id: recipients or (recipient(DV),)})


def signed(element: Element, key: SigningKey) -> Element:
    """The element with a signature in it."""
    sign(element, key)
    return element


def rd_request(key: SigningKey | None = None, **changed: Any) -> str:
    """SAMLRequest as the Routeringsdienst posts it to DigiD, with fields of the message replaced."""
    request = AuthnRequest(
        id=new_message_id(),
        issuer=RD.entity_id,
        destination=f"{DIGID_URL}/saml/sso",
        issue_instant=NOW,
        acs_index=0,
        intended_audience=DV.entity_id,
        service_uuid=layout.PORTAL_SERVICES[2].uuid,
        has_extensions=True,
    )
    element = signed(build_authn_request(replace(request, **changed)), key or signing_key(RD))
    return base64.b64encode(etree.tostring(element, encoding="UTF-8")).decode()


def rd_resolve(artifact: str, key: SigningKey | None = None, **changed: Any) -> bytes:
    """What the Routeringsdienst posts to DigiD's back channel."""
    resolve = ArtifactResolve(id=new_message_id(), issuer=RD.entity_id, issue_instant=NOW, artifact=artifact)
    return wrap(signed(build_artifact_resolve(replace(resolve, **changed)), key or signing_key(RD)))


@dataclass
class AnsweringRd:
    """The Routeringsdienst's answer to the portal, right in everything; a test changes one thing.

    Stands in for the portal's client of the back channel.

    Args:
        clock: aware UTC.
        request: the portal's AuthnRequest.
        assertion: fields of the Assertion to replace.
        confirmation: fields of the SubjectConfirmation to replace.
        response: fields of the Response to replace.
        envelope: fields of the ArtifactResponse to replace.
        bend_assertion: changes the Assertion after signing.
        bend_response: changes the Response.
        bend_envelope: changes the ArtifactResponse after signing.
        answer: replaces the whole HTTP answer, or is raised.
        keys: who signs Assertion and ArtifactResponse.
    """

    clock: Clock
    request: AuthnRequest | None = None
    assertion: Mapping[str, Any] = field(default_factory=dict)
    confirmation: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)
    envelope: Mapping[str, Any] = field(default_factory=dict)
    bend_assertion: Bend = lambda _: None
    bend_response: Bend = lambda _: None
    bend_envelope: Bend = lambda _: None
    answer: Answer | Exception | None = None
    keys: tuple[SigningKey, SigningKey] = field(default_factory=lambda: (signing_key(RD), signing_key(RD)))
    resolves: list[bytes] = field(default_factory=list)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer an ArtifactResolve."""
        self.resolves.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        resolve = parse(body).find(f".//{names.samlp('ArtifactResolve')}")
        return self.answer or Answer(200, "text/xml", self.body(resolve.get("ID")))

    def redirect(self, relay_state: str, artifact: str | None = None, **more: str) -> str:
        """The path and query at which the browser comes back."""
        artifact = artifact or new_artifact(RD.entity_id, 0).text
        return f"/acs?{urlencode({'SAMLart': artifact, 'RelayState': relay_state, **more})}"

    def body(self, resolve_id: str) -> bytes:
        """The whole SOAP answer."""
        response = build_response(self._response())
        self.bend_response(response)
        message = ArtifactResponse(new_message_id(), resolve_id, RD.entity_id, self.clock(), SUCCESS, response)
        element = signed(build_artifact_response(replace(message, **self.envelope)), self.keys[1])
        self.bend_envelope(element)
        return wrap(element)

    def _response(self) -> Response:
        assert self.request is not None
        response = Response(
            new_message_id(), self.request.id, RD.entity_id, f"{PORTAL_URL}/acs", self.clock(), SUCCESS, None
        )
        response = replace(response, **self.response)
        if not response.status.success or "assertion" in self.response:
            return response
        element = signed(build_assertion(self._assertion()), self.keys[0])
        self.bend_assertion(element)
        return replace(response, assertion=element)

    def _assertion(self) -> Assertion:
        assert self.request is not None
        now = self.clock()
        service = next(x for x in layout.PORTAL_SERVICES if x.index == (self.request.attribute_index or 1))
        confirmation = SubjectConfirmation(self.request.id, f"{PORTAL_URL}/acs", now + 2 * MINUTE)
        assertion = Assertion(
            id=new_message_id(),
            issuer=RD.entity_id,
            issue_instant=now,
            name_id=new_transient_id(),
            confirmation=replace(confirmation, **self.confirmation),
            not_before=now - 2 * MINUTE,
            not_on_or_after=now + 2 * MINUTE,
            audiences=(DV.entity_id,),
            authn_instant=now,
            class_ref="http://eidas.europa.eu/LoA/high",
            service_uuid=service.uuid,
            acting_subject=(declared(BSN, service.identity),),
            authenticating_authorities=(AD.entity_id,),
            advice=(self._evidence(),),
        )
        return replace(assertion, **self.assertion)

    def _evidence(self) -> bytes:
        now = self.clock()
        original = Assertion(
            id=new_message_id(),
            issuer=AD.entity_id,
            issue_instant=now,
            name_id=new_transient_id(),
            confirmation=SubjectConfirmation(new_message_id(), RD_ACS, now + 2 * MINUTE),
            not_before=now - 2 * MINUTE,
            not_on_or_after=now + 2 * MINUTE,
            audiences=(RD.entity_id,),
            authn_instant=now,
            class_ref="http://eidas.europa.eu/LoA/high",
            service_uuid=layout.PORTAL_SERVICES[0].uuid,
            acting_subject=(encrypted(BSN, recipient(DV)),),
        )
        return canonical(signed(build_assertion(original), signing_key(AD)))
