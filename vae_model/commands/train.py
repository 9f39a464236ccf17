"""The command `train`."""

import argparse
import sys
from pathlib import Path

from vae_model.commands.arguments import chooses, chosen
from vae_model.commands.console import Failure, load_data, say_error
from vae_model.model.checkpoint import check_place
from vae_model.model.config import ConfigError
from vae_model.runs.desk import STOPPED_CODE, go_on_with, on_signals
from vae_model.runs.folders import EPOCHS_FOLDER, folder, fresh_id, run_folder, run_of
from vae_model.runs.jobs import NO_LOCK, claimed
from vae_model.runs.lock import AVAILABLE
from vae_model.runs.run import Run, create, load
from vae_model.runs.worker import drive, train_run


def train(options: argparse.Namespace) -> int:
    """Train a new run, a plain checkpoint folder, or go on with either; the exit code."""
    if not AVAILABLE:
        raise Failure(NO_LOCK)
    if options.resume:
        if chooses(options):
            raise ConfigError("--resume goes on as it was begun: give nothing else with it")
        if run := run_of(options.resume):
            return _resume_run(run)
    elif not options.out:
        return _train_new_run(options)
    return _train_checkpoint(options)


def _train_new_run(options: argparse.Namespace) -> int:
    setup = chosen(options)
    path = (options.run or folder() / fresh_id()).absolute()
    # Before anything there is touched, even for the lock.
    run_folder(path.parent, path.name, exists=False)
    with claimed(path, "training"):
        return _train_run(create(path.parent, setup, run_id=path.name))


def _resume_run(path: Path) -> int:
    run = load(path.parent, path.name)
    if run.state == "finished":
        raise Failure(f"{path} holds no unfinished training")
    with claimed(path, "training"):
        return _train_run(run)


def _train_run(run: Run) -> int:
    print(f"run: {run.name!r} in {run.path}", file=sys.stderr)
    return _ended(train_run(run), run.path)


def _train_checkpoint(options: argparse.Namespace) -> int:
    if options.out:
        setup = chosen(options)
        # A model of a run would tell of one training and hold another.
        above = options.out.resolve().parent
        if run := run_of(above.parent if above.name == EPOCHS_FOLDER else options.out):
            raise Failure(f"{options.out} belongs to the run {run}: choose another folder")
        check_place(options.out)
        data = load_data(setup.data, setup.held_out)
    from vae_model.training.resumable import ResumableTraining
    from vae_model.training.trainer import Diverged

    try:
        if options.out:
            fit = ResumableTraining.begin(
                options.out, setup.preset, setup.model, setup.train, data, setup.held_out
            )
        else:
            fit = ResumableTraining.resume(options.resume)
            check_place(fit.out)
        # Unlike an Event's, a list's own step is whole: a second signal may cut into the first.
        asked: list[bool] = []
        with on_signals(lambda: asked.append(True)):
            return _ended(drive(fit, lambda: bool(asked)), fit.out)
    except Diverged as error:
        kept = f"{fit.out} keeps what was saved last" if fit.is_saved else "nothing was saved"
        raise Failure(f"{error} ({kept})") from error


def _ended(is_finished: bool, path: Path) -> int:
    if is_finished:
        print(f"wrote {path}")
        return 0
    return say_error(f"stopped; {go_on_with(path)}", STOPPED_CODE)
