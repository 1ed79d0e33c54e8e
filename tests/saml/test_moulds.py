"""Messages from moulds: byte for byte what pysaml2's elements and canonicalisation give, whatever the values."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saml2 import samlp

from routeringsvoorziening.saml import moulds, names
from routeringsvoorziening.saml.building import canonical_of
from routeringsvoorziening.saml.messages import artifact_resolve, artifact_response, assertion, authn_request
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, write_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, write_artifact_response
from routeringsvoorziening.saml.messages.assertion import (
    Assertion,
    SubjectConfirmation,
    build_assertion,
    write_assertion,
)
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request, write_authn_request
from routeringsvoorziening.saml.messages.response import Response
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.moulds import Mould
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.verifying import evidence_of
from tests.support.wire import refused

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SAML = names.SAML
OWN_PREFIX = f'<saml:EncryptedID xmlns:saml="{SAML}"><x xmlns="urn:x" ID="{{}}"></x></saml:EncryptedID>'
USES = f'<saml:x xmlns:saml="{SAML}"></saml:x>'
LIST = f'<i:InclusiveNamespaces xmlns:i="{names.EXC_C14N}" PrefixList="k saml samlp"></i:InclusiveNamespaces>'
KEPT = (
    f'<saml:x xmlns:k="urn:kept" xmlns:saml="{SAML}" xmlns:samlp="{names.SAMLP}" ID><ds:Signature xmlns:ds="{names.DS}">'
    f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}">{LIST}</ds:CanonicalizationMethod>'
    "</ds:SignedInfo></ds:Signature></saml:x>"
)
"""A signature in it keeps prefixes that nothing visibly uses."""
PIECES = (
    OWN_PREFIX,
    f'<a:EncryptedID xmlns:a="{SAML}" Id="{{}}">&lt;b&gt;</a:EncryptedID>',
    f'<EncryptedID xmlns="{SAML}" ID="{{}}">{USES}</EncryptedID>',
    f'<EncryptedID xmlns="{SAML}" ID="{{}}">{USES}{USES}</EncryptedID>',
    '<saml:x xmlns:saml="urn:other" ID="{}"></saml:x>',
    f'<saml:x xmlns:saml="{SAML}" ID="{{}}"> xmlns:saml="{SAML}"</saml:x>',
    f'<saml:x xmlns:saml="{SAML}" Id="{{}}" a="1 > 0"> ID="_a" ID="_a"</saml:x>',
    f'<saml:x xmlns:saml="{SAML}"><y xmlns:saml="urn:other" saml:b="">{USES}</y></saml:x>',
    KEPT.replace("ID", 'ID="{}"'),
    f'<saml:x xmlns:saml="{SAML}" xmlns:samlp="{names.SAMLP}" samlp:ID="{{}}"><samlp:y></samlp:y></saml:x>',
)
"""Finished XML in canonical form, that declares its prefixes in every way, with room for an ID."""

plain = st.text(st.characters(codec="ascii", categories=("L", "N"))) | st.just("mark-0-end")
nasty = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
instants = st.integers(0, 2**37).map(lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
identifiers = st.integers(0, 10**9).map("_{}".format)


@st.composite
def finished(draw: st.DrawFn) -> bytes:
    """One piece."""
    return draw(st.sampled_from(PIECES)).format(draw(identifiers)).encode()


pieces = st.lists(finished(), max_size=3).map(tuple)


@dataclass(frozen=True)
class Kinds:
    """Every message, with texts of one kind; a message with one nasty text has no use for its mould."""

    value: st.SearchStrategy[str]

    @property
    def texts(self) -> st.SearchStrategy[tuple[str, ...]]:
        """A few."""
        return st.lists(self.value, max_size=3).map(tuple)

    @property
    def requests(self) -> st.SearchStrategy[AuthnRequest]:
        """AuthnRequests."""
        return st.builds(
            AuthnRequest,
            id=identifiers,
            issuer=self.value,
            destination=self.value,
            issue_instant=instants,
            force_authn=st.booleans(),
            acs_index=st.none() | st.integers(0, 3),
            intended_audience=st.none() | self.value,
            service_uuid=st.none() | self.value,
            idp_list=st.none() | self.texts,
            requester_ids=self.texts,
            provider_name=st.none() | self.value,
            idp_assertion=st.none() | finished(),
        )

    @property
    def resolves(self) -> st.SearchStrategy[ArtifactResolve]:
        """ArtifactResolves."""
        return st.builds(ArtifactResolve, identifiers, self.value, instants, self.value, st.none() | self.value)

    @property
    def answers(self) -> st.SearchStrategy[artifact_response._Written]:
        """ArtifactResponses, with what may be in them."""
        value = self.value
        statuses = st.just(SUCCESS) | st.builds(Status, value, st.none() | value, st.none() | value)
        responses = st.builds(Response, identifiers, value, value, value, instants, statuses)
        return st.builds(
            artifact_response._Written,
            st.builds(ArtifactResponse, identifiers, value, value, instants, statuses),
            st.none() | responses,
            st.none() | finished(),
        )

    @property
    def assertions(self) -> st.SearchStrategy[Assertion]:
        """Assertions."""
        return st.builds(
            Assertion,
            id=identifiers,
            issuer=self.value,
            issue_instant=instants,
            name_id=self.value,
            confirmation=st.builds(SubjectConfirmation, self.value, self.value, instants),
            not_before=instants,
            not_on_or_after=instants,
            audiences=self.texts,
            authn_instant=instants,
            class_ref=self.value,
            service_uuid=self.value,
            acting_subject=pieces,
            session_index=st.none() | self.value,
            authenticating_authorities=self.texts,
            legal_subject=pieces,
            representation_types=self.texts,
            other_attributes=st.dictionaries(self.value, pieces, max_size=2),
            advice=pieces,
        )


PLAIN = Kinds(plain)
NASTY = Kinds(plain | nasty | st.sampled_from(("a & b", 'say "x"', "<y/>", "]]>", "é", "a\tb\nc")))


def same(mould: Mould[Any], write: Callable[[Any], bytes], message: Any) -> None:
    """Both ways give the same bytes, or the same refusal."""
    try:
        expected = canonical_of(mould._node(message), mould._prefixes)
    except Exception as error:  # noqa: BLE001 - whatever the long way says
        with pytest.raises(type(error), match=getattr(error, "code", "")):
            write(message)
        return
    assert write(message) == expected


@pytest.mark.eis("AS-14", "RBVD-02")
@pytest.mark.parametrize("piece", PIECES)
def test_finished_xml_of_every_form(piece: str) -> None:
    """Whatever it declares where, it stands in the message as canonicalisation of the whole would have it."""
    xml = piece.format("_inside").encode()
    for message in (an_assertion(acting_subject=(xml,)), an_assertion(advice=(xml,))):
        same(assertion._MOULD, write_assertion, message)
    request = AuthnRequest("_id", "urn:rv", "https://bvd.example/sso", NOW, idp_assertion=xml)
    same(authn_request._MOULD, write_authn_request, request)
    answer = ArtifactResponse("_id", "_to", "urn:rv", NOW, SUCCESS)
    response = Response("_response", "_request", "urn:rv", "https://dv.example", NOW, SUCCESS)
    same(artifact_response._MOULD, written, artifact_response._Written(answer, response, xml))


@given(PLAIN.requests | NASTY.requests)
def test_an_authn_request(message: AuthnRequest) -> None:
    same(authn_request._MOULD, write_authn_request, message)


@given(PLAIN.resolves | NASTY.resolves)
def test_an_artifact_resolve(message: ArtifactResolve) -> None:
    same(artifact_resolve._MOULD, write_artifact_resolve, message)


@given(PLAIN.answers | NASTY.answers)
def test_an_artifact_response(message: artifact_response._Written) -> None:
    same(artifact_response._MOULD, written, message)


@given(PLAIN.assertions | NASTY.assertions)
def test_an_assertion(message: Assertion) -> None:
    same(assertion._MOULD, write_assertion, message)


def written(parts: artifact_response._Written) -> bytes:
    return write_artifact_response(parts.answer, parts.response, parts.assertion)


def an_assertion(**changed: object) -> Assertion:
    made = Assertion(
        id="_assertion",
        issuer="urn:issuer",
        issue_instant=NOW,
        name_id="_name",
        confirmation=SubjectConfirmation("_request", "https://dv.example/acs", NOW),
        not_before=NOW,
        not_on_or_after=NOW + timedelta(minutes=2),
        audiences=("urn:dv",),
        authn_instant=NOW,
        class_ref="urn:loa",
        service_uuid="urn:uuid",
        acting_subject=(OWN_PREFIX.format("_subject").encode(),),
    )
    return replace(made, **changed)


def test_a_tree_and_a_mould_say_the_same() -> None:
    """What simulators and readers work with is what is sent."""
    message = an_assertion(advice=(f'<saml:Assertion xmlns:saml="{SAML}" ID="_ad"></saml:Assertion>'.encode(),))
    assert write_assertion(message) == evidence_of(build_assertion(message))
    request = AuthnRequest("_id", "urn:rv", "https://ad.example/sso", NOW, requester_ids=("urn:bvd",))
    assert write_authn_request(request) == canonical(build_authn_request(request))


def test_a_shape_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other values go into the same mould, and none of the first message stays in it."""
    first = write_assertion(an_assertion())
    monkeypatch.setattr(assertion._MOULD, "_node", None)
    second = write_assertion(an_assertion(issuer="urn:second", acting_subject=(OWN_PREFIX.format("_other").encode(),)))
    assert second == first.replace(b"urn:issuer", b"urn:second").replace(b"_subject", b"_other")


