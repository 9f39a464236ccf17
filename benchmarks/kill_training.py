"""What is left of a training when everything is killed at random moments.

python -m benchmarks.kill_training [--kills N] [--epochs N] [--seed N]

A process that stands for the server starts a run in the background, or goes on with it; some time
later it and the training are killed with SIGKILL: while torch is imported, in the middle of an
epoch, or while an epoch is saved. Then a look into the runs folder must find every run, every
epoch that was ever seen there, and no file that is half written. At last the run is let go to its
end, and must be what the same training gives that nobody disturbed, to the bit. The last line is
JSON.
"""

import argparse
import collections
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from vae_model.model.checkpoint import CheckpointError, load
from vae_model.model.marked import entries
from vae_model.runs import jobs
from vae_model.runs import run as runs
from vae_model.runs.lock import holder
from vae_model.runs.run import Run
from vae_model.runs.spec import TrainingSpec

SERVER = """
import subprocess, sys, time
from pathlib import Path
from vae_model.runs import jobs

class Told(subprocess.Popen):
    def __init__(self, *arguments, **values):
        super().__init__(*arguments, **values)
        print(self.pid, flush=True)

subprocess.Popen = Told
jobs.resume(Path(sys.argv[1]), sys.argv[2])
print("begun", flush=True)
time.sleep(600)
"""
LONGEST_S = 6.0
"""Before a kill; of that the imports take about half."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    setup = TrainingSpec.of("quick", {"epochs": options.epochs}, "sample")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        whole = runs.create(root, setup, "undisturbed", "whole")
        jobs.resume(root, whole.id)
        cut = runs.create(root, setup, "killed", "cut")
        whole = finish(root, whole.id)
        faults: list[str] = []
        hit: collections.Counter[str] = collections.Counter()
        seen = 0
        for number in range(options.kills):
            phase = kill_one(root, cut.id, chance.uniform(0.0, LONGEST_S), faults)
            hit[phase] += 1
            run, found = look(root, cut.id)
            if len(run.epochs) < seen:
                found.append(f"{seen} epochs were there, {len(run.epochs)} are")
            seen = len(run.epochs)
            faults += found
            print(f"kill {number + 1:2d} while {phase:10} epochs {seen:2d}  {found or 'whole'}")
        if runs.load(root, cut.id).state != "finished":
            jobs.resume(root, cut.id)
        same = is_same(finish(root, cut.id), whole)
    result = {"tried": options.kills, "faults": len(faults), "hit": dict(hit), "identical": same}
    print(json.dumps(result))


def kill_one(root: Path, run_id: str, after: float, faults: list[str]) -> str:
    """Go on with the run by way of a server, and kill both; what the training was at."""
    if runs.load(root, run_id).state == "finished":
        return "finished"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(root), run_id], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    training = server.stdout.readline().strip()
    if not training.isdigit() or server.stdout.readline().strip() != "begun":
        faults.append("the server could not go on with the run")
    # What the killed one left half written is gone as soon as the next has the run.
    left = [entry for entry in entries(root / run_id) if entry.name.startswith(".")]
    left += [e for e in entries(root / run_id / "epochs") if e.name.startswith(".")]
    if left and runs.load(root, run_id).progress is None:
        faults.append(f"left over: {left}")
    time.sleep(after)
    run = runs.load(root, run_id)
    phase = run.progress.phase if run.job and run.progress else "starting"
    if training.isdigit() and holder(root):
        os.kill(int(training), signal.SIGKILL)
    server.kill()
    server.communicate()
    while holder(root):
        time.sleep(0.01)
    return phase


def look(root: Path, run_id: str) -> tuple[Run, list[str]]:
    """The run as the next server finds it, and what is wrong with the folder."""
    listing = runs.list_runs(root)
    faults = [f"{name}: {reason}" for name, reason in listing.broken.items()]
    if {run.id for run in listing.runs} != {"whole", run_id}:
        faults.append("a run is missing")
    run = runs.load(root, run_id)
    if run.state not in ("interrupted", "finished"):
        faults.append(f"the run is {run.state}")
    models = [run.epoch_model(epoch.number) for epoch in run.epochs]
    if run.model:
        models.append(run.model)
    for model in models:
        try:
            load(model)
        except CheckpointError as error:
            faults.append(str(error))
    return run, faults


def finish(root: Path, run_id: str) -> Run:
    while (run := runs.load(root, run_id)).job:
        time.sleep(0.1)
    assert run.state == "finished", run
    return run


def is_same(first: Run, second: Run) -> bool:
    """Whether curves, digits and weights of all epochs are equal to the bit."""
    if [(e.train, e.test) for e in first.epochs] != [(e.train, e.test) for e in second.epochs]:
        return False
    for one, other in zip(first.epochs, second.epochs, strict=True):
        weights = load(first.epoch_model(one.number)).weights
        others = load(second.epoch_model(other.number)).weights
        if not all(np.array_equal(weight, others[name]) for name, weight in weights.items()):
            return False
        if not np.array_equal(one.digits(fixed_style=True), other.digits(fixed_style=True)):
            return False
    return True


if __name__ == "__main__":
    main()
