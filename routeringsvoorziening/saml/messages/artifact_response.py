"""ArtifactResponse: the answer to ArtifactResolve, with the Response in it or without (ST-SAML, ARR)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from saml2 import samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import Verbatim, element_of, verbatim
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.messages.response import Response, response_node
from routeringsvoorziening.saml.messages.status import Status, build_status, read_status
from routeringsvoorziening.saml.moulds import Mould
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.verifying import Verified


@dataclass(frozen=True, slots=True)
class ArtifactResponse:
    """What the message says.

    Args:
        id: NCName.
        in_response_to: ID of the ArtifactResolve (ARR-02).
        issuer: entityID of the sender.
        issue_instant: UTC.
        status: of the resolving; says nothing about the login (ARR-07).
        response: the Response in it, to be read with `read_response`; None when the artifact gave nothing.
    """

    id: str
    in_response_to: str
    issuer: str
    issue_instant: datetime
    status: Status
    response: Element | None = field(default=None, repr=False)


def build_artifact_response(answer: ArtifactResponse) -> Element:
    """The message, unsigned. The Response is taken in as it is, with every signature inside it."""
    return element_of(_node(answer, None if answer.response is None else verbatim(answer.response)))


def write_artifact_response(
    answer: ArtifactResponse, response: Response | None = None, assertion: bytes | None = None
) -> bytes:
    """The message, unsigned, in exclusive canonical XML: faster than the tree, for who needs no tree.

    Args:
        answer: what it says; its `response` is not looked at.
        response: what the Response in it says; its `assertion` is not looked at.
        assertion: the Assertion in that, with its signature, in exclusive canonical XML.
    """
    outer = answer if answer.response is None else replace(answer, response=None)
    inner = response if response is None or response.assertion is None else replace(response, assertion=None)
    return _MOULD.write(_Written(outer, inner, assertion))


def _node(answer: ArtifactResponse, response: samlp.Response | Verbatim | None) -> samlp.ArtifactResponse:
    return samlp.ArtifactResponse(
        **header(message_id=answer.id, issuer=answer.issuer, issue_instant=answer.issue_instant),
        in_response_to=answer.in_response_to,
        status=build_status(answer.status),
        extension_elements=[] if response is None else [response],
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """What goes into `write_artifact_response`."""

    answer: ArtifactResponse
    response: Response | None
    assertion: bytes | None = field(repr=False)


def _written_node(parts: _Written) -> samlp.ArtifactResponse:
    if parts.response is None:
        return _node(parts.answer, None)
    assertion = None if parts.assertion is None else Verbatim(parts.assertion)
    return _node(parts.answer, response_node(parts.response, assertion))


_MOULD: Final = Mould(_written_node)


def read_artifact_response(verified: Verified) -> ArtifactResponse:
    """What a verified ArtifactResponse says; the Response in it is covered by the same signature.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `irt.missing`, `status`.
    """
    element = verified.element
    reading.check_message(element, names.samlp("ArtifactResponse"))
    status = read_status(element)
    response = _content(element)
    if response is not None and not status.success:
        raise SamlError("status", "a Response although the resolving failed")
    return ArtifactResponse(
        id=element.attrib["ID"],
        in_response_to=reading.in_response_to(element),
        issuer=reading.issuer(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        status=status,
        response=response,
    )


def _content(element: Element) -> Element | None:
    """What follows Status: nothing, or one Response (ARR-06, S11)."""
    children = reading.only_elements(element, "msg.structure")
    after = children[[child.tag for child in children].index(names.samlp("Status")) + 1 :]
    if len(after) > 1 or any(child.tag != names.samlp("Response") for child in after):
        raise SamlError("msg.structure", "something else than one Response in ArtifactResponse")
    return after[0] if after else None
