"""Whatever goes wrong becomes a page with a reference number and a log line, and the page gives nothing away."""

import asyncio

import pytest
from aiohttp import web

from routeringsvoorziening.broker.failures import LoginUnknown, TooBusy
from routeringsvoorziening.store.errors import StoreUnavailable
from routeringsvoorziening.transport.errors import RequestRefused

SECRET = "secret-detail"


@pytest.mark.eis("ERR-06")
@pytest.mark.parametrize(
    ("trouble", "status", "heading"),
    [
        (RuntimeError(SECRET), 500, "Er ging iets mis bij ons"),
        (StoreUnavailable(SECRET), 503, "Het is nu te druk"),
        (TooBusy(SECRET, 7), 503, "Het is nu te druk"),
        (LoginUnknown("login.unknown"), 410, "Deze inlogpoging is voorbij"),
        (LoginUnknown("leg.unknown"), 410, "Deze inlogpoging is voorbij"),
        (LoginUnknown("login.other-browser"), 404, "Ga verder waar u begon"),
        (RequestRefused("http.parameter-missing", SECRET), 400, "We kunnen uw verzoek niet verwerken"),
        (web.HTTPTooManyRequests(text=SECRET), 429, "We kunnen uw verzoek niet verwerken"),
    ],
)
async def test_each_trouble_has_its_page(site, browser, trouble, status, heading):
    """Status and words fit; no detail, and the number of the page is the number of the log line."""
    site.trouble = trouble
    page = await browser.get("/fail")
    assert (page.status, page.heading) == (status, heading)
    assert SECRET not in page.text
    assert [line["reference"] for line in site.log] == [page.reference]


async def test_too_busy_says_when_to_come_back(site, browser):
    """In the header, and in the numbers."""
    site.trouble = TooBusy("logins", 7)
    assert (await browser.get("/fail")).headers["Retry-After"] == "7"
    assert site.counted.bounds == ["logins"]


async def test_refusals_are_counted_by_route(site, browser):
    """Never by the path, which could be anything."""
    await browser.get("/saml/acs/digid")
    await browser.get("/nowhere")
    assert site.counted.rejected == [("/saml/acs/{backend}", "http.parameter-missing"), ("-", "http.404")]


async def test_unknown_address(browser):
    """404."""
    assert (await browser.get("/nowhere")).heading == "Deze pagina bestaat niet"


async def test_wrong_method(browser):
    """405, with what is allowed."""
    page = await browser.get("/begin")
    assert (page.status, page.heading) == (405, "Dit adres kunt u niet openen")
    assert page.headers["Allow"] == "POST"


@pytest.mark.attack("S53")
async def test_large_body(browser):
    """413."""
    assert (await browser.post("/begin", b"x" * 11_000)).heading == "Het verzoek is te groot"


@pytest.mark.attack("S53")
async def test_slow_body(site):
    """408, also as a page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.listener.port)
    writer.write(b"POST /begin HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 408 ")
    assert "Het duurde te lang" in answer


async def test_the_login_s_own_number_wins(site, browser):
    """When something breaks in the middle of a login, its reference number is on the page."""

    async def broken(*_: object) -> None:
        raise RuntimeError

    departed = await browser.post("/begin")
    site.frontend.answer = broken
    page = await browser.get(f"/saml/acs/digid?RelayState={departed.location.partition('leg=')[2]}")
    assert page.status == 500
    (begun, *_) = site.core.audit.events
    assert page.reference == begun[1]


@pytest.mark.attack("S89", "S91")
async def test_nothing_of_the_request_is_on_an_error_page(browser):
    """Not its path, query, headers or body."""
    evil = "%3Cscript%3Ealert(1)%3C/script%3E"
    page = await browser.get(f"/{evil}?q={evil}&lang={evil}", Accept_Language="<script>alert(1)", X_Evil="alert(1)")
    assert "alert(1)" not in page.text
