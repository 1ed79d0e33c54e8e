"""A BSN is nowhere but in the encrypted identity: whole flows, and then a search through everything the RV left behind."""

import asyncio
import base64
import dataclasses
import gc
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from routeringsvoorziening.simulators.world.layout import ZORG
from routeringsvoorziening.simulators.world.persons import PERSONS
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.reading import acting_bsn, statuses
from tests.support.chain.running import Chain, running_chain
from tests.support.pki import leaf
from tests.support.redis_server import RedisServer

CANARIES = tuple(person.bsn for person in PERSONS)
NAMES = tuple(person.name for person in PERSONS)


def forms_of(bsn: str) -> tuple[bytes, ...]:
    """A BSN as it might be written: as it is, in base64 at any offset, in hex."""
    raw = bsn.encode()
    shifted = (base64.b64encode(b"xx"[:n] + raw).rstrip(b"=")[-8:-2] for n in range(3))
    return (raw, raw.hex().encode(), *shifted)


def found_in(data: bytes | str) -> list[str]:
    """The canaries and names that stand in it, in any form that is long enough to mean anything."""
    data = data.encode() if isinstance(data, str) else data
    hits = [bsn for bsn in CANARIES if any(form in data for form in forms_of(bsn)[:2])]
    return hits + [name for name in NAMES if name.encode() in data]


def contents(root: object) -> Iterator[bytes]:
    """Every text and every byte string that can be reached from an object of our store."""
    seen, waiting = set(), [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type) or callable(each):
            continue
        seen.add(id(each))
        if isinstance(each, bytes | str):
            yield each.encode() if isinstance(each, str) else each
        else:
            waiting.extend(gc.get_referents(each))


def stored(chain) -> bytes:
    """Everything in the RV's store, now."""
    return b"\n".join(found for store in chain.stores for found in contents(store))


PEOPLE: Final = ("routeringsvoorziening.simulators.", "routeringsvoorziening.cli.demo")
"""Not the RV, but who plays the people and the other parties: tests that walk the demo's cases hold their BSNs."""


def live_reprs() -> Iterator[bytes]:
    """How every value of the RV that is alive at this moment would look in a log, a trace or a debugger.

    Whatever other tests left alive counts too; what somebody froze is looked at like the rest.
    """
    gc.unfreeze()
    for each in gc.get_objects():
        module = str(type(each).__module__)
        ours = module.startswith("routeringsvoorziening.") and not module.startswith(PEOPLE)
        if ours and dataclasses.is_dataclass(each):
            yield f"{module} {each!r}".encode()


def shown(seen: Iterable[bytes]) -> dict[str, list[str]]:
    """Of each class that shows a person: whom."""
    found: dict[str, list[str]] = {}
    for each in seen:
        if hits := found_in(each):
            found.setdefault(each.partition(b"(")[0].decode(), []).extend(hits)
    return found


async def everything(chain, browser: Browser, look: Callable[[], bytes]) -> bytes:
    """One of each: a login that succeeds, is cancelled, fails, is refused, is set back; `look` at the store halfway."""
    dv, parts = chain.dienstverlener(), []
    for person in PERSONS[:2]:
        home = await dv.artifact(browser, person=person.key, means="app")
        parts.append(look())
        root = (await dv.resolve(home.query("SAMLart"))).root
        assert statuses(root)[0] == "Success"
        assert acting_bsn(root, leaf(dv.party.oin, "encryption").key, dv.party.entity_id) == person.bsn
    for action in ("cancel", "fail", "level"):
        page = await log_in(browser, await at_digid(browser, await dv.begin(browser)), action=action)
        await browser.follow(page)
    for fault in ("altered", "no-acting-subject", "lower-loa", "garbage", "for-another", "two-acting-subjects"):
        page = await dv.artifact(browser, fault=fault)
        await browser.follow(page)
        parts.append(look())
    home = await dv.artifact(browser)
    await chain.dienstverlener(ZORG).resolve(home.query("SAMLart"))
    await dv.call(dv.signed_resolve(home.query("SAMLart"))[:-9])
    await dv.send(browser, b"<x>954214304</x>")
    return b"\n".join(parts)


