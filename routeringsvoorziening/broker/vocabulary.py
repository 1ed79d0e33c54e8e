"""The words of the core: frozen values, with the koppelvlak's own names for what the koppelvlak names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Literal, NewType

EntityID = NewType("EntityID", str)
"""`urn:nl-eid-gdi:1.0:<ROLE>:<OIN>:entities:<index>` (ST-SAML types, EntityID)."""
ServiceUUID = NewType("ServiceUUID", str)
"""Identifies a dienst in the dienstencatalogus. An opaque string, compared exactly (AMB-22)."""
AuthenticationServiceId = NewType("AuthenticationServiceId", str)
"""Our own short name of a configured authenticatiedienst: `digid`. Also its path segment and metric label."""
MandateServiceId = NewType("MandateServiceId", str)
"""Our own short name of a configured bevoegdheidsverklaringsdienst."""
LoginId = NewType("LoginId", str)
"""Random, 128 bits, URL-safe, and a mark of the dienst. Names a login in the store and in `/login/{id}`."""
LogoutId = NewType("LogoutId", str)
"""Random, 128 bits, URL-safe. Names a logout for as long as the browser is away at services; only its cookie does."""
LegId = NewType("LegId", str)
"""The ID of our own request to a service; also its RelayState. An NCName of at most 80 characters."""
Reference = NewType("Reference", str)
"""The reference number that a person can read out to a help desk; in every log line of a login. Not a secret."""

BrowserKey = NewType("BrowserKey", str)
"""The secret in a browser's cookie that binds it to one login. Random, at least 128 bits; kept only as a SHA-256."""
SessionKey = NewType("SessionKey", str)
"""The secret in a browser's cookie under which its single sign-on sessions are kept. Random, 256 bits."""

Language = Literal["nl", "en"]
IdentityKind = Literal["legacy-BSN", "BSN", "Pseudonym"]
"""As what a dienst gets a person: the last part of the NameQualifier in the encrypted NameID (ATT-20)."""


class LoA(IntEnum):
    """Betrouwbaarheidsniveau, ascending. The numbers are those of the dienstencatalogus."""

    BASIS = 10
    LAAG = 20
    SUBSTANTIEEL = 25
    HOOG = 30


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text in the two languages of our pages."""

    nl: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.nl


@dataclass(frozen=True, slots=True)
class Preselection:
    """What a dienstverlener already chose for the person (ST-SAML Scoping).

    Args:
        authentication_services: the entities among which the login method must be; None when all are open.
        mandate_services: the BVDs that may be used; None when all that the dienst allows are open.
        mandate_required: True when the person must act for somebody else (RequesterID).
    """

    authentication_services: frozenset[EntityID] | None = None
    mandate_services: frozenset[EntityID] | None = None
    mandate_required: bool = False

    @property
    def given(self) -> bool:
        """True when the dienstverlener narrowed the login methods; failures then go straight back (ERR-09)."""
        return self.authentication_services is not None


@dataclass(frozen=True, slots=True)
class Federation:
    """Websites of one dienstverlener among which a person logs in once (SSO-01).

    Args:
        name: of the federation and of the organisation that it is of; compared exactly.
        idle: a session that is not used ends after this.
        maximum: a session ends after this, however often it is used.
    """

    name: str
    idle: timedelta
    maximum: timedelta


@dataclass(frozen=True, slots=True)
class ServiceSession:
    """A session at an authenticatiedienst, by the names that it gave it in its declaration.

    Args:
        subject: TransientID of the person in that declaration.
        index: SessionIndex; None when there was none.
    """

    subject: str = field(repr=False)
    index: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A single sign-on session of a browser at one authenticatiedienst.

    Args:
        federation: name of the federation in which the person logged in.
        authentication: the authenticatiedienst.
        loa: at which the person logged in.
        at_service: how the authenticatiedienst knows it.
        authenticated_at: UTC; when credentials were last asked.
        expires_at: UTC; from then on it is no session any more.
    """

    federation: str
    authentication: AuthenticationServiceId
    loa: LoA
    at_service: ServiceSession
    authenticated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """How a request takes part in single sign-on.

    Args:
        federation: of the connection that asks.
        key: under which this browser's sessions are kept.
        existing: its sessions in this federation; at most one per authenticatiedienst.
    """

    federation: Federation
    key: SessionKey = field(repr=False)
    existing: tuple[Session, ...] = ()

    def may_answer(self, authentication: AuthenticationServiceId, loa: LoA, at: datetime) -> bool:
        """True when a session that we know of is high enough and has not expired (SSO-02)."""
        return any(
            each.authentication == authentication and each.loa >= loa and at < each.expires_at for each in self.existing
        )


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """A dienstverlener's wish, after its frontend has authenticated it and checked every rule of the wire.

    Args:
        frontend: name of the frontend that must answer (`saml`).
        connection: who asked and gets the answer (the DV itself, or an LC).
        dienstverlener: for whom the identity is meant.
        service: the dienst.
        minimum_loa: what the request itself asks; the catalogue's minimum holds besides.
        force_authn: no existing session of the authenticatiedienst may answer.
        preselection: what is already chosen.
        reply: the frontend's own note on how to answer; opaque to the core, text to text.
        received_at: UTC.
        language: of the pages shown, from the browser's preference.
        sso: None when it takes no part in single sign-on.
    """

    frontend: str
    connection: EntityID
    dienstverlener: EntityID
    service: ServiceUUID
    received_at: datetime
    reply: Mapping[str, str]
    minimum_loa: LoA = LoA.BASIS
    force_authn: bool = False
    preselection: Preselection = Preselection()
    language: Language = "nl"
    sso: SingleSignOn | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One way through: a login method, for yourself or through one BVD for somebody else."""

    authentication: AuthenticationServiceId
    mandate: MandateServiceId | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the catalogue says about a request: what is open for it, and the names that pages show.

    Args:
        minimum_loa: of the dienst.
        choices: never empty; the order is neutral and stable.
        dienstverlener_name: for the pages.
        service_name: for the pages.
    """

    minimum_loa: LoA
    choices: tuple[Choice, ...]
    dienstverlener_name: LocalizedText
    service_name: LocalizedText


