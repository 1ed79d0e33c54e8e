"""What waits behind an artifact: everything that is needed to build the answer at the moment it is asked for (AMB-19).

Two records per artifact, both keyed by its message handle:

    artifact   the pending answer. Its key also names the connection that it is for: whoever else presents the handle
               asks for another key, so the answer is neither given nor used up (ARR-05, S75). Taken once.
    handed     who the artifact was made for, without any content; outlives the answer, so that a used, expired or
               stolen artifact can be told from a guessed one in the log and the audit trail (S74, S76).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.broker.ports import Store
from routeringsvoorziening.broker.vocabulary import Declaration, LoA
from routeringsvoorziening.saml.on_the_spot import PER_TAG, work_around, work_in


@dataclass(frozen=True, slots=True)
class Statement:
    """A declaration, reduced to what goes into an Assertion.

    Args:
        dienstverlener: the audience besides the connection; the only one that can decrypt.
        service: ServiceUUID.
        loa: at which the person really logged in (LOA-02).
        authorities: EntityIDs that vouch: the AD, then the BVD.
        acting_subject: EncryptedID elements as the AD made them.
        legal_subject: EncryptedID elements as the BVD made them; without one, as the AD itself did (eTD).
        representation_types: URNs, from the BVD.
        evidence: the authorities' own assertions, verbatim, in the order of `authorities`.
        name_id: under which the session can be ended; None when there is no single sign-on.
        attributes: of the AD, to hand on: name to AttributeValue elements.
    """

    dienstverlener: str
    service: str
    loa: LoA
    authorities: tuple[str, ...]
    acting_subject: tuple[bytes, ...] = field(repr=False)
    legal_subject: tuple[bytes, ...] = field(repr=False)
    representation_types: tuple[str, ...]
    evidence: tuple[bytes, ...] = field(repr=False)
    name_id: str | None = field(default=None, repr=False)
    attributes: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)

    @property
    def work(self) -> int:
        """How much it is to make an answer of it, as `on_the_spot.work_in` counts."""
        parsed = (self.acting_subject, self.legal_subject, *self.attributes.values())
        written = (*self.attributes, *self.authorities, *self.representation_types)
        return (
            sum(work_in(xml) for part in parsed for xml in part)
            + sum(len(text) + 2 * PER_TAG for text in written)
            + sum(map(work_around, self.evidence))
        )


@dataclass(frozen=True, slots=True)
class PendingAnswer:
    """The answer to one AuthnRequest.

    Args:
        reference: of the login.
        connection: who asked, and the only one that may resolve.
        in_response_to: the ID of its AuthnRequest.
        destination: the AssertionConsumerService that it chose.
        outcome: what there is to tell.
    """

    reference: str
    connection: str
    in_response_to: str
    destination: str
    outcome: Statement | Failure

    @property
    def work(self) -> int:
        """As `Statement.work`; next to none for a failure."""
        return 0 if isinstance(self.outcome, Failure) else self.outcome.work


def statement_of(declaration: Declaration) -> Statement:
    """What a declaration says, without the login around it."""
    identity, mandate = declaration.identity, declaration.mandate
    vouchers = (identity,) if mandate is None else (identity, mandate)
    return Statement(
        dienstverlener=declaration.request.dienstverlener,
        service=declaration.request.service,
        loa=identity.loa,
        authorities=tuple(voucher.authority for voucher in vouchers),
        acting_subject=tuple(subject.encrypted for subject in identity.acting_subject),
        legal_subject=tuple(subject.encrypted for subject in (mandate or identity).legal_subject),
        representation_types=() if mandate is None else mandate.representation_types,
        evidence=tuple(voucher.evidence for voucher in vouchers),
        attributes=identity.attributes,
    )


class PendingAnswers:
    """The pending answers of the SAML frontend, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, handle: bytes, pending: PendingAnswer, *, life: float, trace: float) -> None:
        """Keep an answer for `life` seconds, and who it was for during `trace` seconds."""
        await self._store.put("handed", handle.hex(), pending.connection.encode(), trace)
        await self._store.put("artifact", _key(handle, pending.connection), encode(pending), life)

    async def look(self, handle: bytes, connection: str) -> PendingAnswer | None:
        """As `take`, and it stays: to make ready what may be given when `take` then gives it. Proves nothing itself."""
        record = await self._store.peek("artifact", _key(handle, connection))
        return None if record is None else decode(record)

    async def take(self, handle: bytes, connection: str) -> PendingAnswer | None:
        """The answer behind a handle, for the connection that it was made for; once."""
        record = await self._store.take("artifact", _key(handle, connection))
        return None if record is None else decode(record)

    async def use_up(self, handle: bytes, connection: str) -> bool:
        """As `take`, for who looked already: True for the one caller that may give what it saw."""
        return await self._store.take("artifact", _key(handle, connection)) is not None

    async def why_absent(self, handle: bytes, connection: str) -> str:
        """What happened to an artifact that gives nothing: `artifact.unknown`, `.requester` or `.used`.

        An artifact that expired unused counts as used: from here the two look the same.
        """
        owner = await self._store.peek("handed", handle.hex())
        if owner is None:
            return "artifact.unknown"
        return "artifact.used" if owner == connection.encode() else "artifact.requester"


