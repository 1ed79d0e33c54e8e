"""The portal in the role LC: it asks for those behind it, and what it hands over only they can open."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, build_assertion
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, read_authn_request
from routeringsvoorziening.saml.metadata.reading import read_cluster
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.forms import forms_of
from routeringsvoorziening.simulators.portal.behind import Behind
from routeringsvoorziening.simulators.portal.checks import CheckFailed
from routeringsvoorziening.simulators.portal.metadata import metadata_of
from routeringsvoorziening.simulators.world.layout import (
    BEHIND_CLOUD,
    CLOUD,
    CLUSTER_SERVICES,
    DIJKZICHT,
    HEIDEWOUDE,
    Party,
)
from tests.simulators.conftest import NewVisit, PortalVisit
from tests.support import simulated
from tests.support.pki import leaf
from tests.support.simulated import BSN, MINUTE, NOW, RD, decryption_key, encrypted, recipient, signing_key

SERVICE = CLUSTER_SERVICES[DIJKZICHT][0]


def behind(party: Party) -> Behind:
    pair = leaf(party.oin, "encryption")
    return Behind(
        key=party.folder,
        name=party.name,
        entity_id=party.entity_id,
        services=CLUSTER_SERVICES[party],
        encryption_key=simulated.key_descriptor(pair, "encryption"),
        decryption_key=decryption_key(party),
    )


def settings() -> dict[str, Any]:
    return {
        "name": CLOUD.name,
        "entity_id": CLOUD.entity_id,
        "services": (),
        "signing": signing_key(CLOUD),
        "metadata_keys": (simulated.key_descriptor(leaf(CLOUD.oin, "signing"), "signing"),),
        "decryption_keys": (),
        "behind": {each.folder: behind(each) for each in BEHIND_CLOUD},
    }


@pytest.fixture
async def visit(new_visit: NewVisit) -> PortalVisit:
    """A browser at the supplier's portal; the Routeringsdienst answers rightly."""
    found = await new_visit(**settings())
    found.rd.assertion = right()
    return found


def right(**changed: Any) -> dict[str, Any]:
    """Fields of a right Assertion for the supplier and Dijkzicht."""
    return {
        "audiences": (CLOUD.entity_id, DIJKZICHT.entity_id),
        "service_uuid": SERVICE.uuid,
        "acting_subject": (encrypted(BSN, recipient(DIJKZICHT)),),
    } | changed


async def leave(visit: PortalVisit, party: Party = DIJKZICHT) -> tuple[str, AuthnRequest]:
    """Choose a municipality: the RelayState, and what the portal asks."""
    answer = await visit.client.post("/login", data={"dienstverlener": party.folder, "service": "1"})
    (form,) = [form for form in forms_of(await answer.text()) if "SAMLRequest" in form.fields]
    element = parse(base64.b64decode(form.fields["SAMLRequest"]))
    visit.rd.request = read_authn_request(verify(element, [signing_key(CLOUD).verification_key], at=NOW))
    return form.fields["RelayState"], visit.request


async def come_back(visit: PortalVisit) -> str:
    relay_state, _ = await leave(visit)
    return await visit.arrive(visit.rd.redirect(relay_state))


@pytest.mark.eis("AR-08", "AR-11", "AR-12", "AR-13")
@pytest.mark.parametrize("party", BEHIND_CLOUD, ids=lambda party: party.folder)
async def test_it_asks_in_extensions_for_whom_and_for_what(visit: PortalVisit, party: Party) -> None:
    """In its own name and with its own key; never by index."""
    _, asked = await leave(visit, party)
    assert (asked.issuer, asked.has_extensions, asked.attribute_index) == (CLOUD.entity_id, True, None)
    assert (asked.intended_audience, asked.service_uuid) == (party.entity_id, CLUSTER_SERVICES[party][0].uuid)
    assert asked.acs_index == 0


@pytest.mark.eis("ATT-10", "ENC-03", "SES-07")
async def test_the_dienstverlener_behind_it_opens_the_identity(visit: PortalVisit) -> None:
    """The supplier's portal has no key; the page says who opened it."""
    assert visit.portal.settings.decryption_keys == ()
    page = await come_back(visit)
    assert BSN in page
    assert DIJKZICHT.name in page


def supplier_s_own_key() -> Recipient:
    pair = leaf(CLOUD.oin, "encryption")
    return Recipient(CLOUD.entity_id, pair.key_name, pair.certificate)


