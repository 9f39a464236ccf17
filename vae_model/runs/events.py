"""What a run tells while it trains: an append-only file of events, and its progress right now.

`events.jsonl` has one JSON object a line: that the training started, paused, went on, stopped,
failed or finished, that it was evaluated, and for every epoch its losses and two rows of digits. A
line is there whole or not at all: a reader leaves out a last one without its newline, the next
writer cuts it off. Progress, which changes several times a second, is a file of its own that is
replaced whole. Events may come from a stranger (an imported run): what is malformed is left out.
"""

import base64
import contextlib
import json
import math
import os
import time
import zlib
from dataclasses import asdict, dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from vae_model.model.config import DIGITS, IMAGE_SIZE, MAX_EPOCHS
from vae_model.model.numbers import number

Event = dict[str, Any]
StatusName = Literal["started", "paused", "resumed", "stopped", "failed", "finished"]
EventName = Literal[StatusName, "epoch", "evaluated", "unevaluated"]
Phase = Literal["data", "training", "testing", "saving", "evaluating"]
LossName = Literal["vae_loss", "recon_nll", "kl", "classification_loss", "accuracy"]

MAX_LINE_BYTES = 24 * 1024
"""Enough for an epoch of 64 style dims whose digits are pure noise."""
SPARE_LINES, SPARE_BYTES = 10_000, 4 * 2**20
"""Beside those of each epoch: starts, stops, pauses, evaluations, and epochs trained twice."""
_MAX_MESSAGE = 500
_DIGITS_SHAPE = (DIGITS, IMAGE_SIZE, IMAGE_SIZE)
_DIGITS_BYTES = math.prod(_DIGITS_SHAPE)


@dataclass(frozen=True)
class Epoch:
    """What one whole epoch gave."""

    number: int
    """Counted from 1."""
    train: dict[str, float]
    """By LossName; averaged over the epoch, while the weights changed."""
    test: dict[str, float]
    """By LossName; of the weights at the epoch's end."""
    kl_per_dim: tuple[float, ...]
    """On the test set, in nats; one for each style dim."""
    _own: str
    _fixed: str

    def digits(self, fixed_style: bool = False) -> NDArray[np.uint8]:
        """The epoch's ten digits, (10, 28, 28), 0-255 ink on 0: in the epoch's own random style as
        in the article, or in the one style that all epochs, and all runs of as many style dims,
        share."""
        return decode_digits(self._fixed if fixed_style else self._own)


@dataclass(frozen=True)
class Progress:
    """Where a job is right now."""

    phase: Phase
    epoch: int = 0
    """Whole epochs done."""
    epochs: int = 0
    batch: int = 0
    """Done of the current epoch."""
    batches: int = 0
    """Per epoch."""
    images_per_second: float = 0.0
    """Over the last seconds; 0 while unknown."""
    seconds_left: float = 0.0
    """Until all epochs are done; 0 while unknown."""
    share: float = 0.0
    """Of the phase, 0-1, where it is data or evaluating."""
    message: str = ""
    """What is being done, for people."""


def max_bytes(epochs: int) -> int:
    """What the events of a run of so many epochs take, at most."""
    return epochs * MAX_LINE_BYTES + SPARE_BYTES


def append(path: Path, name: EventName, **values: Any) -> None:
    """Add an event, on disk before this returns; whole or not at all. A long message is cut.

    Raises OSError (disk full).
    """
    if "message" in values:
        values["message"] = values["message"][:_MAX_MESSAGE]
    event = {"event": name, "at": round(time.time(), 3)} | values
    line = json.dumps(event, allow_nan=False).encode() + b"\n"
    # What failed is in no buffer, which would try again as the file is closed.
    with path.open("ab", buffering=0) as file:
        whole = file.seek(0, os.SEEK_END)
        try:
            while line:
                line = line[file.write(line) :]
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), whole)
            raise


def mend(path: Path) -> None:
    """Cut off a last line that a killed process left half written. For the one writer alone."""
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def read(path: Path, epochs: int = MAX_EPOCHS) -> list[Event]:
    """All whole events, first to last; empty where there is no such file.

    Lines that are no event are left out. Raises OSError, and ValueError for more than a run of so
    many epochs tells.
    """
    events: list[Event] = []
    if not path.exists():
        return events
    if path.stat().st_size > max_bytes(epochs):
        size = max_bytes(epochs) >> 20
        raise ValueError(f"is larger than {size} MiB, more than {epochs} epochs give")
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number >= epochs + SPARE_LINES:
                raise ValueError(f"has more lines than {epochs} epochs give")
            if len(line) > MAX_LINE_BYTES or not line.endswith(b"\n"):
                continue
            with contextlib.suppress(ValueError, RecursionError):
                event = json.loads(line)
                if isinstance(event, dict) and event.get("event") in get_args(EventName):
                    events.append(event)
    return events


def epochs(events: list[Event], z_dim: int) -> list[Epoch]:
    """The epochs among events, from the first on without a gap. Where one was trained twice (its
    process was killed before it could save that it was done) the later counts."""
    told = (_epoch(event, z_dim) for event in events if event["event"] == "epoch")
    found = {epoch.number: epoch for epoch in told if epoch}
    return [found[number] for number in takewhile(found.__contains__, count(1))]


def encode_digits(images: NDArray[np.floating]) -> str:
    """Ten digits, 7840 numbers in [0, 1], as text."""
    pixels = (np.clip(images, 0, 1) * 255).round().astype(np.uint8)
    return base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode()


def decode_digits(text: str) -> NDArray[np.uint8]:
    """Ten digits, (10, 28, 28), of what `encode_digits` made. Raises ValueError."""
    try:
        # One byte more than is needed shows what is too long, however far it would unpack.
        pixels = zlib.decompressobj().decompress(
            base64.b64decode(text, validate=True), _DIGITS_BYTES + 1
        )
    except (ValueError, zlib.error) as error:
        raise ValueError(f"these are no ten digits: {error}") from error
    if len(pixels) != _DIGITS_BYTES:
        raise ValueError("these are no ten digits: they have another size")
    return np.frombuffer(pixels, np.uint8).reshape(_DIGITS_SHAPE)


def write_progress(path: Path, progress: Progress) -> None:
    """Replace the progress file, unsynced: it is worth nothing after a crash. Raises OSError."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(asdict(progress)))
    temporary.replace(path)


def read_progress(path: Path) -> Progress | None:
    """The progress, or None where there is none that can be read."""
    try:
        progress = Progress(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return progress if progress.phase in get_args(Phase) else None


def message(event: Event) -> str:
    """What an event says for people."""
    said = event.get("message")
    # Half of a surrogate pair is no text that a page could show.
    return said[:_MAX_MESSAGE].encode(errors="replace").decode() if isinstance(said, str) else ""


def _epoch(event: Event, z_dim: int) -> Epoch | None:
    try:
        figures, own, fixed = event["figures"], event["digits"], event["fixed_digits"]
        number, per_dim = figures["epoch"], tuple(map(_number, figures["kl_per_dim"]))
        train, test = (
            {name: _number(figures[part][name]) for name in get_args(LossName)}
            for part in ("train", "test")
        )
    except (KeyError, TypeError, ValueError):
        return None
    texts = isinstance(own, str) and isinstance(fixed, str)
    if type(number) is not int or len(per_dim) != z_dim or not texts:
        return None
    return Epoch(number, train, test, per_dim, own, fixed)


def _number(value: object) -> float:
    found = number(value)
    if found is None:
        raise ValueError("this is no number")
    return found
