"""Assertion: who logged in, how surely, for whom it is meant (ST-SAML, Assertion in the AuthN-response)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import ASSERTION_PREFIXES, Verbatim, element_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.attributes import (
    ST_SAML,
    Attributes,
    Vocabulary,
    build_attributes,
    read_attributes,
)
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.messages.subject import (
    SubjectConfirmation,
    build_subject,
    read_name_id,
    read_subject_confirmation,
)
from routeringsvoorziening.saml.moulds import Mould
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.saml.signature_profile import prefixes_within
from routeringsvoorziening.saml.verifying import Verified

__all__ = ["Assertion", "SubjectConfirmation", "build_assertion", "read_assertion", "write_assertion"]

_NOTHING: Final[Mapping[str, tuple[bytes, ...]]] = MappingProxyType({})
_KNOWN_CONDITIONS: Final = frozenset(map(names.saml, ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")))


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the assertion says. All instants are UTC.

    Args:
        id: NCName.
        issuer: entityID of who declares it.
        issue_instant: creation.
        name_id: TransientID (AS-02).
        confirmation: to whom and until when it may be handed over.
        not_before: of Conditions.
        not_on_or_after: of Conditions.
        audiences: entityIDs that each AudienceRestriction admits, in document order (AS-20).
        authn_instant: of the AuthnStatement.
        class_ref: AuthnContextClassRef as it stands there (LOA-01).
        service_uuid: of the dienst (ATT-05).
        acting_subject: the person, as `saml:EncryptedID` elements in exclusive canonical XML, at least one (ATT-01).
        session_index: equals `name_id` when present (AS-10).
        authenticating_authorities: entityIDs (AS-11).
        legal_subject: who is represented, like `acting_subject` (ATT-02).
        representation_types: URNs (ATT-06).
        other_attributes: name to AttributeValue elements in exclusive canonical XML.
        has_advice: whether Advice is there.
        advice: what is in Advice, in exclusive canonical XML. Evidence: nobody reads inside it.
    """

    id: str
    issuer: str
    issue_instant: datetime
    name_id: str
    confirmation: SubjectConfirmation
    not_before: datetime
    not_on_or_after: datetime
    audiences: tuple[str, ...]
    authn_instant: datetime
    class_ref: str
    service_uuid: str
    acting_subject: tuple[bytes, ...] = field(repr=False)
    session_index: str | None = None
    authenticating_authorities: tuple[str, ...] = ()
    legal_subject: tuple[bytes, ...] = field(default=(), repr=False)
    representation_types: tuple[str, ...] = ()
    other_attributes: Mapping[str, tuple[bytes, ...]] = field(default_factory=lambda: _NOTHING, repr=False)
    has_advice: bool = False
    advice: tuple[bytes, ...] = field(default=(), repr=False)


def build_assertion(assertion: Assertion, vocabulary: Vocabulary = ST_SAML) -> Element:
    """The assertion, unsigned. EncryptedIDs and evidence are taken in byte for byte (AS-14, ATT-09).

    Raises:
        SamlError: `id.duplicate`: an ID of what is taken in occurs twice; copies get new ones, see `copying`.
    """
    return element_of(_node(assertion, vocabulary), ASSERTION_PREFIXES)


def write_assertion(assertion: Assertion) -> bytes:
    """The same in the vocabulary of ST-SAML, in exclusive canonical XML; what is taken in must be in that form.

    Raises:
        SamlError: as `build_assertion`; `alg.c14n`: evidence keeps too many prefixes.
    """
    return _MOULD.write(assertion)


def _node(assertion: Assertion, vocabulary: Vocabulary = ST_SAML) -> saml.Assertion:
    return saml.Assertion(
        **header(message_id=assertion.id, issuer=assertion.issuer, issue_instant=assertion.issue_instant),
        subject=build_subject(assertion.name_id, assertion.confirmation),
        conditions=_conditions(assertion),
        advice=saml.Advice(extension_elements=list(map(Verbatim, assertion.advice))) if assertion.advice else None,
        authn_statement=[_authn_statement(assertion)],
        attribute_statement=[
            build_attributes(
                Attributes(
                    service_uuid=assertion.service_uuid,
                    acting_subject=assertion.acting_subject,
                    legal_subject=assertion.legal_subject,
                    representation_types=assertion.representation_types,
                    others=assertion.other_attributes,
                ),
                vocabulary,
            )
        ],
    )


_MOULD: Final = Mould(_node, ASSERTION_PREFIXES)


