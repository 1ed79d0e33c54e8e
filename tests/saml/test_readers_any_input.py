"""Whatever a known party signs, a reader gives a value or refuses it under a code: nothing else ever comes out."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml.copying import copy_encrypted_id, recipients_of
from routeringsvoorziening.saml.encryption import decrypt_id
from routeringsvoorziening.saml.errors import CODES, SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.artifact_resolve import (
    ArtifactResolve,
    build_artifact_resolve,
    read_artifact_resolve,
)
from routeringsvoorziening.saml.messages.artifact_response import build_artifact_response, read_artifact_response
from routeringsvoorziening.saml.messages.assertion import build_assertion, read_assertion
from routeringsvoorziening.saml.messages.authn_request import build_authn_request, read_authn_request
from routeringsvoorziening.saml.messages.logout_request import (
    LogoutRequest,
    build_logout_request,
    read_logout_request,
)
from routeringsvoorziening.saml.messages.logout_response import (
    LogoutResponse,
    build_logout_response,
    read_logout_response,
)
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.messages.response import read_response
from routeringsvoorziening.saml.messages.status import SUCCESS
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.soap import unwrap, wrap
from routeringsvoorziening.saml.verifying import Verified
from tests.support.publishers import (
    PROVIDER,
    ROUTING,
    SERVICE_OF_AD,
    of_dv,
    of_rd,
    of_service,
    read_dv,
    read_rd,
    read_service,
)
from tests.support.wire import (
    AD,
    BVD,
    DV,
    NOW,
    SERVICE,
    artifact_response,
    assertion,
    authn_request,
    decryption_key,
    encrypted,
    over_the_wire,
    recipient,
)

VALUES = [
    "",
    " ",
    "x",
    "true",
    "-1",
    "99999",
    "2026-03-01T12:00:00",
    "0001-01-01T00:00:00Z",
    "urn:x",
    "#x",
    "\u0660",
    DV,
]


def change(draw: st.DrawFn, element: Element) -> None:
    """One change to a tree: an element goes, moves, doubles or is renamed; a text or an attribute changes."""
    nodes = list(element.iter())
    node = draw(st.sampled_from(nodes))
    parent = node.getparent()
    match draw(st.sampled_from(["drop", "double", "move", "rename", "text", "tail", "set", "unset"])):
        case "drop" if parent is not None:
            parent.remove(node)
        case "double" if parent is not None:
            parent.append(doubled(node))
        case "move":
            draw(st.sampled_from(nodes)).append(doubled(draw(st.sampled_from(nodes))))
        case "rename":
            node.tag = str(draw(st.sampled_from(nodes)).tag)
        case "text":
            node.text = draw(st.sampled_from(VALUES))
        case "tail" if parent is not None:
            node.tail = draw(st.sampled_from(VALUES))
        case "set":
            known = sorted({"ID", *(str(name) for each in nodes for name in each.attrib)})
            node.set(draw(st.sampled_from(known)), draw(st.sampled_from(VALUES)))
        case "unset" if node.attrib:
            del node.attrib[draw(st.sampled_from(sorted(map(str, node.attrib))))]
        case _:
            pass


def doubled(node: Element) -> Element:
    copied = etree.fromstring(etree.tostring(node, with_tail=False))
    for each in copied.iter():
        for name in ("ID", "Id"):
            if name in each.attrib:
                each.set(name, new_message_id())
    return copied


def sent(element: Element) -> Verified:
    element.set("ID", element.get("ID") or "_a")
    return over_the_wire(parse(etree.tostring(element)), AD)


def read_answer(element: Element) -> None:
    found = read_artifact_response(sent(element))
    if found.response is not None:
        read_response(found.response)


def read_encrypted(element: Element) -> None:
    recipients_of(element)
    copy_encrypted_id(element, keep_recipients={DV})
    decrypt_id(element, entity_id=DV, keys=[decryption_key(DV)])


REQUEST = authn_request(intended_audience=DV, service_uuid=SERVICE, idp_list=(AD,), requester_ids=(BVD,))
FULL = assertion(legal_subject=(encrypted(),), representation_types=("urn:x",), authenticating_authorities=(AD,))
MESSAGES: dict[str, tuple[bytes, Callable[[Element], object]]] = {
    "authn_request": (
        etree.tostring(build_authn_request(REQUEST)),
        lambda element: (claimed_issuer(element), read_authn_request(sent(element))),
    ),
    "artifact_resolve": (
        etree.tostring(build_artifact_resolve(ArtifactResolve("_a", DV, NOW, "x"))),
        lambda element: read_artifact_resolve(sent(element)),
    ),
    "artifact_response": (etree.tostring(build_artifact_response(artifact_response())), read_answer),
    "logout_request": (
        etree.tostring(build_logout_request(LogoutRequest("_a", DV, "https://x.example/", NOW, "name", "name"))),
        lambda element: read_logout_request(sent(element)),
    ),
    "logout_response": (
        etree.tostring(build_logout_response(LogoutResponse("_a", "_b", DV, "https://x.example/", NOW, SUCCESS))),
        lambda element: read_logout_response(sent(element)),
    ),
    "assertion": (etree.tostring(build_assertion(FULL)), lambda element: read_assertion(sent(element))),
    "encrypted_id": (encrypted(recipient(DV), recipient(BVD)), read_encrypted),
    "envelope": (wrap(build_artifact_resolve(ArtifactResolve("_a", DV, NOW, "x"))), unwrap),
}


@pytest.mark.attack("S11", "S37", "S39", "S51", "S58")
@pytest.mark.parametrize("kind", MESSAGES)
@settings(max_examples=120)
@given(st.data())
def test_any_message_is_read_or_refused(kind, data):
    """Up to three changes before signing: a value, or a code of the list."""
    document, read = MESSAGES[kind]
    element = parse(document)
    for _ in range(data.draw(st.integers(1, 3))):
        change(data.draw, element)
    outcome(lambda: read(element))


PUBLICATIONS: dict[str, tuple[Callable[..., bytes], Callable[[bytes], object]]] = {
    "dv": (of_dv, read_dv),
    "ad": (lambda bend: of_service(SERVICE_OF_AD, bend), read_service),
    "rd": (of_rd, read_rd),
}


@pytest.mark.attack("S81", "S39")
@pytest.mark.parametrize("kind", PUBLICATIONS)
@settings(max_examples=60)
@given(st.data())
def test_any_metadata_is_read_or_refused(kind, data):
    """The same for metadata, signed by its publisher after the change."""
    publish, read = PUBLICATIONS[kind]

    def bend(element: Element) -> None:
        for _ in range(data.draw(st.integers(1, 2))):
            change(data.draw, element)
        element.set("ID", "_root")

    outcome(lambda: read(publish(bend)))


def outcome(act: Callable[[], object]) -> None:
    """The act ends well or in a SamlError of the list."""
    try:
        act()
    except SamlError as error:
        assert error.code in CODES  # noqa: PT017 - both ends are good


def test_unchanged_all_of_them_are_read():
    """The positive twin: without a change every one of these passes."""
    for document, read in MESSAGES.values():
        read(parse(document))
    assert read_dv(of_dv()) == PROVIDER
    assert read_service(of_service(SERVICE_OF_AD)) == SERVICE_OF_AD
    assert read_rd(of_rd()) == ROUTING
