"""From the record of a login to what its page shows: messages in order, each with what was verified beside it."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import Artifact
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.simulators.portal.checks import Result
from routeringsvoorziening.simulators.portal.exchange import Citizen, Exchange
from routeringsvoorziening.simulators.portal.problems import said_no
from routeringsvoorziening.simulators.portal.representing import FOR_MYSELF
from routeringsvoorziening.simulators.portal.texts import MessageText, Text, message_texts, status_text
from routeringsvoorziening.simulators.pretty_xml import pretty
from routeringsvoorziening.simulators.world.layout import LOGIN_METHODS

SOME_LOGIN_METHOD: Final = ("de inlogdienst", "the login service")
_ROLES: Final = {LOGIN_METHODS["eherkenning"][1]: "HM"}
RAW_SHOWN: Final = 4000
"""Bytes shown of an answer that is no XML."""
_ASSERTION: Final = names.saml("Assertion")
_ADVICE: Final = names.saml("Advice")
_RESPONSE: Final = names.samlp("Response")


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message on the page.

    Args:
        number: its place in the exchange; arrows of the diagram bear it too.
        anchor: of the section.
        text: what is said about it.
        results: what was verified.
        xml: pretty-printed; None when it is no XML.
        raw: name under which its bytes can be fetched; None when it was part of another message.
    """

    number: int
    anchor: str
    text: MessageText
    results: Sequence[Result] = ()
    xml: Markup | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """The whole exchange on the page.

    Args:
        not_reached: how many checks nothing was left for.
        said_no: how an answer ended that is in order but holds no declaration.
        at_login: that can only have been at the login method, for nothing else was asked.
        login_name: of the login method, as far as it is known.
        method: that the citizen chose; empty when they did not.
        login_role: of who declares it: AD, or HM in eTD.
        bvd: one took part; or may have, in a login that did not succeed.
    """

    messages: tuple[MessageView, ...]
    form_fields: Mapping[str, str]
    sso_url: str
    redirect: Sequence[tuple[str, str]]
    artifact: Artifact | None
    results: tuple[Result, ...]
    passed: int
    not_reached: int
    said_no: Text | None
    at_login: bool
    login_name: Text
    login_role: str
    method: str
    bvd: bool
    milliseconds: float | None
    status: Sequence[tuple[str, Text]]
    status_message: str | None


def of_exchange(exchange: Exchange, citizen: Citizen | None = None, *, decrypted: bool = False) -> ExchangeView:
    """Everything that the portal saw; with who logged in, when somebody did.

    Args:
        exchange: the record.
        citizen: who logged in; None when nobody did.
        decrypted: the Routeringsvoorziening opens identities on our behalf.
    """
    ended, name = said_no(exchange), _login_name(exchange, citizen)
    return ExchangeView(
        messages=tuple(_messages(exchange, decrypted=decrypted)),
        form_fields=exchange.form_fields,
        sso_url=exchange.sso_url,
        redirect=_query(exchange.redirect),
        artifact=exchange.artifact,
        results=exchange.checklist.results,
        passed=exchange.checklist.passed,
        not_reached=exchange.checklist.not_reached,
        said_no=ended,
        at_login=_was_at_login(exchange),
        login_name=name,
        method=exchange.method,
        login_role=_ROLES.get(name[0], "AD"),
        bvd=any(map(_is_bvd, citizen.authorities)) if citizen else _may_have_been_at_bvd(exchange, ended),
        milliseconds=None if exchange.resolve_seconds is None else exchange.resolve_seconds * 1000,
        status=[(code, status_text(code)) for code in exchange.status_codes],
        status_message=exchange.status_message,
    )


def _login_name(exchange: Exchange, citizen: Citizen | None) -> Text:
    """By who vouches, or else by what the citizen chose."""
    authorities = citizen.authorities if citizen else ()
    for method, (party, name) in LOGIN_METHODS.items():
        if party.entity_id in authorities or (not authorities and method == exchange.method):
            return name, name
    return SOME_LOGIN_METHOD


