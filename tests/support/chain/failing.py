"""What every authenticatiedienst and BVD can do wrong, and what comes of it: the rows that their tests share."""

SECONDS = 1.0
IMPATIENT = {"timeout": SECONDS, "breaker": {"failures": 1000}}
"""`calls:` of an RV that waits no longer than a test does, and never gives up."""

CANCELLED = ("Responder", "AuthnFailed", "Authentication cancelled")
FAILED = ("Responder", "AuthnFailed", "Authentication failed")

UNREACHABLE = {"slow": "backend.timeout", "drip": "backend.timeout", "unavailable": "backend.http-status"}
UNREACHABLE |= {"hang-up": "backend.refused"}
"""Fault to what the RV writes down: a person may try again."""
FORGED = {
    "truncated": "xml.malformed",
    "garbage": "xml.encoding",
    "huge": "backend.too-large",
    "html": "backend.content-type",
    "redirect": "backend.redirect",
    "expired": "time.past",
    "not-yet-valid": "time.future",
    "other-issuer": "issuer.mismatch",
    "other-audience": "audience",
    "other-recipient": "recipient",
    "other-in-response-to": "irt.mismatch",
    "other-service": "attribute.service",
    "with-advice": "advice.forbidden",
    "no-acting-subject": "attribute.structure",
    "no-recipient": "enc.recipient",
    "for-another": "subject.identifier",
    "two-acting-subjects": "attribute.structure",
    "wrong-signature": "sig.invalid",
    "altered": "sig.invalid",
    "other-key": "sig.invalid",
    "unsigned-assertion": "sig.missing",
    "no-assertion": "assertion.count",
    "two-assertions": "assertion.count",
    "encrypted-assertion": "assertion.encrypted",
    "other-destination": "destination",
    "response-in-response-to": "irt.mismatch",
    "unsigned-envelope": "sig.missing",
    "altered-envelope": "sig.invalid",
}
"""Fault to what the RV writes down: the answer cannot be trusted."""
OTHERWISE = {"no-response", "recoverable", "same-assertion-id"}
"""Faults that have a test of their own."""
