"""Our own metadata: what others need of us, signed, and fresh."""

import asyncio
from datetime import datetime, timedelta

import pytest

from routeringsvoorziening.configuration.encrypting import recipients
from routeringsvoorziening.frontends.saml.metadata import (
    assertion_consumers,
    for_dienstverleners,
    for_services,
    published_keys,
    serve_variants,
    with_redirect,
)
from routeringsvoorziening.frontends.saml.publishing import Publication
from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.metadata.model import IdentityProvider, RoutingDienst
from routeringsvoorziening.saml.metadata.reading import read_identity_provider, read_routing_dienst
from routeringsvoorziening.saml.metadata.writing import write_identity_provider, write_routing_dienst
from routeringsvoorziening.saml.names import BINDING_ARTIFACT, BINDING_POST, BINDING_SOAP
from routeringsvoorziening.saml.offload import CryptoPool
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import NOW
from tests.support.pki import leaf, pki

DAY = timedelta(days=1)
KEYS = published_keys(
    [fed.signing_key(fed.RD_OIN), fed.signing_key(fed.RD_OIN, "next")],
    fed.tls_pair(fed.RD_OIN).certificate,
    leaf(fed.RD_OIN, "encryption").certificate,
)


def as_dienstverlener() -> IdentityProvider:
    """What a dienstverlener reads."""
    document = for_dienstverleners(fed.dienst(), KEYS, valid_until=NOW + DAY)
    data = write_identity_provider(document, fed.signing_key(fed.RD_OIN))
    return read_identity_provider(data, trust=load_trust_bundle(pki().trust_pem), at=NOW, role="RD")


def as_service() -> RoutingDienst:
    """What an authenticatiedienst reads."""
    others = recipients([fed.connection(), fed.other_connection()])
    document = for_services(fed.dienst(), KEYS, assertion_consumers({0: fed.RV_ACS}), others, valid_until=NOW + DAY)
    data = write_routing_dienst(document, fed.signing_key(fed.RD_OIN))
    return read_routing_dienst(data, trust=load_trust_bundle(pki().trust_pem), at=NOW)


@pytest.mark.eis("MD-RD-01", "MD-RD-02", "MD-RD-03", "MD-RD-04", "MD-RD-05", "MD-03", "MD-05", "MD-06")
def test_dienstverleners_find_what_they_need() -> None:
    """Entity, keys with the next one and that of TLS, and each endpoint with its binding; it reads by every rule."""
    read = as_dienstverlener()
    assert (read.entity_id, read.valid_until) == (fed.RD, NOW + DAY)
    assert [(each.location, each.binding) for each in read.single_sign_on] == [(fed.SSO, BINDING_POST)]
    assert [(each.location, each.binding, each.index) for each in read.artifact_resolution] == [
        (fed.ARTIFACT, BINDING_SOAP, 0)
    ]
    assert [each.binding for each in read.single_logout] == [BINDING_POST]
    names = {key.key_name for key in read.keys}
    assert names == {each.key_name for each in KEYS if "signing" in each.uses}
    assert fed.tls_pair(fed.RD_OIN).key_name in names


@pytest.mark.eis("MD-SP-01", "MD-SP-02", "MD-SP-04", "MD-SP-05", "MD-SP-06", "MD-SP-07", "MD-SP-08", "TLS-04")
def test_services_find_what_they_need() -> None:
    """Our entry with keys and AssertionConsumerService, and the encryption keys of every dienstverlener."""
    read = as_service()
    ours = read.service_provider
    assert [(each.location, each.binding, each.index) for each in ours.acs] == [(fed.RV_ACS, BINDING_ARTIFACT, 0)]
    assert fed.tls_pair(fed.RD_OIN).key_name in {key.key_name for key in ours.signing_keys}
    assert len(ours.encryption_keys) == 1
    assert set(read.dienstverleners) == {fed.DV, fed.OTHER_DV}
    (recipient,) = read.dienstverleners[fed.DV]
    assert recipient.key_name == leaf(fed.DV_OIN, "encryption").key_name


def test_one_certificate_for_both_uses_is_published_once() -> None:
    """When TLS uses the signing certificate, there is one KeyDescriptor for it."""
    signing = fed.signing_key(fed.RD_OIN)
    assert len(published_keys([signing], signing.certificate, None)) == 1


def test_the_first_of_more_addresses_is_the_default() -> None:
    """With several login methods one AssertionConsumerService is the default (MD-SP-07)."""
    first, second = assertion_consumers({1: "https://b.example", 0: "https://a.example"})
    assert (first.index, first.is_default, second.is_default) == (0, True, False)


async def test_an_edition_is_made_once_and_again_in_time(pool: CryptoPool, moment: Moment) -> None:
    """However many ask at once, one is made; and a new one long before the old one expires."""
    made: list[datetime] = []

    def make(valid_until: datetime) -> bytes:
        made.append(valid_until)
        return b"%d" % len(made)

    publication = Publication(make, validity=4 * DAY, pool=pool, clock=moment)
    assert set(await asyncio.gather(*(publication.current() for _ in range(20)))) == {b"1"}
    moment.advance(DAY - timedelta(seconds=1))
    assert await publication.current() == b"1"
    moment.advance(timedelta(seconds=1))
    assert await publication.current() == b"2"
    assert made == [NOW + 4 * DAY, NOW + 5 * DAY]


class Asked:
    """A request for the document."""

    def __init__(self, **query: str) -> None:
        self.query = query


@pytest.mark.eis("MD-RD-04")
async def test_an_agreed_variant_is_for_one_connection(pool) -> None:
    """HTTP-Redirect stands in that document and in no other, whoever asks; every time it is handed out is noted."""
    plain = for_dienstverleners(fed.dienst(), KEYS, valid_until=NOW + DAY)
    moment, noted = Moment(NOW), []

    def publication(provider: IdentityProvider) -> Publication:
        def make(_valid_until: datetime) -> bytes:
            return write_identity_provider(provider, fed.signing_key(fed.RD_OIN))

        return Publication(make, validity=DAY, pool=pool, clock=moment)

    variants = {fed.DV: publication(with_redirect(plain))}
    handler = serve_variants(publication(plain), variants, noted.append)
    for query in ({}, {"connection": fed.OTHER_DV}, {"connection": ""}):
        assert b"HTTP-Redirect" not in (await handler(Asked(**query))).body
    assert noted == []
    body = (await handler(Asked(connection=fed.DV))).body
    assert body.index(b"HTTP-POST") < body.index(b"HTTP-Redirect")
    assert noted == [fed.DV]
