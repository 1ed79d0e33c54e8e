"""AttributeConsumingServices."""

from dataclasses import replace

import pytest

from tests.support.publishers import PROVIDER, of_dv, read_dv, refuse_dv, refuse_rd
from tests.support.wire import (
    drop,
    drop_attribute,
    insert,
    put,
    refused,
    twice,
    write,
)

ATTRIBUTE_SERVICE = "md:SPSSODescriptor/md:AttributeConsumingService"


@pytest.mark.eis("MD-DV-06")
def test_indexes_and_defaults_of_services():
    """The same index, no default among several, two defaults; a single one needs no default."""
    one, two = PROVIDER.attribute_services
    refuse_dv("md.service", attribute_services=(one, replace(two, index=1)))
    refuse_dv("md.service", attribute_services=(replace(one, is_default=False), two))
    refuse_dv("md.service", attribute_services=(one, replace(two, is_default=True)))
    assert read_dv(of_dv(provider=replace(PROVIDER, attribute_services=(two,)))).attribute_services == (two,)
    assert read_dv(of_dv(provider=replace(PROVIDER, attribute_services=()))).attribute_services == ()


@pytest.mark.eis("MD-DV-06")
def test_names_of_services():
    """One per language."""
    refuse_dv("md.service", twice(f"{ATTRIBUTE_SERVICE}/md:ServiceName"))
    refuse_dv("md.service", insert(ATTRIBUTE_SERVICE, 1, "<md:ServiceName xml:lang='NL'>x</md:ServiceName>"))
    refuse_dv("msg.schema", drop_attribute(ATTRIBUTE_SERVICE, "index"))


REQUESTED = f"{ATTRIBUTE_SERVICE}/md:RequestedAttribute"


@pytest.mark.eis("MD-DV-07", "AR-06")
@pytest.mark.parametrize(
    "bend",
    [
        drop(f"{REQUESTED}/saml:AttributeValue"),
        twice(f"{REQUESTED}/saml:AttributeValue"),
        write(f"{REQUESTED}/saml:AttributeValue", " "),
        twice(REQUESTED),
        put(REQUESTED, "Name", "urn:x"),
    ],
)
def test_a_service_without_one_service_uuid_is_refused(bend):
    """One RequestedAttribute ServiceUUID with one value."""
    refuse_dv("md.service", bend)


@pytest.mark.eis("MD-DV-07")
def test_a_missing_service_uuid_can_be_waived():
    """When configuration maps the index itself; a broken one cannot."""
    other = of_dv(put(REQUESTED, "Name", "urn:x"))
    assert read_dv(other, allow_missing_service_uuid=True).attribute_services[0].service_uuid is None
    broken = of_dv(twice(f"{REQUESTED}/saml:AttributeValue"))
    refused("md.service", lambda: read_dv(broken, allow_missing_service_uuid=True))


@pytest.mark.eis("MD-DV-05")
def test_only_a_dienstverlener_has_services():
    """The RV's entry has no AttributeConsumingService."""
    refuse_rd("md.service", attribute_services=PROVIDER.attribute_services)
