"""The BVD simulators in memory, and a Routeringsdienst that asks them with a declaration of DigiD in its hand."""

import base64
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.test_utils import TestClient
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from yarl import URL

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import parse_artifact
from routeringsvoorziening.saml.encryption import NameId, Recipient, decrypt_id
from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, read_artifact_response
from routeringsvoorziening.saml.messages.assertion import (
    Assertion,
    SubjectConfirmation,
    build_assertion,
    read_assertion,
)
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.bvd.faults import FaultSwitches
from routeringsvoorziening.simulators.bvd.settings import PROFILES, BvdSettings
from routeringsvoorziening.simulators.forms import Form, forms_of
from routeringsvoorziening.simulators.registers.demo import DemoStelsel
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.persons import BY_KEY
from tests.support import simulated
from tests.support.pki import Pair
from tests.support.simulated import (
    AD,
    DIGID_URL,
    DV,
    MINUTE,
    NOW,
    RD,
    RD_ACS,
    UNUSED,
    Bend,
    encrypted,
    key_descriptor,
    leaf,
    recipient,
    signed,
    signing_key,
)

MACHTIGEN, GEZAG, BEWIND = layout.BVDS
APPOINTMENT, PARKING, BENEFIT, RECORD, GRANT, PANEL = (each.uuid for each in layout.PORTAL_SERVICES)
HOSPITAL: Final = layout.ZORG_SERVICES[0].uuid
SERVICES: Final = {MACHTIGEN: APPOINTMENT, GEZAG: RECORD, BEWIND: BENEFIT}
"""A service for each, at which somebody can be represented."""
PEOPLE: Final = {MACHTIGEN: "fenna", GEZAG: "shanti", BEWIND: "noor"}
"""Somebody for each, who has somebody to represent there."""


def front_of(party: layout.Party) -> str:
    """Base URL of a BVD."""
    return f"http://{party.host}:8084"


def bvd_settings(party: layout.Party, **changed: Any) -> BvdSettings:
    """A BVD simulator, without files."""
    pair = leaf(party.oin, "encryption")
    settings = BvdSettings(
        entity_id=party.entity_id,
        front_url=front_of(party),
        back_url=f"https://{party.host}:8446",
        front_port=0,
        back_port=0,
        signing=signing_key(party),
        tls_certificate=UNUSED,
        tls_key=UNUSED,
        trust=simulated.digid_settings().trust,
        trust_file=UNUSED,
        rd_metadata=UNUSED,
        profile=PROFILES[party.entity_id],
        encryption=(pair.certificate,),
        decryption_keys=(simulated.decryption_key(party),),
        ad_metadata=(),
        scheme=simulated.scheme(),
        bsnk=simulated.bsnk_keys(party),
    )
    return replace(settings, **changed)


def ad_as_declarer(**changed: Any) -> IdentityProvider:
    """DigiD as a BVD knows it."""
    provider = IdentityProvider(
        entity_id=AD.entity_id,
        keys=(key_descriptor(leaf(AD.oin, "signing"), "signing"),),
        artifact_resolution=(Endpoint("https://digid.localhost:8444/saml/artifact", names.BINDING_SOAP, 0),),
        single_sign_on=(Endpoint(f"{DIGID_URL}/saml/sso", names.BINDING_POST),),
        valid_until=NOW + timedelta(days=1),
    )
    return replace(provider, **changed)


def bvd_as_recipient(party: layout.Party, *recipients: Recipient, **changed: Any) -> IdentityProvider:
    """A BVD as DigiD knows it, with its encryption key."""
    provider = IdentityProvider(
        entity_id=party.entity_id,
        keys=(
            key_descriptor(leaf(party.oin, "signing"), "signing"),
            key_descriptor(leaf(party.oin, "encryption"), "encryption"),
        ),
        valid_until=NOW + timedelta(days=1),
    )
    return replace(provider, **changed)


def idp_assertion(
    party: layout.Party,
    person: str = "",
    *,
    key: SigningKey | None = None,
    bend: Bend = lambda _: None,
    **changed: Any,
) -> bytes:
    """What DigiD declares for the RD and this BVD; fields replaced before signing, `bend` after it."""
    bsn = BY_KEY[person or PEOPLE[party]].bsn
    assertion = Assertion(
        id=new_message_id(),
        issuer=AD.entity_id,
        issue_instant=NOW,
        name_id=new_transient_id(),
        confirmation=SubjectConfirmation(new_message_id(), RD_ACS, NOW + 2 * MINUTE),
        not_before=NOW - 2 * MINUTE,
        not_on_or_after=NOW + 2 * MINUTE,
        audiences=(RD.entity_id, party.entity_id),
        authn_instant=NOW,
        class_ref="http://eidas.europa.eu/LoA/high",
        service_uuid=SERVICES[party],
        acting_subject=(encrypted(bsn, recipient(DV), recipient(party)),),
    )
    element = signed(build_assertion(replace(assertion, **changed)), key or signing_key(AD))
    bend(element)
    return canonical(element)


