"""What we send, before the eyes of others: the schemas, and the `xmlsec1` program."""

from datetime import timedelta

import pytest
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve
from routeringsvoorziening.saml.messages.authn_request import build_authn_request
from routeringsvoorziening.saml.metadata.model import (
    Endpoint,
    IdentityProvider,
    MetadataKey,
    RoutingDienst,
    ServiceProvider,
)
from routeringsvoorziening.saml.metadata.writing import (
    write_identity_provider,
    write_routing_dienst,
    write_service_provider,
)
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import wrap
from tests.support.wire import (
    AD,
    DV,
    NOW,
    RD,
    SERVICE,
    authn_request,
    recipient,
    signing_key,
    verify_with_program,
    whole_answer,
)

ASSERTION = f"{names.SAML}:Assertion"
RESPONSE = f"{names.SAMLP}:ArtifactResponse"


def signed(element, entity_id: str) -> bytes:
    sign(element, signing_key(entity_id))
    return etree.tostring(element)


@pytest.mark.eis("SIG-01", "SIG-02", "SIG-03", "SIG-06", "GEN-06", "AR-10")
@pytest.mark.parametrize(
    "changes", [{}, {"attribute_index": None, "intended_audience": DV, "service_uuid": SERVICE, "idp_list": (AD,)}]
)
def test_an_authn_request(tmp_path, changes):
    """Valid, and its signature verifies with the program."""
    document = signed(build_authn_request(authn_request(**changes)), DV)
    validate(parse(document))
    verify_with_program(document, signing_key(DV), tmp_path, node=f"{names.SAMLP}:AuthnRequest")


@pytest.mark.eis("RES-03", "SIG-06", "GEN-06")
def test_an_artifact_resolve(tmp_path):
    """Valid in its envelope, and its signature verifies with the program."""
    element = build_artifact_resolve(ArtifactResolve("_a", DV, NOW, new_artifact(RD, 0).text))
    sign(element, signing_key(DV))
    validate(parse(wrap(element)), "soap11")
    verify_with_program(wrap(element), signing_key(DV), tmp_path, node=f"{names.SAMLP}:ArtifactResolve")


@pytest.mark.eis("ARR-03", "AS-01", "AS-14", "SIG-06", "GEN-06")
@pytest.mark.parametrize(
    ("signer", "path"),
    [
        (RD, "/*/*/*[local-name()='ArtifactResponse']/*[local-name()='Signature']"),
        (RD, "//*[local-name()='Response']/*[local-name()='Assertion']/*[local-name()='Signature']"),
        (AD, "//*[local-name()='Advice']/*[local-name()='Assertion']/*[local-name()='Signature']"),
    ],
)
def test_a_whole_answer(tmp_path, signer, path):
    """In the envelope as it goes out each of the three signatures verifies with the program, Advice included."""
    document = wrap(whole_answer())
    validate(parse(document), "soap11")
    validate(whole_answer())
    verify_with_program(document, signing_key(signer), tmp_path, node=f"{RESPONSE} {ASSERTION}", path=path)


KEYS = {each: (MetadataKey(signing_key(each).key_name, signing_key(each).certificate),) for each in (AD, DV, RD)}
UNTIL = {"valid_until": NOW + timedelta(days=1)}
ACS = (Endpoint("https://x.example/acs", names.BINDING_ARTIFACT, 0, True),)
SERVICE_OF_AD = IdentityProvider(
    AD,
    KEYS[AD],
    (Endpoint("https://x.example/artifact", names.BINDING_SOAP, 0),),
    (Endpoint("https://x.example/sso", names.BINDING_POST),),
    **UNTIL,
)
RD_PROVIDER = ServiceProvider(RD, KEYS[RD], ACS, **UNTIL)


@pytest.mark.eis("MD-05", "SIG-06", "GEN-06", "MD-RD-01")
@pytest.mark.parametrize(
    ("entity_id", "document", "root"),
    [
        (AD, lambda: write_identity_provider(SERVICE_OF_AD, signing_key(AD)), "EntityDescriptor"),
        (
            DV,
            lambda: write_service_provider(ServiceProvider(DV, KEYS[DV], ACS, **UNTIL), signing_key(DV)),
            "EntityDescriptor",
        ),
        (
            RD,
            lambda: write_routing_dienst(RoutingDienst(RD_PROVIDER, {DV: (recipient(DV),)}), signing_key(RD)),
            "EntitiesDescriptor",
        ),
    ],
)
def test_metadata(tmp_path, entity_id, document, root):
    """Every kind of metadata is valid, and its signature verifies with the program."""
    data = document()
    validate(parse(data), "metadata")
    verify_with_program(data, signing_key(entity_id), tmp_path, node=f"{names.MD}:{root}")


def test_the_program_is_a_real_witness(tmp_path):
    """A changed message does not pass it."""
    document = signed(build_authn_request(authn_request()), DV).replace(b"rv.example", b"evil.example")
    with pytest.raises(AssertionError):
        verify_with_program(document, signing_key(DV), tmp_path, node=f"{names.SAMLP}:AuthnRequest")
