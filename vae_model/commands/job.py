"""A process in the background of the app, which `vae_model.runs.jobs` starts:

    python -m vae_model.commands.job training RUN LOCK
    python -m vae_model.commands.job evaluation RUN LOCK
    python -m vae_model.commands.job estimate SPEC

RUN is a run's folder and LOCK the number of the open file that holds the lock of the runs folder;
SPEC is a TrainingSpec as JSON, and its seconds are printed.
"""

import json
import os
import sys
from pathlib import Path

from vae_model.commands.evaluate import measure_run
from vae_model.runs.jobs import NICENESS
from vae_model.runs.run import load
from vae_model.runs.spec import TrainingSpec
from vae_model.runs.worker import train_run


def main(kind: str, *arguments: str) -> None:
    """Do it. Raises what ends it early, which a run's events tell of too."""
    if kind == "estimate":
        print(_estimated(TrainingSpec.from_json(json.loads(arguments[0]))))
        return
    path, lock = Path(arguments[0]), int(arguments[1])
    os.nice(NICENESS)
    try:
        if kind == "training":
            train_run(load(path.parent, path.name))
        else:
            measure_run(path)
    finally:
        # Before the interpreter goes, which takes a while with torch.
        os.close(lock)


def _estimated(setup: TrainingSpec) -> float:
    from vae_model.data.folder import which
    from vae_model.data.mnist import SAMPLE_TEST, SAMPLE_TRAIN
    from vae_model.training.estimate import estimate

    full = (60_000, 10_000)
    images, tested = full if which(setup.data) == "mnist" else (SAMPLE_TRAIN, SAMPLE_TEST)
    return estimate(setup.model, setup.train, images, tested)


if __name__ == "__main__":
    main(*sys.argv[1:])
