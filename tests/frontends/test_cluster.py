"""A supplier at our door: what it must ask, where it is answered, and that it reads nothing (AR-08, AS-05, AS-08, ATT-10)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from routeringsvoorziening.broker.failures import LoginFailed
from routeringsvoorziening.broker.vocabulary import EntityID, LoA, LocalizedText
from routeringsvoorziening.configuration.encrypting import recipients
from routeringsvoorziening.configuration.model.dienst import Compat
from routeringsvoorziening.configuration.result import Connection, Relation
from routeringsvoorziening.frontends.saml.asking import asked_service, chosen_acs
from routeringsvoorziening.frontends.saml.building import build_answer
from routeringsvoorziening.frontends.saml.metadata import assertion_consumers, for_services, published_keys
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, Statement
from routeringsvoorziening.frontends.saml.receiving import receive_artifact_resolve, receive_authn_request
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import DecryptionKey, Recipient, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, build_assertion, read_assertion
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.messages.response import read_response
from routeringsvoorziening.saml.metadata.model import AttributeConsumingService, Endpoint, ServiceProvider
from routeringsvoorziening.saml.metadata.reading import read_routing_dienst
from routeringsvoorziening.saml.metadata.writing import write_routing_dienst
from routeringsvoorziening.saml.names import BINDING_ARTIFACT
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from tests.support import federation as fed
from tests.support.federation import NOW
from tests.support.pki import leaf, pki

LC_OIN = "00000009999999999010"
LC = f"urn:nl-eid-gdi:1.0:LC:{LC_OIN}:entities:9001"
LC_ACS = "https://cloud.example/acs"


def recipient(entity_id: str = fed.DV, oin: str = fed.DV_OIN, label: str = "") -> Recipient:
    pair = leaf(oin, "encryption", label)
    return Recipient(entity_id, pair.key_name, pair.certificate)


def supplier(**compat: Any) -> Connection:
    """A supplier for both dienstverleners."""
    metadata = ServiceProvider(
        LC,
        fed.published((leaf(LC_OIN, "signing", ""), "signing"), (fed.tls_pair(LC_OIN), "signing")),
        acs=(Endpoint(LC_ACS, BINDING_ARTIFACT, 0, is_default=True),),
        attribute_services=(AttributeConsumingService(1, is_default=True, service_uuid=fed.SERVICE),),
        valid_until=NOW + timedelta(days=1),
    )
    members = {
        EntityID(fed.DV): Relation((recipient(),)),
        EntityID(fed.OTHER_DV): Relation((recipient(fed.OTHER_DV, fed.OTHER_OIN),)),
    }
    name = LocalizedText("Leverancier", "Supplier")
    return Connection(EntityID(LC), name, metadata, compat=Compat(**compat), members=members)


def request(**changed: Any) -> AuthnRequest:
    return fed.with_extensions(**({"issuer": LC, "acs_index": 0} | changed))


@pytest.mark.eis("AR-08", "AR-11", "AR-12")
def test_a_supplier_names_dienstverlener_and_dienst_in_extensions() -> None:
    """Both are taken from there, for any of its dienstverleners."""
    assert asked_service(request(), supplier()) == (fed.DV, fed.SERVICE)
    asked = request(intended_audience=fed.OTHER_DV, service_uuid=fed.SECOND_SERVICE)
    assert asked_service(asked, supplier()) == (fed.OTHER_DV, fed.SECOND_SERVICE)


@pytest.mark.eis("AR-08")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"attribute_index": 1, "has_extensions": False}, "authn.cluster"),
        ({"attribute_index": 1}, "authn.cluster"),
        ({"has_extensions": False}, "authn.cluster"),
        ({"intended_audience": None}, "authn.service"),
        ({"service_uuid": ""}, "authn.service"),
    ],
)
@pytest.mark.parametrize("compat", [{}, {"default_service": True}])
def test_a_supplier_never_uses_an_index(changed: dict[str, Any], code: str, compat: dict[str, Any]) -> None:
    """Not alone, not besides Extensions, and never the default, whatever its metadata lists and was agreed (AMB-03)."""
    with pytest.raises(LoginFailed) as failed:
        asked_service(request(**changed), supplier(**compat))
    assert failed.value.failure.code == code


@pytest.mark.eis("AR-04", "MD-LC-08")
def test_a_supplier_is_answered_at_its_own_address() -> None:
    """Whomever it asks for: the index counts in its own entry."""
    assert chosen_acs(request(), supplier()) == LC_ACS
    with pytest.raises(MessageRefused, match=r"authn\.acs"):
        chosen_acs(request(acs_index=1), supplier())


def find(name: str) -> Connection | None:
    return {LC: supplier(), fed.DV: fed.connection()}.get(name)


@pytest.mark.eis("AR-10", "GEN-04", "SIG-10")
@pytest.mark.attack("S65")
def test_a_supplier_signs_with_its_own_key() -> None:
    """In its own name: neither a dienstverlener's key in its name, nor its key in a dienstverlener's."""
    connection, message = receive_authn_request(fed.posted(request(), fed.signing_key(LC_OIN)), find, at=NOW)
    assert (connection.entity_id, message.intended_audience) == (LC, fed.DV)
    for asked, key in ((request(), fed.signing_key(fed.DV_OIN)), (request(issuer=fed.DV), fed.signing_key(LC_OIN))):
        with pytest.raises(SamlError, match=r"key\.unknown"):
            receive_authn_request(fed.posted(asked, key), find, at=NOW)


@pytest.mark.eis("RES-01", "RES-03", "TLS-04")
@pytest.mark.attack("S75")
def test_a_supplier_resolves_with_its_own_certificate() -> None:
    """Its TLS certificate and its signature; those of a dienstverlener do not do."""
    body = fed.artifact_resolve("AAQ=", fed.signing_key(LC_OIN), issuer=LC)
    connection, _ = receive_artifact_resolve(body, fed.tls_pair(LC_OIN).certificate, find, at=NOW)
    assert connection.entity_id == LC
    with pytest.raises(MessageRefused, match=r"tls\.client"):
        receive_artifact_resolve(body, fed.tls_pair(fed.DV_OIN).certificate, find, at=NOW)
    theirs = fed.artifact_resolve("AAQ=", fed.signing_key(fed.DV_OIN), issuer=LC)
    with pytest.raises(SamlError, match=r"key\.unknown"):
        receive_artifact_resolve(theirs, fed.tls_pair(LC_OIN).certificate, find, at=NOW)


def declared(*keys: Recipient) -> tuple[Assertion, bytes]:
    """What a supplier gets when the AD encrypted for these, and the bytes of the whole answer."""
    encrypted = fed.encrypted_for(*(_Encrypting(key) for key in keys))  # type: ignore[arg-type]
    element = fed.signed(build_assertion(fed.ad_assertion(acting_subject=(encrypted,))), fed.signing_key(fed.AD_OIN))
    verified = verify(parse(etree.tostring(element)), fed.identity_provider().signing_keys, at=NOW)
    statement = Statement(
        dienstverlener=fed.DV,
        service=fed.SERVICE,
        loa=LoA.SUBSTANTIEEL,
        authorities=(fed.AD,),
        acting_subject=read_assertion(verified).acting_subject,
        legal_subject=(),
        representation_types=(),
        evidence=(verified.canonical,),
    )
    body = build_answer(fed.dienst(), "_resolve", PendingAnswer("RV-1", LC, fed.REQUEST_ID, LC_ACS, statement), now=NOW)
    ours = [fed.signing_key(fed.RD_OIN).verification_key]
    outer = read_artifact_response(verify(unwrap(parse(body)), ours, at=NOW))
    assert outer.response is not None
    inner = read_response(outer.response).assertion
    assert inner is not None
    return read_assertion(verify(inner, ours, at=NOW)), body


class _Encrypting:
    """Somebody with one key."""

    def __init__(self, key: Recipient) -> None:
        self.recipients = (key,)


@pytest.mark.eis("AS-05", "AS-08")
def test_the_audience_is_the_supplier_first_and_then_the_dienstverlener() -> None:
    """In this order, as recordings of real answers have it; Recipient is the supplier's address."""
    found, _ = declared(recipient())
    assert found.audiences == (LC, fed.DV)
    assert (found.confirmation.recipient, found.confirmation.in_response_to) == (LC_ACS, fed.REQUEST_ID)


