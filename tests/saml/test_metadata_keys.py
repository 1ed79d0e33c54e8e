"""KeyDescriptors and their certificates."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from routeringsvoorziening.saml.keys import key_name_of
from routeringsvoorziening.saml.metadata.model import (
    MetadataKey,
)
from routeringsvoorziening.saml.metadata.reading import (
    inspect_service_provider,
)
from routeringsvoorziening.saml.metadata.writing import (
    write_service_provider,
)
from tests.support.pki import leaf, pki
from tests.support.publishers import (
    ENCRYPTION,
    PROVIDER,
    ROUTING,
    SERVICE_OF_AD,
    SERVICE_OF_BVD,
    SERVICE_OF_RD,
    SIGNING,
    key_of,
    keys_of,
    of_dv,
    of_rd,
    read_dv,
    read_rd,
    refuse_dv,
    refuse_rd,
    refuse_service,
)
from tests.support.wire import (
    BVD,
    DV,
    DV_OIN,
    NOW,
    OTHER_OIN,
    RD,
    codes,
    drop,
    encryption_pair,
    refused,
    signing_key,
    trust,
    twice,
    write,
)

KEY_INFO = "md:SPSSODescriptor/md:KeyDescriptor/ds:KeyInfo"


@pytest.mark.eis("MD-06")
@pytest.mark.parametrize(
    "bend",
    [
        drop(f"{KEY_INFO}/ds:KeyName"),
        twice(f"{KEY_INFO}/ds:KeyName"),
        write(f"{KEY_INFO}/ds:KeyName", ""),
        write(f"{KEY_INFO}/ds:KeyName", "x" * 300),
        drop(f"{KEY_INFO}/ds:X509Data"),
        twice(f"{KEY_INFO}/ds:X509Data/ds:X509Certificate"),
        write(f"{KEY_INFO}/ds:X509Data/ds:X509Certificate", "AAAA"),
        write(f"{KEY_INFO}/ds:X509Data/ds:X509Certificate", ""),
    ],
)
def test_a_key_descriptor_that_is_not_one_name_and_one_certificate_is_refused(bend):
    """KeyName and X509Certificate, one of each, both readable."""
    refuse_dv("md.keys", bend)


@pytest.mark.attack("S22")
def test_a_key_name_of_two_certificates_is_refused():
    """A KeyName selects one certificate."""
    double = MetadataKey(signing_key(DV).key_name, leaf(DV_OIN, "signing", "next").certificate, SIGNING)
    refuse_dv("md.keys", keys=(*keys_of(DV), double))


@pytest.mark.eis("MD-DV-02")
@pytest.mark.attack("S22")
def test_a_dienstverlener_needs_both_kinds_of_keys():
    """One for signing, one for encryption."""
    refuse_dv("md.keys", keys=keys_of(DV)[2:])
    refuse_dv("md.keys", keys=keys_of(DV)[:2])


@pytest.mark.eis("MD-AD-02", "MD-RD-02", "MD-SP-04")
@pytest.mark.attack("S22")
def test_services_and_the_rv_need_a_signing_key():
    """Signed with the certificate in the signature, but none is published for messages."""
    refuse_service("md.keys", keys=())
    refuse_service("md.keys", keys=(), of=SERVICE_OF_RD, role="RD")
    refuse_rd("md.keys", keys=keys_of(RD)[2:])


@pytest.mark.eis("MD-AD-02")
def test_a_bvd_needs_an_encryption_key():
    """An AD must be able to encrypt for it."""
    refuse_service("md.keys", of=SERVICE_OF_BVD, role="BVD", keys=keys_of(BVD)[:2])


@pytest.mark.eis("MD-SP-05")
def test_the_rv_may_leave_its_encryption_key_out():
    """Nobody may encrypt for it, so both variants are read (AMB-15)."""
    provider = replace(ROUTING.service_provider, keys=keys_of(RD)[:2])
    assert not read_rd(of_rd(routing=replace(ROUTING, service_provider=provider))).service_provider.recipients


def test_a_key_without_use_counts_for_both():
    """KeyDescriptor without `use`."""
    provider = replace(PROVIDER, keys=(key_of(leaf(DV_OIN, "tls"), SIGNING | ENCRYPTION), *keys_of(DV)))
    found = read_dv(write_service_provider(provider, signing_key(DV)))
    assert found.keys[0].uses == {"signing", "encryption"}
    assert (len(found.signing_keys), len(found.encryption_keys)) == (3, 2)


@pytest.mark.eis("SIG-07", "MD-05")
@pytest.mark.attack("S28", "S82")
@pytest.mark.parametrize(
    ("code", "pair"),
    [
        ("oin.mismatch", lambda: leaf(OTHER_OIN)),
        ("oin.mismatch", lambda: pki().issue(None)),
        ("key.chain", lambda: pki("foreign").issue(DV_OIN)),
        ("key.usage", lambda: leaf(DV_OIN, "encryption", "other")),
    ],
)
def test_a_certificate_that_may_not_be_used_is_refused(code, pair):
    """Of another OIN or none, of another root, or not made for signing."""
    refuse_dv(code, keys=(*keys_of(DV), key_of(pair(), SIGNING)))


@pytest.mark.eis("MD-DV-02", "SIG-08")
def test_an_expired_key_beside_a_good_one_is_remarked():
    """During a rollover the old one may expire; when it was the last one the metadata is refused."""
    expired = pki().issue(DV_OIN, not_after=datetime(2026, 1, 1, tzinfo=UTC))
    provider = replace(PROVIDER, keys=(*keys_of(DV), key_of(expired, SIGNING)))
    value, found = inspect_service_provider(of_dv(provider=provider), trust=trust(), at=NOW)
    assert value == provider
    assert [(each.code, each.tolerated) for each in found] == [("key.expired", True)]
    refuse_dv("key.expired", keys=(key_of(expired, SIGNING), keys_of(DV)[2]))


@pytest.mark.eis("SIG-08")
def test_an_expired_encryption_key_is_left_out():
    """Nobody encrypts for it any more; a next one whose time has not come stays, and is remarked."""
    expired = pki().issue(DV_OIN, "encryption", not_after=datetime(2026, 1, 1, tzinfo=UTC))
    coming = pki().issue(DV_OIN, "encryption", not_before=datetime(2026, 4, 1, tzinfo=UTC))
    keys = (*keys_of(DV), key_of(expired, ENCRYPTION), key_of(coming, ENCRYPTION))
    value, found = inspect_service_provider(of_dv(provider=replace(PROVIDER, keys=keys)), trust=trust(), at=NOW)
    assert value is not None
    assert [each.key_name for each in value.encryption_keys] == [encryption_pair(DV).key_name, coming.key_name]
    assert codes(found) == ["key.expired", "key.expired"]
    refuse_dv("md.keys", keys=(*keys_of(DV)[:2], key_of(expired, ENCRYPTION)))
    refuse_dv("key.expired", keys=(*keys_of(DV)[:2], key_of(coming, ENCRYPTION)))


@pytest.mark.attack("S28")
def test_an_expired_certificate_of_another_root_is_refused():
    """Expiry excuses nothing else."""
    expired = pki("foreign").issue(DV_OIN, not_after=datetime(2026, 1, 1, tzinfo=UTC))
    refuse_dv("key.chain", keys=(*keys_of(DV), key_of(expired, SIGNING)))


def test_lookups():
    """By index, by default, by use."""
    assert PROVIDER.acs_by_index(1).location == "https://portal.example/acs1"
    assert PROVIDER.acs_by_index(None).index == 0
    assert PROVIDER.attribute_service_by_index(2).service_uuid == "second"
    assert PROVIDER.attribute_service_by_index(None).index == 1
    assert SERVICE_OF_AD.artifact_resolution_by_index(1).location == "https://ad.example/artifact1"
    assert ROUTING.service_provider.acs_by_index(None).index == 0
    assert key_name_of(leaf(DV_OIN, "tls").certificate) in PROVIDER.tls_fingerprints
    assert [each.entity_id for each in PROVIDER.recipients] == [DV]
    assert PROVIDER.oin == DV_OIN


@pytest.mark.eis("AR-04", "AR-06", "MD-AD-03")
@pytest.mark.attack("S71")
def test_lookups_that_find_nothing():
    """An index that is not there."""
    refused("md.endpoint", lambda: PROVIDER.acs_by_index(7))
    refused("md.endpoint", lambda: replace(PROVIDER, acs=()).acs_by_index(None))
    refused("md.service", lambda: PROVIDER.attribute_service_by_index(7))
    refused("md.service", lambda: replace(PROVIDER, attribute_services=()).attribute_service_by_index(None))
    refused("md.endpoint", lambda: SERVICE_OF_AD.artifact_resolution_by_index(9))
