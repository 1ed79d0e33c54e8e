"""As what the simulators declare people, and how the portal and a BVD open that."""

import base64
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk.issuing import USUAL, Minting
from routeringsvoorziening.bsnk.structures import Kind, Signature
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import NameId, decrypt_id
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.simulators.bsnk import read_signed
from routeringsvoorziening.simulators.bvd.idp_assertion import IdpAssertionJudge
from routeringsvoorziening.simulators.declaring.identities import identity_values
from routeringsvoorziening.simulators.digid.catalogue import (
    KnownService,
    catalogue_of,
    demo_catalogue,
    read_catalogue,
    write_catalogue,
)
from routeringsvoorziening.simulators.portal.checks import CheckFailed
from routeringsvoorziening.simulators.portal.opening import check_kind, opened
from routeringsvoorziening.simulators.short_lived import ShortLived
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.bsnk_keys import KEY_SET_VERSION
from tests.simulators.conftest import PortalVisit
from tests.support.simulated import (
    AD,
    BSN,
    DV,
    MINUTE,
    NOW,
    RD,
    bsnk_keys,
    declared,
    decryption_key,
    encrypted,
    key_descriptor,
    leaf,
    polymorphic,
    rd_as_asker,
    recipient,
    scheme,
)
from tests.support.simulated_bvd import SERVICES, ad_as_declarer, idp_assertion
from tests.support.wire import refused

GEZAG, ZORG = layout.GEZAG, layout.ZORG
GRANT, PANEL = 5, 6
KEYS = bsnk_keys(DV)
BSNS = (
    st.integers(10_000_000, 99_999_999)
    .map(lambda number: f"{number:08d}")
    .map(lambda head: head + str(sum((9 - place) * int(digit) for place, digit in enumerate(head)) % 11))
    .filter(lambda bsn: len(bsn) == 9)
)


def routing() -> RoutingDienst:
    """The routeringsdienst with a key of its own to encrypt for, and its dienstverlener."""
    asker = rd_as_asker(recipient(DV))
    own = replace(
        asker.service_provider,
        keys=(*asker.service_provider.keys, key_descriptor(leaf(RD.oin, "encryption"), "encryption")),
    )
    return replace(asker, service_provider=own)


def values(identity: str, *, decrypted: bool = False, bvd: bool = False, bsn: str = BSN) -> tuple[bytes, ...]:
    service = KnownService(DV.entity_id, "x", "uuid", "x", "x", 10, identity, decrypted)  # type: ignore[arg-type]
    return identity_values(bsn, service, routing(), scheme(), also=[recipient(GEZAG)] if bvd else [])


def name_id(value: bytes, party: layout.Party = DV) -> NameId:
    return decrypt_id(parse(value), entity_id=party.entity_id, keys=[decryption_key(party)])


@pytest.mark.eis("ATT-18")
def test_a_plain_bsn_is_one_value_for_all() -> None:
    """One EncryptedData with a key for each recipient."""
    (value,) = values("legacy-BSN", bvd=True)
    assert recipients_of(value) == {DV.entity_id, GEZAG.entity_id}


@pytest.mark.eis("ATT-19", "ATT-03", "ATT-20", "ATT-22")
@pytest.mark.parametrize("identity", ["BSN", "Pseudonym"])
def test_a_polymorphic_identity_is_one_value_for_each(identity: str) -> None:
    """The dienstverlener gets the kind of its service, the BVD always an identity; each made for its own OIN."""
    for_dv, for_bvd = values(identity, bvd=True)
    assert [recipients_of(each) for each in (for_dv, for_bvd)] == [{DV.entity_id}, {GEZAG.entity_id}]
    assert name_id(for_dv).name_qualifier == f"urn:nl-eid-gdi:1.0:id:{identity}"
    assert bsnk_keys(GEZAG).open_identity(name_id(for_bvd, GEZAG).value).value == BSN


@pytest.mark.eis("ATT-10", "ATT-19")
def test_only_who_has_it_decrypt_gets_values_for_the_routeringsdienst() -> None:
    """An identity for the dienstverlener's OIN, that the routeringsdienst can take out of its envelope."""
    for_rd, for_bvd = values("legacy-BSN", decrypted=True, bvd=True)
    assert [recipients_of(each) for each in (for_rd, for_bvd)] == [{RD.entity_id}, {GEZAG.entity_id}]
    found = name_id(for_rd, RD)
    assert found.name_qualifier == names.ID_BSN
    assert KEYS.open_identity(found.value).value == BSN


