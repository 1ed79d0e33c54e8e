"""What every answer tells the browser to refuse."""

import pytest

from routeringsvoorziening.web.headers import page_policy
from routeringsvoorziening.web.static import address_of
from tests.support.core import WITH_DIGID, WITH_EIDAS, offer
from tests.web.conftest import ACTION, posts_a_form


@pytest.mark.attack("S89")
@pytest.mark.eis("SES-06")
@pytest.mark.parametrize("path", ["/nowhere", "/fail", "/begin", "/saml/acs/digid", "static"])
async def test_on_every_answer(site, browser, path):
    """Pages, errors, and files: not framed, not sniffed, no referrer, no opener, https from now on."""
    site.trouble = RuntimeError()
    headers = (await browser.get(address_of("rv.css") if path == "static" else path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Server"] == "routeringsvoorziening"


@pytest.mark.eis("SES-06")
@pytest.mark.attack("S89")
async def test_no_page_can_be_framed_or_kept(site, browser):
    """Every page has a policy that begins with nothing, and is not stored."""
    posts_a_form(site.core)
    for page in (await browser.post("/begin"), await browser.get("/nowhere")):
        assert page.policy["default-src"] == "'none'"
        assert page.policy["frame-ancestors"] == "'none'"
        assert page.policy["base-uri"] == "'none'"
        assert page.headers["Cache-Control"] == "no-store"


async def test_only_the_page_that_posts_may_run_our_script(site, browser):
    """And only its forms may lead somewhere: to the service, to us, and where redirects end."""
    posts_a_form(site.core)
    page = await browser.post("/begin")
    assert page.policy["script-src"] == "'self'"
    assert page.policy["form-action"].split() == [ACTION.removesuffix("/saml/sso"), "'self'", "https:"]
    assert f'<script src="{address_of("submit.js")}" defer></script>' in page.text


async def test_pages_without_script_allow_none(site, browser):
    """A page with choices has forms and no script; an error page has neither."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    page = await browser.get((await browser.post("/begin")).location)
    assert "script-src" not in page.policy
    assert page.policy["form-action"].split() == ["'self'", "https:"]
    assert (await browser.get("/nowhere")).policy["form-action"] == "'none'"


@pytest.mark.attack("S89")
async def test_no_page_has_anything_inline(site, browser):
    """No style, no script, no handler in the page itself."""
    posts_a_form(site.core)
    for page in (await browser.post("/begin"), await browser.get("/nowhere")):
        assert "<style" not in page.text
        assert "style=" not in page.text
        assert "onclick" not in page.text
        assert page.text.count("<script") == page.text.count("<script src=")


def test_a_policy_has_no_wildcard_of_its_own():
    """What is not said is not allowed."""
    assert "*" not in page_policy(script=True, form_targets=("'self'",))
    assert "unsafe" not in page_policy(script=True)


@pytest.mark.parametrize(
    ("name", "kind"), [("rv.css", "text/css"), ("submit.js", "text/javascript"), ("icon.svg", "image/svg+xml")]
)
async def test_files_may_be_kept_for_ever(browser, name, kind):
    """Their name changes with their content."""
    file = await browser.get(address_of(name))
    assert file.status == 200
    assert file.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["rv.css", "..%2Fpages.py", "rv-0000000000000000.css"])
async def test_other_files_do_not_exist(browser, name):
    """Only the names that pages use."""
    assert (await browser.get(f"/static/{name}")).status == 404
