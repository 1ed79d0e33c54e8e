"""The kinds of identifier that an EncryptedID may hold (ATT-12, ATT-20)."""

import re
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError

POLYMORPHIC: Final = frozenset({names.ID_BSN, names.ID_PSEUDONYM, names.ETD_BSN, names.ETD_PSEUDO_ID})
"""Structures of BSNk, made for one party that opens it with BSNk keys of its own; eTD has names of its own for them."""
OF_ETD: Final = {
    names.ETD_KVK: re.compile(r"[0-9]{8}"),
    names.ETD_RSIN: re.compile(r"[0-9]{9}"),
    names.ETD_PSEUDO: re.compile(r"[0-9A-Fa-f]{64}(?:@[0-9A-Fa-f]{32})?"),
}
"""By its own NameQualifier: an organisation's number, or the pseudonym of somebody who acts for one."""
KINDS: Final = POLYMORPHIC | OF_ETD.keys() | {names.ID_LEGACY_BSN}

_BSN: Final = re.compile(r"[0-9]{9}")
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def is_polymorphic(kind: str) -> bool:
    """Whether every recipient needs a value of its own (ATT-18, ATT-19)."""
    return kind in POLYMORPHIC


def check_identifier(value: str, kind: str) -> None:
    """The value is an identifier of that kind: a BSN with its proof, a BSNk structure in base64, or one of eTD.

    Raises:
        SamlError: `subject.identifier`; nothing of the value is in it.
    """
    if kind not in KINDS:
        raise SamlError("subject.identifier", "the NameQualifier is not a kind that we know")
    if kind == names.ID_LEGACY_BSN:
        _check_bsn(value)
    elif kind in OF_ETD:
        if not OF_ETD[kind].fullmatch(value):
            raise SamlError("subject.identifier", "not the form of such an identifier of eTD")
    elif not _BASE64.fullmatch(value):
        raise SamlError("subject.identifier", "a BSNk structure that is not base64")


def _check_bsn(value: str) -> None:
    """Nine digits of which the weighted sum is divisible by eleven (S44)."""
    if not _BSN.fullmatch(value):
        raise SamlError("subject.identifier", "a BSN that is not nine digits")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, value, strict=True))
    if total % 11 or value == "000000000":
        raise SamlError("subject.identifier", "a BSN that fails its proof")
