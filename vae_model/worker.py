"""What the process that trains a run does: it trains, tells of it in the run's folder, and obeys.

Obeys the control file of the run ("pause", "run" or "stop") and SIGINT and SIGTERM, which stop.
Whoever starts this process holds the lock of the runs folder for it (`vae_model.lock`). Knows one
run; nothing of command lines or pages. torch is imported only once the process can be stopped.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_model import events
from vae_model.checkpoint import CONFIG_FILE, Checkpoint, CheckpointError, load, save
from vae_model.config import DIGITS, ConfigError
from vae_model.events import EventName, Phase, Progress
from vae_model.run_folders import (
    CHECKPOINT_FOLDER,
    CONTROL_FILE,
    EVENTS_FILE,
    PROGRESS_FILE,
    epoch_folder,
)
from vae_model.runs import Run

if TYPE_CHECKING:
    from vae_model.fit import Fit
    from vae_model.reports import EpochReport

PROGRESS_SECONDS = 0.25
CONTROL_SECONDS = 0.1
PATIENCE_SECONDS = 1.5
"""How long after a stop the batch at work may take before it is given up."""
RATE_SECONDS = 3.0
"""Images per second are measured over so long."""
STOPPED_CODE = 130

MNIST_DOWNLOAD = Path("data") / "MNIST" / "raw"
MNIST_DOWNLOAD_BYTES = 11_594_722
"""Of the four packed files."""


class RunFailed(Exception):
    """The training ended early; the message says why, and stands in the run's events."""


def train_run(run: Run, threads: int = 1) -> bool:
    """Train a run from where it is to its end, or until it is told to stop; says whether it is the
    end. For the main thread of a process of its own: a stop that cannot wait ends the process.

    Raises RunFailed.
    """
    desk = _Desk(run.path)
    try:
        with desk.obeying():
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


def _train(run: Run, threads: int, desk: "_Desk") -> bool:
    desk.show(Progress("data", message="starting"))
    checkpoint = run.path / CHECKPOINT_FOLDER
    if (checkpoint / CONFIG_FILE).exists() and not load(checkpoint).training_state:
        return True  # It was killed between its last epoch and saying so.
    import torch
    from tqdm import tqdm

    from vae_model.fit import Fit, load_data

    torch.set_num_threads(max(1, threads))
    setup = run.setup
    if (checkpoint / CONFIG_FILE).exists():
        fit = Fit.resume(checkpoint)
    else:
        data = load_data(setup.data, setup.held_out)
        fit = Fit.begin(checkpoint, setup.preset, setup.model, setup.train, data, setup.held_out)
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
    from vae_model.engine import DigitEngine

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


class _Desk:
    """Where the run's orders come in and its news go out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._shown = 0.0
        self._stop_asked = 0.0
        """When, by the monotonic clock; 0 while nobody did."""
        self._paused = False
        self._over = threading.Event()
        self.phase: Phase = "data"

    @contextlib.contextmanager
    def obeying(self) -> Iterator[None]:
        """Within the block, orders are taken."""
        previous = {
            number: signal.signal(number, self._take_signal)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        try:
            yield
        finally:
            self._over.set()
            watch.join()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def waits_to_stop(self) -> bool:
        """Whether to stop; returns only when the run is not paused."""
        if self._paused and not self._stop_asked:
            self.tell("paused")
            while self._paused and not self._stop_asked:
                time.sleep(CONTROL_SECONDS / 2)
            if not self._stop_asked:
                self.tell("resumed")
        return bool(self._stop_asked)

    def is_due(self) -> bool:
        return time.monotonic() - self._shown >= PROGRESS_SECONDS

    def show(self, progress: Progress) -> None:
        self.phase = progress.phase
        self._shown = time.monotonic()
        # Missed progress is no reason to end a training.
        with self._lock, contextlib.suppress(OSError):
            events.write_progress(self._path / PROGRESS_FILE, progress)

    def tell(self, name: EventName, **values: Any) -> None:
        try:
            with self._lock:
                events.append(self._path / EVENTS_FILE, name, **values)
        except OSError as error:
            print(f"vae_model: cannot note {name!r}: {error}", file=sys.stderr)

    def _take_signal(self, *_: object) -> None:
        self._stop_asked = self._stop_asked or time.monotonic()

    def _watch(self) -> None:
        while not self._over.wait(CONTROL_SECONDS):
            order = _order(self._path / CONTROL_FILE)
            self._paused = order == "pause"
            if order == "stop":
                self._take_signal()
            if self._stop_asked:
                self._end_if_stuck()
            elif self.phase == "data":
                self._show_download()

    def _end_if_stuck(self) -> None:
        """End the process where a stop would have to wait: for imports and data, in which nothing
        is learned, or for a batch that takes too long, and with it what is not yet an epoch."""
        waited = time.monotonic() - self._stop_asked
        if self.phase == "data" or (self.phase == "training" and waited > PATIENCE_SECONDS):
            self.tell("stopped")
            print("vae_model: stopped", file=sys.stderr, flush=True)
            os._exit(STOPPED_CODE)

    def _show_download(self) -> None:
        packed = sum(_size(path) for path in MNIST_DOWNLOAD.glob("*.gz"))
        if self.is_due() and packed and packed < MNIST_DOWNLOAD_BYTES:
            done, all_of_it = packed / 1e6, MNIST_DOWNLOAD_BYTES / 1e6
            message = f"downloading MNIST: {done:.1f} of {all_of_it:.1f} MB"
            self.show(Progress("data", share=packed / MNIST_DOWNLOAD_BYTES, message=message))


class _Meter:
    """How fast a training goes, and how long it will take."""

    def __init__(self, fit: "Fit") -> None:
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


def _order(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _explain(error: Exception, path: Path) -> str:
    """What went wrong, for whoever looks at the run."""
    from vae_model.data import DataError
    from vae_model.training import Diverged

    if isinstance(error, Diverged | DataError | CheckpointError | ConfigError):
        return str(error).replace(f"{path.absolute()}{os.sep}", "").replace(f"{path}{os.sep}", "")
    if isinstance(error, OSError):
        return f"cannot write: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"
