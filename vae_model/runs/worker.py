"""What a process that trains does. torch is imported only once the process can be stopped."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vae_model.data.folder import DataError
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import CONFIG_FILE, Checkpoint, CheckpointError, load, save
from vae_model.model.config import DIGITS, ConfigError
from vae_model.runs import events
from vae_model.runs.desk import Desk, on_signals
from vae_model.runs.events import Phase, Progress, encode_digits
from vae_model.runs.folders import CHECKPOINT_FOLDER, EVENTS_FILE, RunsError, epoch_folder, within
from vae_model.runs.run import Run

if TYPE_CHECKING:
    from vae_model.training.epoch_report import EpochReport
    from vae_model.training.resumable import ResumableTraining

PROGRESS_SECONDS = 0.25


def train_run(run: Run) -> bool:
    """Train a run from where it is to its end, or until it is told to stop; says whether it is the
    end. For the main thread of a process of its own, which holds the lock of the runs folder: a
    stop that cannot wait ends the process.

    Raises RunsError where it ends early: the message says why, and stands in the run's events.
    """
    desk = Desk(run.path)
    try:
        with on_signals(desk.stop), desk.obeying():
            finished = _train(run, desk)
    except Exception as error:
        # Whatever it was, readers of the run are told.
        message = _explain(error, run.path)
        desk.tell("failed", message=message)
        raise RunsError(message) from error
    desk.tell("finished" if finished else "stopped")
    return finished


def fixed_style(z_dim: int) -> np.ndarray:
    """The style, (z_dim,), that all epochs of all runs write their second row of digits in. Runs
    of fewer style dims have the first of the same numbers."""
    return np.random.default_rng(0).standard_normal(z_dim, dtype=np.float32)


def drive(
    fit: "ResumableTraining",
    should_stop: Callable[[], bool],
    show: Callable[[Progress], None] = lambda progress: None,
    keep_epoch: Callable[["EpochReport", Checkpoint], None] = lambda report, model: None,
) -> bool:
    """Train to the end, or until `should_stop`, which may wait; says whether it is the end.

    Each epoch becomes a line on stdout; a terminal gets a progress bar, and `show` its figures.
    `keep_epoch` gets each epoch before it is in the checkpoint. Raises what these two raise,
    Diverged and CheckpointError.
    """
    from tqdm import tqdm

    training = fit.training
    epochs, batches = training.config.epochs, training.batches

    def progress(phase: Phase) -> Progress:
        rate = bar.format_dict["rate"] or 0.0  # batches a second; None at first
        return Progress(
            phase=phase,
            epoch=training.epoch,
            epochs=epochs,
            batch=training.batch,
            batches=batches,
            images_per_second=rate * len(training.data.train) / batches,
            seconds_left=(epochs * batches - bar.n) / rate if rate else 0.0,
        )

    def stop() -> bool:
        asked = time.monotonic()
        stops = should_stop()
        if time.monotonic() - asked > PROGRESS_SECONDS:
            bar.unpause()
        if stops:
            show(progress("saving"))
        return stops

    def on_batch() -> None:
        is_due = bar.update()
        if training.batch == batches:
            show(progress("testing"))
        elif is_due:
            show(progress("training"))

    def on_epoch(report: "EpochReport", model: Checkpoint) -> None:
        show(progress("saving"))
        keep_epoch(report, model)

    def on_saved(report: "EpochReport") -> None:
        # A full log, or a reader who has left, is no reason to end a training.
        with contextlib.suppress(OSError):
            bar.write(_epoch_line(report), file=sys.stdout)
            sys.stdout.flush()
        show(progress("training"))

    with (
        Path(os.devnull).open("w") as nowhere,
        tqdm(
            total=epochs * batches,
            initial=training.epoch * batches + training.batch,
            unit="batch",
            mininterval=PROGRESS_SECONDS,
            miniters=1,
            file=sys.stderr if sys.stderr.isatty() else nowhere,
        ) as bar,
    ):
        show(progress("training"))
        return fit.run(stop, on_batch, on_epoch, on_saved)


def _epoch_line(report: "EpochReport") -> str:
    train, test = report.train, report.test
    return (
        f"epoch {report.epoch:3d}  VAE loss {train.vae_loss:7.2f} (test {test.vae_loss:7.2f} = "
        f"{test.recon_nll:.2f} + KL {test.kl:.2f})  "
        f"classification {train.classification_loss:.4f} (test {test.classification_loss:.4f})  "
        f"accuracy {test.accuracy:.4f}  {report.images_per_second:.0f} images/s"
    )


def _train(run: Run, desk: Desk) -> bool:
    desk.show(Progress("data", message="Starting"))
    path, setup = run.path / CHECKPOINT_FOLDER, run.setup
    has_begun = (path / CONFIG_FILE).exists()
    if has_begun and not load(path).training_state:
        return True  # It was killed between its last epoch and saying so.
    from vae_model.data import mnist
    from vae_model.training.resumable import ResumableTraining

    if has_begun:
        fit = ResumableTraining.resume(path)
    else:
        data = mnist.load(setup.data, setup.held_out)
        fit = ResumableTraining.begin(
            path, setup.preset, setup.model, setup.train, data, setup.held_out
        )
    desk.tell("started", data=fit.training.data.name)
    return drive(fit, desk.waits_to_stop, desk.show, partial(_keep_epoch, run.path))


def _keep_epoch(path: Path, report: "EpochReport", model: Checkpoint) -> None:
    """The model first: what an event tells of is there. Raises CheckpointError, OSError."""
    kept = replace(model, history=[], training_state={})
    save(epoch_folder(path, report.epoch), kept)
    z_dim = model.model.z_dim
    styles = np.broadcast_to(fixed_style(z_dim), (DIGITS, z_dim))
    fixed = DigitEngine(kept).decode(styles, np.eye(DIGITS, dtype=np.float32))
    told = {"digits": encode_digits(report.digits), "fixed_digits": encode_digits(fixed)}
    events.append(path / EVENTS_FILE, "epoch", figures=report.figures(), **told)


def _explain(error: Exception, path: Path) -> str:
    from vae_model.training.trainer import Diverged

    if isinstance(error, Diverged | DataError | CheckpointError | ConfigError):
        return within(path, str(error))
    if isinstance(error, OSError):
        return f"cannot write: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"
