"""The one exception of this room: a stable code, and one text per code that says nothing of the content.

What is inside these structures is a citizen; so a code never comes with a detail.
"""

from typing import Final


class BsnkError(Exception):
    """A structure, key or key file that breaks a rule.

    Args:
        code: stable and dotted, see `CODES`.
    """

    def __init__(self, code: str) -> None:
        if code not in CODES:
            raise ValueError(f"not a code of the polymorphic structures: {code}")
        super().__init__(f"{code}: {CODES[code]}")
        self.code = code


CODES: Final = {
    "bsnk.form": "not a structure of the kind that is expected here, in DER",
    "bsnk.scheme": "of a scheme version or scheme key set that is not known here",
    "bsnk.signature": "not signed, or the signature does not hold",
    "bsnk.recipient": "meant for another recipient",
    "bsnk.key-set": "made for a key set of which no key is held",
    "bsnk.key-missing": "the key set is held, but not the key that this needs",
    "bsnk.point": "a point that is not on the curve, or does not belong to the recipient's key",
    "bsnk.decrypt": "what came out of the decryption is not an identity",
    "bsnk.identity": "the identity is not a citizen service number",
    "bsnk.key-file": "not a key file that can be used",
}
"""Every code that this room raises, with its one text."""
