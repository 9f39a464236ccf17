"""The commands `train` and `estimate`."""

import argparse
import json
import signal
import sys
from typing import TYPE_CHECKING

from vae_model.commands.arguments import chooses, chosen
from vae_model.commands.console import (
    Failure,
    give_way,
    holding_lock,
    load_data,
    say_error,
    use_threads,
)
from vae_model.model.checkpoint import Checkpoint, check_place, load
from vae_model.model.config import ConfigError
from vae_model.runs.folders import RUN_FILE, folder, fresh_id, run_folder
from vae_model.runs.jobs import NO_LOCK
from vae_model.runs.lock import AVAILABLE
from vae_model.runs.run import Run, create
from vae_model.runs.run import load as load_run
from vae_model.runs.spec import TrainingSpec

# torch is imported where a command needs it: --help and usage errors answer at once.
if TYPE_CHECKING:
    from vae_model.training.epoch_report import EpochReport
    from vae_model.training.resumable import ResumableTraining


def train(options: argparse.Namespace) -> int:
    """Train a new run, a plain checkpoint folder, or go on with either; the exit code."""
    if not AVAILABLE:
        raise Failure(NO_LOCK)
    give_way(options.nice)
    if sum(place is not None for place in (options.run, options.out, options.resume)) > 1:
        raise ConfigError("train takes one of --run DIR, --out DIR and --resume DIR")
    if options.name and (options.out or options.resume):
        raise ConfigError("--name is for a new run")
    if options.resume is None:
        if options.out is None:
            return _train_new_run(options)
        name, model, config = chosen(options)
        check_place(options.out)
        data = load_data(options.data, options.threads, options.hold_out)
        from vae_model.training.resumable import ResumableTraining

        held_out = options.hold_out
        return _train_plainly(
            ResumableTraining.begin(options.out, name, model, config, data, held_out)
        )
    if chooses(options):
        raise ConfigError("--resume goes on as it was begun: give no preset or hyperparameters")
    if (options.resume / RUN_FILE).is_file():
        return _resume_run(options)
    load(options.resume)  # Says at once, without torch, what is wrong with it.
    use_threads(options.threads)
    from vae_model.data.mnist import DataError
    from vae_model.training.resumable import ResumableTraining

    try:
        return _train_plainly(ResumableTraining.resume(options.resume))
    except DataError as error:
        raise Failure(" ".join(error.args)) from error


def _train_new_run(options: argparse.Namespace) -> int:
    setup = TrainingSpec(*chosen(options), options.data, options.hold_out)
    path = options.run.absolute() if options.run else folder() / fresh_id()
    # Before anything there is touched, even for the lock.
    run_folder(path.parent, path.name, exists=False)
    with holding_lock(options, path, "training"):
        return _train_run(create(path.parent, setup, options.name, path.name), options.threads)


def _resume_run(options: argparse.Namespace) -> int:
    path = options.resume.absolute()
    run = load_run(path.parent, path.name)
    if run.state == "finished":
        raise Failure(f"{options.resume} holds no unfinished training")
    with holding_lock(options, path, "training"):
        return _train_run(run, options.threads)


def _train_run(run: Run, threads: int) -> int:
    from vae_model.runs.desk import STOPPED_CODE
    from vae_model.runs.worker import RunFailed, train_run

    print(f"run: {run.name!r} in {run.path}", file=sys.stderr)
    try:
        finished = train_run(run, threads)
    except RunFailed as error:
        raise Failure(str(error)) from error
    if not finished:
        again = f"python -m vae_model train --resume {run.path}"
        return say_error(f"stopped; go on with: {again}", STOPPED_CODE)
    print(f"wrote {run.path}")
    return 0


def _train_plainly(fit: "ResumableTraining") -> int:
    """Train to the end or to an interrupt, saving after each epoch and when stopped."""
    from tqdm import tqdm

    from vae_model.runs.worker import epoch_line
    from vae_model.training.trainer import Diverged

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    training = fit.training
    total = training.config.epochs * training.batches
    done = training.epoch * training.batches + training.batch
    try:
        with tqdm(total=total, initial=done, unit="batch", mininterval=0.5) as bar:

            def advance() -> None:
                bar.update()

            def on_epoch(report: "EpochReport", _: Checkpoint) -> None:
                bar.write(epoch_line(report.figures()), file=sys.stdout)

            finished = fit.run(lambda: stopped, advance, on_epoch)
    except Diverged as error:
        kept = f"{fit.out} keeps the last whole epoch" if fit.history else "nothing was saved"
        raise Failure(f"{error} ({kept})") from error
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if not finished:
        return say_error(f"stopped; go on with: python -m vae_model train --resume {fit.out}", 130)
    print(f"wrote {fit.out}")
    return 0


def estimate(options: argparse.Namespace) -> int:
    """Say how long a training would take; the exit code."""
    setup = TrainingSpec(*chosen(options), options.data)
    use_threads(options.threads)
    from vae_model.data.folder import is_downloaded
    from vae_model.data.mnist import SAMPLE_TEST, SAMPLE_TRAIN
    from vae_model.training import estimate as clock

    full = setup.data == "mnist" or (setup.data == "auto" and is_downloaded())
    images, tested = (60_000, 10_000) if full else (SAMPLE_TRAIN, SAMPLE_TEST)
    seconds = clock.estimate(setup.model, setup.train, images, tested)
    if options.json:
        values = {"seconds": seconds, "parameters": setup.parameters, "bytes": setup.bytes_needed}
        print(json.dumps(values))
    else:
        time = f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
        print(
            f"{setup.parameters:,} parameters, about {time} for "
            f"{images:,} images, up to {setup.bytes_needed / 1e6:,.0f} MB of disk"
        )
    return 0
