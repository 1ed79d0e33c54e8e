"""What is said of a wrong value: in plain words, once, and where it stands."""

import pytest

CATALOGUE = "dienstencatalogus/voorbeeldstad.yaml"
MAIN = ""


@pytest.mark.parametrize(
    ("file", "old", "new", "text", "mend"),
    [
        (MAIN, "environment: demo", "environment: demmo", "environment: must be 'demo', 'test' or 'production'", ""),
        (CATALOGUE, "minimum_loa: laag", "minimum_loa: midden", "diensten[1].minimum_loa: must be 'basis', 'laag', 'substantieel' or 'hoog'", ""),
        (CATALOGUE, "methods: [digid]", "methods: []", "diensten[2].methods: needs 1 at least", ""),
        (CATALOGUE, "methods: [digid]", "methods: digid", "diensten[2].methods: must be a list", "Put it in brackets: [a, b]."),
        (CATALOGUE, "00:00:00+01:00", "00:00:00", "diensten[3].active_from: must be a moment with a time zone", "For example 2026-01-31T09:00:00+01:00."),
        (CATALOGUE, "2026-01-01T00:00:00+01:00", "soon", "diensten[3].active_from: must be a moment with a time zone", "For example 2026-01-31T09:00:00+01:00."),
        (MAIN, "port: ${rv_front_port}", "port: 70000", "front_channel.port: must be at most 65535", ""),
        (MAIN, "port: ${rv_front_port}", "port: -1", "front_channel.port: must be at least 0", ""),
        (MAIN, "port: ${rv_front_port}", "port: many", "front_channel.port: must be a whole number", ""),
        (MAIN, "RD:00000004183317817000", "RD:0000", "own.entity_id: does not have the right form", "An entity ID looks like urn:nl-eid-gdi:1.0:DV:<OIN of 20 digits>:entities:0001."),
        (MAIN, "base_url: http://rv", "base_url: ftp://rv", "front_channel.base_url: does not have the right form", "An address looks like https://login.example.nl, without a slash at the end."),
        (MAIN, "  digid:\n", "  DigiD:\n", "authentication_services.DigiD: does not have the right form", "A short name has small letters, digits and hyphens, and begins with a letter."),
        (CATALOGUE, "methods: [digid]", "methods: [[digid]]", "diensten[2].methods[0]: must be text", "One text; in quotes when it looks like a number."),
        (MAIN, "base_url: http://rv", "proxy: {addresses: [here]}\n  base_url: http://rv", "front_channel.proxy.addresses[0]: must be a network", "For example 10.0.0.0/8, or 10.0.0.1/32 for one address."),
        (MAIN, "key: ${world}/rv/tls.key", "key: env:RV_TLS_KEY", "own.tls.key: a key for TLS must stand in a file", ""),
        (MAIN, "environment: demo", "times: {login: a while}\nenvironment: demo", "times.login: must be a duration", "A number of seconds, or ISO 8601: PT15M is a quarter of an hour."),
        (MAIN, "environment: demo", "times: {login: 5}\nenvironment: demo", "times.login: must be at least 1 minute", ""),
        (MAIN, "environment: demo", "times: later\nenvironment: demo", "times: must have parts of its own", ""),
    ],
)  # fmt: skip
def test_a_wrong_value(room, *, file, old, new, text, mend) -> None:
    """Nothing of it sounds like Python, and it is told once."""
    room.replace(old, new, file)
    found = [each for each in room.inspect().findings if each.code == "field.value"]
    assert [(each.text, each.mend) for each in found] == [(text, mend)]


def test_what_may_be_one_of_several_kinds_is_told_once(room) -> None:
    """With all that it may be, at the value itself."""
    line = room.add("variables:\n  name: [a]\n") if "variables:" not in room.main.read_text() else None
    if line is None:
        line = room.replace("variables:\n", "variables:\n  name: [a]\n")
    (finding,) = (each for each in room.inspect().findings if each.code == "field.value")
    assert finding.text == "variables.name: must be text, or must be a whole number"
    assert (finding.place.dotted, finding.place.line) == ("variables.name", line + 1)


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        ("environment: demo", "environment: demo: yes", "Put a text with a colon in it in quotes."),
        (
            "environment: demo",
            "environment:\tdemo\n\tmore: 1",
            "Use spaces; a tab may not stand before or between them.",
        ),
        ("environment: demo", "environment: @demo", "Put a text that begins with a special character in quotes."),
        ("environment: demo", "environment: demo\n  x: 1", "Put a text with a colon in it in quotes."),
    ],
)
def test_what_is_no_yaml_gets_advice(room, old, new, mend) -> None:
    """For the usual mistakes."""
    room.replace(old, new)
    (finding,) = room.inspect().findings
    assert (finding.code, finding.mend) == ("yaml.syntax", mend)
