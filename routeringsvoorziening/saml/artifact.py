"""Artifacts of type 4: a reference to a message that waits at its sender (SAML bindings 3.6.4; ART-04).

    TypeCode 0x0004 · EndpointIndex, 2 bytes · SourceID = SHA-1 of the entityID · MessageHandle, 20 random bytes

in base64, 60 characters. SHA-1 names the source here and protects nothing.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.saml.errors import SamlError

_TYPE_CODE: Final = b"\x00\x04"
_TEXT: Final = re.compile(r"[A-Za-z0-9+/]{59}=")
_MAX_INDEX: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact.

    Args:
        endpoint_index: of the ArtifactResolutionService where the message waits, 0 to 65535.
        source_id: 20 bytes, see `source_id_of`.
        handle: 20 bytes; who knows them can ask for the message, so they are not shown.
    """

    endpoint_index: int
    source_id: bytes
    handle: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The base64 form that travels as SAMLart."""
        return base64.b64encode(
            _TYPE_CODE + self.endpoint_index.to_bytes(2, "big") + self.source_id + self.handle
        ).decode("ascii")


def source_id_of(entity_id: str) -> bytes:
    """The 20 bytes that stand for an entity in its artifacts."""
    return hashlib.sha1(entity_id.encode(), usedforsecurity=False).digest()


def new_artifact(entity_id: str, index: int) -> Artifact:
    """An artifact of ours with 160 random bits.

    Raises:
        ValueError: the index does not fit in two bytes.
    """
    if not 0 <= index <= _MAX_INDEX:
        raise ValueError(f"an endpoint index has two bytes: {index}")
    return Artifact(index, source_id_of(entity_id), secrets.token_bytes(20))


def parse_artifact(text: str) -> Artifact:
    """An artifact from its base64 form; surrounding whitespace is layout, anything else unusual is refused.

    Raises:
        SamlError: `artifact.form`.
    """
    trimmed = text.strip(" \t\r\n")
    if not _TEXT.fullmatch(trimmed):
        raise SamlError("artifact.form", "not 44 bytes in base64")
    raw = base64.b64decode(trimmed)
    if raw[:2] != _TYPE_CODE:
        raise SamlError("artifact.form", "not of type 4")
    artifact = Artifact(int.from_bytes(raw[2:4], "big"), raw[4:24], raw[24:])
    if artifact.text != trimmed:
        raise SamlError("artifact.form", "a second spelling of an artifact")
    return artifact
