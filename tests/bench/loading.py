"""Load one configuration in a fresh process: `python -m tests.bench.loading FILE NAME=VALUE...`. One line of JSON."""

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from routeringsvoorziening.backends.configuring import load_configuration


def main(file: str, *settings: str) -> None:
    """Print how long it took and how much memory the process had at most."""
    overrides = dict(setting.split("=", 1) for setting in settings)
    started, cpu = time.perf_counter(), time.process_time()
    configuration = load_configuration(Path(file), at=datetime.now(UTC), overrides=overrides)
    found = {
        "load_s": round(time.perf_counter() - started, 2),
        "load_cpu_s": round(time.process_time() - cpu, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    if configuration.left_out or configuration.left_out_members:
        raise SystemExit("not everything could be used")
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
