"""The portal in the role DV: logins that are right, and the session that comes of them."""

from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest

from routeringsvoorziening.saml.artifact import new_artifact, parse_artifact
from routeringsvoorziening.saml.messages.artifact_resolve import read_artifact_resolve
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.portal.portal import BROWSER_COOKIE, SESSION_COOKIE
from routeringsvoorziening.simulators.world import layout
from tests.simulators.conftest import NewVisit, PortalVisit
from tests.support import simulated
from tests.support.simulated import BSN, DV, NOW, RD, Clock, encrypted, recipient


@pytest.mark.eis("SES-07", "AS-17", "AS-18", "AS-19", "AS-20", "ARR-07", "ATT-12", "ENC-01", "ENC-02")
async def test_a_right_answer_opens_a_session(visit: PortalVisit) -> None:
    """The page says who is logged in: the BSN that only the portal could decrypt, and that every check passed."""
    page = await visit.come_back()
    assert "<h1>U bent ingelogd</h1>" in page
    assert BSN in page
    assert "<strong>42 van de 42</strong>" in page


@pytest.mark.eis("AR-04", "AR-05", "AR-06", "AR-15", "SES-11", "MD-DV-05", "GEN-01", "AR-13")
async def test_the_request_names_the_service_by_index_and_every_login_method(visit: PortalVisit) -> None:
    """ACS and service by index, no URL, no Extensions, and all applicable authenticatiediensten in the IDPList."""
    await visit.leave(service=2)
    request = visit.request
    assert (request.acs_index, request.acs_url, request.attribute_index) == (0, None, 2)
    assert not request.has_extensions
    assert request.idp_list == (layout.DIGID.entity_id,)
    assert request.requester_ids == ()


@pytest.mark.eis("AR-15", "SES-11")
@pytest.mark.parametrize(
    ("chosen", "listed"),
    [
        ({}, (layout.DIGID, layout.HM, layout.EIDAS)),
        ({"met": "eidas"}, (layout.EIDAS,)),
        ({"met": "eherkenning"}, (layout.HM,)),
        ({"met": "nonsense"}, (layout.DIGID, layout.HM, layout.EIDAS)),
    ],
)
async def test_no_login_method_is_left_out(visit: PortalVisit, chosen: dict[str, str], listed: Any) -> None:
    """Of a service that takes several: each has its button, and all are listed unless the citizen picked one."""
    portal = visit.portal
    both = replace(portal.settings.services[1], methods=tuple(layout.LOGIN_METHODS))
    portal.settings = replace(portal.settings, services=(both,))
    page = await visit.arrive("/")
    assert [f'value="{each}">' in page for each in layout.LOGIN_METHODS] == [True] * 3
    await visit.leave(service=2, **chosen)
    assert visit.request.idp_list == tuple(each.entity_id for each in listed)


@pytest.mark.eis("AR-01", "AR-02", "SES-06")
async def test_the_request_is_posted_in_the_same_window(visit: PortalVisit) -> None:
    """A form posts SAMLRequest to the SSO address of the metadata: no popup, no frame; a button works without script."""
    answer = await visit.client.post("/login", data={"service": "1"})
    page = await answer.text()
    assert f'<form method="post" action="{simulated.RD_SSO}" data-auto-submit>' in page
    assert "target=" not in page
    assert "<iframe" not in page
    assert '<button class="button">' in page


@pytest.mark.eis("SES-05")
async def test_relay_state_is_short(visit: PortalVisit) -> None:
    """At most 80 bytes."""
    assert len((await visit.leave()).encode()) <= 80


