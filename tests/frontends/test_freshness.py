"""Meant for us, made just now, never seen before."""

from datetime import timedelta

import pytest

from routeringsvoorziening.frontends.saml.freshness import check_destination, check_first_seen, check_issue_instant
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.store.memory import MemoryStore
from tests.support.federation import DV, MINUTE, NOW, OTHER_DV, SSO, TIMES

SECOND = timedelta(seconds=1)


def test_our_own_address_is_a_destination() -> None:
    """The address in our metadata, exactly."""
    check_destination(SSO, SSO)


@pytest.mark.eis("AR-02", "RES-02")
@pytest.mark.attack("S65")
@pytest.mark.parametrize(
    "destination",
    [
        None,
        "",
        SSO + "/",
        SSO + "?x=1",
        SSO[:-1],
        SSO.upper(),
        SSO.replace("https", "http"),
        SSO.replace("rv.example", "rv.example:443"),
        SSO.replace("rv.example", "rv.example.evil.example"),
        SSO.replace("/saml", "//saml"),
        SSO.replace("/sso", "/..;/sso"),
        " " + SSO,
    ],
)
def test_what_only_looks_like_our_address_is_refused(destination: str | None) -> None:
    """No prefix, suffix, other scheme, port, case or path counts as ours."""
    with pytest.raises(SamlError) as caught:
        check_destination(destination, SSO)
    assert caught.value.code == "destination"


@pytest.mark.eis("GEN-03", "SES-08")
@pytest.mark.parametrize("issued", [NOW, NOW + MINUTE, NOW - 6 * MINUTE])
def test_a_fresh_message_is_accepted(issued: object) -> None:
    """Within the age, with the skew on both sides."""
    check_issue_instant(issued, now=NOW, times=TIMES)  # type: ignore[arg-type]


@pytest.mark.eis("GEN-03", "SES-08")
@pytest.mark.attack("S67")
@pytest.mark.parametrize(
    ("issued", "code"), [(NOW + MINUTE + SECOND, "time.future"), (NOW - 6 * MINUTE - SECOND, "time.past")]
)
def test_an_old_or_future_message_is_refused(issued: object, code: str) -> None:
    """One second beyond the edge is beyond it."""
    with pytest.raises(SamlError) as caught:
        check_issue_instant(issued, now=NOW, times=TIMES)  # type: ignore[arg-type]
    assert caught.value.code == code


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_an_id_counts_once_per_issuer() -> None:
    """The same ID of the same issuer again is a replay; another issuer may use it."""
    store = MemoryStore()
    await check_first_seen(store, DV, "_a", TIMES)
    await check_first_seen(store, OTHER_DV, "_a", TIMES)
    with pytest.raises(MessageRefused) as caught:
        await check_first_seen(store, DV, "_a", TIMES)
    assert caught.value.code == "msg.replay"


@pytest.mark.eis("GEN-01")
async def test_an_id_is_remembered_for_as_long_as_it_could_be_fresh() -> None:
    """From the earliest to the latest moment at which one message is fresh, its ID stays known."""
    seconds = 0.0
    store = MemoryStore(lambda: seconds)
    await check_first_seen(store, DV, "_a", TIMES)
    seconds = (TIMES.request_age + 2 * TIMES.skew).total_seconds()
    with pytest.raises(MessageRefused):
        await check_first_seen(store, DV, "_a", TIMES)
