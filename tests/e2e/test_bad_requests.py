"""Bad requests at /saml/sso, over HTTP: each a page without details and its own code in the log; never a redirect."""

import asyncio
import base64
import io
from datetime import timedelta

import pytest
from lxml import etree

from routeringsvoorziening.simulators.world.layout import DIGID, ZORG
from tests.support.attackgen import corpus, wrapping
from tests.support.attackgen.genuine import AUTHN_REQUEST, Scene, genuine, on_stage, tree
from tests.support.attackgen.handmade import DS, MORE, Recipe
from tests.support.chain.browser import Browser, settle
from tests.support.chain.running import running_chain
from tests.support.pki import rsa_key

pytestmark = [pytest.mark.eis("ERR-06", "ERR-11")]


def refused(page, status: int = 400) -> None:
    """An error page: with a reference number, without redirect, details or a trace."""
    assert page.status == status, page.text
    assert page.location is None
    assert page.headers["content-type"].startswith("text/html")
    assert "Traceback" not in page
    assert page.headers["cache-control"] == "no-store"


async def send(chain, browser, xml: bytes, **extra):
    """Post a message, and tell the codes that were logged."""
    with chain.refusals() as codes:
        page = await chain.dienstverlener().send(browser, xml, **extra)
        if page.status < 400:
            codes.append("accepted")
    return page, [code for code in codes if code != "accepted"] or ["accepted"]


@pytest.mark.eis("AR-01", "AR-02", "AR-04", "AR-07", "AR-10", "RAD-01", "SIG-10")
async def test_a_good_request_leads_to_the_authenticatiedienst(dv, browser):
    """The positive twin of all that follows."""
    page = await dv.begin(browser)
    assert page.status == 200, page.text
    assert page.form().action == f"{dv.world.digid_front}/saml/sso"


def encoded(codec: str):
    """The request in another encoding."""
    return lambda dv: etree.tostring(dv.authn_request(), encoding="unicode").encode(codec)


def doctype(text: str):
    """The signed request after a DOCTYPE."""
    return lambda dv: text.encode() + dv.signed(dv.authn_request())


def asking(**changes):
    """A signed request with other attributes."""
    return lambda dv: dv.signed(dv.authn_request(**changes))


def at(**offset):
    """A signed request of another moment."""
    return lambda dv: dv.signed(
        dv.authn_request(IssueInstant=(dv.clock() + timedelta(**offset)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    )


def destined(change):
    """A signed request for an address that looks like ours."""
    return lambda dv: dv.signed(dv.authn_request(Destination=change(dv.sso_url)))


def signed_as(change):
    """A request signed in another way."""
    return lambda dv: dv.signed(dv.authn_request(), change(dv.recipe))


def commented(dv):
    """A comment inside a NameID, put there after signing: canonical XML does not see it."""
    subject = "<saml:Subject><saml:NameID>12345678</saml:NameID></saml:Subject>"
    return dv.signed(dv.authn_request(inside=subject)).replace(b"12345678", b"1234<!-- -->5678")


def duplicated(dv):
    """Two elements with one ID."""
    request = dv.authn_request()
    request[0].set("ID", request.get("ID"))
    return dv.signed(request)


def transformed(dv):
    """An XSLT transform before the others."""

    def add(signature):
        stylesheet = etree.Element(f"{{{DS}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116")
        signature.find(f".//{{{DS}}}Transforms").insert(0, stylesheet)

    return dv.signed(dv.authn_request(), adjust=add)


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
CASES = {
    "not XML": (lambda _: b"hello", "xml.malformed"),
    "nothing": (lambda _: b"", "msg.encoding"),
    "DTD": (doctype("<!DOCTYPE x>"), "xml.doctype"),
    "entity bomb": (doctype(LAUGHS), "xml.doctype"),
    "UTF-16": (encoded("utf-16"), "xml.encoding"),
    "comment in a NameID": (commented, "node.forbidden"),
    "unknown issuer": (asking(Issuer="urn:nl-eid-gdi:1.0:DV:00000009999999999009:entities:9009"), "issuer.unknown"),
    "issuer is the AD": (asking(Issuer=DIGID.entity_id), "issuer.unknown"),
    "unsigned": (lambda dv: etree.tostring(dv.authn_request()), "sig.missing"),
    "another key": (signed_as(lambda how: how.with_(key=rsa_key("stranger"), key_name="stranger")), "key.unknown"),
    "another key, same name": (signed_as(lambda how: how.with_(key=rsa_key("stranger"))), "sig.invalid"),
    "SHA-1": (signed_as(lambda how: how.with_(algorithm=DS + "rsa-sha1")), "alg.forbidden"),
    "SHA-1 digest": (signed_as(lambda how: how.with_(digest=DS + "sha1")), "alg.forbidden"),
    "HMAC": (signed_as(lambda how: how.with_(algorithm=MORE + "hmac-sha256", key=b"x")), "alg.forbidden"),
    "/dev/zero": (signed_as(lambda how: how.with_(uri="/dev/zero")), "sig.reference"),
    "XSLT": (transformed, "alg.transform"),
    "duplicate IDs": (duplicated, "id.duplicate"),
    "old": (at(minutes=-10), "time.past"),
    "future": (at(minutes=10), "time.future"),
    "no Destination": (asking(Destination=None), "destination"),
    "unknown ACS index": (asking(AssertionConsumerServiceIndex="77"), "authn.acs"),
    "no ACS index": (asking(AssertionConsumerServiceIndex=None), "authn.acs"),
    "ACS by URL": (
        asking(AssertionConsumerServiceIndex=None, AssertionConsumerServiceURL="http://portal.localhost/acs"),
        "authn.acs",
    ),
    "version 1.1": (asking(Version="1.1"), "msg.version"),
    "not valid against the schema": (asking(ForceAuthn="True"), "msg.schema"),
}
LOOK_ALIKES = {
    "longer": lambda url: url + "x",
    "deeper": lambda url: url + "/x",
    "slash": lambda url: url + "/",
    "query": lambda url: url + "?x",
    "prefix": lambda url: url[:-1],
    "other host": lambda url: url.replace("rv.localhost", "rv.localhost.example"),
    "sub host": lambda url: url.replace("rv.localhost", "x.rv.localhost"),
    "user": lambda url: url.replace("//rv", "//rv@evil"),
    "capitals": lambda url: url.replace("rv.", "RV."),
    "https": lambda url: url.replace("http:", "https:"),
    "dots": lambda url: url.replace("/saml/", "/saml/../saml/"),
    "empty": lambda _: "",
}
_ATTACKS = {
    "comment in a NameID": "S36",
    "DTD": "S46",
    "entity bomb": "S47",
    "UTF-16": "S42",
    "unsigned": "S21",
    "another key": "S23",
    "SHA-1": "S26",
    "HMAC": "S25",
    "/dev/zero": "S31",
    "XSLT": "S32",
    "duplicate IDs": "S40",
    "unknown ACS index": "S71",
}


@pytest.mark.eis("AR-02", "AR-04", "AR-10", "GEN-02", "GEN-03", "GEN-04", "GEN-06", "SIG-01", "SIG-02", "SIG-06")
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.attack(_ATTACKS[each]) if each in _ATTACKS else ()) for each in CASES]
)
async def test_a_bad_message_is_refused_with_its_code(chain, browser, dv, name):
    """Everything in the list of bad input that is in the message itself."""
    make, code = CASES[name]
    page, codes = await send(chain, browser, make(dv))
    assert codes == [code]
    refused(page)