@pytest.mark.eis("RES-01", "RES-02", "RES-03", "RES-04", "SIG-10")
async def test_the_resolve_is_signed_and_names_the_artifact(visit: PortalVisit) -> None:
    """SOAP 1.1 around one signed ArtifactResolve with the artifact as it came, and a KeyName from the metadata."""
    relay_state = await visit.leave()
    artifact = new_artifact(RD.entity_id, 0).text
    await visit.arrive(visit.rd.redirect(relay_state, artifact))
    (body,) = visit.rd.resolves
    key = simulated.signing_key(DV).verification_key
    resolve = read_artifact_resolve(verify(unwrap(parse(body)), [key], at=NOW))
    assert parse_artifact(resolve.artifact) == parse_artifact(artifact)
    assert resolve.destination == simulated.RD_ARTIFACT


@pytest.mark.eis("SES-03")
async def test_the_session_cookie_is_guarded(visit: PortalVisit) -> None:
    """Secure, HttpOnly, for this host alone, and not sent along with what other sites post."""
    relay_state = await visit.leave()
    answer = await visit.client.get(visit.rd.redirect(relay_state), allow_redirects=False)
    cookie = SimpleCookie(answer.headers.getall("Set-Cookie")[0])[SESSION_COOKIE]
    assert SESSION_COOKIE.startswith("__Host-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert cookie["domain"] == ""


@pytest.mark.eis("SES-01")
async def test_a_session_ends_after_fifteen_minutes_of_silence(visit: PortalVisit, clock: Clock) -> None:
    """A visit within the time starts it again; fifteen minutes without one ends it."""
    await visit.come_back()
    for _ in range(3):
        clock.advance(timedelta(minutes=14))
        assert BSN in await visit.arrive("/sessie")
    clock.advance(timedelta(minutes=15))
    assert BSN not in await visit.arrive("/sessie")


async def test_logging_out_ends_the_session(visit: PortalVisit) -> None:
    """The cookie goes, and it would not help any more."""
    await visit.come_back()
    held = visit.cookies[SESSION_COOKIE]
    await visit.client.post("/logout")
    assert SESSION_COOKIE not in visit.cookies
    answer = await visit.client.get("/sessie", headers={"Cookie": f"{SESSION_COOKIE}={held}"})
    assert BSN not in await answer.text()


@pytest.mark.eis("SSO-03", "AR-03")
async def test_logging_in_again_runs_the_whole_protocol(visit: PortalVisit) -> None:
    """A new request, with ForceAuthn when asked, a new artifact, a new resolve, and a session under a new key."""
    await visit.come_back()
    first, held = visit.request.id, visit.cookies[SESSION_COOKIE]
    answer = await visit.client.post("/login", data={"service": "3", "force_authn": "true"})
    assert "U gaat naar de inlogpagina" in await answer.text()
    await visit.come_back()
    assert visit.request.id != first
    assert len(visit.rd.resolves) == 2
    assert visit.cookies[SESSION_COOKIE] != held


@pytest.mark.eis("LOA-03")
@pytest.mark.parametrize("service", layout.PORTAL_SERVICES)
async def test_a_higher_level_than_asked_is_welcome(visit: PortalVisit, service: layout.DemoService) -> None:
    """Level hoog opens every service."""
    assert "<h1>U bent ingelogd</h1>" in await visit.come_back(service.index)


@pytest.mark.eis("ATT-13", "ATT-16")
@pytest.mark.parametrize("label", ["", "next"])
async def test_either_rollover_key_opens_the_identity(new_visit: NewVisit, label: str) -> None:
    """Encrypted for both keys, the identity opens with each of them alone."""
    visit = await new_visit(decryption_keys=(simulated.decryption_key(DV, label),))
    visit.rd.assertion = {"acting_subject": (encrypted(BSN, recipient(DV), recipient(DV, "next")),)}
    assert BSN in await visit.come_back()


@pytest.mark.eis("ATT-16")
async def test_keys_and_values_for_others_are_skipped(visit: PortalVisit) -> None:
    """A value for another party alone, and a key for another beside ours, do not stand in the way."""
    zorg = layout.ZORG
    visit.rd.assertion = {
        "audiences": (DV.entity_id, zorg.entity_id),
        "acting_subject": (
            encrypted("983510349", recipient(zorg)),
            encrypted(BSN, recipient(zorg), recipient(DV)),
        ),
    }
    assert BSN in await visit.come_back()


async def test_the_page_shows_every_message(visit: PortalVisit) -> None:
    """Each message of the exchange has its place, opened, and can be fetched byte by byte."""
    page = await visit.come_back()
    for anchor in ("authnrequest", "samlart", "artifactresolve", "artifactresponse", "response", "assertion"):
        assert f'<details class="message" id="{anchor}" open>' in page
    for anchor in ("advice", "nameid"):
        assert f'<details class="message" id="{anchor}" open>' in page
    raw = await visit.client.get("/sessie/bericht/artifactresolve.xml")
    assert await raw.read() == visit.rd.resolves[0]


async def test_messages_are_only_for_whose_login_it_was(visit: PortalVisit, new_visit: NewVisit) -> None:
    """Another browser sees nothing."""
    await visit.come_back()
    assert (await visit.client.get("/sessie/bericht/antwoord.xml")).status == 200
    assert (await (await new_visit()).client.get("/sessie/bericht/antwoord.xml")).status == 404


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_pages_speak_two_languages(visit: PortalVisit, language: str) -> None:
    """`?lang=` switches, and the choice stays."""
    await visit.arrive(f"/?lang={language}")
    page = await visit.arrive("/")
    assert f'<html lang="{language}"' in page
    assert ("Get it done at" in page) == (language == "en")


async def test_pages_run_no_inline_code(visit: PortalVisit) -> None:
    """The policy allows scripts and styles from files alone, and the pages hold none inline."""
    page = await visit.come_back()
    answer = await visit.client.get("/sessie")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count("<script src=")


@pytest.mark.eis("ART-03")
async def test_nothing_personal_goes_through_the_browser_before_the_session(visit: PortalVisit) -> None:
    """The form, the redirect and the cookies hold no BSN."""
    answer = await visit.client.post("/login", data={"service": "3"})
    assert BSN not in await answer.text()
    await visit.come_back()
    assert BSN not in "".join(visit.cookies.values())
    assert BROWSER_COOKIE in visit.cookies


@pytest.mark.allow_blocking("the log of a test is written at once")
async def test_what_is_not_there_or_breaks_gets_a_page_of_the_portal(
    visit: PortalVisit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """404 and 500 in the portal's own style, with the headers of every page, and nothing of the cause."""
    missing = await visit.client.get("/nergens")
    assert missing.status == 404
    assert "Deze pagina bestaat niet" in await missing.text()
    assert "Content-Security-Policy" in missing.headers

    def broken(_: object) -> None:
        raise RuntimeError("the cause")

    monkeypatch.setattr(visit.portal, "_citizen", broken)
    failed = await visit.client.get("/")
    assert failed.status == 500
    page = await failed.text()
    assert "Er ging hier iets mis" in page
    assert "the cause" not in page
    assert "Content-Security-Policy" in failed.headers


@pytest.mark.parametrize("decrypted", [False, True])
async def test_the_pages_say_who_can_read_the_identity(
    visit: PortalVisit, monkeypatch: pytest.MonkeyPatch, *, decrypted: bool
) -> None:
    """We alone; or the Routeringsvoorziening too, where it opens identities on our behalf."""
    monkeypatch.setattr(layout, "DECRYPTED", (DV,) if decrypted else ())
    home, page = await visit.arrive("/"), await visit.come_back()
    assert BSN in page
    assert ("een verklaring die alleen wij kunnen lezen" in home) is not decrypted
    assert ("opende uw identiteit namens ons en versleutelde haar opnieuw" in home) is decrypted
    assert ("Alleen de dienstverlener heeft de sleutel" in page) is not decrypted
    assert ("opende de identiteit namens de dienstverlener en versleutelde haar opnieuw" in page) is decrypted
