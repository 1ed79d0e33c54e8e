"""Keeps the metadata that is fetched from URLs fresh, while the server runs.

In come the sources that the configuration names; out go parts of a configuration that were judged as strictly as at
the start, and copies on disk for the next start. Whatever goes wrong, what is in use stays in use, until its own
validUntil: a bad refresh never weakens anything, and is counted and logged (S85).

    pace        when to look again
    refresher   fetch, judge, keep, hand over: every source at its time
    succession  the configuration in use, and how another takes its place; `rv serve` reloads through it
    telling     what of it the numbers and readiness say
    upkeep      all of it, for as long as a server runs
"""
