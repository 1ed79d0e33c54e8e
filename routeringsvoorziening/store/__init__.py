"""Short-lived state, behind the core's port `Store`: put, peek, take, add once.

In come a kind, a key and bytes with a time to live; every kind is a table. Single use is one atomic operation of the
store, never a read and then a write. The server opens one store; the core, the frontends and the backends share it.

    errors     StoreUnavailable
    managed    a store with its housekeeping: check and close
    table      one bounded table in memory, with exact expiry
    memory     the embedded default
    redis      Redis or Valkey, for more than one process
    sealing    AES-GCM and hashed keys around any store
    address    a store's URL, read and checked
    connecting from an address to a Redis client
    opening    from a URL to a store

One contract test (`tests/store/test_contract.py`) is passed by all of them.
"""