@pytest.mark.attack("S45")
@pytest.mark.parametrize("hostile", ['"/><x a="', "</saml:Issuer><x>", "&lt;x&gt;", "<![CDATA[", "\r\n", "mark-0-end"])
def test_no_value_becomes_markup(hostile: str) -> None:
    """Neither in an attribute nor in text."""
    message = ArtifactResolve("_id", hostile, NOW, hostile, hostile)
    written = parse(write_artifact_resolve(message))
    assert (written[0].text, written[1].text, written.get("Destination")) == (hostile, hostile, hostile)
    assert len(written) == 2


@pytest.mark.eis("ATT-17")
@pytest.mark.parametrize("where", ["acting_subject", "legal_subject", "advice"])
def test_an_id_that_occurs_twice_is_refused(where: str) -> None:
    """In two pieces, or in a piece and in the message itself."""
    piece = OWN_PREFIX.format("_twice").encode()
    assert write_assertion(an_assertion(**{where: (piece,)}))
    own = OWN_PREFIX.format("_assertion").encode()
    for pieces_in_it in ((piece, piece), (own,)):
        refused("id.duplicate", partial(write_assertion, an_assertion(**{where: pieces_in_it})))


@pytest.mark.attack("S40")
def test_an_id_cannot_hide_behind_text() -> None:
    """Text that ends like the beginning of an attribute, right before the tag with the ID."""
    first = f'<saml:x xmlns:saml="{SAML}"> ID="<y ID="_twice"></y></saml:x>'.encode()
    refused(
        "id.duplicate", partial(write_assertion, an_assertion(advice=(first, OWN_PREFIX.format("_twice").encode())))
    )
    assert write_assertion(an_assertion(advice=(first, OWN_PREFIX.format("_once").encode())))