def _conditions(assertion: Assertion) -> saml.Conditions:
    audiences = [saml.Audience(text=each) for each in assertion.audiences]
    return saml.Conditions(
        not_before=format_instant(assertion.not_before),
        not_on_or_after=format_instant(assertion.not_on_or_after),
        audience_restriction=[saml.AudienceRestriction(audience=audiences)],
    )


def _authn_statement(assertion: Assertion) -> saml.AuthnStatement:
    return saml.AuthnStatement(
        authn_instant=format_instant(assertion.authn_instant),
        session_index=assertion.session_index,
        authn_context=saml.AuthnContext(
            authn_context_class_ref=saml.AuthnContextClassRef(text=assertion.class_ref),
            authenticating_authority=[
                saml.AuthenticatingAuthority(text=each) for each in assertion.authenticating_authorities
            ],
        ),
    )


def read_assertion(verified: Verified, *, validated: bool = False, vocabulary: Vocabulary = ST_SAML) -> Assertion:
    """What a verified Assertion says; times, audience and level are for its receiver to judge.

    Args:
        verified: the Assertion.
        validated: the message that it came in was valid against its schema, which covers the Assertion too.
        vocabulary: how its attributes are called.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `subject.structure`, `subject.confirmation`, `recipient`, `irt.missing`, `audience`, `loa`,
            `attribute.structure`, `attribute.service`, `node.forbidden`.
    """
    element = verified.element
    reading.check_message(element, names.saml("Assertion"), None if validated else "assertion")
    subject = reading.one(element, names.saml("Subject"), "subject.structure")
    conditions = reading.one(element, names.saml("Conditions"))
    statement = reading.one(element, names.saml("AuthnStatement"))
    context = reading.one(statement, names.saml("AuthnContext"))
    statement_of_attributes = reading.one(element, names.saml("AttributeStatement"), "attribute.structure")
    attributes = read_attributes(statement_of_attributes, vocabulary)
    advice = element.find(names.saml("Advice"))
    not_before, not_on_or_after = _window(conditions)
    return Assertion(
        id=element.attrib["ID"],
        issuer=reading.issuer(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        name_id=read_name_id(subject),
        confirmation=read_subject_confirmation(subject),
        not_before=not_before,
        not_on_or_after=not_on_or_after,
        audiences=_audiences(conditions),
        authn_instant=reading.instant(statement, "AuthnInstant"),
        class_ref=_class_ref(context),
        service_uuid=attributes.service_uuid,
        acting_subject=attributes.acting_subject,
        session_index=reading.optional(statement, "SessionIndex"),
        authenticating_authorities=_authorities(context),
        legal_subject=attributes.legal_subject,
        representation_types=attributes.representation_types,
        other_attributes=attributes.others,
        has_advice=advice is not None,
        advice=() if advice is None else tuple(canonical(each, prefixes_within(each)) for each in advice),
    )


def _window(conditions: Element) -> tuple[datetime, datetime]:
    """Conditions has both ends, in order (AS-06)."""
    not_before = reading.instant(conditions, "NotBefore")
    not_on_or_after = reading.instant(conditions, "NotOnOrAfter")
    if not_before >= not_on_or_after:
        raise SamlError("time.format", "the window of Conditions is empty")
    return not_before, not_on_or_after


def _audiences(conditions: Element) -> tuple[str, ...]:
    """Who is admitted by every AudienceRestriction: they all hold at once (SAML core 2.5.1.4, S66)."""
    if any(child.tag not in _KNOWN_CONDITIONS for child in conditions):
        raise SamlError("msg.structure", "a condition that we do not understand")
    restrictions = [
        [reading.filled(each) for each in restriction.findall(names.saml("Audience"))]
        for restriction in conditions.findall(names.saml("AudienceRestriction"))
    ]
    if not restrictions:
        raise SamlError("audience", "no AudienceRestriction")
    admitted = [each for each in restrictions[0] if all(each in others for others in restrictions[1:])]
    if not admitted:
        raise SamlError("audience", "nobody is admitted by every AudienceRestriction")
    return tuple(dict.fromkeys(admitted))


def _class_ref(context: Element) -> str:
    """Exactly one AuthnContextClassRef (S69)."""
    return reading.filled(reading.one(context, names.saml("AuthnContextClassRef"), "loa"), "loa")


def _authorities(context: Element) -> tuple[str, ...]:
    return tuple(reading.filled(each) for each in context.findall(names.saml("AuthenticatingAuthority")))
