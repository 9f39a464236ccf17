"""Where the orders of a job's process come in and its news go out: the folder of its run.

Orders are the control file ("pause", "run" or "stop") and, for a training, SIGINT and SIGTERM,
which stop. No process is ever signalled: its id means nothing to a server in another container.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vae_model.data.folder import DOWNLOAD_BYTES, downloaded_bytes
from vae_model.runs import events
from vae_model.runs.events import EventName, Phase, Progress
from vae_model.runs.folders import CONTROL_FILE, EVENTS_FILE, PROGRESS_FILE

PROGRESS_SECONDS = 0.25
CONTROL_SECONDS = 0.1
PATIENCE_SECONDS = 1.5
"""How long after a stop the batch at work may take before it is given up."""
STOPPED_CODE = 130


class Desk:
    """The orders and the news of one run. For the main thread of a process of its own: a stop that
    cannot wait ends the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        """Held while something is written, and while the process is ended."""
        self._shown = 0.0
        self._stop_asked = 0.0
        """When, by the monotonic clock; 0 while nobody did."""
        self._paused = False
        self._over = threading.Event()
        self.phase: Phase = "data"

    @contextlib.contextmanager
    def obeying(self, signals: tuple[signal.Signals, ...] = ()) -> Iterator[None]:
        """Within the block, orders are taken; these signals stop as the control file does."""
        previous = {number: signal.signal(number, self._take_signal) for number in signals}
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
        """Whether the progress that is shown is old."""
        return time.monotonic() - self._shown >= PROGRESS_SECONDS

    def show(self, progress: Progress) -> None:
        """Replace the progress. Its phase says what a stop may end: what is saved it never cuts."""
        with self._lock:
            self.phase = progress.phase
            self._shown = time.monotonic()
            # Missed progress is no reason to end a job.
            with contextlib.suppress(OSError):
                events.write_progress(self._path / PROGRESS_FILE, progress)

    def tell(self, name: EventName, **values: Any) -> None:
        """Add an event, if there is room on the disk."""
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
        is learned, for an evaluation, which is worth nothing before its end, or for a batch that
        takes too long, and with it what is not yet an epoch."""
        waited = time.monotonic() - self._stop_asked
        with self._lock:
            late = self.phase == "training" and waited > PATIENCE_SECONDS
            if not late and self.phase not in ("data", "evaluating"):
                return
            # The story of a run is that of its training.
            if self.phase != "evaluating":
                self.tell("stopped")
            print("vae_model: stopped", file=sys.stderr, flush=True)
            os._exit(STOPPED_CODE)

    def _show_download(self) -> None:
        packed = downloaded_bytes()
        if self.is_due() and packed and packed < DOWNLOAD_BYTES:
            done, all_of_it = packed / 1e6, DOWNLOAD_BYTES / 1e6
            message = f"downloading MNIST: {done:.1f} of {all_of_it:.1f} MB"
            self.show(Progress("data", share=packed / DOWNLOAD_BYTES, message=message))


def _order(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""