@pytest.mark.eis("AR-02")
@pytest.mark.attack("S65")
@pytest.mark.parametrize("name", LOOK_ALIKES)
async def test_an_address_that_looks_like_ours_is_not_ours(chain, browser, dv, name):
    """Destination is compared whole."""
    page, codes = await send(chain, browser, destined(LOOK_ALIKES[name])(dv))
    assert codes == ["destination"]
    refused(page)


@pytest.mark.attack("S50")
async def test_what_is_not_base64_is_refused(chain, browser, dv):
    """The field is not base64."""
    with chain.refusals() as codes:
        page = await browser.post(dv.sso_url, {"SAMLRequest": "!!!"})
    assert codes == ["msg.encoding"]
    refused(page)


@pytest.mark.eis("GEN-07", "AR-01")
@pytest.mark.attack("S72")
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"SAMLResponse": "AAAA"},
        {"SAMLRequest": "AAAA", "SAMLResponse": "AAAA"},
        [("SAMLRequest", "AAAA"), ("SAMLRequest", "AAAA")],
    ],
    ids=["nothing", "a response", "both", "twice"],
)
async def test_the_form_holds_exactly_one_request(chain, browser, dv, fields):
    """Anything else than one SAMLRequest is another binding."""
    with chain.refusals() as codes:
        page = await browser.post(dv.sso_url, fields)
    assert codes == ["binding"]
    refused(page)


@pytest.mark.eis("GEN-07", "AR-01")
async def test_a_request_by_redirect_starts_nothing(browser, dv):
    """HTTP-Redirect is not a binding of this koppelvlak."""
    page = await browser.get(dv.sso_url + "?SAMLRequest=AAAA")
    assert page.status in (404, 405)
    assert page.location is None


@pytest.mark.attack("S53")
async def test_ten_megabytes_are_refused_at_once(chain, browser, dv):
    """The size is checked before the body is read."""
    with chain.refusals() as codes:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        page = await browser.post(dv.sso_url, io.BytesIO(b"SAMLRequest=" + b"A" * 10_000_000), headers=headers)
    assert codes == ["http.size"]
    refused(page, 413)


@pytest.mark.attack("S48")
async def test_a_message_above_the_bound_is_refused(chain, browser, dv):
    """Within the bound of a request, above that of a message."""
    inside = f"<samlp:Extensions><x xmlns='urn:x'>{'a' * 140_000}</x></samlp:Extensions>"
    page, codes = await send(chain, browser, dv.signed(dv.authn_request(inside=inside)))
    assert codes == ["msg.size"]
    refused(page)


