"""Names: this machine's are ours, the rest is the system's."""

import pytest

from routeringsvoorziening.transport.resolver import LocalhostResolver


@pytest.mark.parametrize("name", ["localhost", "digid.localhost", "a.b.LOCALHOST", "localhost."])
async def test_localhost_and_below_is_this_machine(name):
    """RFC 6761: never asked of a resolver."""
    (found,) = await LocalhostResolver().resolve(name, 8081)
    assert (found["host"], found["port"]) == ("127.0.0.1", 8081)


@pytest.mark.parametrize("name", ["notlocalhost", "localhost.example"])
async def test_look_alikes_are_not(name, monkeypatch):
    """Only whole labels count."""
    resolver = LocalhostResolver()
    asked = []

    async def system(host, port, family):
        asked.append(host)
        return []

    monkeypatch.setattr(resolver._system, "resolve", system)
    await resolver.resolve(name, 1)
    assert asked == [name]