@pytest.mark.eis("ATT-20")
@given(BSNS)
def test_any_bsn_survives_as_every_kind(bsn: str) -> None:
    """What is minted is what is opened; a pseudonym is the same every time, and another one for somebody else."""
    assert opened(name_id(*values("BSN", bsn=bsn)), KEYS).value == bsn
    first, second = (opened(name_id(*values("Pseudonym", bsn=each)), KEYS) for each in (bsn, bsn))
    assert first.value == second.value
    assert bsn not in first.value
    assert (opened(name_id(*values("Pseudonym")), KEYS).value == first.value) == (bsn == BSN)


@pytest.mark.eis("ATT-20")
@pytest.mark.parametrize(("identity", "kind"), [("BSN", Kind.DEI), ("Pseudonym", Kind.DEP)])
def test_who_is_represented_is_declared_directly(identity: str, kind: Kind) -> None:
    """Nobody activated a child at BSNk: the structure is made of the BSN, signed another way, and says the same."""
    service = KnownService(DV.entity_id, "x", "uuid", "x", "x", 10, identity)  # type: ignore[arg-type]
    (value,) = identity_values(BSN, service, routing(), scheme(), direct=True)
    found = name_id(value)
    assert read_signed(found.value).form.kind is kind
    assert opened(found, KEYS).value == opened(name_id(*values(identity)), KEYS).value


def test_the_catalogue_says_it_per_service(tmp_path) -> None:
    """As a file of the authenticatiedienst's own, by which it also knows for whom to encrypt for the routeringsdienst."""
    write_catalogue(demo_catalogue(), tmp_path / "catalogue.json")
    known = read_catalogue(tmp_path / "catalogue.json")
    assert {each.identity for each in known.values()} == {"legacy-BSN", "BSN", "Pseudonym"}
    assert {each.dienstverlener for each in known.values() if each.decrypted} == {
        each.entity_id for each in layout.DECRYPTED
    }
    with pytest.raises(ValueError, match="identity"):
        catalogue_of([KnownService("x", "x", "x", "x", "x", 10, "BSNk")])  # type: ignore[arg-type]


@pytest.mark.eis("ATT-19", "ATT-20")
async def test_the_portal_shows_an_identity_and_what_it_verified(visit: PortalVisit) -> None:
    """The BSN in it; structure, signature scheme, OIN, and both key sets."""
    page = await visit.come_back(service=GRANT)
    for shown in (BSN, "uit een versleutelde identiteit", "EI, v2", "EC-SDSA", DV.oin, str(KEY_SET_VERSION)):
        assert shown in page
    assert re.search(r"<strong>(\d+) van de \1</strong>", page)


@pytest.mark.eis("ATT-19", "ATT-20")
async def test_the_portal_shows_a_pseudonym_and_no_bsn(visit: PortalVisit) -> None:
    """The value with its closing key version; the BSN is nowhere on the page."""
    page = await visit.come_back(service=PANEL)
    value = KEYS.open_pseudonym(name_id(declared(BSN, "Pseudonym")).value).short
    for shown in (value.partition("|")[2].rstrip("="), "Versie van de sluitsleutel", "EP, v2"):
        assert shown.replace("+", "&#43;") in page or shown in page
    assert BSN not in page


@pytest.mark.eis("ATT-20")
@pytest.mark.parametrize("kind", ["legacy-BSN", "BSN", "Pseudonym"])
@pytest.mark.parametrize("asked", ["legacy-BSN", "BSN", "Pseudonym"])
def test_a_service_takes_its_own_kind_alone(kind, asked) -> None:
    """What is registered as a pseudonym never comes as a BSN, or the other way round."""
    found = name_id(declared(BSN, kind))
    if kind == asked:
        check_kind(found, asked)
        return
    with pytest.raises(CheckFailed) as raised:
        check_kind(found, asked)
    assert raised.value.code == "identifier.kind"


def identity(bsn: str = BSN, oin: str = DV.oin, version: int = KEY_SET_VERSION, how: Minting = USUAL) -> bytes:
    return scheme().encrypted_identity(bsn, oin, version, minting=how)


def tampered() -> bytes:
    structure = bytearray(identity())
    structure[-5] ^= 1
    return bytes(structure)


