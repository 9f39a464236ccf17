"""What the epoch board is sent, and what may come back."""

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from ui.train.epochs import BoardEpoch
from ui.train.epochs.payload import MAX_ROWS, pack, parse, thin

SHAPE = (10, 28, 28)


def epoch(number: int, seed: int = 0) -> BoardEpoch:
    own, fixed = np.random.default_rng(seed).integers(0, 256, (2, *SHAPE), np.uint8)
    return BoardEpoch(number, own, fixed)


def blanks(count: int) -> list[BoardEpoch]:
    blank = np.zeros(SHAPE, np.uint8)
    return [BoardEpoch(number, blank, blank) for number in range(1, count + 1)]


def unpack(packed: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """The header, and the levels of ink, (epochs, 2, 10, 28, 28)."""
    (length,) = struct.unpack_from("<I", packed)
    halves = np.frombuffer(zlib.decompress(packed[4 + length :]), np.uint8)
    levels = np.stack([halves & 15, halves >> 4], axis=1)
    return json.loads(packed[4 : 4 + length]), levels.reshape(-1, 2, *SHAPE)


def test_both_rows_of_every_epoch_arrive_within_half_a_level_of_ink() -> None:
    epochs = [epoch(1, seed=1), epoch(2, seed=2)]
    header, levels = unpack(pack(epochs, running=True, name="fünf"))
    assert header == {"numbers": [1, 2], "count": 2, "running": True, "name": "fünf"}
    sent = np.array([(each.own, each.fixed) for each in epochs]).astype(int)
    assert np.abs(levels.astype(int) * 17 - sent).max() == 8


def test_a_board_without_epochs() -> None:
    header, levels = unpack(pack([], running=False, name="new"))
    assert header["numbers"] == [] and not len(levels)


def test_the_same_board_is_the_same_bytes() -> None:
    assert pack([epoch(1)], running=True, name="a") == pack([epoch(1)], running=True, name="a")
    assert pack([epoch(1)], running=True, name="a") != pack(
        [epoch(1, seed=9)], running=True, name="a"
    )


@pytest.mark.parametrize("count", [0, 1, 2, MAX_ROWS, MAX_ROWS + 1, MAX_ROWS + 2, 239, 500, 1000])
def test_a_long_run_is_thinned_evenly_and_keeps_both_ends(count: int) -> None:
    numbers = [each.number for each in thin(blanks(count))]
    assert len(numbers) == count if count <= MAX_ROWS else MAX_ROWS / 2 <= len(numbers) <= MAX_ROWS
    assert numbers[:1] == [1][:count] and numbers[-1:] == [count][:count]
    assert len(set(np.diff(numbers[:-1]))) <= 1


def test_rows_of_a_long_run_stay_when_the_next_epoch_arrives() -> None:
    before, after = ({each.number for each in thin(blanks(count))} for count in (149, 150))
    assert before <= after


def test_a_thinned_board_says_how_many_there_are() -> None:
    header, levels = unpack(pack(blanks(130), running=False, name="long"))
    assert header["count"] == 130 and len(header["numbers"]) == len(levels) == 66


def test_the_chosen_epoch() -> None:
    assert parse(2, blanks(3)) == 2


@pytest.mark.parametrize(
    "value", [None, 0, 4, -1, 2.0, True, "2", [2], {"epoch": 2}, float("nan"), 10**400]
)
def test_anything_else_chooses_none(value: object) -> None:
    assert parse(value, blanks(3)) is None


@pytest.mark.parametrize(
    "digits", [np.zeros((9, 28, 28), np.uint8), np.zeros(SHAPE), np.zeros(7840, np.uint8)]
)
def test_other_digits_are_refused(digits: np.ndarray) -> None:
    with pytest.raises(ValueError, match="digits must be"):
        BoardEpoch(1, digits, np.zeros(SHAPE, np.uint8))
