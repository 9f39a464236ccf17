"""What the process that trains a run does: it trains, and tells of it in the run's folder.

Obeys the control file of the run, and SIGINT and SIGTERM, which stop (`desk`). Whoever starts this
process holds the lock of the runs folder for it (`lock`). torch is imported only once the process
can be stopped.
"""

import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_model.model.checkpoint import CONFIG_FILE, Checkpoint, CheckpointError, load, save
from vae_model.model.config import DIGITS, ConfigError
from vae_model.runs import events
from vae_model.runs.desk import CONTROL_SECONDS, Desk
from vae_model.runs.events import Phase, Progress
from vae_model.runs.folders import CHECKPOINT_FOLDER, EVENTS_FILE, epoch_folder
from vae_model.runs.run import Run

if TYPE_CHECKING:
    from vae_model.training.epoch_report import EpochReport
    from vae_model.training.resumable import ResumableTraining

RATE_SECONDS = 3.0
"""Images per second are measured over so long."""


class RunFailed(Exception):
    """The training ended early; the message says why, and stands in the run's events."""


def train_run(run: Run, threads: int = 1) -> bool:
    """Train a run from where it is to its end, or until it is told to stop; says whether it is the
    end. For the main thread of a process of its own: a stop that cannot wait ends the process.

    Raises RunFailed.
    """
    desk = Desk(run.path)
    try:
        with desk.obeying((signal.SIGINT, signal.SIGTERM)):
            finished = _train(run, threads, desk)
    except Exception as error:
        # Whatever it was, a reader of the run must be told.
        message = _explain(error, run.path)
        desk.tell("failed", message=message)
        raise RunFailed(message) from error
    desk.tell("finished" if finished else "stopped")
    return finished


def fixed_style(z_dim: int) -> np.ndarray:
    """The style, (z_dim,), that all epochs of all runs write their second row of digits in. Runs
    of fewer style dims have the first of the same numbers."""
    return np.random.default_rng(0).standard_normal(z_dim, dtype=np.float32)


def _train(run: Run, threads: int, desk: Desk) -> bool:
    desk.show(Progress("data", message="starting"))
    checkpoint = run.path / CHECKPOINT_FOLDER
    if (checkpoint / CONFIG_FILE).exists() and not load(checkpoint).training_state:
        return True  # It was killed between its last epoch and saying so.
    import torch
    from tqdm import tqdm

    from vae_model.training.resumable import ResumableTraining, load_data

    torch.set_num_threads(max(1, threads))
    setup = run.setup
    if (checkpoint / CONFIG_FILE).exists():
        fit = ResumableTraining.resume(checkpoint)
    else:
        data = load_data(setup.data, setup.held_out)
        fit = ResumableTraining.begin(
            checkpoint, setup.preset, setup.model, setup.train, data, setup.held_out
        )
    data = fit.training.data
    desk.tell(
        "started",
        data=data.name,
        training_images=len(data.train),
        test_images=len(data.test),
        epoch=fit.training.epoch,
    )
    meter = _Meter(fit)
    desk.show(meter.progress("training"))

    total = fit.training.config.epochs * fit.training.batches
    done = fit.training.epoch * fit.training.batches + fit.training.batch
    # Shown on a terminal, not in a log.
    bar = tqdm(total=total, initial=done, unit="batch", mininterval=0.5, disable=None)

    def on_batch() -> None:
        bar.update()
        meter.count()
        if fit.training.batch == fit.training.batches:
            desk.show(meter.progress("testing"))
        elif desk.is_due():
            desk.show(meter.progress("training"))

    def on_epoch(report: "EpochReport", model: Checkpoint) -> None:
        desk.show(meter.progress("saving"))
        _keep_epoch(run.path, report, model)
        bar.write(epoch_line(report.figures()), file=sys.stdout)
        sys.stdout.flush()

    def on_saved() -> None:
        desk.show(meter.progress("training"))

    def should_stop() -> bool:
        with meter.halted():
            stop = desk.waits_to_stop()
        if stop:
            desk.show(meter.progress("saving"))
        return stop

    with bar:
        return fit.run(should_stop, on_batch, on_epoch, on_saved)