def _is_bvd(entity_id: str) -> bool:
    """By its role; that of a makelaar has another form and none."""
    try:
        return parse_entity_id(entity_id).role == "BVD"
    except SamlError:
        return False


def _may_have_been_at_bvd(exchange: Exchange, ended: Text | None) -> bool:
    """One was asked for, or could be chosen and the answer does not say where it ended."""
    return exchange.wish.required or (bool(exchange.wish.through) and ended is not None)


def _was_at_login(exchange: Exchange) -> bool:
    """Cancelled, where there was one way to log in and nothing to choose."""
    one_way = exchange.wish == FOR_MYSELF and len(exchange.service.methods) == 1
    return one_way and exchange.status_message == names.CANCELLED_MESSAGE


def _messages(exchange: Exchange, *, decrypted: bool) -> Iterator[MessageView]:
    """In the order in which they travelled; the answer is one message on the wire, taken apart for reading."""
    results, texts = exchange.checklist.of_step, message_texts()
    sent = pretty(parse(exchange.authn_request))
    yield MessageView(1, "authnrequest", texts["authnrequest"], (), sent, "authnrequest.xml")
    if exchange.redirect is not None:
        yield MessageView(2, "samlart", texts["samlart"], results("redirect"))
    if exchange.resolve is not None:
        asked = pretty(parse(exchange.resolve))
        yield MessageView(
            3, "artifactresolve", texts["artifactresolve"], results("resolve"), asked, "artifactresolve.xml"
        )
    if exchange.answer is not None:
        yield from _answer(exchange, exchange.answer, decrypted=decrypted)


def _answer(exchange: Exchange, answer: bytes, *, decrypted: bool) -> Iterator[MessageView]:
    results, texts = exchange.checklist.of_step, message_texts()
    tree = _tree_of(answer)
    shown = _start_of(answer) if tree is None else pretty(_emptied(tree, f".//{_RESPONSE}"))
    yield MessageView(4, "artifactresponse", texts["artifactresponse"], results("envelope"), shown, "antwoord.xml")
    response = None if tree is None else tree.find(f".//{_RESPONSE}")
    if response is None:
        return
    yield MessageView(5, "response", texts["response"], results("response"), pretty(_emptied(response, _ASSERTION)))
    assertion = response.find(_ASSERTION)
    if assertion is not None:
        yield from _declaration(exchange, assertion, decrypted=decrypted)


def _declaration(exchange: Exchange, assertion: Element, *, decrypted: bool) -> Iterator[MessageView]:
    results, texts = exchange.checklist.of_step, message_texts()
    yield MessageView(6, "assertion", texts["assertion"], results("assertion"), pretty(_emptied(assertion, _ADVICE)))
    advice = assertion.find(_ADVICE)
    if advice is not None and len(advice):
        originals = Markup("\n").join(pretty(each) for each in advice)
        yield MessageView(7, "advice", texts["advice"], results("advice"), originals)
    opened = [each for each in (exchange.name_id, exchange.legal_name_id) if each is not None]
    name_ids = Markup("\n").join(pretty(parse(each)) for each in opened) if opened else None
    yield MessageView(8, "nameid", texts["nameid-decrypted" if decrypted else "nameid"], results("identity"), name_ids)


def _tree_of(answer: bytes) -> Element | None:
    """The answer as a tree, when it is XML that may be looked at."""
    try:
        return parse(answer)
    except SamlError:
        return None


def _start_of(answer: bytes) -> Markup:
    return Markup("{}").format(answer[:RAW_SHOWN].decode("utf-8", "replace"))


def _emptied(element: Element, path: str) -> Element:
    """A copy in which what the path finds is an empty place: it is shown by itself."""
    copied = deepcopy(element)
    for found in copied.findall(path):
        for child in list(found):
            found.remove(child)
        found.attrib.clear()
        found.text = "…"
    return copied


def _query(url: str | None) -> list[tuple[str, str]]:
    """Name and value as they stood in the address, not decoded."""
    if url is None:
        return []
    parts = urlsplit(url).query.split("&")
    return [(name, value) for name, _, value in (part.partition("=") for part in parts)]