ATTACKS: dict[str, tuple[Any, str]] = {
    "made for another OIN": (lambda: identity(oin=ZORG.oin), "bsnk.recipient"),
    "made for an old key set": (lambda: identity(version=20200101), "bsnk.key-set"),
    "not signed": (lambda: identity(how=Minting(version=None)), "bsnk.signature"),
    "tampered with": (tampered, "bsnk.signature"),
    "of another scheme": (lambda: scheme("other").encrypted_identity(BSN, DV.oin, KEY_SET_VERSION), "bsnk.signature"),
    "a pseudonym": (lambda: scheme().encrypted_pseudonym(BSN, DV.oin, KEY_SET_VERSION), "bsnk.form"),
    "a polymorphic identity of nobody": (lambda: identity("x"), "bsnk.identity"),
    "not a structure": (lambda: b"x", "bsnk.form"),
}


@pytest.mark.attack("S59")
@pytest.mark.parametrize("name", ATTACKS)
async def test_the_portal_refuses_a_structure_that_is(visit: PortalVisit, name: str) -> None:
    """Nobody is logged in, and the page names the check and the rule."""
    make, code = ATTACKS[name]
    visit.rd.assertion = {"acting_subject": (polymorphic(make(), names.ID_BSN, recipient(DV)),)}
    page = await visit.come_back(service=GRANT)
    assert "<h1>U bent niet ingelogd</h1>" in page
    assert code in page
    assert BSN not in page


@pytest.mark.eis("ATT-20")
async def test_the_deprecated_signature_still_counts(visit: PortalVisit) -> None:
    """EC-Schnorr, of version 1, is shown for what it is."""
    structure = identity(how=Minting(version=1, signature=Signature.EC_SCHNORR))
    visit.rd.assertion = {"acting_subject": (polymorphic(structure, names.ID_BSN, recipient(DV)),)}
    assert "EC-Schnorr" in await visit.come_back(service=GRANT)


@pytest.mark.eis("ATT-16", "ATT-19")
async def test_a_value_for_another_is_skipped(visit: PortalVisit) -> None:
    """The portal takes its own pair, wherever it stands, and another's is no reason to refuse."""
    others = declared(BSN, "BSN", GEZAG)
    visit.rd.assertion = {"acting_subject": (others, declared(BSN, "BSN")), "audiences": (DV.entity_id,)}
    assert BSN in await visit.come_back(service=GRANT)


@pytest.mark.eis("ATT-20")
async def test_a_plain_bsn_does_not_pass_for_a_pseudonym(visit: PortalVisit) -> None:
    """The check of the kind is what stops it, before anything of it is shown."""
    visit.rd.assertion = {"acting_subject": (encrypted(BSN, recipient(DV)),)}
    page = await visit.come_back(service=PANEL)
    assert "identifier.kind" in page


def test_without_keys_nothing_is_opened() -> None:
    """A dienstverlener that has no BSNk keys."""
    with pytest.raises(CheckFailed) as raised:
        opened(name_id(declared(BSN, "BSN")), None)
    assert raised.value.code == "bsnk.keys"
    text = base64.b64encode(b"x").decode()
    with pytest.raises(CheckFailed) as raised:
        opened(NameId(text + "=", names.ID_BSN), KEYS)
    assert raised.value.code == "bsnk.form"


def judged(*values: bytes) -> str:
    """The BSN that a BVD finds in a declaration of DigiD's."""
    ads = {AD.entity_id: ad_as_declarer()}
    judge = IdpAssertionJudge(
        GEZAG.entity_id, [decryption_key(GEZAG)], ads, ShortLived(MINUTE, lambda: NOW), bsnk_keys(GEZAG)
    )
    evidence = idp_assertion(GEZAG, acting_subject=values)
    return judge.judge(evidence, requester=RD.entity_id, service_uuid=SERVICES[GEZAG], at=NOW).holder


@pytest.mark.eis("ATT-19", "ATT-20", "ATT-22", "RBVD-03")
@pytest.mark.parametrize("identity", ["BSN", "Pseudonym"])
def test_a_bvd_opens_what_was_made_for_it(identity: str) -> None:
    """Who acts, whatever the dienstverlener gets."""
    assert judged(*values(identity, bvd=True)) == BSN


@pytest.mark.attack("S59")
def test_a_bvd_refuses_what_was_made_for_another() -> None:
    """Swapped: each gets the structure that the other should have had, in an envelope that it can open."""
    for_dv = polymorphic(identity(), names.ID_BSN, recipient(GEZAG))
    for_bvd = polymorphic(identity(oin=GEZAG.oin), names.ID_BSN, recipient(DV))
    refused("subject.identifier", lambda: judged(for_dv, for_bvd))


@pytest.mark.eis("ATT-20")
def test_a_bvd_wants_to_know_who_acts() -> None:
    """A pseudonym says nothing to it."""
    refused("subject.identifier", lambda: judged(declared(BSN, "Pseudonym", GEZAG)))
