"""What the epoch board is sent, and what may come back from it."""

import json
import struct
import zlib
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

from vae_model.runs.events import Epoch

MAX_ROWS = 120
"""More would not be read."""
# The nearest of 16 levels to each of 256: 255 is 17 times 15.
_LEVEL = ((np.arange(256) + 8) // 17).astype(np.uint8)

T = TypeVar("T")


def thin(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly spaced, the first and the last among them.

    Every second, third, ... one: what is shown stays while the next ones arrive.
    """
    step = max(-(-(len(items) - 1) // (most - 1)), 1)
    return [*items[:-1:step], *items[-1:]]


def pack(epochs: Sequence[Epoch], *, running: bool, name: str, held: Container[int] = ()) -> bytes:
    """The board as bytes: the length of the header (uint32, little-endian), the header as JSON,
    then, deflated (zlib), the digits of every epoch on the board whose number the browser does not
    hold yet: its own, and those in the shared style. A pixel is half a byte, the lower half first:
    one of 16 levels of ink.
    """
    shown = thin(epochs, MAX_ROWS)
    sent = [epoch for epoch in shown if epoch.number not in held]
    header = json.dumps(
        {
            "numbers": [epoch.number for epoch in shown],
            "sent": [epoch.number for epoch in sent],
            "count": len(epochs),
            "running": running,
            "name": name,
        }
    ).encode()
    digits = (epoch.digits(fixed_style) for epoch in sent for fixed_style in (False, True))
    return struct.pack("<I", len(header)) + header + _deflated(b"".join(map(bytes, digits)))


# A page asks every second, an epoch comes every few seconds.
@lru_cache(maxsize=4)
def _deflated(digits: bytes) -> bytes:
    levels = _LEVEL[np.frombuffer(digits, np.uint8)]
    return zlib.compress((levels[::2] | levels[1::2] << 4).tobytes(), level=6)


def parse(value: object, epochs: Sequence[Epoch]) -> int | None:
    """The number of the epoch that the visitor chose; None where nothing like it arrived."""
    return value if type(value) is int and 1 <= value <= len(epochs) else None


def parse_held(value: object) -> set[int]:
    """The numbers of the epochs that the browser holds, as far as they are such."""
    return {each for each in value if type(each) is int} if isinstance(value, list) else set()
