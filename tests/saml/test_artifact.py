"""Artifacts of type 4."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.saml.artifact import Artifact, new_artifact, parse_artifact, source_id_of
from routeringsvoorziening.saml.errors import SamlError
from tests.support.wire import RD, refused


@pytest.mark.eis("ART-04")
def test_a_new_artifact_is_built_as_the_binding_says():
    """Type 4, the index, the SHA-1 of our entityID and a handle: 44 bytes in base64."""
    raw = base64.b64decode(new_artifact(RD, 3).text, validate=True)
    assert raw[:24] == b"\x00\x04\x00\x03" + hashlib.sha1(RD.encode()).digest()
    assert len(raw) == 44


@pytest.mark.eis("ART-03", "GEN-01")
@pytest.mark.attack("S76")
def test_handles_are_random():
    """A thousand handles of 160 bits are all different, and none shows in a repr."""
    artifacts = [new_artifact(RD, 0) for _ in range(1000)]
    assert len({artifact.handle for artifact in artifacts}) == 1000
    assert artifacts[0].handle.hex() not in repr(artifacts[0])
    assert artifacts[0].text not in repr(artifacts[0])


@given(
    st.builds(Artifact, st.integers(0, 65535), st.binary(min_size=20, max_size=20), st.binary(min_size=20, max_size=20))
)
def test_any_artifact_comes_back(artifact):
    """The text of an artifact says all of it."""
    assert parse_artifact(f" {artifact.text}\n") == artifact


@pytest.mark.attack("S76")
@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-4],
        lambda text: text + "AAAA",
        lambda text: "AAE" + text[3:],
        lambda text: text.replace("=", ""),
        lambda text: text[:20] + " " + text[21:],
        lambda text: text[:20] + "-" + text[21:],
        lambda text: text[:20] + "é" + text[21:],
    ],
)
def test_another_form_is_refused(change):
    """Too short, too long, another type, unpadded, not base64."""
    refused("artifact.form", lambda: parse_artifact(change(new_artifact(RD, 0).text)))


def test_trailing_bits_do_not_make_a_second_spelling():
    """One artifact has one text: the unused bits of the last character are zero."""
    text = Artifact(0, source_id_of(RD), bytes(20)).text
    refused("artifact.form", lambda: parse_artifact(text[:-2] + "B="))


@pytest.mark.parametrize("index", [-1, 65536])
def test_an_index_has_two_bytes(index):
    """An index that does not fit is a mistake of ours."""
    with pytest.raises(ValueError, match="two bytes"):
        new_artifact(RD, index)


@given(st.text(max_size=80))
def test_any_text_is_an_artifact_or_refused(text):
    """Whatever a browser brings: an artifact, or `artifact.form`."""
    try:
        artifact = parse_artifact(text)
    except SamlError as error:
        code = error.code
    else:
        code = "artifact.form" if artifact.text == text.strip() else "another spelling"
    assert code == "artifact.form"
