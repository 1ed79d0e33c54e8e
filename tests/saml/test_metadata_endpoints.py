"""Locations, bindings, indexes and defaults."""

from dataclasses import replace

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.metadata.endpoints import check_location
from routeringsvoorziening.saml.metadata.model import (
    Endpoint,
)
from routeringsvoorziening.saml.metadata.reading import (
    inspect_service_provider,
)
from tests.support.publishers import (
    PROVIDER,
    SERVICE_OF_AD,
    SERVICE_OF_BVD,
    SERVICE_OF_RD,
    acs,
    of_dv,
    of_service,
    read_dv,
    read_service,
    refuse_dv,
    refuse_rd,
    refuse_service,
)
from tests.support.wire import (
    NOW,
    refused,
    trust,
)

GOOD = ["https://x.example", "https://x.example:8443/a/b?c=d", "https://xn--bcher-kva.example/", "https://127.0.0.1/a"]
BAD = [
    "",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://x.example/",
    "//x.example/",
    "/acs",
    "https:///acs",
    "https://user@x.example/",
    "https://user:pass@x.example/",
    "https://x.example/#fragment",
    "https://x.example/#",
    "https://bücher.example/",
    "https://x.example/a b",
    "https://x.example/\ta",
    "https://x.example\\@evil.example/",
    'https://x.example/"',
    "https://x.example:0/",
    "https://x.example:99999/",
    "https://x.example:port/",
    "https://[::1/",
    "ftp://x.example/",
    "HTTPS//x.example",
    "https://x.example/" + "a" * 2048,
    "http://localhost.evil.example/",
    "http://evil.example/.localhost",
]


@pytest.mark.eis("MD-DV-04")
@pytest.mark.parametrize("location", GOOD)
def test_a_good_location(location):
    """Absolute https."""
    check_location(location, allow_loopback=False)


@pytest.mark.attack("S83", "S84")
@pytest.mark.parametrize("location", BAD)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_a_bad_location(location, allow_loopback):
    """Everything else, whatever the configuration."""
    refused("md.location", lambda: check_location(location, allow_loopback=allow_loopback))


@pytest.mark.attack("S83")
def test_http_is_for_localhost_and_only_when_allowed():
    """A demonstration may run without TLS in the browser."""
    check_location("http://portal.localhost:8082/acs", allow_loopback=True)
    refused("md.location", lambda: check_location("http://portal.localhost:8082/acs", allow_loopback=False))


@pytest.mark.attack("S83")
@pytest.mark.parametrize("kind", ["acs", "slo"])
def test_a_bad_location_in_metadata_is_refused(kind):
    """Of every endpoint; http for localhost needs the caller's word."""
    endpoint = replace(getattr(PROVIDER, kind)[0], location="http://portal.localhost:8082/x")
    provider = replace(PROVIDER, **{kind: (endpoint,)})
    refused("md.location", lambda: read_dv(of_dv(provider=provider)))
    assert read_dv(of_dv(provider=provider), allow_loopback=True) == provider


@pytest.mark.attack("S83")
@pytest.mark.parametrize("kind", ["artifact_resolution", "single_sign_on", "single_logout"])
def test_a_bad_location_of_a_service_is_refused(kind):
    """Every endpoint of an AD."""
    refuse_service("md.location", **{kind: (replace(getattr(SERVICE_OF_AD, kind)[0], location="javascript:x"),)})


@pytest.mark.eis("MD-DV-04", "MD-SP-07")
def test_assertion_consumers_of_a_provider():
    """None by HTTP-Artifact, several without a default, two defaults, the same index twice."""
    post = replace(acs(1), binding=names.BINDING_POST)
    refuse_dv("md.endpoint", acs=(post,))
    refuse_dv("md.endpoint", acs=(acs(0), acs(1)))
    refuse_dv("md.endpoint", acs=(acs(0, default=True), acs(1, default=True)))
    refuse_dv("md.endpoint", acs=(acs(0, default=True), replace(acs(0), location="https://portal.example/other")))
    refuse_rd("md.endpoint", acs=(acs(0, default=True), post))
    refuse_rd("md.endpoint", acs=(acs(0), acs(1)))


@pytest.mark.eis("MD-DV-04")
def test_an_assertion_consumer_by_post_cannot_be_selected():
    """A dienstverlener may list one for others; it is left out, and remarked."""
    post = replace(acs(1), binding=names.BINDING_POST)
    value, found = inspect_service_provider(
        of_dv(provider=replace(PROVIDER, acs=(acs(0, default=True), post))), trust=trust(), at=NOW
    )
    assert value is not None
    assert [(each.code, each.tolerated) for each in found] == [("md.endpoint", True)]
    refused("md.endpoint", lambda: value.acs_by_index(1))


@pytest.mark.eis("MD-DV-03", "MD-SP-06")
def test_logout_of_a_provider_is_by_post():
    """When there is a SingleLogoutService, one is by HTTP-POST; there need not be any."""
    redirect = Endpoint("https://portal.example/logout", names.BINDING_REDIRECT)
    refuse_dv("md.endpoint", slo=(redirect,))
    refuse_rd("md.endpoint", slo=(redirect,))
    assert read_dv(of_dv(provider=replace(PROVIDER, slo=(redirect, *PROVIDER.slo)))).slo == PROVIDER.slo
    assert read_dv(of_dv(provider=replace(PROVIDER, slo=()))).slo == ()


@pytest.mark.eis("MD-AD-03", "MD-RD-03", "MD-RD-04")
@pytest.mark.parametrize(("of", "role"), [(SERVICE_OF_AD, "AD"), (SERVICE_OF_RD, "RD")])
def test_endpoints_of_a_service(of, role):
    """Resolution by SOAP with unique indexes, sign-on by HTTP-POST; at least one of each."""
    soap, post = of.artifact_resolution, of.single_sign_on
    refuse = lambda **changes: refuse_service("md.endpoint", of=of, role=role, **changes)  # noqa: E731
    refuse(artifact_resolution=(replace(soap[0], binding=names.BINDING_POST),))
    refuse(artifact_resolution=(soap[0], replace(soap[1], index=0)))
    refuse(single_sign_on=(replace(post[0], binding=names.BINDING_REDIRECT),))
    refuse(single_sign_on=(*post, replace(post[0], binding=names.BINDING_REDIRECT)))
    refuse(artifact_resolution=())


@pytest.mark.eis("MD-AD-03", "GEN-06")
def test_a_service_without_sign_on_is_invalid():
    """The schema wants one already."""
    refuse_service("msg.schema", single_sign_on=())


@pytest.mark.eis("MD-AD-04", "MD-RD-05")
def test_logout_of_a_service():
    """An AD has at most one, a BVD none, the RV at least one; all by HTTP-POST."""
    post = SERVICE_OF_AD.single_logout[0]
    redirect = replace(post, binding=names.BINDING_REDIRECT)
    refuse_service("md.endpoint", single_logout=(redirect,))
    refuse_service("md.endpoint", single_logout=(post, replace(post, location="https://ad.example/2")))
    refuse_service("md.endpoint", of=SERVICE_OF_BVD, role="BVD", single_logout=(post,))
    refuse_service("md.endpoint", of=SERVICE_OF_RD, role="RD", single_logout=())
    refuse_service("md.endpoint", of=SERVICE_OF_RD, role="RD", single_logout=(post, redirect))
    assert read_service(of_service(replace(SERVICE_OF_AD, single_logout=()))).single_logout == ()