def _key(handle: bytes, connection: str) -> str:
    return f"{handle.hex()} {connection}"


def encode(pending: PendingAnswer) -> bytes:
    """One pending answer as bytes; identifiers in it are still encrypted for the dienstverlener."""
    return json.dumps(
        {
            "reference": pending.reference,
            "connection": pending.connection,
            "in_response_to": pending.in_response_to,
            "destination": pending.destination,
            **_encode_outcome(pending.outcome),
        },
        ensure_ascii=False,
    ).encode()


def decode(record: bytes) -> PendingAnswer:
    """The inverse of `encode`."""
    data = json.loads(record)
    return PendingAnswer(
        reference=data["reference"],
        connection=data["connection"],
        in_response_to=data["in_response_to"],
        destination=data["destination"],
        outcome=_decode_statement(data["statement"]) if "statement" in data else _decode_failure(data["failure"]),
    )


def _encode_outcome(outcome: Statement | Failure) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"failure": [outcome.kind, outcome.code, outcome.detail, outcome.message]}
    return {
        "statement": {
            "dienstverlener": outcome.dienstverlener,
            "service": outcome.service,
            "loa": int(outcome.loa),
            "authorities": outcome.authorities,
            "acting_subject": _to_text(outcome.acting_subject),
            "legal_subject": _to_text(outcome.legal_subject),
            "representation_types": outcome.representation_types,
            "evidence": _to_text(outcome.evidence),
            "name_id": outcome.name_id,
            "attributes": {name: _to_text(values) for name, values in outcome.attributes.items()},
        }
    }


def _decode_failure(data: list[str]) -> Failure:
    kind, code, detail, message = data
    return Failure(FailureKind(kind), code, detail, message)


def _decode_statement(data: dict[str, Any]) -> Statement:
    return Statement(
        dienstverlener=data["dienstverlener"],
        service=data["service"],
        loa=LoA(data["loa"]),
        authorities=tuple(data["authorities"]),
        acting_subject=_to_bytes(data["acting_subject"]),
        legal_subject=_to_bytes(data["legal_subject"]),
        representation_types=tuple(data["representation_types"]),
        evidence=_to_bytes(data["evidence"]),
        name_id=data["name_id"],
        attributes={name: _to_bytes(values) for name, values in data["attributes"].items()},
    )


def _to_text(values: tuple[bytes, ...]) -> list[str]:
    """XML in UTF-8 is text already: no need to make it longer."""
    return [value.decode() for value in values]


def _to_bytes(values: list[str]) -> tuple[bytes, ...]:
    return tuple(value.encode() for value in values)
