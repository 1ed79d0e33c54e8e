"""One table in memory."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from routeringsvoorziening.store.table import SWEEP, Ledger, Table

KEYS = st.sampled_from("abcdefgh")


def test_a_value_lives_until_its_moment() -> None:
    """Up to its moment it is there, from it on it is not."""
    table = Table(Ledger())
    table.put("x", b"value", 10.5)
    assert table.get("x", 10.4) == b"value"
    assert table.get("x", 10.5) is None


def test_sweeping_clears_what_is_overdue_and_nothing_else() -> None:
    """What still lives stays."""
    table = Table(Ledger())
    table.put("old", b"1", 10)
    table.put("new", b"22", 12)
    table.sweep(11)
    assert ("old" in table, "new" in table, table._ledger.size) == (False, True, 2)


def test_sweeping_takes_small_steps() -> None:
    """One sweep clears a bounded number; the next ones clear the rest."""
    table = Table(Ledger())
    for number in range(3 * SWEEP):
        table.put(str(number), b"", 10)
    table.sweep(20)
    assert len(table) == 2 * SWEEP
    table.sweep(20)
    table.sweep(20)
    assert len(table) == 0


def test_nothing_stale_is_kept() -> None:
    """A key that comes and goes a thousand times leaves one basket, and that goes too."""
    table = Table(Ledger())
    for _ in range(1000):
        table.put("x", b"value", 10)
        table.drop("x")
    assert (len(table._baskets), len(table._due)) == (1, 1)
    table.sweep(10)
    assert (len(table._baskets), len(table._due), table._ledger.size) == (0, 0, 0)


class TableAgainstModel(RuleBasedStateMachine):
    """The table does what a dictionary with moments does."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(Ledger())
        self.model: dict[str, tuple[bytes, float]] = {}
        self.now = 0.0

    @rule(key=KEYS, value=st.binary(max_size=4), life=st.floats(0.01, 5))
    def put(self, key: str, value: bytes, life: float) -> None:
        """Keep a value."""
        self.table.put(key, value, self.now + life)
        self.model[key] = (value, self.now + life)

    @rule(key=KEYS)
    def drop(self, key: str) -> None:
        """Forget a key."""
        self.table.drop(key)
        self.model.pop(key, None)

    @rule(seconds=st.floats(0, 4))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @rule()
    def sweep(self) -> None:
        """Clear away."""
        self.table.sweep(self.now)

    @invariant()
    def the_same(self) -> None:
        """Every key gives what the model gives; the books are right."""
        for key in "abcdefgh":
            value, end = self.model.get(key, (None, 0.0))
            assert self.table.get(key, self.now) == (value if self.now < end else None)
        assert self.table._ledger.size == sum(len(value) for value, _ in self.table._records.values())
        assert self.table._ledger.records == len(self.table)
        assert sum(map(len, self.table._baskets.values())) == len(self.table)


TestTableAgainstModel = TableAgainstModel.TestCase
