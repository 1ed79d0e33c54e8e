"""`rv demo`: one command, everything running, and an end that is clean."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from routeringsvoorziening.cli.demo_check import Tried as Result
from routeringsvoorziening.cli.demo_check import as_data, cases, lines_of, problem_with
from routeringsvoorziening.simulators.browser import Page, Step

ROOT = Path(__file__).parents[2]
RV = Path(sys.executable).with_name("rv")
BVDS = ("machtigen", "gezag", "bewind")


def free_base() -> int:
    """A port from which twenty in a row are free."""
    for base in range(21000, 60000, 50):
        try:
            for port in range(base, base + 20):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise AssertionError("no ports")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world whose certificates are made once."""
    return tmp_path_factory.mktemp("world")


def rv_demo(world: Path, *options: str) -> subprocess.Popen[str]:
    """Start `rv demo`."""
    return subprocess.Popen(
        [RV, "demo", "--world", world, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


LEVELS = ("basis", "laag", "substantieel", "hoog")
DIGID_KINDS = (("legacy-BSN", False), ("legacy-BSN", True), ("BSN", False), ("Pseudonym", False))


def existing() -> set[tuple[str, str, str, bool, bool]]:
    """Method, level, identity, whether the RV opened it, whether for somebody else: all that there can be.

    eIDAS has no basis, no plain BSN, and nobody acts for another. At eHerkenning a company is a KvK number; only a sole
    trader is a person to BSNk; a client of a bewindvoerder comes as a plain BSN. The services for those two ask more
    than basis, and that for clients and the benefits more than laag.
    """
    digid = {("digid", loa, *kind, another) for loa in LEVELS for kind in DIGID_KINDS for another in (False, True)}
    eidas = {("eidas", loa, *kind, False) for loa in LEVELS[1:] for kind in DIGID_KINDS[1:]}
    makelaar = {("eherkenning", loa, "KvKnr", False, False) for loa in LEVELS}
    makelaar |= {("eherkenning", loa, "Pseudonym", False, False) for loa in LEVELS[1:]}
    makelaar |= {("eherkenning", loa, "BSN", False, False) for loa in LEVELS[2:]}
    makelaar |= {("eherkenning", loa, "legacy-BSN", False, True) for loa in LEVELS[2:]}
    return digid | eidas | makelaar


@pytest.mark.eis("LOA-03", "ERR-03", "ERR-04", "RBVD-04", "RBVD-05")
def test_check_logs_in_at_every_level(world: Path) -> None:
    """For yourself at each level and for somebody else of each kind, directly and through a supplier; in lines and JSON."""
    process = rv_demo(world, "--check", "--json")
    output, errors = process.communicate(timeout=90)
    assert process.returncode == 0, output + errors
    *lines, last = output.splitlines()
    result = json.loads(last)
    assert result["ok"] is True
    assert all(each["ok"] for each in (*result["logins"], *result["refusals"]))
    direct = [each for each in result["logins"] if (each["connection"], each["mandate"]) == ("direct", None)]
    plain = [each for each in direct if each["identity"] == "legacy-BSN" and not each["decrypted"]]
    assert [each["loa"] for each in plain] == list(LEVELS)
    kinds = {(each["identity"], each["decrypted"], each["mandate"]) for each in result["logins"]}
    polymorphic = (("BSN", False), ("Pseudonym", False), ("legacy-BSN", True))
    assert {(*kind, bvd) for kind in polymorphic for bvd in (None, "machtigen")} <= kinds
    tried = {
        (each["service"], each["loa"], each["identity"], each["decrypted"], bool(each["mandate"]))
        for each in result["logins"]
    }
    assert tried == existing()
    assert result["ms"] > 0
    ways = {(each["connection"], each["mandate"]) for each in result["logins"]}
    assert ways == {(connection, bvd) for connection in ("direct", "cluster") for bvd in (None, *BVDS)}
    assert [each["case"] for each in result["refusals"]] == [
        *("bvd-cancel", "bvd-nobody", "cancel", "fail"),
        *("eidas-opened-unknown", "eidas-unknown", "eidas-no-consent", "eidas-fail"),
        *("eh-cancel", "eh-fail"),
    ]
    abroad = [each for each in result["logins"] if each["service"] == "eidas"]
    assert {each["loa"] for each in abroad} == {"laag", "substantieel", "hoog"}
    found = {(each["identity"], each["decrypted"]) for each in abroad}
    assert found == {("BSN", False), ("Pseudonym", False), ("legacy-BSN", True)}
    assert len({each["country"] for each in abroad}) > 1
    assert any(each["legal_person"] for each in abroad)
    companies = [each for each in result["logins"] if each["service"] == "eherkenning"]
    assert {each["loa"] for each in companies} == {"basis", "laag", "substantieel", "hoog"}
    assert {each["mandate"] for each in companies} == {None, "bewind"}
    assert {each["identity"] for each in companies} == {"KvKnr", "BSN", "Pseudonym", "legacy-BSN"}
    assert {"sanne-haven", "omar-bakkerij", "karin"} <= {each["capacity"] for each in companies}
    assert [each["case"] for each in result["sessions"] if each["ok"]] == [
        "sso-login",
        "sso-second-website",
        "sso-higher-level",
        "sso-logout",
        "sso-asked-again",
    ]
    assert all(line.endswith(" ms") for line in lines)
    assert len({len(line) for line in lines}) == 1
    ended = [line for line in lines if line.strip().startswith(("cancel ", "fail ")) and "fetched" in line]
    assert [line.partition("RV:")[1] or line.partition("portal:")[1] for line in ended] == ["RV:", "portal:"] * 2
    assert not any("declaration" in line for line in ended)


def test_it_tells_what_to_open_and_ends_cleanly(world: Path) -> None:
    """The address of the portal is printed; Ctrl-C ends with exit status 0; a second demo says what is in the way."""
    base = str(free_base())
    process = rv_demo(world, "--port-base", base)
    try:
        seen = ""
        while "Ctrl-C" not in seen:
            line = process.stdout.readline() if process.stdout else ""
            assert line, seen
            seen += line
        assert f"http://portal.localhost:{int(base) + 5}/" in seen
        second = rv_demo(world, "--port-base", base)
        _, errors = second.communicate(timeout=30)
        assert second.returncode == 1
        assert f"{base}  wanted for the Routeringsvoorziening" in errors
        assert "--port-base" in errors
        assert "Traceback" not in errors
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_what_is_missing_is_a_failure() -> None:
    """A page that does not say what it should makes the case fail, and the whole with it."""
    case = cases()[0]
    page = Page("http://portal.localhost:1/sessie", 200, {}, "<h1>U bent niet ingelogd</h1>")
    problem = problem_with(page, case)
    assert problem is not None
    assert "/sessie" in problem
    assert case.expected[1] not in problem
    tried = Result(case, ok=False, milliseconds=1.0, problem=problem)
    assert as_data([tried])["ok"] is False
    assert "FAILED" in lines_of(tried)[-1]


def test_an_unknown_step_is_described_by_its_address() -> None:
    """So that nothing is hidden."""
    step = Step("GET", "http://rv.localhost:1/elsewhere", 404, 0.001)
    tried = Result(cases()[0], ok=True, milliseconds=1.0, steps=[step])
    assert "GET rv.localhost/elsewhere" in lines_of(tried)[0]
