"""The cookie: one per login, and worth nothing anywhere else."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import MultiDict

from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.vocabulary import LoginId
from routeringsvoorziening.web.browser import check_own_request, cookie_name, key_of
from tests.support.core import WITH_DIGID, WITH_EIDAS, offer
from tests.web.conftest import HOME, Browser, leg_of, path_of

LOGIN = LoginId("abc")
NAME = cookie_name(LOGIN)


@pytest.mark.attack("S88")
async def test_its_attributes(browser):
    """Host-only, secure, out of reach of scripts, not sent along by other sites' forms, and for a quarter of an hour."""
    (line,) = (await browser.post("/begin")).cookies
    name, _, rest = line.partition("=")
    value, *attributes = rest.split("; ")
    assert name.startswith("__Host-rv-")
    assert len(name) == len("__Host-rv-") + 12
    assert len(value) >= 22
    assert {each.lower() for each in attributes} == {"httponly", "secure", "samesite=lax", "path=/", "max-age=900"}


async def test_every_login_has_its_own(browser):
    """Two tabs, two cookies, and both logins can end."""
    first, second = leg_of(await browser.post("/begin")), leg_of(await browser.post("/begin"))
    assert len(browser.cookies) == 2
    for leg in (first, second):
        assert (await browser.get(f"/saml/acs/digid?RelayState={leg}")).location == f"{HOME}?outcome=declared"
    assert browser.cookies == {}


@pytest.mark.attack("S80", "S87")
async def test_another_browser_cannot_end_a_login(site, browser):
    """An attacker's answer in a victim's browser, or the reverse: a page, and nothing is used up."""
    leg = leg_of(await browser.post("/begin"))
    victim = Browser(site, browser.session)
    stranger = await victim.get(f"/saml/acs/digid?RelayState={leg}")
    assert (stranger.status, stranger.heading) == (404, "Ga verder waar u begon")
    assert site.frontend.outcomes == []
    await victim.post("/begin")
    assert (await victim.get(f"/saml/acs/digid?RelayState={leg}")).status == 404
    assert (await browser.get(f"/saml/acs/digid?RelayState={leg}")).location == f"{HOME}?outcome=declared"


@pytest.mark.attack("S87")
@pytest.mark.parametrize("step", ["", "/choose", "/cancel"])
async def test_no_step_without_the_cookie(site, browser, step):
    """Knowing a login's address is not enough."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    address = path_of(await browser.post("/begin")) + step
    stranger = Browser(site, browser.session)
    answer = await (stranger.post(address, {"choice": "digid"}) if step else stranger.get(address))
    assert answer.status == 404
    assert site.frontend.outcomes == []


@pytest.mark.attack("S88")
async def test_another_key_under_the_same_name_is_refused(site, browser):
    """A made-up key is another browser's."""
    await browser.post("/begin")
    leg = leg_of(await browser.post("/begin"))
    browser.cookies = dict.fromkeys(browser.cookies, "x" * 43)
    assert (await browser.get(f"/saml/acs/digid?RelayState={leg}")).status == 404


def test_a_key_is_read():
    """Among other cookies, also quoted."""
    for value in ("secret", '"secret"'):
        request = make_mocked_request("GET", "/", {"Cookie": f"a=b; {NAME}={value}; {NAME}x=no"})
        assert key_of(request, LOGIN) == "secret"


@pytest.mark.attack("S88")
@pytest.mark.parametrize(
    "cookies",
    [[], ["a=b"], [f"{NAME}=1; {NAME}=2"], [f"{NAME}=1", f"{NAME}=1"], [f"{NAME}="], [f"{NAME}={'x' * 129}"]],
    ids=["none", "others", "two", "two headers", "empty", "long"],
)
def test_none_and_two_are_refused(cookies):
    """Which of two a server picks is a choice that an attacker would make."""
    request = make_mocked_request("GET", "/", MultiDict(("Cookie", each) for each in cookies))
    with pytest.raises(LoginUnknown, match=r"login\.other-browser"):
        key_of(request, LOGIN)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
def test_our_own_forms_pass(headers):
    """From a page of ours, or from a browser that does not say."""
    check_own_request(make_mocked_request("POST", "/", headers))


@pytest.mark.attack("S87")
@pytest.mark.parametrize("site_of", ["cross-site", "same-site"])
def test_forms_of_other_sites_do_not(site_of):
    """Not even those of a sibling domain, that could have the cookie sent along."""
    with pytest.raises(LoginUnknown, match=r"login\.other-browser"):
        check_own_request(make_mocked_request("POST", "/", {"Sec-Fetch-Site": site_of}))
