"""What a login that goes on to a BVD must hold for it: an audience, and a key."""

import pytest

from routeringsvoorziening.backends.saml_service.subjects import check_usable_by
from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.names import ID_LEGACY_BSN
from routeringsvoorziening.saml.parsing import canonical
from tests.support import federation as fed

BVD = EntityID(fed.DV.replace(":DV:", ":BVD:"))
AUDIENCES = (fed.RD, BVD)


def encrypted(*entity_ids: str) -> bytes:
    """One value, with a key for each."""
    key = fed.service_provider().encryption_keys[0]
    recipients = [Recipient(each, key.key_name, key.certificate) for each in entity_ids]
    return canonical(encrypt_id(NameId(fed.BSN, ID_LEGACY_BSN), recipients))


@pytest.mark.eis("ATT-22", "AS-15")
@pytest.mark.parametrize(
    "values", [((fed.DV, BVD),), ((fed.DV,), (BVD,)), ((BVD,), (fed.DV,))], ids=["one value", "two", "two, turned"]
)
def test_a_bvd_with_a_key_can_go_on(values: tuple[tuple[str, ...], ...]) -> None:
    """A key beside that of the dienstverlener, or in a value of its own as polymorphic identities have it."""
    subject = tuple(encrypted(*each) for each in values)
    check_usable_by(BVD, fed.ad_assertion(acting_subject=subject, audiences=AUDIENCES))


@pytest.mark.eis("ATT-22", "AS-15")
@pytest.mark.attack("S70")
@pytest.mark.parametrize(
    ("recipients", "audiences", "code"),
    [
        ((fed.DV,), AUDIENCES, "subject.identifier"),
        ((fed.DV, BVD + "0"), AUDIENCES, "subject.identifier"),
        ((fed.DV, BVD), (fed.RD,), "audience"),
        ((fed.DV, BVD), (fed.RD, BVD + "0"), "audience"),
    ],
)
def test_a_bvd_that_was_forgotten_is_not_gone_to(
    recipients: tuple[str, ...], audiences: tuple[str, ...], code: str
) -> None:
    """Without a key, or without being meant; a name that only looks like its own does not count."""
    assertion = fed.ad_assertion(acting_subject=(encrypted(*recipients),), audiences=audiences)
    with pytest.raises(SamlError) as caught:
        check_usable_by(BVD, assertion)
    assert caught.value.code == code
