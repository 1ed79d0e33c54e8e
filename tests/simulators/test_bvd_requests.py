"""The BVD simulator in the role BVD: what it asks of an AuthnRequest, and of the declaration inside it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from yarl import URL

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import NameId, encrypt_id
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.simulators.world import layout
from tests.simulators.conftest import NewBvd
from tests.support import simulated
from tests.support.simulated import AD, DV, MINUTE, NOW, RD, encrypted, leaf, recipient, signing_key
from tests.support.simulated_bvd import (
    APPOINTMENT,
    BENEFIT,
    GEZAG,
    HOSPITAL,
    MACHTIGEN,
    PARKING,
    BvdVisit,
    ad_as_declarer,
    idp_assertion,
    rd_request,
)

ANOTHER = layout.ZORG.entity_id
DENIED = (names.STATUS_REQUESTER, names.STATUS_REQUEST_DENIED)
FENNA = simulated.BSN


@pytest.mark.eis("RAD-02", "RAD-03", "RBVD-02", "RBVD-03")
async def test_a_right_request_gets_the_page(gezag: BvdVisit) -> None:
    """The page names the service, and the person whom only this BVD could read from the declaration."""
    answer = await gezag.ask()
    assert answer.status == 303
    page = await (await gezag.front.get(answer.headers["Location"])).text()
    assert "Medisch dossier inzien" in page
    assert "Shanti Bhagwandin" in page
    assert "SIMULATOR" in page


REFUSED: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "other issuer": ({"issuer": ANOTHER}, "issuer.unknown", ["GEN-04"]),
    "other destination": ({"destination": "http://gezag.localhost:8084/saml"}, "destination", ["RAD-02"]),
    "of another BVD": ({"destination": "http://bewind.localhost:8084/saml/sso"}, "destination", ["RAD-02"]),
    "no acs index": ({"acs_index": None}, "msg.structure", ["RAD-02"]),
    "unknown acs index": ({"acs_index": 9}, "md.endpoint", ["MD-SP-07"]),
    "old": ({"issue_instant": NOW - timedelta(minutes=7)}, "time.past", ["GEN-03"]),
    "of later": ({"issue_instant": NOW + 2 * MINUTE}, "time.future", ["GEN-03"]),
    "signed by a stranger": ({"key": signing_key(RD, "x")}, "key.unknown", ["SIG-11"]),
    "signed by the authenticatiedienst": ({"key": signing_key(AD)}, "key.unknown", ["SIG-12"]),
}


@pytest.mark.eis("ERR-06", "ERR-11")
@pytest.mark.parametrize(
    ("changed", "code"),
    [pytest.param(*each[:2], id=name, marks=pytest.mark.eis(*each[2])) for name, each in REFUSED.items()],
)
async def test_what_cannot_be_trusted_gets_a_page_and_no_answer(
    gezag: BvdVisit, changed: dict[str, Any], code: str
) -> None:
    """One thing differs from a right request: HTTP 400 with its own code, and no redirect anywhere."""
    answer = await gezag.ask(**changed)
    assert answer.status == 400
    assert "Location" not in answer.headers
    assert f"<code>{code}</code>" in await answer.text()


@pytest.mark.eis("GEN-01")
async def test_a_request_comes_once(gezag: BvdVisit) -> None:
    """The same message a second time is refused."""
    message = rd_request(GEZAG)
    assert (await gezag.ask(message)).status == 303
    assert "<code>id.duplicate</code>" in await (await gezag.ask(message)).text()


@pytest.mark.eis("MD-SP-02")
async def test_expired_metadata_of_the_routeringsdienst_is_as_good_as_none(new_bvd: NewBvd) -> None:
    """After its validUntil nothing that it signs is believed."""
    visit = await new_bvd(GEZAG, routing=simulated.rd_as_asker(valid_until=NOW))
    answer = await visit.ask()
    assert answer.status == 400
    assert "<code>md.expired</code>" in await answer.text()


@pytest.mark.eis("RAD-06")
@pytest.mark.parametrize(
    "added",
    [
        {"attribute_index": 7},
        {"requester_ids": (MACHTIGEN.entity_id,)},
        {"requester_ids": ("urn:nobody", "urn:knows")},
        {"idp_list": ("urn:nobody",)},
        {"force_authn": True},
    ],
    ids=["attribute index", "RequesterID", "two unknown RequesterIDs", "IDPList", "ForceAuthn"],
)
async def test_what_is_not_for_a_bvd_is_not_looked_at(gezag: BvdVisit, added: dict[str, Any]) -> None:
    """The outcome is that of a request without it."""
    plain, more = [(await gezag.ask(**each)).headers["Location"] for each in ({}, added)]
    shown = [await (await gezag.front.get(path)).text() for path in (plain, more)]
    assert "Anaya Bhagwandin" in shown[1]
    assert shown[1].replace(more, plain) == shown[0]


@pytest.mark.eis("RAD-03", "RAD-07", "ERR-01", "ERR-02", "ART-06", "MD-SP-01")
@pytest.mark.parametrize(
    "changed",
    [
        {"intended_audience": None, "service_uuid": None, "has_extensions": False, "idp_assertion": None},
        {"service_uuid": "another"},
        {"service_uuid": HOSPITAL},
        {"intended_audience": ANOTHER},
        {"intended_audience": ANOTHER, "service_uuid": HOSPITAL},
    ],
    ids=["no extensions", "unknown service", "service of another", "unknown pair", "not in the metadata"],
)
async def test_an_unknown_pair_is_answered_with_an_error(gezag: BvdVisit, changed: dict[str, Any]) -> None:
    """IntendedAudience and ServiceUUID must be registered together: Requester and RequestDenied."""
    assert (await gezag.refusal(await gezag.ask(**changed)))[:2] == DENIED


@pytest.mark.eis("ERR-07")
@pytest.mark.parametrize("service", [APPOINTMENT, PARKING, BENEFIT])
async def test_a_service_without_this_kind_of_representation_is_not_supported(gezag: BvdVisit, service: str) -> None:
    """Another BVD may do it, so it is recoverable: Responder and RequestUnsupported, with a text."""
    code, second, text = await gezag.refusal(await gezag.ask(service_uuid=service))
    assert (code, second) == (names.STATUS_RESPONDER, names.STATUS_REQUEST_UNSUPPORTED)
    assert text == "This service does not support this kind of representation"


@pytest.mark.eis("ERR-07")
async def test_passive_is_not_supported(gezag: BvdVisit) -> None:
    """Responder and RequestUnsupported with a text (AMB-25)."""
    code, second, text = await gezag.refusal(await gezag.ask(is_passive=True))
    assert (code, second, bool(text)) == (names.STATUS_RESPONDER, names.STATUS_REQUEST_UNSUPPORTED, True)


@pytest.mark.eis("RBVD-03")
async def test_no_declaration_no_representation(gezag: BvdVisit) -> None:
    """Without IdpAssertion: Requester and RequestDenied, and the reason."""
    answer = await gezag.ask(idp_assertion=None)
    assert await gezag.refusal(answer) == (*DENIED, "IdpAssertion is mandatory")


def raise_level(element: Element) -> None:
    """Change something after signing."""
    for each in element.iter(names.saml("AuthnContextClassRef")):
        each.text = "http://eidas.europa.eu/LoA/low"


def unsign(element: Element) -> None:
    """Take the signature away."""
    for each in element.findall(names.ds("Signature")):
        element.remove(each)


def sign_twice(element: Element) -> None:
    """Put a second signature elsewhere."""
    (signature,) = element.findall(names.ds("Signature"))
    (value,) = element.iterfind(f".//{names.saml('Attribute')}[@Name='{names.SERVICE_UUID}']/*")
    value.append(etree.fromstring(etree.tostring(signature)))


def for_bvd(kind: str, value: str) -> tuple[bytes, ...]:
    """An identity of another kind."""
    return tuple(canonical(encrypt_id(NameId(value, kind), [recipient(each)])) for each in (DV, GEZAG))


def with_the_wrong_key() -> tuple[bytes, ...]:
    """Encrypted for a key that only bears our KeyName."""
    stranger = leaf(GEZAG.oin, "encryption", "x")
    return (encrypted(FENNA, recipient(DV), replace(recipient(GEZAG), certificate=stranger.certificate)),)


BAD: dict[str, tuple[Callable[[], dict[str, Any]], str, list[str]]] = {
    "altered": (lambda: {"bend": raise_level}, "sig.invalid", ["AS-01"]),
    "unsigned": (lambda: {"bend": unsign}, "sig.missing", ["SIG-06"]),
    "with a second signature": (lambda: {"bend": sign_twice}, "sig.count", ["SIG-06"]),
    "signed by a stranger": (lambda: {"key": signing_key(AD, "x")}, "key.unknown", ["SIG-11"]),
    "signed by the routeringsdienst": (lambda: {"key": signing_key(RD)}, "key.unknown", ["SIG-12"]),
    "of an unknown AD": (lambda: {"issuer": AD.entity_id.replace("9002", "9012")}, "issuer.unknown", ["GEN-04"]),
    "of the routeringsdienst": (
        lambda: {"issuer": RD.entity_id, "key": signing_key(RD)},
        "issuer.unknown",
        ["GEN-04"],
    ),
    "expired": (
        lambda: {"not_before": NOW - 5 * MINUTE, "not_on_or_after": NOW - MINUTE, "issue_instant": NOW - 3 * MINUTE},
        "time.past",
        ["AS-06"],
    ),
    "made long ago for a long time": (
        lambda: {"issue_instant": NOW - 10 * MINUTE, "not_on_or_after": NOW + timedelta(hours=8)},
        "time.past",
        ["GEN-03"],
    ),
    "of tomorrow": (
        lambda: {"not_before": NOW + timedelta(days=1), "not_on_or_after": NOW + timedelta(days=2)},
        "time.future",
        ["AS-06"],
    ),
    "made tomorrow": (lambda: {"issue_instant": NOW + timedelta(days=1)}, "time.future", ["GEN-03"]),
    "not for us": (lambda: {"audiences": (RD.entity_id,)}, "audience", ["AS-15", "AS-20"]),
    "for another BVD": (lambda: {"audiences": (RD.entity_id, MACHTIGEN.entity_id)}, "audience", ["AS-15"]),
    "by way of another RD": (
        lambda: {"audiences": (RD.entity_id.replace("9001", "9011"), GEZAG.entity_id)},
        "audience",
        ["AS-15"],
    ),
    "about another service": (lambda: {"service_uuid": APPOINTMENT}, "attribute.service", ["ATT-05"]),
    "not encrypted for us": (
        lambda: {"acting_subject": (encrypted(FENNA, recipient(DV)),)},
        "enc.recipient",
        ["ATT-22"],
    ),
    "encrypted for another BVD": (
        lambda: {"acting_subject": (encrypted(FENNA, recipient(DV), recipient(MACHTIGEN)),)},
        "enc.recipient",
        ["ATT-16"],
    ),
    "encrypted with another key": (
        lambda: {"acting_subject": (encrypted(FENNA, recipient(DV), recipient(GEZAG, "x")),)},
        "enc.recipient",
        ["ATT-22"],
    ),
    "encrypted with a key of our name": (lambda: {"acting_subject": with_the_wrong_key()}, "enc.failed", ["ATT-22"]),
    "a pseudonym": (
        lambda: {"acting_subject": for_bvd(names.ID_PSEUDONYM, "AAAA")},
        "subject.identifier",
        ["ATT-20"],
    ),
    "with AuthenticatingAuthority": (
        lambda: {"authenticating_authorities": (AD.entity_id,)},
        "msg.structure",
        ["AS-16"],
    ),
    "with a person represented": (
        lambda: {"legal_subject": (encrypted(FENNA, recipient(DV)),)},
        "attribute.structure",
        ["ATT-23"],
    ),
    "with a ground": (lambda: {"representation_types": ("urn:x",)}, "attribute.structure", ["ATT-23"]),
    "with Advice": (
        lambda: {"advice": (idp_assertion(GEZAG),)},
        "advice.forbidden",
        ["AS-16"],
    ),
}


@pytest.mark.eis("RBVD-03", "ERR-01", "ERR-02", "ERR-13")
@pytest.mark.parametrize(
    ("bad", "code"),
    [pytest.param(*each[:2], id=name, marks=pytest.mark.eis(*each[2])) for name, each in BAD.items()],
)
async def test_a_declaration_that_does_not_comply_is_refused(
    gezag: BvdVisit, bad: Callable[[], dict[str, Any]], code: str
) -> None:
    """One thing differs from a right declaration: Requester, RequestDenied, and the code of the rule; no page."""
    answer = await gezag.ask(idp_assertion=idp_assertion(GEZAG, **bad()))
    assert await gezag.refusal(answer) == (*DENIED, f"IdpAssertion is refused: {code}")


@pytest.mark.eis("RBVD-03", "GEN-01")
@pytest.mark.attack("S67")
async def test_a_declaration_is_used_once(gezag: BvdVisit) -> None:
    """The same declaration in a second request is refused; the first was taken."""
    evidence = idp_assertion(GEZAG)
    first, second = [await gezag.ask(idp_assertion=evidence) for _ in range(2)]
    assert first.headers["Location"].startswith("/keuze/")
    assert await gezag.refusal(second) == (*DENIED, "IdpAssertion is refused: id.duplicate")


@pytest.mark.eis("RBVD-03", "MD-AD-01")
async def test_the_metadata_of_the_authenticatiedienst_must_be_good(new_bvd: NewBvd) -> None:
    """After its validUntil nothing that the authenticatiedienst signed is believed."""
    visit = await new_bvd(GEZAG, ads=[ad_as_declarer(valid_until=NOW)])
    assert (await visit.refusal(await visit.ask()))[2] == "IdpAssertion is refused: md.expired"


@pytest.mark.eis("RBVD-02")
@pytest.mark.attack("S44")
async def test_an_idp_assertion_that_is_no_assertion_gets_a_page(gezag: BvdVisit) -> None:
    """The request itself is malformed: HTTP 400."""
    answer = await gezag.ask(
        idp_assertion=b'<saml:Audience xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">x</saml:Audience>'
    )
    assert answer.status == 400
    assert "<code>attribute.structure</code>" in await answer.text()


@pytest.mark.eis("ATT-16")
async def test_a_value_for_others_only_is_skipped(gezag: BvdVisit) -> None:
    """The first value is for the dienstverlener alone; the second opens for us."""
    values = (encrypted(FENNA, recipient(DV)), encrypted(FENNA, recipient(DV), recipient(GEZAG)))
    answer = await gezag.ask(idp_assertion=idp_assertion(GEZAG, acting_subject=values))
    page = await (await gezag.front.get(answer.headers["Location"])).text()
    assert "Fenna Terpstra" in page


@pytest.mark.eis("ATT-13", "ATT-22")
async def test_either_of_our_own_keys_opens(new_bvd: NewBvd) -> None:
    """While a BVD replaces its key, an authenticatiedienst encrypts for both, or for one of them."""
    keys = (simulated.decryption_key(GEZAG), simulated.decryption_key(GEZAG, "next"))
    visit = await new_bvd(GEZAG, decryption_keys=keys)
    for recipients in ((recipient(GEZAG),), (recipient(GEZAG, "next"),), (recipient(GEZAG), recipient(GEZAG, "next"))):
        value = encrypted(FENNA, recipient(DV), *recipients)
        answer = await visit.ask(idp_assertion=idp_assertion(GEZAG, acting_subject=(value,)))
        assert answer.headers["Location"].startswith("/keuze/")


@pytest.mark.eis("SES-05")
@pytest.mark.parametrize("relay_state", [None, "", "x" * 80])
async def test_relay_state_comes_back_unchanged(gezag: BvdVisit, relay_state: str | None) -> None:
    """Also when there is none."""
    answer = await gezag.ask(relay_state=relay_state, idp_assertion=None)
    assert URL(answer.headers["Location"]).query.get("RelayState") == relay_state


async def test_relay_state_is_bounded(gezag: BvdVisit) -> None:
    """Eighty bytes, and not one more."""
    assert (await gezag.ask(relay_state="x" * 81)).status == 400
