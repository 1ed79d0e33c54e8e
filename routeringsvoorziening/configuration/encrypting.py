"""For which keys an authenticatiedienst encrypts the identity of a dienstverlener's citizens (MD-SP-08).

An AD is told the dienstverlener, never through whom it is asked. A dienstverlener with several connections may have
another key behind each of them, and an AD takes two keys at most. So every connection gives its first key, as long as
there is room, and only then does any give its second. All of them are keys with the dienstverlener's own OIN.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Final

from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.saml.encryption import Recipient

MOST_KEYS: Final = 2

Recipients = Mapping[EntityID, tuple[Recipient, ...]]


def recipients(connections: Iterable[Connection]) -> Recipients:
    """The keys of every dienstverlener that some connection may ask for: one or two each."""
    return {entity_id: wanted[:MOST_KEYS] for entity_id, wanted in _wanted(connections).items()}


def check_key_room(connections: Iterable[Connection], place: Place, findings: Findings) -> None:
    """Warn of keys for which nothing is encrypted, because two others come first. Code: `cluster.keys`."""
    for entity_id, wanted in _wanted(connections).items():
        left = [each.key_name for each in wanted[MOST_KEYS:]]
        if left:
            text = f"{entity_id} has more than {MOST_KEYS} encryption keys through its connections together (MD-SP-08);"
            text += f" nothing is encrypted for {', '.join(left)}"
            findings.warning("cluster.keys", place, text, "Let it use the same key behind its connections.")


def _wanted(connections: Iterable[Connection]) -> dict[EntityID, tuple[Recipient, ...]]:
    offered: dict[EntityID, list[tuple[Recipient, ...]]] = {}
    for connection in sorted(connections, key=lambda each: each.is_cluster):
        for entity_id, relation in connection.relations.items():
            offered.setdefault(entity_id, []).append(relation.recipients)
    return {entity_id: each[0] if len(each) == 1 else _in_turn(each) for entity_id, each in offered.items()}


def _in_turn(offered: Sequence[Sequence[Recipient]]) -> tuple[Recipient, ...]:
    """The first of each, then the second of each; every KeyName once, as metadata needs it (MD-06)."""
    chosen: dict[str, Recipient] = {}
    for each in chain.from_iterable(zip_longest(*offered)):
        if each is not None:
            chosen.setdefault(each.key_name, each)
    return tuple(chosen.values())