def test_the_search_finds_a_canary():
    """The positive control: it would be found."""
    assert found_in(f"x{CANARIES[0]}y") == [CANARIES[0]]
    assert found_in(CANARIES[1].encode().hex()) == [CANARIES[1]]
    assert b"needle" in b"\n".join(contents({"a": [b"needle"]}))


@pytest.mark.eis("ART-03", "ENC-03", "ATT-10")
@pytest.mark.attack("S91")
async def test_no_bsn_is_left_anywhere(chain, browser, capfd):
    """Log, audit trail, metrics, store, addresses, cookies, the terminal (what native code writes there too), and every
    page and answer of the RV itself.
    """
    os.write(1, b"out")
    os.write(2, b"err")
    kept = await everything(chain, browser, lambda: stored(chain))
    ours = f"http://rv.localhost:{chain.world.ports.rv_front}"
    metrics = await browser.get(f"{chain.world.rv_management}/metrics")
    places = {
        "store": kept + stored(chain),
        "records": b"\n".join(chain.records),
        "log": chain.log.read_bytes(),
        "audit trail": chain.audit.read_bytes(),
        "metrics": metrics.body,
        "addresses": "\n".join(f"{page.url} {page.location}" for page in browser.pages),
        "cookies": repr(browser.cookies),
        "pages": b"\n".join(page.body for page in browser.pages if page.url.startswith(ours)),
        "headers": repr([page.headers for page in browser.pages]),
        "terminal": "".join(capfd.readouterr()),
    }
    assert places["terminal"].startswith("out")
    assert places["terminal"].endswith("err")
    assert all(places.values())
    assert b"saml:EncryptedID" in places["records"]
    assert b"saml:EncryptedID" not in places["store"]
    assert {name: found_in(data) for name, data in places.items() if found_in(data)} == {}


@pytest.mark.attack("S91")
async def test_no_value_shows_a_bsn(chain, browser):
    """Halfway each step that stores something, every value that is alive in the RV would print no person and nothing
    that is encrypted for one: an exception, a trace or a debugger shows no more than a log.
    """
    seen: set[bytes] = set()
    chain.on_put = lambda: seen.update(live_reprs())
    try:
        home = await chain.dienstverlener().artifact(browser)
    finally:
        chain.on_put = lambda: None
    assert home.query("SAMLart")
    core = b"\n".join(each for each in seen if each.startswith(b"routeringsvoorziening.broker"))
    for name in (b"Declaration(", b"Login(", b"Identity(", b"SubjectIdentifier("):
        assert name in core
    assert b"EncryptedID" not in core
    assert b"<saml" not in core
    assert shown(seen) == {}


@pytest.mark.parametrize("module", ["broker.vocabulary", "backends.digid.identity", "cli.check", "saml.encryption"])
def test_the_search_finds_a_value_that_shows_somebody(module: str) -> None:
    """The positive control: of any class of the RV; the same value of a simulator or of the demo is no leak of it."""
    for place, found in ((module, True), ("simulators.digid.logins", False), ("cli.demo_check", False)):
        leaking = dataclasses.make_dataclass("Leaking", [("bsn", str)], frozen=True)
        leaking.__module__ = f"routeringsvoorziening.{place}"
        value = leaking(CANARIES[0])
        hits = shown(each for each in live_reprs() if b"Leaking(" in each and value.bsn.encode() in each)
        assert hits == ({f"routeringsvoorziening.{place} Leaking": [CANARIES[0]]} if found else {})
        del value


