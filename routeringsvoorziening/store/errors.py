"""What a store raises besides the core's `TooBusy`."""


class StoreUnavailable(OSError):
    """The store is out of reach, slow, or refuses. Nothing may be assumed about what it did: answer 503.

    Its text names the kind of trouble and never a key or a value.
    """
