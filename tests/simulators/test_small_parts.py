"""The small parts that simulators share: tables that forget, RelayState, forms, the catalogue file, the check list."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.metadata.reading import read_identity_provider, read_service_provider
from routeringsvoorziening.simulators.digid.catalogue import demo_catalogue, read_catalogue, write_catalogue
from routeringsvoorziening.simulators.digid.metadata import metadata_of as metadata_of_digid
from routeringsvoorziening.simulators.forms import forms_of
from routeringsvoorziening.simulators.portal.checks import CHECKS, CheckFailed, Checklist, LoginRefused, require
from routeringsvoorziening.simulators.portal.metadata import metadata_of as metadata_of_portal
from routeringsvoorziening.simulators.portal.relay_state import seal, unseal
from routeringsvoorziening.simulators.portal.texts import UNKNOWN_STATUS, message_texts, status_text
from routeringsvoorziening.simulators.short_lived import ShortLived
from tests.support import simulated
from tests.support.simulated import MINUTE, NOW, Clock


class TestShortLived:
    """A table that forgets."""

    def test_a_record_is_taken_once(self, clock: Clock) -> None:
        """And can be looked at before."""
        table: ShortLived[str] = ShortLived(MINUTE, clock)
        key = table.add("x")
        assert (table.peek(key), table.take(key), table.take(key)) == ("x", "x", None)

    def test_a_record_vanishes(self, clock: Clock) -> None:
        """At the end of its life exactly."""
        table: ShortLived[str] = ShortLived(MINUTE, clock)
        table.put("k", "x")
        clock.advance(MINUTE - timedelta(seconds=1))
        assert table.peek("k") == "x"
        clock.advance(timedelta(seconds=1))
        assert table.peek("k") is None

    def test_the_first_one_wins(self, clock: Clock) -> None:
        """A second record under the same key is not taken, until the first has vanished."""
        table: ShortLived[bool] = ShortLived(MINUTE, clock)
        assert table.add_once("k", True)
        assert not table.add_once("k", True)
        clock.advance(MINUTE)
        assert table.add_once("k", True)

    def test_it_is_bounded(self, clock: Clock) -> None:
        """The oldest makes room."""
        table: ShortLived[int] = ShortLived(MINUTE, clock, most=2)
        for number in range(3):
            table.put(str(number), number)
        assert [table.peek(key) for key in "012"] == [None, 1, 2]


class TestRelayState:
    """RelayState with an HMAC."""

    def test_it_comes_back(self) -> None:
        """For the browser that it was made for."""
        assert unseal(seal("attempt", "browser", b"secret"), "browser", b"secret") == "attempt"

    @pytest.mark.eis("SES-05")
    @pytest.mark.parametrize(
        ("relay_state", "browser", "secret"),
        [
            (seal("attempt", "browser", b"secret"), "other", b"secret"),
            (seal("attempt", "browser", b"secret"), None, b"secret"),
            (seal("attempt", "browser", b"secret"), "browser", b"other"),
            (seal("attempt", "browser", b"secret").replace("attempt", "another"), "browser", b"secret"),
            ("attempt", "browser", b"secret"),
            ("attempt.é", "browser", b"secret"),
            ("", "browser", b"secret"),
        ],
    )
    def test_anything_else_does_not(self, relay_state: str, browser: str | None, secret: bytes) -> None:
        """Another browser, another secret, another attempt, or no HMAC."""
        with pytest.raises(CheckFailed) as refused:
            unseal(relay_state, browser, secret)
        assert refused.value.code == "relay-state"


class TestForms:
    """Forms as the browser without a window sees them."""

    def test_a_form_that_carries_a_message(self) -> None:
        """Hidden fields with a SAML message."""
        (form,) = forms_of(
            '<form method="POST" action="/x"><input type="hidden" name="SAMLRequest" value="a&amp;b"></form>'
        )
        assert (form.method, form.action, form.fields) == ("post", "/x", {"SAMLRequest": "a&b"})
        assert form.carries_message

    def test_choices(self) -> None:
        """What is disabled cannot be chosen; what is checked is sent."""
        (form,) = forms_of(
            '<form><input type="radio" name="m" value="a" disabled><input type="radio" name="m" value="b" checked>'
            '<input type="radio" name="m" value="c"><select name="s"><option value="1"></select>'
            '<button name="action" value="go">Go</button></form><input name="outside">'
        )
        assert form.choices == {"m": ["b", "c"]}
        assert form.fields == {"m": "b", "s": ""}
        assert form.buttons == {"action": ["go"]}
        assert not form.carries_message


class TestCatalogue:
    """DigiD's own copy of the catalogue."""

    def test_it_survives_its_file(self, tmp_path: Path) -> None:
        """What is written is read."""
        path = tmp_path / "catalogue.json"
        write_catalogue(demo_catalogue(), path)
        assert read_catalogue(path) == demo_catalogue()

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"services": [{}]}', '{"services": [1]}'])
    def test_a_file_that_is_none(self, tmp_path: Path, text: str) -> None:
        """A clear refusal, whatever is in it."""
        path = tmp_path / "catalogue.json"
        path.write_text(text)
        with pytest.raises(ValueError, match=r"catalogue|Expecting"):
            read_catalogue(path)