@pytest.mark.eis("AS-20", "ATT-10", "ATT-04", "ERR-14")
@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"audiences": (DIJKZICHT.entity_id,)}, ("audience", "audience")),
        ({"audiences": (CLOUD.entity_id,)}, ("audience", "audience")),
        ({"audiences": (CLOUD.entity_id, HEIDEWOUDE.entity_id)}, ("audience", "audience")),
        ({"service_uuid": CLUSTER_SERVICES[HEIDEWOUDE][0].uuid}, ("service", "attribute.service")),
        ({"acting_subject": (encrypted(BSN, recipient(HEIDEWOUDE)),)}, ("for-us", "enc.recipient")),
        (
            {"acting_subject": (encrypted(BSN, recipient(DIJKZICHT), supplier_s_own_key()),)},
            ("recipients", "recipient.supplier"),
        ),
    ],
)
async def test_what_is_not_for_both_opens_nothing(
    visit: PortalVisit, changed: dict[str, Any], refused: tuple[str, str]
) -> None:
    """Audience without either, another's dienst, another's key, or a key of the supplier's own."""
    visit.rd.assertion = right(**changed)
    assert "<h1>U bent niet ingelogd</h1>" in await come_back(visit)
    assert visit.failure == refused


@pytest.mark.parametrize("form", [{"dienstverlener": "nergens", "service": "1"}, {"dienstverlener": "dijkzicht", "service": "9"}, {"service": "1"}])  # fmt: skip
async def test_it_asks_only_for_those_behind_it(visit: PortalVisit, form: dict[str, str]) -> None:
    """An unknown municipality or service is no login."""
    assert (await visit.client.post("/login", data=form)).status == 400


async def test_its_first_page_names_everybody(visit: PortalVisit) -> None:
    """Each with its services."""
    page = await (await visit.client.get("/")).text()
    for party, services in CLUSTER_SERVICES.items():
        assert party.name in page
        assert all(each.name_nl in page for each in services)


@pytest.mark.eis("MD-LC-01", "MD-LC-02", "MD-LC-03", "MD-LC-04", "MD-LC-06", "MD-LC-07", "MD-LC-08", "MD-DV-05")
def test_its_metadata_obeys_the_rules() -> None:
    """Read by every rule; entries have no expiry or signature, and copy the supplier's address."""
    published = simulated.portal_settings(**settings())
    data = metadata_of(published, NOW)
    found = read_cluster(data, trust=published.trust, at=NOW, allow_loopback=True)
    assert found.supplier.entity_id == CLOUD.entity_id
    assert set(found.members) == {each.entity_id for each in BEHIND_CLOUD}
    assert found.members[HEIDEWOUDE.entity_id].recipients == (recipient(HEIDEWOUDE),)
    for entry in parse(data).findall("{*}EntityDescriptor"):
        assert not {"validUntil", "cacheDuration"} & set(entry.attrib)
        assert entry.find("{http://www.w3.org/2000/09/xmldsig#}Signature") is None
        (acs,) = entry.findall("{*}SPSSODescriptor/{*}AssertionConsumerService")
        assert acs.get("Location") == found.supplier.acs[0].location


def declaration(key: str = "", **changed: Any) -> bytes:
    """An Assertion of the Routeringsdienst, as the supplier would hand it over."""
    assertion = Assertion(
        id="_a",
        issuer=RD.entity_id,
        issue_instant=NOW,
        name_id="0" * 32,
        confirmation=SubjectConfirmation("_r", "https://cloud.example/acs", NOW + 2 * MINUTE),
        not_before=NOW - 2 * MINUTE,
        not_on_or_after=NOW + 2 * MINUTE,
        audiences=(CLOUD.entity_id, DIJKZICHT.entity_id),
        authn_instant=NOW,
        class_ref="http://eidas.europa.eu/LoA/high",
        service_uuid=SERVICE.uuid,
        acting_subject=(encrypted(BSN, recipient(DIJKZICHT)),),
    )
    element = build_assertion(replace(assertion, **changed))
    return etree.tostring(simulated.signed(element, signing_key(RD, key)))


def receive(data: bytes, at: Any = NOW) -> str:
    return behind(DIJKZICHT).receive(data, simulated.rd_as_service(), at=at).value


@pytest.mark.eis("AS-17", "AS-19", "AS-20", "ENC-03")
def test_it_believes_the_routeringsdienst_and_not_the_supplier() -> None:
    """What it gets is verified again: signature, issuer, audience, time; and only its own key opens it."""
    assert receive(declaration()) == BSN
    refusals = {
        "key.unknown": declaration("another key"),
        "sig.invalid": declaration().replace(b"LoA/high", b"LoA/low "),
        "enc.recipient": declaration(acting_subject=(encrypted(BSN, recipient(HEIDEWOUDE)),)),
    }
    for code, data in refusals.items():
        with pytest.raises(SamlError) as refused:
            receive(data)
        assert refused.value.code == code
    for code, data in {
        "audience": declaration(audiences=(CLOUD.entity_id,)),
        "issuer.mismatch": declaration(issuer=CLOUD.entity_id),
    }.items():
        with pytest.raises(CheckFailed, match=code):
            receive(data)
    with pytest.raises(CheckFailed, match=r"time\.past"):
        receive(declaration(), NOW + timedelta(minutes=3))
