"""Assertion between nodes: who logged in and how surely. It only travels encrypted."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import element_of
from routeringsvoorziening.saml.eidas.attributes import Values, build_values, read_values
from routeringsvoorziening.saml.eidas.authn_request import level_of
from routeringsvoorziening.saml.eidas.building import header
from routeringsvoorziening.saml.eidas.schema import validate
from routeringsvoorziening.saml.eidas.vocabulary import LEVELS, PREFIXES
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.subject import SubjectConfirmation, read_subject_confirmation
from routeringsvoorziening.saml.parsing import Element

_PREFIXES: Final = {"saml": names.SAML, **{name: PREFIXES[name] for name in ("eidas-natural", "eidas-legal", "xsi")}}


@dataclass(frozen=True, slots=True)
class EidasAssertion:
    """What the assertion says. All instants are UTC.

    Args:
        id: NCName.
        issuer: entity ID of the node that declares it.
        issue_instant: creation.
        subject: NameID; the identifier of the person once more.
        confirmation: to whom and until when it may be handed over.
        not_before: of Conditions.
        not_on_or_after: of Conditions.
        audience: entity ID of the node for which it is meant.
        authn_instant: when the person logged in.
        level: 20, 25 or 30.
        values: attribute to value.
    """

    id: str
    issuer: str
    issue_instant: datetime
    subject: str = field(repr=False)
    confirmation: SubjectConfirmation
    not_before: datetime
    not_on_or_after: datetime
    audience: str
    authn_instant: datetime
    level: int
    values: Values = field(repr=False)


def build_eidas_assertion(assertion: EidasAssertion) -> Element:
    """The assertion; not signed, as the Response around it is."""
    confirmation = assertion.confirmation
    data = saml.SubjectConfirmationData(
        in_response_to=confirmation.in_response_to,
        recipient=confirmation.recipient,
        not_on_or_after=format_instant(confirmation.not_on_or_after),
    )
    context = saml.AuthnContext(
        authn_context_class_ref=saml.AuthnContextClassRef(text=LEVELS[assertion.level]),
    )
    return element_of(
        saml.Assertion(
            **header(message_id=assertion.id, issuer=assertion.issuer, issue_instant=assertion.issue_instant),
            subject=saml.Subject(
                name_id=saml.NameID(format=names.NAMEID_UNSPECIFIED, text=assertion.subject),
                subject_confirmation=[saml.SubjectConfirmation(method=names.BEARER, subject_confirmation_data=data)],
            ),
            conditions=saml.Conditions(
                not_before=format_instant(assertion.not_before),
                not_on_or_after=format_instant(assertion.not_on_or_after),
                audience_restriction=[saml.AudienceRestriction(audience=[saml.Audience(text=assertion.audience)])],
            ),
            authn_statement=[
                saml.AuthnStatement(authn_instant=format_instant(assertion.authn_instant), authn_context=context)
            ],
            attribute_statement=[build_values(assertion.values)],
        ),
        _PREFIXES,
    )


def read_eidas_assertion(element: Element) -> EidasAssertion:
    """What an assertion says that came out of a ciphertext which a verified signature covers.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `subject.structure`, `subject.confirmation`, `recipient`, `irt.missing`, `audience`, `loa`,
            `attribute.structure`, `advice.forbidden`, `node.forbidden`.
    """
    reading.check_message(element, names.saml("Assertion"), None)
    validate(element)
    if element.find(names.saml("Advice")) is not None:
        raise SamlError("advice.forbidden", "between nodes")
    subject = reading.one(element, names.saml("Subject"), "subject.structure")
    conditions = reading.one(element, names.saml("Conditions"))
    statement = reading.one(element, names.saml("AuthnStatement"))
    context = reading.one(statement, names.saml("AuthnContext"))
    return EidasAssertion(
        id=element.attrib["ID"],
        issuer=reading.issuer(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        subject=reading.filled(reading.one(subject, names.saml("NameID"), "subject.structure"), "subject.structure"),
        confirmation=read_subject_confirmation(subject),
        not_before=reading.instant(conditions, "NotBefore"),
        not_on_or_after=reading.instant(conditions, "NotOnOrAfter"),
        audience=_audience(conditions),
        authn_instant=reading.instant(statement, "AuthnInstant"),
        level=level_of(reading.filled(reading.one(context, names.saml("AuthnContextClassRef"), "loa"), "loa")),
        values=read_values(reading.one(element, names.saml("AttributeStatement"), "attribute.structure")),
    )


def _audience(conditions: Element) -> str:
    """One restriction to one node, and no other condition."""
    children = reading.only_elements(conditions, "msg.structure")
    if [child.tag for child in children] != [names.saml("AudienceRestriction")]:
        raise SamlError("audience", "not exactly one AudienceRestriction")
    return reading.filled(reading.one(children[0], names.saml("Audience"), "audience"), "audience")
