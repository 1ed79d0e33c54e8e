"""ArtifactResolve."""

import pytest

from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.messages.artifact_resolve import (
    ArtifactResolve,
    build_artifact_resolve,
    read_artifact_resolve,
)
from routeringsvoorziening.saml.messages.authn_request import build_authn_request
from routeringsvoorziening.saml.schema import validate
from tests.support.wire import (
    DV,
    NOW,
    RD,
    authn_request,
    bent,
    drop,
    drop_attribute,
    insert,
    over_the_wire,
    put,
    refused,
    twice,
    write,
)

RESOLVE = ArtifactResolve("_resolve", DV, NOW, new_artifact(RD, 0).text, "https://rv.example/saml/artifact")


def read(*bends):
    return read_artifact_resolve(over_the_wire(bent(build_artifact_resolve(RESOLVE), *bends)))


@pytest.mark.eis("RES-04")
def test_it_comes_back():
    """What is built is read back, the artifact to the letter."""
    assert read() == RESOLVE


@pytest.mark.eis("GEN-06")
def test_it_is_valid():
    """What is built validates against the protocol schema."""
    validate(build_artifact_resolve(RESOLVE))


@pytest.mark.eis("RES-02")
def test_destination_is_optional():
    """Without Destination it is read as well."""
    assert read(drop_attribute(".", "Destination")).destination is None


@pytest.mark.eis("RES-04")
def test_layout_around_the_artifact_is_no_part_of_it():
    """Whitespace around the artifact is trimmed."""
    assert read(write("samlp:Artifact", f"\n {RESOLVE.artifact} \n")).artifact == RESOLVE.artifact


@pytest.mark.eis("RES-04", "GEN-06")
@pytest.mark.parametrize("bend", [drop("samlp:Artifact"), twice("samlp:Artifact")])
def test_not_one_artifact_is_refused(bend):
    """There is one Artifact."""
    refused("msg.schema", lambda: read(bend))


def test_an_empty_artifact_is_refused():
    """The Artifact says something."""
    refused("msg.value", lambda: read(write("samlp:Artifact", " ")))


@pytest.mark.eis("GEN-02", "GEN-03")
def test_version_and_issue_instant_are_needed():
    """The header's rules hold for this message too."""
    refused("msg.version", lambda: read(put(".", "Version", "1.1")))
    refused("time.missing", lambda: read(drop_attribute(".", "IssueInstant")))
    refused("time.format", lambda: read(put(".", "IssueInstant", "now")))


@pytest.mark.eis("GEN-05")
def test_harmless_extras_are_ignored():
    """Extensions of others change nothing."""
    assert read(insert(".", 1, "<samlp:Extensions><x xmlns='urn:x'/></samlp:Extensions>")) == RESOLVE


def test_the_artifact_is_not_shown():
    """An artifact is a bearer token: it is in no repr."""
    assert RESOLVE.artifact not in repr(RESOLVE)


@pytest.mark.attack("S51")
def test_another_message_is_refused():
    """An AuthnRequest is no ArtifactResolve."""
    refused("msg.type", lambda: read_artifact_resolve(over_the_wire(build_authn_request(authn_request()))))
