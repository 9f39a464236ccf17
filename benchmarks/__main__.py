"""Runs the benchmarks, and writes what they measured into benchmarks/results.json and
docs/measured.md.

    python -m benchmarks [NAME ...]    all, or those named; the others keep their last results
    python -m benchmarks --table       runs none: makes the table anew

A benchmark that fails keeps its last result, and this its exit code.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from benchmarks.tables import replaced

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
MEASURED = ROOT / "docs" / "measured.md"
COMMANDS = {
    "seeds": [],
    "training_speed": ["--data", "mnist"],
    "style_board": [],
    "first_paint": [],
    "map": [],
    "draw_latency": [],
    "app_training": [],
    "unlike_digits": ["--data", "mnist"],
    "handwriting": [],
    "strangers": [],
    "fonts": [],
    "writers": [],
    "drawing_robustness": ["--data", "mnist", "--images", "2000"],
    "pictures": [],
    "fuzz": [],
    "kill_training": [],
    "load": [],
    "faults": [],
    "replicas": [],
    "container": [],
}
"""In the order they run, with their arguments; over an hour in all, and two more where build/ has
no models of the other seeds. `fonts` fetches 480 MB by npm, `writers` needs a file that is not
here, the last two need Caddy, and podman or docker."""


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMMANDS))
    parser.add_argument("--table", action="store_true", help="run none")
    options = parser.parse_args()
    unknown = set(options.names) - set(COMMANDS)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    names = [] if options.table else options.names or list(COMMANDS)
    failed = [name for name in names if not run(name)]
    text = MEASURED.read_text(encoding="utf-8")
    MEASURED.write_text(replaced(text, measured()), encoding="utf-8")
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def run(name: str) -> bool:
    """One benchmark in a process of its own; whether it came to its end. Its result is kept."""
    print(f"--- {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *COMMANDS[name]]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    if process.returncode:
        return False
    keep(name, json.loads(last))
    return True


def keep(name: str, result: dict[str, object]) -> None:
    """Write a result, with when and where it was measured, beside the others'."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    python = platform.python_version()
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {python}"
    results[name] = {"date": date.today().isoformat(), "machine": machine, "result": result}
    ordered = {key: results[key] for key in COMMANDS if key in results}
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


def measured() -> dict[str, object]:
    """The last result of each benchmark."""
    return {name: each["result"] for name, each in json.loads(RESULTS.read_text()).items()}


if __name__ == "__main__":
    main()
