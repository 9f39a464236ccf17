"""The orders and the news of the process that works on a run, in the run's folder.

Orders are the control file ("pause", "run" or "stop") and, for a training, SIGINT and SIGTERM,
which stop. No process is ever signalled: its id means nothing to a server in another container.
"""

import contextlib
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vae_model.data.folder import DOWNLOAD_BYTES, raw_folder
from vae_model.runs import events
from vae_model.runs.events import EventName, Phase, Progress
from vae_model.runs.folders import CONTROL_FILE, EVENTS_FILE, PROGRESS_FILE, stamp

CONTROL_SECONDS = 0.1
PATIENCE_SECONDS = 1.5
"""How long after a stop the batch at work may take before one that is asked for again ends it."""
STOPPED_CODE = 130


@contextlib.contextmanager
def on_signals(act: Callable[[], None]) -> Iterator[None]:
    """Within the block, SIGINT and SIGTERM do this. For the main thread."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, lambda *_: act()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def go_on_with(path: Path) -> str:
    """The command that goes on with a run or a checkpoint folder, for a shell."""
    return f"go on with: python -m vae_model train --resume {shlex.quote(str(path))}"


class Desk:
    """Of one run, for the one process that works on it: a stop that cannot wait ends it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        """Held while something is written, and while the process is ended."""
        self._stop_asked = 0.0
        """When, by the monotonic clock; 0 while nobody did."""
        self._stop_insisted = False
        self._paused = False
        self._over = threading.Event()
        self._phase: Phase = "data"

    @contextlib.contextmanager
    def obeying(self) -> Iterator[None]:
        """Within the block, the control file is obeyed."""
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        try:
            yield
        finally:
            self._over.set()
            watch.join()

    def stop(self) -> None:
        """Ask the process to stop; asked once more, as a control file does, it need not save."""
        now = time.monotonic()
        self._stop_asked = self._stop_asked or now
        # `timeout` sends two signals at once, and means one.
        self._stop_insisted |= now - self._stop_asked >= CONTROL_SECONDS

    def waits_to_stop(self) -> bool:
        """Whether to stop; returns only when the run is not paused."""
        if self._paused and not self._stop_asked:
            self.tell("paused")
            while self._paused and not self._stop_asked:
                time.sleep(CONTROL_SECONDS / 2)
            if not self._stop_asked:
                self.tell("resumed")
        return bool(self._stop_asked)

    def show(self, progress: Progress) -> None:
        """Replace the progress. Its phase says what a stop may end: what is saved it never cuts."""
        with self._lock:
            self._phase = progress.phase
            # Missed progress is no reason to end a job.
            with contextlib.suppress(OSError):
                events.write_progress(self._path / PROGRESS_FILE, progress)

    def tell(self, name: EventName, **values: Any) -> None:
        """Add an event, if there is room on the disk."""
        try:
            with self._lock:
                events.append(self._path / EVENTS_FILE, name, **values)
        except OSError as error:
            with contextlib.suppress(OSError):  # The log may be on the same disk.
                print(f"vae_model: cannot note {name!r}: {error}", file=sys.stderr, flush=True)

    def _watch(self) -> None:
        while not self._over.wait(CONTROL_SECONDS):
            try:
                order = (self._path / CONTROL_FILE).read_text().strip()
            except (OSError, ValueError):
                order = ""
            self._paused = order == "pause"
            if order == "stop":
                self.stop()
            if self._stop_asked:
                self._end_if_stuck()
            with self._lock:
                if self._phase == "data":
                    self._show_download()

    def _end_if_stuck(self) -> None:
        """End the process where a stop would have to wait: for imports and data, in which nothing
        is learned, for an evaluation, which is worth nothing before its end, or, where it was asked
        for again, for a batch that takes too long, and with it what is not yet an epoch."""
        with self._lock:
            waited = time.monotonic() - self._stop_asked
            gives_up = {"data", "evaluating"}
            if self._stop_insisted and waited > PATIENCE_SECONDS:
                gives_up.add("training")
            if self._phase not in gives_up:
                return
            said = "vae_model: stopped"
            # An evaluation is no part of the training's state.
            if self._phase != "evaluating":
                self.tell("stopped")
                said += f"; {go_on_with(self._path)}"
            with contextlib.suppress(OSError):  # The stop does not wait for somebody to hear of it.
                print(said, file=sys.stderr, flush=True)
            os._exit(STOPPED_CODE)

    def _show_download(self) -> None:
        packed = sum(stamp(path)[1] for path in raw_folder().glob("*.gz"))
        if 0 < packed < DOWNLOAD_BYTES:
            message = f"Downloading MNIST: {packed / 1e6:.1f} of {DOWNLOAD_BYTES / 1e6:.1f} MB"
            self.show(Progress("data", share=packed / DOWNLOAD_BYTES, message=message))
