"""What the core keeps, as bytes: JSON of `[version, value]`, with bytes in base64url.

A record of another version, or a damaged one, reads as absent: its login is then simply unknown, and no error carries
its content anywhere.
"""

from typing import Final, Generic, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.broker.login import Login, Trip

Version = Literal[1]
"""To be raised with every change of a kept value that a running process of the release before cannot read."""

Value = TypeVar("Value")

CONFIG: Final = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
"""How values become JSON."""


class Codec(Generic[Value]):
    """One kind of value to bytes and back."""

    def __init__(self, adapter: TypeAdapter[tuple[Version, Value]]) -> None:
        self._adapter = adapter

    def encode(self, value: Value) -> bytes:
        """The value as a record."""
        return self._adapter.dump_json((1, value))

    def decode(self, record: bytes | None) -> Value | None:
        """The value of a record; None when there is none that can be read."""
        if record is None:
            return None
        try:
            return self._adapter.validate_json(record)[1]
        except ValidationError:
            return None


LOGIN: Final = Codec(TypeAdapter(tuple[Version, Login], config=CONFIG))
TRIP: Final = Codec(TypeAdapter(tuple[Version, Trip], config=CONFIG))
SET_BACK: Final = Codec(TypeAdapter(tuple[Version, Failure], config=CONFIG))
