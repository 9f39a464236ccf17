"""What the epoch board is sent, and what may come back from it."""

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vae_model.model.config import DIGITS, IMAGE_SIZE

MAX_ROWS = 120
"""More would be neither read nor worth sending again with every epoch."""
_SHAPE = (DIGITS, IMAGE_SIZE, IMAGE_SIZE)
# The nearest of 16 levels to each of 256: 255 is 17 times 15.
_LEVEL = ((np.arange(256) + 8) // 17).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class BoardEpoch:
    """The ten digits of one epoch, twice: (10, 28, 28), 0-255 ink on 0."""

    number: int
    own: NDArray[np.uint8]
    """In a random style of this epoch."""
    fixed: NDArray[np.uint8]
    """In the one style that all epochs share."""

    def __post_init__(self) -> None:
        for digits in (self.own, self.fixed):
            if digits.shape != _SHAPE or digits.dtype != np.uint8:
                raise ValueError(f"digits must be {_SHAPE} of uint8, not {digits.shape}")


def thin(epochs: Sequence[BoardEpoch]) -> list[BoardEpoch]:
    """At most MAX_ROWS of the epochs, evenly spaced, the first and the last among them.

    Every second, third, ... one: what is on the board stays there while the next epochs arrive.
    """
    step = 1
    while len(range(0, len(epochs) - 1, step)) + 1 > MAX_ROWS:
        step += 1
    kept = list(epochs[:-1:step])
    return [*kept, epochs[-1]] if epochs else []


def pack(epochs: Sequence[BoardEpoch], *, running: bool, name: str) -> bytes:
    """The board as bytes: the length of the header (uint32, little-endian), the header as JSON,
    then, deflated (zlib), for every epoch on the board its own digits and those in the shared
    style. A pixel is half a byte, the lower half first: one of 16 levels of ink.
    """
    shown = thin(epochs)
    header = json.dumps(
        {
            "numbers": [epoch.number for epoch in shown],
            "count": len(epochs),
            "running": running,
            "name": name,
        }
    ).encode()
    digits = b"".join(image.tobytes() for epoch in shown for image in (epoch.own, epoch.fixed))
    return struct.pack("<I", len(header)) + header + _deflated(digits)


# A page asks every second, an epoch comes every few seconds.
@lru_cache(maxsize=4)
def _deflated(digits: bytes) -> bytes:
    levels = _LEVEL[np.frombuffer(digits, np.uint8)]
    return zlib.compress((levels[::2] | levels[1::2] << 4).tobytes(), level=6)


def parse(value: object, epochs: Sequence[BoardEpoch]) -> int | None:
    """The number of the epoch that the visitor chose; None where nothing like it arrived."""
    if type(value) is not int or all(epoch.number != value for epoch in epochs):
        return None
    return value
