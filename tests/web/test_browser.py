"""The cookie: one per login, and worth nothing anywhere else."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import MultiDict

from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.vocabulary import LoginId
from routeringsvoorziening.transport.errors import RequestRefused
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


@pytest.mark.attack("S53")
@pytest.mark.attack("S88")
@pytest.mark.parametrize("space", ["\u2003", "\xa0", "\x85", "\u3000", "\x1f", "\x0b", "\x0c"])
def test_a_name_that_only_looks_like_ours_after_trimming_is_another_s(space):
    """A browser lets a sibling domain set such a name, because it does not begin with `__Host-`. With it alone there
    is no key, so nobody can plant one; beside the real one it disturbs nothing.
    """
    planted = f"{space}{NAME}=planted"
    with pytest.raises(LoginUnknown):
        key_of(make_mocked_request("GET", "/", {"Cookie": planted}), LOGIN)
    both = make_mocked_request("GET", "/", {"Cookie": f"{planted}; \t{NAME}=secret"})
    assert key_of(both, LOGIN) == "secret"


def test_more_cookies_than_a_browser_keeps_are_refused():
    """In many headers, each within its bound: before they are taken apart."""
    cookies = MultiDict(("Cookie", "a;" * 4_000) for _ in range(60))
    with pytest.raises(RequestRefused) as refused:
        key_of(make_mocked_request("GET", "/", cookies), LOGIN)
    assert (refused.value.code, refused.value.status) == ("http.cookies", 400)


@pytest.mark.attack("S53")
async def test_logins_left_behind_do_not_lock_a_browser_out(browser):
    """As many as a browser keeps: the next login works, and takes the oldest cookies back, some at a time."""
    old = {f"__Host-rv-{number:012x}": "x" * 43 for number in range(180)}
    departed = await browser.post("/begin")
    browser.cookies = old | {"__Host-rv-sso-0123456789ab": "s"} | browser.cookies
    home = await browser.get(f"/saml/acs/digid?RelayState={leg_of(departed)}")
    assert home.location == f"{HOME}?outcome=declared"
    assert list(browser.cookies) == [*list(old)[20:], "__Host-rv-sso-0123456789ab"]


async def test_twenty_logins_in_one_browser_live_together(browser):
    """The oldest of twenty tabs still gets home."""
    departed = [await browser.post("/begin") for _ in range(20)]
    for each in departed:
        home = await browser.get(f"/saml/acs/digid?RelayState={leg_of(each)}")
        assert home.location == f"{HOME}?outcome=declared"


async def test_the_twenty_first_login_ends_the_oldest(browser):
    """As soon as it begins."""
    for _ in range(20):
        await browser.post("/begin")
    oldest, *others = browser.cookies
    await browser.post("/begin")
    assert oldest not in browser.cookies
    assert list(browser.cookies)[:-1] == others


async def test_the_login_that_goes_on_is_not_ended(browser):
    """Though it may be the oldest."""
    departed = [await browser.post("/begin") for _ in range(20)]
    oldest, second, *_ = browser.cookies
    browser.cookies["__Host-rv-0123456789ab"] = "x" * 43
    await browser.get(f"/saml/acs/digid?RelayState={leg_of(departed[0])}&result=unreachable")
    assert oldest in browser.cookies
    assert second not in browser.cookies


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