@pytest.fixture
def quick_chain(tmp_path_factory):
    """One that waits for a body for a second."""
    directory = tmp_path_factory.mktemp("slow") / "world"
    with running_chain(directory, hostile=True, limits={"request_time": 1}) as running:
        yield running


@pytest.mark.attack("S53")
async def test_a_slow_body_meets_its_deadline(quick_chain):
    """A client that does not send its whole body is sent away at the deadline that is configured: one second, and
    long before the ten of a server where nothing is configured.
    """
    with quick_chain.refusals() as codes:
        reader, writer = await asyncio.open_connection("127.0.0.1", quick_chain.world.ports.rv_front)
        writer.write(
            b"POST /saml/sso HTTP/1.1\r\nHost: rv.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 1000\r\n\r\nSAML"
        )
        await writer.drain()
        answer = await asyncio.wait_for(reader.readline(), 9)
        writer.close()
        await settle()
    assert answer.startswith(b"HTTP/1.1 408")
    assert codes == ["http.slow"]


@pytest.mark.eis("GEN-01", "SES-02")
@pytest.mark.attack("S62")
async def test_a_request_is_accepted_once(chain, browser, dv):
    """The same bytes again are a replay; another ID is not."""
    xml = dv.signed(dv.authn_request())
    assert (await dv.send(browser, xml)).status == 200
    page, codes = await send(chain, browser, xml)
    assert codes == ["msg.replay"]
    refused(page)
    assert (await dv.begin(browser)).status == 200


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_of_fifty_copies_at_once_one_is_accepted(browser, dv):
    """Remembering an ID is atomic. Whoever hears that it is too busy, as a slow machine may be, sends its copy again."""
    xml, statuses = dv.signed(dv.authn_request()), [503] * 50
    for _ in range(20):
        again = await asyncio.gather(*(dv.send(browser, xml) for _ in range(statuses.count(503))))
        statuses = [each for each in statuses if each != 503] + [page.status for page in again]
    assert sorted(statuses) == [200] + [400] * 49


@pytest.mark.eis("SIG-12")
@pytest.mark.attack("S24")
async def test_a_key_of_another_dienstverlener_signs_nothing_here(chain, browser, dv):
    """A good key, of a known party, under the Issuer of another."""
    other: Recipe = chain.dienstverlener(ZORG).recipe
    page, codes = await send(chain, browser, dv.signed(dv.authn_request(), other))
    assert codes == ["key.unknown"]
    refused(page)


@pytest.mark.eis("GEN-03", "SES-08")
@pytest.mark.parametrize("seconds", [-290, -60, 50])
async def test_a_small_difference_between_clocks_does_not_matter(chain, browser, dv, seconds):
    """The positive twin of old and future: within the tolerance."""
    page = await dv.send(browser, at(seconds=seconds)(dv))
    assert page.status == 200, page.text


@pytest.mark.eis("SIG-04", "SIG-05")
@pytest.mark.attack("S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08")
async def test_no_hostile_request_gets_anywhere(chain, dv):
    """XSW1 to XSW8, and every operator of attackgen for this kind, sent to the running RV; and the untouched one."""
    with on_stage(Scene(at=chain.clock(), value="0", sso_url=dv.sso_url, token="wrapped")):
        variants = [*wrapping.named(AUTHN_REQUEST), *(v for v in corpus.operated() if v.kind is AUTHN_REQUEST)]
        untouched, value = genuine(AUTHN_REQUEST), AUTHN_REQUEST.value(tree(AUTHN_REQUEST))
    assert value == "0"
    wrong = []
    async with Browser() as browser:
        for variant in variants:
            if not variant.data:
                continue
            page, codes = await send(chain, browser, variant.data)
            if (
                page.status != 400
                or page.location
                or not set(codes) <= variant.codes | {"msg.encoding", "issuer.unknown"}
            ):
                wrong.append((variant.id, page.status, codes))
        assert wrong == []
        assert (await dv.send(browser, untouched)).status == 200


async def test_nothing_of_a_message_shows_on_the_page(browser, dv):
    """Not the Issuer, not an attribute, not in any form (S89)."""
    evil = "urn:nl-eid-gdi:1.0:DV:&lt;script&gt;alert(1)&lt;/script&gt;"
    page = await dv.send(browser, dv.signed(dv.authn_request(Issuer=evil, ProviderName="PROVIDER-X")))
    refused(page)
    assert "alert" not in page
    assert "PROVIDER-X" not in page


async def test_base64_with_line_ends_is_accepted(browser, dv):
    """As MIME encoders write it: the positive twin of what is not base64."""
    text = base64.encodebytes(dv.signed(dv.authn_request())).decode()
    page = await browser.post(dv.sso_url, {"SAMLRequest": text})
    assert page.status == 200, page.text