def rd_request(party: layout.Party, *, key: SigningKey | None = None, **changed: Any) -> str:
    """SAMLRequest as the Routeringsdienst posts it to a BVD, with fields of the message replaced."""
    changed.setdefault("service_uuid", SERVICES[party])
    if "idp_assertion" not in changed:
        changed["idp_assertion"] = idp_assertion(party, service_uuid=changed["service_uuid"])
    request = AuthnRequest(
        id=new_message_id(),
        issuer=RD.entity_id,
        destination=f"{front_of(party)}/saml/sso",
        issue_instant=NOW,
        acs_index=0,
        intended_audience=DV.entity_id,
        has_extensions=True,
    )
    element = signed(build_authn_request(replace(request, **changed)), key or signing_key(RD))
    return base64.b64encode(etree.tostring(element, encoding="UTF-8")).decode()


@dataclass
class BvdVisit:
    """The Routeringsdienst, and a browser, at a BVD."""

    party: layout.Party
    front: TestClient[web.Request, web.Application]
    back: TestClient[web.Request, web.Application]
    faults: FaultSwitches
    registers: DemoStelsel

    async def ask(self, saml_request: str | None = None, relay_state: str | None = "leg-1", **changed: Any) -> Any:
        """Post an AuthnRequest; gives the answer, redirects not followed."""
        fields = {"SAMLRequest": saml_request or rd_request(self.party, **changed)}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return await self.front.post("/saml/sso", data=fields, allow_redirects=False)

    async def arrive(self, person: str = "", service: str = "", **declared: Any) -> str:
        """The request of a person for a service; gives the path of the page with the choice."""
        service = service or SERVICES[self.party]
        evidence = idp_assertion(self.party, person, service_uuid=service, **declared)
        answer = await self.ask(service_uuid=service, idp_assertion=evidence)
        assert answer.headers["Location"].startswith("/keuze/"), answer.headers["Location"]
        return str(answer.headers["Location"])

    async def form(self, path: str) -> Form:
        """The form with the choice."""
        page = await (await self.front.get(path)).text()
        return next(form for form in forms_of(page) if form.method == "post")

    async def offered(self, person: str = "", service: str = "") -> list[str]:
        """References of the mandates from which this person may choose."""
        return (await self.form(await self.arrive(person, service))).choices.get("mandate", [])

    async def post(self, path: str, **form: str) -> Any:
        """Send the form."""
        return await self.front.post(path, data={"action": "choose"} | form, allow_redirects=False)

    async def choose(self, person: str = "", service: str = "", **form: str) -> URL:
        """A whole choice, of the first that is offered; gives the address to which the browser goes back."""
        path = await self.arrive(person, service)
        if "mandate" not in form and form.get("action", "choose") == "choose":
            form["mandate"] = (await self.form(path)).choices["mandate"][0]
        answer = await self.post(path, **form)
        assert answer.status == 303, await answer.text()
        return URL(answer.headers["Location"])

    async def resolve(self, artifact: str, certificate: Pair | None = None) -> Any:
        """Exchange an artifact on the back channel, with a client certificate."""
        pair = certificate or leaf(RD.oin, "tls")
        pem = quote(pair.certificate.public_bytes(Encoding.PEM).decode())
        headers = {"Content-Type": "text/xml", "X-SSL-Client-Cert": pem}
        body = simulated.rd_resolve(artifact)
        return await self.back.post("/saml/artifact", data=body, headers=headers, allow_redirects=False)

    async def message(self, address: URL) -> ArtifactResponse:
        """The verified ArtifactResponse behind the artifact in an address."""
        answer = await self.resolve(address.query["SAMLart"])
        assert answer.status == 200, answer.status
        assert parse_artifact(address.query["SAMLart"]).endpoint_index == 0
        key = signing_key(self.party).verification_key
        return read_artifact_response(verify(unwrap(parse(await answer.read())), [key], at=NOW))

    async def response(self, address: URL) -> Response:
        """The Response behind an artifact."""
        response = (await self.message(address)).response
        assert response is not None
        return read_response(response)

    async def declared(self, address: URL) -> Assertion:
        """The verified Assertion behind an artifact."""
        assertion = (await self.response(address)).assertion
        assert assertion is not None
        return read_assertion(verify(assertion, [signing_key(self.party).verification_key], at=NOW))

    async def refusal(self, answer: Any) -> tuple[str, str | None, str | None]:
        """The status of the Response without Assertion with which the Routeringsdienst is sent back."""
        assert answer.status == 303
        assert answer.headers["Location"].startswith(RD_ACS), answer.headers["Location"]
        response = await self.response(URL(answer.headers["Location"]))
        assert response.assertion is None
        status = response.status
        return status.code, status.second, status.message


def opened(identity: bytes, party: layout.Party, label: str = "") -> NameId:
    """An identity, opened by a party."""
    return decrypt_id(parse(identity), entity_id=party.entity_id, keys=[simulated.decryption_key(party, label)])