@pytest.mark.attack("S40")
def test_an_id_that_occurs_twice_is_refused_whatever_its_prefix() -> None:
    """Also in pieces that share no prefix with their surroundings, and on the long way."""
    pieces_in_it = tuple(f'<s:x xmlns:s="{SAML}" ID="_twice">{number}</s:x>'.encode() for number in "12")
    for issuer in ("urn:plain", "urn:nasty?a&b"):
        refused("id.duplicate", partial(write_assertion, an_assertion(advice=pieces_in_it, issuer=issuer)))


@pytest.mark.attack("S45")
@pytest.mark.parametrize("name", ["mark-0-end", "mark-12-end", "mark-16-end", "mark-9999-end", "9000-01-01T00:01:00Z"])
def test_a_name_of_an_attribute_cannot_pose_as_a_mark(name: str) -> None:
    """A makelaar chooses such names; they stand in the message as they are."""
    value = f'<saml:AttributeValue xmlns:saml="{SAML}">1</saml:AttributeValue>'.encode()
    for others in ({name: (value,)}, {name: (value,), "urn:other": (value, value)}):
        message = an_assertion(other_attributes=others)
        same(assertion._MOULD, write_assertion, message)
        assert f' Name="{name}"'.encode() in write_assertion(message)


def test_a_mould_holds_nothing_of_a_message() -> None:
    """Neither in its key nor in its parts: only how many there are of what."""
    write_assertion(an_assertion(other_attributes={"urn:of-a-makelaar": ()}, audiences=("urn:somebody",) * 7))
    kept = repr(assertion._MOULD._shapes)
    assert not [text for text in ("urn:of-a-makelaar", "urn:somebody", "_subject", "2026-11-29") if text in kept]


def test_text_that_looks_like_an_id_is_none() -> None:
    """However often."""
    piece = f'<saml:x xmlns:saml="{SAML}"> ID="_a" ID="_a"</saml:x>'.encode()
    assert piece.partition(b">")[2] in write_assertion(an_assertion(acting_subject=(piece,)))


def test_what_cannot_be_xml_is_no_message() -> None:
    """As without a mould."""
    with pytest.raises(ValueError, match="XML compatible"):
        write_artifact_resolve(ArtifactResolve("_id", "a\0b", NOW, "artifact"))


@dataclass(frozen=True)
class Counted:
    """A message with as many values as one likes."""

    texts: tuple[str, ...]


def _counted(message: Counted) -> samlp.Scoping:
    return samlp.Scoping(requester_id=[samlp.RequesterID(text=each) for each in message.texts])


def test_shapes_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else decides what occurs in a message; nothing grows for ever."""
    monkeypatch.setattr(moulds, "MOST_SHAPES", 5)
    mould = Mould(_counted)
    for number in range(40):
        message = Counted(("a",) * number)
        assert mould.write(message) == canonical_of(_counted(message))
        assert len(mould._shapes) <= 5


def test_a_message_of_very_many_values_has_no_mould() -> None:
    """It is written all the same."""
    mould, message = Mould(_counted), Counted(("a",) * (moulds.MOST_VALUES + 1))
    assert mould.write(message) == canonical_of(_counted(message))
    assert not mould._shapes


def test_a_text_of_another_class_is_a_text() -> None:
    """As lxml and enumerations have them."""

    class Text(str):
        __slots__ = ()

    mould = Mould(_counted)
    first, second = (mould.write(Counted((text,))) for text in (Text("urn:a"), "urn:b"))
    assert second == first.replace(b"urn:a", b"urn:b") == canonical_of(_counted(Counted(("urn:b",))))
    assert len(mould._shapes) == 1


def test_only_parts_of_messages_go_in() -> None:
    """A mistake of ours is no message."""
    with pytest.raises(TypeError, match="no part of a message: float"):
        Mould(_counted).write(Counted((1.5,)))  # type: ignore[arg-type]
