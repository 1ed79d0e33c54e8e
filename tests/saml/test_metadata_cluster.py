"""What we read of a supplier: one signed file, its own entry, and whom to encrypt for (MD-LC)."""

from dataclasses import replace

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.model import AttributeConsumingService, ClusterMember, Endpoint, MetadataKey
from routeringsvoorziening.saml.metadata.reading import inspect_cluster
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.signing import sign
from tests.support.pki import leaf, pki
from tests.support.publishers import CLUSTER, SIGNING, UNTIL, acs, key_of, of_dv, of_lc, read_lc, refuse_lc
from tests.support.wire import (
    DV,
    LC,
    LC_OIN,
    NOW,
    OTHER_DV,
    OTHER_OIN,
    codes,
    drop,
    drop_attribute,
    find,
    insert,
    put,
    recipient,
    refused,
    shared_folder,
    signing_key,
    trust,
    twice,
    write,
)

LC_ENTRY, DV_ENTRY = "md:EntityDescriptor[1]", "md:EntityDescriptor[2]"
LC_ROLE, DV_ROLE = f"{LC_ENTRY}/md:SPSSODescriptor", f"{DV_ENTRY}/md:SPSSODescriptor"
PAST, SOON = "2026-02-01T00:00:00Z", "2026-03-02T00:00:00Z"


def with_members(*members: ClusterMember):
    return replace(CLUSTER, members={each.entity_id: each for each in members})


@pytest.mark.eis("MD-LC-01", "MD-LC-03", "MD-LC-04", "MD-LC-06", "MD-LC-07", "MD-01", "MD-05", "MD-06")
def test_what_a_supplier_publishes_is_read():
    """Its endpoints and signing keys, and of each dienstverlener the encryption keys."""
    assert read_lc(of_lc()) == CLUSTER


@pytest.mark.eis("MD-LC-01")
@pytest.mark.attack("S19", "S81")
def test_one_entry_is_the_supplier_s_and_the_rest_are_dienstverleners():
    """None, two, a dienstverlener twice, another role, nested deeper, or a bare EntityDescriptor."""
    refuse_lc("md.structure", drop(LC_ENTRY))
    refuse_lc("md.structure", twice(LC_ENTRY))
    refuse_lc("md.entity", twice(DV_ENTRY))
    refuse_lc("md.role", put(DV_ENTRY, "entityID", DV.replace(":DV:", ":AD:")))
    refuse_lc("md.entity", put(DV_ENTRY, "entityID", "urn:x"))
    refuse_lc("md.entity", put(LC_ENTRY, "entityID", "urn:nl-eid-gdi:1.0:LC:1:entities:9"))
    nested = (
        "<md:EntitiesDescriptor><md:EntityDescriptor entityID='urn:x'><md:AffiliationDescriptor affiliationOwnerID='x'>"
        "<md:AffiliateMember>x</md:AffiliateMember></md:AffiliationDescriptor></md:EntityDescriptor></md:EntitiesDescriptor>"
    )
    refuse_lc("md.structure", insert(".", 3, nested))
    refused("md.structure", lambda: read_lc(of_dv()))


@pytest.mark.eis("MD-LC-01")
def test_the_supplier_s_entry_may_stand_anywhere():
    """Its role tells which one it is, not its place."""

    def last(root: Element) -> None:
        root.append(find(root, LC_ENTRY))

    assert read_lc(of_lc(last)) == CLUSTER


@pytest.mark.eis("MD-05", "MD-01", "SIG-11")
@pytest.mark.attack("S23", "S28", "S81", "S82")
def test_only_the_supplier_signs_it():
    """Another OIN, that of a dienstverlener in the file, another root, a changed byte."""
    refused("oin.mismatch", lambda: read_lc(of_lc(signer=signing_key(OTHER_DV))))
    refused("oin.mismatch", lambda: read_lc(of_lc(signer=signing_key(DV))))
    foreign = pki("foreign").issue(LC_OIN)
    stranger = SigningKey(foreign.key_name, foreign.certificate, foreign.key)
    refused("key.chain", lambda: read_lc(of_lc(signer=stranger)))
    refused("md.signature", lambda: read_lc(of_lc().replace(b"cloud.example", b"evil1.example")))


@pytest.mark.eis("MD-03")
def test_the_file_says_how_long_it_holds():
    """A validUntil or cacheDuration at the root; in the past it is of no use."""
    refuse_lc("md.expiry", valid_until=None, cache_duration=None)
    refuse_lc("md.expired", put(".", "validUntil", PAST))
    only = replace(CLUSTER, supplier=replace(CLUSTER.supplier, valid_until=None))
    assert read_lc(of_lc(cluster=only)).supplier.cache_duration == CLUSTER.supplier.cache_duration