@contextmanager
def overheard(server: RedisServer) -> Iterator[list[bytes]]:
    """Every command that a Redis gets meanwhile, with its values."""
    heard: list[bytes] = []
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(b"MONITOR\r\n")
        assert line.recv(5) == b"+OK\r\n"
        line.settimeout(None)
        listener = threading.Thread(target=lambda: heard.extend(iter(lambda: line.recv(65536), b"")), daemon=True)
        listener.start()
        yield heard
        line.shutdown(socket.SHUT_RDWR)
        listener.join(10)


def until_heard(heard: list[bytes], word: bytes) -> bytes:
    """Everything that was heard, when that word is in it."""
    ends = time.monotonic() + 10
    while word not in b"".join(heard) and time.monotonic() < ends:
        time.sleep(0.02)
    return b"".join(heard)


@pytest.fixture(scope="module")
def in_redis(tmp_path_factory) -> Iterator[tuple[Chain, RedisServer, list[bytes]]]:
    """A chain whose RV keeps its state in a real Redis, that server, and every command that it gets."""
    directory = tmp_path_factory.mktemp("redis")
    (directory / "sealing.key").write_bytes(secrets.token_bytes(32))
    server = RedisServer(directory)
    with server.running(), overheard(server) as heard:
        store = {"url": server.url, "sealing_keys": [{"id": "k1", "key": str(directory / "sealing.key")}]}
        with running_chain(directory / "chain" / "world", store=store) as chain:
            yield chain, server, heard


@pytest.mark.redis
@pytest.mark.eis("ART-03", "ENC-03", "ATT-10")
@pytest.mark.attack("S91")
async def test_no_bsn_reaches_redis(in_redis, browser):
    """Neither in a name or value that is kept, nor in any command of whole flows; what is kept there is sealed."""
    chain, server, heard = in_redis
    with server.connect() as redis:

        def kept() -> bytes:
            return b"\n".join(part for key in redis.keys("rv:*") for part in (key, redis.get(key) or b""))

        found = await everything(chain, browser, kept)
        redis.set("rv:control", CANARIES[0])
        assert found_in(kept()) == [CANARIES[0]]
    commands = await asyncio.to_thread(until_heard, heard, b"rv:control")
    before, _, control = commands.partition(b"rv:control")
    assert found_in(control) == [CANARIES[0]]
    assert chain.stores == []
    assert b"saml:EncryptedID" in b"\n".join(chain.records)
    assert b'"SET" "rv:' in before
    for place in (found, before):
        assert place
        assert found_in(place) == []
        assert b"saml" not in place
        assert b"urn:nl-eid-gdi" not in place


@pytest.mark.eis("ART-03")
async def test_no_message_of_ours_passes_the_browser_but_requests(chain, browser):
    """No Assertion and no Response travels through the front channel."""
    dv = chain.dienstverlener()
    await dv.artifact(browser)
    seen = b"".join(page.body for page in browser.pages)
    assert b"saml:Assertion" not in seen
    assert base64.b64encode(b"<samlp:Response")[:16] not in seen
    assert not any("SAMLResponse" in page.url for page in browser.pages)


@pytest.mark.attack("S91")
async def test_no_attacker_writes_a_log_line(chain, browser, dv):
    """CR, LF, JSON and escapes in every field that is ours to log: each stays within its own line, or is not logged."""
    evil = '"}\r\n{"event": "forged", "x": "\x1b[2J${jndi:ldap://x}'
    await browser.get(f"{chain.world.rv_front}/saml/acs/digid", params={"SAMLart": evil, "RelayState": evil})
    await browser.get(f"{chain.world.rv_front}/login/x%0d%0aforged", headers={"User-Agent": "forged"})
    await dv.send(browser, dv.signed(dv.authn_request(Issuer="forged&#10;forged", ProviderName="forged")))
    await dv.send(browser, b"x", relay_state=evil)
    lines = chain.log.read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("{") and line.endswith("}") for line in lines)
    assert "forged" not in chain.log.read_text(encoding="utf-8")
    assert "\x1b" not in chain.log.read_text(encoding="utf-8")