@dataclass(frozen=True, slots=True)
class SubjectIdentifier:
    """An identifier of a person as the service encrypted it. The core cannot read it, and neither can the RV.

    Args:
        recipients: the entities that hold a key for it.
        encrypted: the wire form (for SAML: one `saml:EncryptedID` element in exclusive canonical XML, UTF-8).
    """

    recipients: frozenset[EntityID]
    encrypted: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an authenticatiedienst declared about the person who logged in.

    Args:
        service: our name of the authenticatiedienst.
        authority: its entity, that vouches.
        loa: the level at which the person really logged in.
        acting_subject: the person, encrypted for the dienstverlener (and the BVD); at least one.
        evidence: the authority's own signed declaration, byte for byte.
        authenticated_at: UTC.
        legal_subject: who is represented, when the authority itself declares that (eTD); else empty.
        attributes: further attributes to hand on unaltered: name to values in wire form (for SAML: whole
            `saml:AttributeValue` elements in exclusive canonical XML, UTF-8).
        session: how the authority knows its session; None when it keeps none.
        credentials_asked: that session was not allowed to answer, so the person logged in anew.
    """

    service: AuthenticationServiceId
    authority: EntityID
    loa: LoA
    acting_subject: tuple[SubjectIdentifier, ...]
    evidence: bytes = field(repr=False)
    authenticated_at: datetime
    legal_subject: tuple[SubjectIdentifier, ...] = ()
    attributes: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    session: ServiceSession | None = None
    credentials_asked: bool = True


@dataclass(frozen=True, slots=True)
class Mandate:
    """What a bevoegdheidsverklaringsdienst declared: for whom the acting person may act.

    Args:
        service: our name of the BVD.
        authority: its entity, that vouches.
        legal_subject: who is represented, encrypted for the dienstverlener; at least one.
        representation_types: URNs of the published table; may be empty for a voluntary mandate.
        evidence: the authority's own signed declaration, byte for byte.
    """

    service: MandateServiceId
    authority: EntityID
    legal_subject: tuple[SubjectIdentifier, ...]
    representation_types: tuple[str, ...]
    evidence: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """De verklaring: what goes back to the dienstverlener, once."""

    request: AuthenticationRequest
    reference: Reference
    identity: Identity
    mandate: Mandate | None
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser to `url` with GET (303)."""

    url: str


@dataclass(frozen=True, slots=True)
class PostForm:
    """Let the browser post `fields` to `action`: submitted by script, or by a button without it."""

    action: str
    fields: Mapping[str, str] = field(repr=False)


FrontChannelMessage = Redirect | PostForm
"""A message that travels through the browser."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One round trip to a service within a login. Single use.

    Args:
        id: of our own request, and its RelayState.
        login: the login it belongs to.
        authentication: the service asked, when it is a login method.
        mandate: the service asked, when it is a BVD.
        state: what the backend must remember to judge the answer; text to text.
        started_at: UTC.
    """

    id: LegId
    login: LoginId
    authentication: AuthenticationServiceId | None
    mandate: MandateServiceId | None
    started_at: datetime
    state: Mapping[str, str] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """Our short name of the service asked."""
        return str(self.authentication or self.mandate or "")


@dataclass(frozen=True, slots=True)
class Departure:
    """What a backend hands over when a leg begins: the id it chose, what to remember, what to send."""

    leg: LegId
    message: FrontChannelMessage
    state: Mapping[str, str] = field(default_factory=dict)