@pytest.mark.eis("MD-LC-02")
def test_the_earliest_expiry_counts():
    """Entries may have one of their own (AMB-23): the supplier's for the connection, a dienstverlener's for itself."""
    found = read_lc(of_lc(put(LC_ENTRY, "validUntil", SOON)))
    assert (found.supplier.valid_until.isoformat(), found.members[DV].valid_until) == (
        "2026-03-02T00:00:00+00:00",
        UNTIL,
    )
    found = read_lc(of_lc(put(DV_ENTRY, "validUntil", SOON), put(DV_ENTRY, "cacheDuration", "PT1H")))
    assert (found.supplier.valid_until, found.members[OTHER_DV].valid_until) == (UNTIL, UNTIL)
    assert found.members[DV].valid_until.isoformat() == "2026-03-02T00:00:00+00:00"
    assert read_lc(of_lc(put(DV_ROLE, "validUntil", SOON))).members[DV].valid_until < UNTIL
    refuse_lc("md.expired", put(LC_ENTRY, "validUntil", PAST))


@pytest.mark.eis("MD-LC-02")
def test_a_dienstverlener_whose_time_has_passed_is_left_out():
    """By validUntil, or because no certificate is left; the others are still served, and it is remarked."""
    value, found = inspect_cluster(of_lc(put(DV_ENTRY, "validUntil", PAST)), trust=trust(), at=NOW)
    assert set(value.members) == {OTHER_DV}
    assert [(each.code, each.tolerated) for each in found] == [("md.expired", True)]
    old = pki().issue(OTHER_OIN, "encryption", not_after=NOW.replace(year=2025))
    expired = ClusterMember(
        OTHER_DV, (replace(recipient(OTHER_DV), key_name=old.key_name, certificate=old.certificate),)
    )
    data = of_lc(cluster=with_members(CLUSTER.members[DV], expired))
    value, found = inspect_cluster(data, trust=trust(), at=NOW)
    assert set(value.members) == {DV}
    assert "key.expired" in codes(found)


def own_signature(path: str, key: SigningKey):
    """A bend: the entry is signed by itself before the whole is."""
    return lambda root: sign(find(root, path), key, include_certificate=True)


@pytest.mark.eis("MD-LC-02")
@pytest.mark.attack("S12", "S13", "S81")
def test_a_nested_signature_is_of_that_entity():
    """Tolerated when right; refused with another OIN, when it does not verify, or anywhere else."""
    assert read_lc(of_lc(own_signature(DV_ENTRY, signing_key(DV)), own_signature(LC_ENTRY, signing_key(LC)))) == CLUSTER
    refuse_lc("oin.mismatch", own_signature(DV_ENTRY, signing_key(LC)))
    refuse_lc("oin.mismatch", own_signature(LC_ENTRY, signing_key(DV)))
    error = refuse_lc("md.signature", own_signature(DV_ENTRY, signing_key(DV)), put(DV_ENTRY, "validUntil", SOON))
    assert "sig.invalid" in error.detail

    def misplaced(root: Element) -> None:
        sign(find(root, DV_ENTRY), signing_key(DV), include_certificate=True)
        find(root, DV_ROLE).insert(0, find(root, f"{DV_ENTRY}/ds:Signature"))

    refuse_lc("md.signature", misplaced)


@pytest.mark.eis("MD-LC-03")
@pytest.mark.parametrize("attribute", ["AuthnRequestsSigned", "WantAssertionsSigned"])
def test_the_supplier_signs_requests_and_wants_signed_assertions(attribute):
    """False or absent is refused; in the entry of a dienstverlener it does not matter (AMB-23)."""
    refuse_lc("md.structure", put(LC_ROLE, attribute, "false"))
    refuse_lc("md.structure", drop_attribute(LC_ROLE, attribute))
    assert read_lc(of_lc(put(DV_ROLE, attribute, "true"))) == CLUSTER


@pytest.mark.eis("MD-LC-03")
def test_the_supplier_has_one_role():
    """One SPSSODescriptor, no other."""
    refuse_lc("md.role", twice(LC_ROLE))
    refuse_lc("md.role", twice(DV_ROLE))


def signing_keys(count: int) -> tuple[MetadataKey, ...]:
    return tuple(key_of(signing_key(LC, str(number)), SIGNING) for number in range(count))


@pytest.mark.eis("MD-LC-04")
def test_one_to_four_signing_keys():
    """None or five is refused."""
    refuse_lc("md.keys", keys=())
    refuse_lc("md.keys", keys=signing_keys(5))
    for count in (1, 4):
        supplier = replace(CLUSTER.supplier, keys=signing_keys(count))
        assert len(read_lc(of_lc(cluster=replace(CLUSTER, supplier=supplier))).supplier.signing_keys) == count


