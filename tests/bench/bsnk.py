"""What opening one signed polymorphic structure costs: verifying its signature and decrypting it."""

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.bsnk.opening import open_identity, open_pseudonym

LIMIT_MS: Final = 5.0
"""What an identity may cost."""
_ROUNDS: Final = 100
_OIN: Final = "00000009999999999001"
_KEY_SET: Final = 20260101
_BSN: Final = "999990019"


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Medians of CPU milliseconds, with the tables of the public keys made already."""
    scheme = Scheme.generate()
    keys = scheme.recipient_keys(_OIN, _KEY_SET)
    identities = [scheme.encrypted_identity(_BSN, _OIN, _KEY_SET) for _ in range(10)]
    pseudonyms = [scheme.encrypted_pseudonym(_BSN, _OIN, _KEY_SET) for _ in range(10)]
    result = {
        "identity_ms": _median(lambda each: open_identity(each, keys, scheme.public_keys, recipient=_OIN), identities),
        "pseudonym_ms": _median(
            lambda each: open_pseudonym(each, keys, scheme.public_keys, recipient=_OIN), pseudonyms
        ),
    }
    say(
        f"One signed polymorphic identity, verified and decrypted: {result['identity_ms']:.2f} ms of CPU "
        f"(at most {LIMIT_MS:.0f}); one pseudonym: {result['pseudonym_ms']:.2f} ms."
    )
    return result


def _median(opening: Callable[[bytes], object], structures: list[bytes]) -> float:
    opening(structures[0])
    spent = []
    for number in range(_ROUNDS):
        before = time.thread_time()
        opening(structures[number % len(structures)])
        spent.append(1000 * (time.thread_time() - before))
    return round(median(spent), 2)
