"""The one exception of the wire format: a stable code per rule, and a detail for the log.

A detail names the rule and the place; it never repeats content of the message, so that it can be logged as it is.
"""

from typing import Final


class SamlError(Exception):
    """A message, signature, ciphertext or metadata document that breaks a rule.

    Args:
        code: stable and dotted, see `CODES`.
        detail: English, for the log; holds no message content beyond names that we know.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        if code not in CODES:
            raise ValueError(f"not a code of the wire format: {code}")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


CODES: Final = frozenset(
    {
        # bytes and tree
        "msg.size",
        "msg.encoding",
        "xml.encoding",
        "xml.malformed",
        "xml.doctype",
        "xml.limit",
        "node.forbidden",
        "id.duplicate",
        "id.form",
        # shape of a message
        "msg.type",
        "msg.version",
        "msg.schema",
        "msg.structure",
        "msg.value",
        "soap.structure",
        # signatures
        "sig.missing",
        "sig.count",
        "sig.structure",
        "sig.object",
        "sig.reference",
        "sig.invalid",
        "alg.forbidden",
        "alg.transform",
        "alg.c14n",
        "keyinfo.form",
        "key.unknown",
        "key.expired",
        "key.weak",
        "key.usage",
        "key.chain",
        "oin.mismatch",
        # encryption
        "enc.structure",
        "enc.failed",
        "enc.recipient",
        # meaning of a message
        "issuer.unknown",
        "issuer.mismatch",
        "issuer.unexpected",
        "destination",
        "time.missing",
        "time.format",
        "time.past",
        "time.future",
        "irt.missing",
        "irt.mismatch",
        "recipient",
        "audience",
        "status",
        "loa",
        "subject.structure",
        "subject.confirmation",
        "subject.identifier",
        "attribute.structure",
        "attribute.service",
        "attribute.representation",
        "attribute.restriction",
        "assertion.count",
        "assertion.encrypted",
        "advice.forbidden",
        "advice.structure",
        "artifact.form",
        "logout.session",
        # service catalogue of eTD
        "catalogue.structure",
        # metadata
        "md.structure",
        "md.signature",
        "md.expired",
        "md.expiry",
        "md.entity",
        "md.role",
        "md.keys",
        "md.endpoint",
        "md.location",
        "md.service",
    }
)
"""Every code that this package raises; a test holds each to at least one message that provokes it."""