@pytest.mark.eis("MD-LC-04", "ATT-10")
def test_nobody_can_encrypt_for_a_supplier():
    """A key that it publishes for encryption is not known here; it is remarked."""
    pair = leaf(LC_OIN, "encryption")
    extra = MetadataKey(pair.key_name, pair.certificate, frozenset({"encryption"}))
    supplier = replace(CLUSTER.supplier, keys=(*CLUSTER.supplier.keys, extra))
    value, found = inspect_cluster(of_lc(cluster=replace(CLUSTER, supplier=supplier)), trust=trust(), at=NOW)
    assert value == CLUSTER
    assert (value.supplier.encryption_keys, value.supplier.recipients) == ((), ())
    assert [(each.code, each.eis, each.tolerated) for each in found] == [("md.keys", "MD-LC-04", True)]


@pytest.mark.eis("MD-LC-05")
def test_logout_needs_a_post_address():
    """When SingleLogoutService is there, one has binding HTTP-POST."""
    redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    refuse_lc("md.endpoint", slo=(Endpoint("https://cloud.example/logout", redirect),))
    supplier = replace(CLUSTER.supplier, slo=())
    assert read_lc(of_lc(cluster=replace(CLUSTER, supplier=supplier))).supplier.slo == ()


@pytest.mark.eis("MD-LC-06")
def test_the_supplier_s_consumers():
    """At least one, by artifact only, indexes that differ, one default among several, https."""
    refuse_lc("md.endpoint", acs=(acs(0, default=True), Endpoint("https://cloud.example/post", names.BINDING_POST, 1)))
    refuse_lc("md.endpoint", acs=(acs(0, default=True), replace(acs(1), index=0)))
    refuse_lc("md.endpoint", acs=(acs(0), acs(1)))
    refuse_lc("md.location", acs=(replace(acs(0), location="http://cloud.example/acs"),))
    refused(
        "msg.schema",
        lambda: read_lc(
            of_lc(drop(f"{LC_ROLE}/md:AssertionConsumerService"), drop(f"{LC_ROLE}/md:AssertionConsumerService"))
        ),
    )


@pytest.mark.eis("MD-DV-05")
def test_a_supplier_has_no_services_by_index():
    """AttributeConsumingService is for directly connected dienstverleners only."""
    refuse_lc("md.service", attribute_services=(AttributeConsumingService(1, True, {"nl": "x"}, "uuid"),))


@pytest.mark.eis("MD-LC-07", "SIG-07")
def test_each_dienstverlener_has_keys_of_its_own():
    """One or two for encryption, with its own OIN: not the supplier's."""
    three = (recipient(DV), recipient(DV, "next"), recipient(DV, "third"))
    for keys in ((), three):
        refused("md.keys", lambda keys=keys: read_lc(of_lc(cluster=with_members(ClusterMember(DV, keys)))))
    pair = leaf(LC_OIN, "encryption")
    theirs = replace(recipient(DV), key_name=pair.key_name, certificate=pair.certificate)
    refused("oin.mismatch", lambda: read_lc(of_lc(cluster=with_members(ClusterMember(DV, (theirs,))))))
    refuse_lc("md.keys", write(f"{DV_ROLE}/md:KeyDescriptor/ds:KeyInfo/ds:KeyName", " "))


@pytest.mark.eis("MD-LC-08")
def test_the_consumer_of_a_dienstverlener_is_not_used():
    """There is exactly one; what it says changes nothing."""
    entry = f"{DV_ROLE}/md:AssertionConsumerService"
    refuse_lc("md.endpoint", twice(entry), put(entry, "index", "7"))
    assert read_lc(of_lc(put(entry, "Location", "https://evil.example/"))) == CLUSTER


def test_every_mistake_is_told_at_once():
    """With the dienstverlener it is about."""
    data = of_lc(
        put(LC_ROLE, "WantAssertionsSigned", "false"),
        drop(f"{DV_ROLE}/md:KeyDescriptor"),
        drop(f"{DV_ROLE}/md:KeyDescriptor"),
    )
    value, found = inspect_cluster(data, trust=trust(), at=NOW)
    assert value is None
    assert {(each.code, each.eis) for each in found} == {("md.structure", "MD-LC-03"), ("md.keys", "MD-LC-07")}


def test_the_example_of_the_koppelvlak_is_only_refused_for_what_is_missing():
    """Its certificates are none and its dates are past; nothing else is wrong with it."""
    file = shared_folder("data", "st-saml-examples") / "saml_metadata_lc_for_rd.xml"
    value, found = inspect_cluster(file.read_bytes().replace(b">...</", b">AAAA</"), trust=trust(), at=NOW)
    assert value is None
    assert set(codes(found)) == {"md.signature", "md.keys", "md.expired"}