@pytest.mark.eis("ATT-04", "ATT-10", "ENC-03")
def test_only_the_dienstverlener_can_open_it() -> None:
    """A key that an AD should never have made for the supplier is not copied, although it is in the audience."""
    theirs = leaf(LC_OIN, "encryption")
    found, _ = declared(recipient(), Recipient(LC, theirs.key_name, theirs.certificate))
    (value,) = found.acting_subject
    assert recipients_of(value) == {fed.DV}
    own = leaf(fed.DV_OIN, "encryption")
    opened = decrypt_id(parse(value), entity_id=fed.DV, keys=[DecryptionKey(own.key_name, own.key)])
    assert opened.value == fed.BSN
    for entity_id, pair in ((LC, theirs), (fed.DV, theirs), (fed.RD, leaf(fed.RD_OIN, "encryption"))):
        with pytest.raises(SamlError, match=r"enc\."):
            decrypt_id(parse(value), entity_id=entity_id, keys=[DecryptionKey(pair.key_name, pair.key)])


@pytest.mark.eis("MD-SP-01", "MD-SP-08")
def test_authenticatiediensten_learn_of_dienstverleners_behind_suppliers() -> None:
    """With the keys of their entry in the supplier's metadata; the supplier itself is not in it."""
    connections = [supplier(), fed.connection()]
    keys = published_keys([fed.signing_key(fed.RD_OIN)], fed.tls_pair(fed.RD_OIN).certificate, None)
    consumers = assertion_consumers({0: fed.RV_ACS})
    document = for_services(fed.dienst(), keys, consumers, recipients(connections), valid_until=NOW + timedelta(days=1))
    data = write_routing_dienst(document, fed.signing_key(fed.RD_OIN))
    assert LC.encode() not in data
    read = read_routing_dienst(data, trust=load_trust_bundle(pki().trust_pem), at=NOW)
    assert set(read.dienstverleners) == {fed.DV, fed.OTHER_DV}
    assert read.dienstverleners[fed.OTHER_DV] == (recipient(fed.OTHER_DV, fed.OTHER_OIN),)


@pytest.mark.eis("MD-SP-08")
def test_a_dienstverlener_with_several_connections_has_the_keys_of_each() -> None:
    """Its own first; the key behind the supplier besides."""
    behind = replace(supplier(), members={EntityID(fed.DV): Relation((recipient(label="cloud"),))})
    assert recipients([behind, fed.connection()])[EntityID(fed.DV)] == (recipient(), recipient(label="cloud"))
