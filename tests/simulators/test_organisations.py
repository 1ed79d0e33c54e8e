"""What the portal opens of an organisation: its numbers, and the person that an eenmanszaak is."""

import base64
from dataclasses import replace

import pytest

from routeringsvoorziening.saml.encryption import NameId, encrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.eherkenning.companies import BAKERY, BUILDER, ORGANISATIONS
from routeringsvoorziening.simulators.portal.checks import CheckFailed
from routeringsvoorziening.simulators.portal.organisations import Opener, Organisation, organisation_of
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.bsnk_keys import KEY_SET_VERSION
from routeringsvoorziening.simulators.world.layout import IdentityKind
from routeringsvoorziening.simulators.world.persons import passes_eleven_test
from tests.support import federation, simulated

BSN = str(BUILDER.bsn)
OPENER = Opener(simulated.DV.entity_id, [simulated.decryption_key(simulated.DV)], simulated.bsnk_keys(simulated.DV))


def given(value: str, kind: str) -> bytes:
    """An identifier, encrypted for the portal."""
    return canonical(encrypt_id(NameId(value, kind), [simulated.recipient(simulated.DV)]))


def person(kind: str, party: layout.Party = simulated.DV) -> bytes:
    """The owner, in a structure of BSNk for a party."""
    scheme = simulated.scheme()
    mint = scheme.encrypted_identity if kind == names.BSN else scheme.encrypted_pseudonym
    return given(base64.b64encode(mint(BSN, party.oin, KEY_SET_VERSION)).decode(), kind)


def opened(identity: IdentityKind, *represented: bytes) -> Organisation:
    """What the portal makes of a LegalSubjectID."""
    return organisation_of(federation.ad_assertion(), OPENER, represented=represented, identity=identity)


def kvk() -> bytes:
    """The KvK number of a sole trader."""
    return given(BUILDER.kvk, names.KVK)


@pytest.mark.eis("ATT-20", "ATT-21")
def test_an_owner_is_opened_with_the_key_files() -> None:
    """A BSN beside the KvK number; or a pseudonym, and no number."""
    found = opened("BSN", kvk(), person(names.BSN))
    assert found.owner is not None
    assert (found.kvk, found.owner.value, found.owner.is_pseudonym) == (BUILDER.kvk, BSN, False)
    alone = opened("Pseudonym", person(names.PSEUDO_ID))
    assert alone.owner is not None
    assert (alone.kvk, alone.owner.is_pseudonym) == ("", True)
    assert BSN not in alone.owner.value
    assert found.owner.facts
    assert alone.owner.facts


@pytest.mark.eis("ATT-21")
def test_an_organisation_is_its_numbers() -> None:
    """Where a service asks for no person there is none."""
    found = opened("legacy-BSN", given(BAKERY.kvk, names.KVK), given(str(BAKERY.rsin), names.RSIN))
    assert (found.kvk, found.rsin, found.owner) == (BAKERY.kvk, BAKERY.rsin, None)


@pytest.mark.eis("ATT-20", "ATT-21")
@pytest.mark.parametrize(
    ("identity", "kinds", "code"),
    [
        ("legacy-BSN", (names.KVK, names.BSN), "identifier.kind"),
        ("legacy-BSN", (names.KVK, names.PSEUDO_ID), "identifier.kind"),
        ("BSN", (names.KVK,), "identifier.kind"),
        ("BSN", (names.KVK, names.PSEUDO_ID), "identifier.kind"),
        ("BSN", (names.KVK, names.BSN, names.BSN), "identifier.kind"),
        ("Pseudonym", (names.BSN,), "identifier.kind"),
        ("Pseudonym", (names.PSEUDO_ID, names.BSN), "identifier.kind"),
        ("BSN", (names.KVK, names.KVK, names.BSN), "organisation.number"),
    ],
)
def test_another_kind_than_the_service_is_registered_for_is_refused(
    identity: IdentityKind, kinds: tuple[str, ...], code: str
) -> None:
    """Less, more, or something else."""
    with pytest.raises(CheckFailed) as refused:
        opened(identity, *(kvk() if kind == names.KVK else person(kind) for kind in kinds))
    assert refused.value.code == code


@pytest.mark.eis("ATT-19", "ATT-20")
@pytest.mark.parametrize(("identity", "kind"), [("BSN", names.BSN), ("Pseudonym", names.PSEUDO_ID)])
def test_a_structure_for_somebody_else_is_not_opened(identity: IdentityKind, kind: str) -> None:
    """In an envelope for us; BSNk made what is in it for another OIN."""
    with pytest.raises(CheckFailed) as refused:
        opened(identity, person(kind, layout.ZORG))
    assert refused.value.code == "bsnk.recipient"


def test_without_key_files_nothing_of_bsnk_opens() -> None:
    """And that is said."""
    with pytest.raises(CheckFailed) as refused:
        organisation_of(
            federation.ad_assertion(),
            replace(OPENER, bsnk=None),
            represented=[kvk(), person(names.BSN)],
            identity="BSN",
        )
    assert refused.value.code == "bsnk.keys"


@pytest.mark.parametrize("kind", [names.BSN, names.PSEUDO_ID])
def test_a_structure_is_for_one_recipient_and_in_base64(kind: str) -> None:
    """ETD's names for it follow the same rules as those of ST-SAML (ATT-18, ATT-19)."""
    two = [simulated.recipient(simulated.DV), simulated.recipient(layout.ZORG)]
    with pytest.raises(SamlError, match="base64"):
        encrypt_id(NameId("not base64!", kind), two[:1])
    with pytest.raises(ValueError, match="one party"):
        encrypt_id(NameId("QUJD", kind), two)
    assert encrypt_id(NameId("QUJD", kind), two[:1]) is not None


def test_who_is_a_person_has_a_fictional_bsn() -> None:
    """An eenmanszaak has no RSIN and belongs to somebody, who exists only here."""
    owners = [each for each in ORGANISATIONS if each.bsn is not None]
    assert owners == [BUILDER]
    assert all(each.bsn and each.bsn.startswith("9") and passes_eleven_test(each.bsn) for each in owners)
    assert all(each.rsin is None for each in owners)
