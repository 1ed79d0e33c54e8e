"""What the house tells about itself: log lines, counts, evidence, health. Never an identifier of a person.

The server makes one of each and hands them to the rooms that need them; the core knows only its own ports (`Meter`,
`AuditTrail`, `Store`). Nothing in here waits for a disk or a terminal on the event loop.

    lines.py          lines to a file or a stream, written by a thread of their own
    logs.py           structlog: one JSON object per line, with the reference number of the login
    redaction.py      what never gets into a line, whoever wrote it
    access.py         one line per request, without its address's secrets
    metrics.py        Prometheus: the numbers, on a registry of our own; implements the core's `Meter`
    metered_store.py  a store whose operations are counted and timed
    audit.py          the audit trail: what must be provable afterwards
    health.py         named checks behind live and ready
    management.py     the application of the management listener
"""
