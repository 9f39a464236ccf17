"""python -m tools.test_often [--times 10] [--busy 3]: whether `make test` passes each time, and how
long it takes; the last runs beside a load that keeps every core busy.

What a run printed lies in build/tests/. Ends in one JSON line; exit code 1 where a run failed.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "tests"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10, help="runs in all")
    parser.add_argument("--busy", type=int, default=3, help="of them beside a load on every core")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, list[float]] = {"alone": [], "busy": []}
    failed = []
    for number in range(1, options.times + 1):
        kind = "busy" if number > options.times - options.busy else "alone"
        log = LOGS / f"{number:02d}.txt"
        start = time.monotonic()
        with load() if kind == "busy" else contextlib.nullcontext(), log.open("wb") as out:
            done = subprocess.run(["make", "test"], cwd=ROOT, stdout=out, stderr=out, check=False)
        seconds[kind].append(time.monotonic() - start)
        if done.returncode:
            failed.append(number)
        said = "passed" if not done.returncode else f"FAILED, see {log.relative_to(ROOT)}"
        print(f"run {number:2d}, {kind}: {said}, {seconds[kind][-1]:.0f} s", flush=True)
    figures = {
        kind: {"median": round(statistics.median(each)), "max": round(max(each))}
        for kind, each in seconds.items()
        if each
    }
    cores = os.cpu_count()
    print(json.dumps({"times": options.times, "failed": failed, "cores": cores, "s": figures}))
    return 1 if failed else 0


@contextlib.contextmanager
def load() -> Iterator[None]:
    """Within the block a process keeps every core busy."""
    spin = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(spin) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