def _keep_epoch(path: Path, report: "EpochReport", model: Checkpoint) -> None:
    """The model first: what an event tells of is there. Raises CheckpointError, OSError."""
    from vae_model.engine.digit_engine import DigitEngine

    kept = Checkpoint(
        model=model.model,
        train=model.train,
        weights=model.weights,
        history=model.history[-1:],
        provenance=model.provenance,
    )
    save(epoch_folder(path, report.epoch), kept)
    z_dim = model.model.z_dim
    styles = np.broadcast_to(fixed_style(z_dim), (DIGITS, z_dim))
    fixed = DigitEngine(kept).decode(styles, np.eye(DIGITS, dtype=np.float32))
    values = events.epoch_values(report.figures(), report.digits, fixed)
    events.append(path / EVENTS_FILE, "epoch", **values)


def epoch_line(figures: dict[str, Any]) -> str:
    """An epoch's figures for a terminal."""
    train, test = figures["train"], figures["test"]
    return (
        f"epoch {figures['epoch']:3d}  VAE loss {train['vae_loss']:7.2f} (test "
        f"{test['vae_loss']:7.2f} = {test['recon_nll']:.2f} + KL {test['kl']:.2f})  "
        f"classification {train['classification_loss']:.4f} (test "
        f"{test['classification_loss']:.4f})  accuracy {test['accuracy']:.4f}  "
        f"{figures['images_per_second']:.0f} images/s"
    )


class _Meter:
    """How fast a training goes, and how long it will take."""

    def __init__(self, fit: "ResumableTraining") -> None:
        self._training = fit.training
        self._images = len(self._training.data.train) / self._training.batches
        """Per batch."""
        self._began = time.monotonic()
        """When the first batch was done: before it an epoch's images are shuffled and drawn."""
        self._counted = 0
        """Batches since then."""
        self._marks: deque[tuple[float, int]] = deque()

    def count(self) -> None:
        now = time.monotonic()
        if self._marks:
            self._counted += 1
        else:
            self._began = now
        self._marks.append((now, self._counted))
        while len(self._marks) > 2 and now - self._marks[0][0] > RATE_SECONDS:
            self._marks.popleft()

    @contextlib.contextmanager
    def halted(self) -> Iterator[None]:
        """Within the block, the clock stands still."""
        start = time.monotonic()
        yield
        pause = time.monotonic() - start
        self._began += pause
        if pause > CONTROL_SECONDS / 4 and self._marks:
            self._marks = deque([(time.monotonic(), self._counted)])

    def progress(self, phase: Phase) -> Progress:
        training = self._training
        done = training.epoch * training.batches + training.batch
        left = training.config.epochs * training.batches - done
        seconds = time.monotonic() - self._began
        rate = 0.0
        if len(self._marks) > 1:
            (since, first), (until, last) = self._marks[0], self._marks[-1]
            rate = (last - first) * self._images / max(until - since, 1e-9)
        return Progress(
            phase=phase,
            epoch=training.epoch,
            epochs=training.config.epochs,
            batch=training.batch,
            batches=training.batches,
            images_per_second=rate,
            seconds_left=seconds / self._counted * left if self._counted else 0.0,
        )


def _explain(error: Exception, path: Path) -> str:
    """What went wrong, for whoever looks at the run."""
    from vae_model.data.mnist import DataError
    from vae_model.training.trainer import Diverged

    if isinstance(error, Diverged | DataError | CheckpointError | ConfigError):
        return str(error).replace(f"{path.absolute()}{os.sep}", "").replace(f"{path}{os.sep}", "")
    if isinstance(error, OSError):
        return f"cannot write: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"