class TestChecklist:
    """The record of what was verified."""

    def test_it_stops_at_the_first_miss(self) -> None:
        """What passed, what failed and why, and what was not reached."""
        checklist = Checklist()
        with checklist.check("audience"):
            pass
        with pytest.raises(LoginRefused) as refused, checklist.check("service"):
            require(False, "attribute.service")
        assert (refused.value.check, refused.value.code) == ("service", "attribute.service")
        outcomes = {each.check.name: (each.outcome, each.code) for each in checklist.results}
        assert outcomes["audience"] == ("passed", None)
        assert outcomes["service"] == ("failed", "attribute.service")
        assert outcomes["bsn"] == ("open", None)

    def test_what_the_wire_format_refuses_counts(self) -> None:
        """A SamlError is a miss with its own code."""
        with pytest.raises(LoginRefused) as refused, Checklist().check("audience"):
            raise SamlError("audience")
        assert refused.value.code == "audience"

    def test_names_are_unique(self) -> None:
        """Each check is one line of the record."""
        assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_every_message_has_its_text() -> None:
    """In both languages."""
    for text in message_texts().values():
        assert all(text.title + text.route + text.intro)
    assert status_text("urn:oasis:names:tc:SAML:2.0:status:AuthnFailed") != UNKNOWN_STATUS
    assert status_text("urn:x") == UNKNOWN_STATUS


@pytest.mark.eis("MD-AD-01", "MD-AD-02", "MD-AD-03", "MD-05", "MD-06")
def test_digids_metadata_is_what_a_routeringsdienst_accepts() -> None:
    """Signed, with expiry, one signing key, SOAP and POST; no logout, as there is no SSO."""
    settings = simulated.digid_settings()
    provider = read_identity_provider(
        metadata_of_digid(settings, NOW), trust=settings.trust, at=NOW, allow_loopback=True
    )
    assert provider.entity_id == settings.entity_id
    assert provider.single_sign_on[0].location == settings.sso_url
    assert provider.artifact_resolution_by_index(0).location == settings.artifact_url
    assert provider.single_logout == ()


@pytest.mark.eis("MD-DV-01", "MD-DV-02", "MD-DV-04", "MD-DV-05", "MD-DV-06", "MD-DV-07", "MD-03", "TLS-04")
def test_the_portals_metadata_is_what_a_routeringsdienst_accepts() -> None:
    """Signed, with expiry, keys for messages, TLS and identities, one ACS, and a service per index."""
    settings = simulated.portal_settings()
    provider = read_service_provider(
        metadata_of_portal(settings, NOW), trust=settings.trust, at=NOW, allow_loopback=True
    )
    assert provider.acs_by_index(0).location == settings.acs_url
    assert len(provider.encryption_keys) == 1
    assert settings.signing.key_name in {key.key_name for key in provider.signing_keys}
    for service in settings.services:
        assert provider.attribute_service_by_index(service.index).service_uuid == service.uuid


def test_relay_state_survives_a_url() -> None:
    """Nothing in it needs escaping."""
    sealed = seal(base64.urlsafe_b64encode(bytes(16)).decode().rstrip("="), "browser", b"secret")
    assert sealed.replace(".", "").replace("-", "").replace("_", "").isalnum()
