"""A BVD's own metadata: read by the reader of whoever connects it."""

import pytest
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.reading import read_identity_provider
from routeringsvoorziening.simulators.bvd.metadata import metadata_of
from routeringsvoorziening.simulators.world import layout
from tests.simulators.conftest import NewBvd
from tests.support.simulated import NOW, leaf
from tests.support.simulated_bvd import GEZAG, bvd_settings, front_of


def read(party: layout.Party, document: bytes):
    trust = bvd_settings(party).trust
    return read_identity_provider(document, trust=trust, at=NOW, role="BVD", allow_loopback=True)


@pytest.mark.eis("MD-AD-01", "MD-AD-02", "MD-AD-03", "MD-AD-04")
@pytest.mark.parametrize("party", layout.BVDS, ids=lambda party: party.folder)
def test_it_is_what_a_bvd_publishes(party: layout.Party) -> None:
    """Signing and encryption keys, one address for each of SSO and artifacts, and no logout."""
    provider = read(party, metadata_of(bvd_settings(party), NOW))
    assert provider.entity_id == party.entity_id
    assert [key.key_name for key in provider.signing_keys] == [leaf(party.oin, "signing").key_name]
    assert [each.key_name for each in provider.recipients] == [leaf(party.oin, "encryption").key_name]
    assert [each.location for each in provider.single_sign_on] == [f"{front_of(party)}/saml/sso"]
    assert [each.index for each in provider.artifact_resolution] == [0]
    assert provider.single_logout == ()
    assert provider.valid_until is not None
    assert provider.valid_until > NOW


@pytest.mark.eis("MD-AD-02")
def test_a_second_encryption_key_is_published_beside_the_first() -> None:
    """While a key is being replaced."""
    both = (leaf(GEZAG.oin, "encryption").certificate, leaf(GEZAG.oin, "encryption", "next").certificate)
    assert len(read(GEZAG, metadata_of(bvd_settings(GEZAG, encryption=both), NOW)).recipients) == 2


@pytest.mark.eis("MD-AD-04")
def test_the_document_has_no_logout_service() -> None:
    """Not even an empty one."""
    root = etree.fromstring(metadata_of(bvd_settings(GEZAG), NOW))
    assert root.find(f".//{names.md('SingleLogoutService')}") is None
    assert root.find(f".//{names.md('IDPSSODescriptor')}").get("WantAuthnRequestsSigned") == "true"


@pytest.mark.eis("MD-AD-01")
async def test_it_is_served(new_bvd: NewBvd) -> None:
    """At /saml/metadata, fresh."""
    answer = await (await new_bvd(GEZAG)).front.get("/saml/metadata")
    assert answer.content_type == "application/samlmetadata+xml"
    assert read(GEZAG, await answer.read()).entity_id == GEZAG.entity_id
