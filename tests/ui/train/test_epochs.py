"""What the epoch board is sent, and what may come back."""

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from tests.support.epochs import epoch
from ui.train.epochs.payload import MAX_ROWS, pack, parse, parse_held, thin

EPOCHS = [epoch(number, np.random.default_rng(number).random((2, 7840))) for number in (1, 2, 3)]
BLANK = np.zeros((2, 7840))


def unpack(packed: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """The header, and the levels of ink, (epochs, 2, 7840)."""
    (length,) = struct.unpack_from("<I", packed)
    halves = np.frombuffer(zlib.decompress(packed[4 + length :]), np.uint8)
    levels = np.stack([halves & 15, halves >> 4], axis=1)
    return json.loads(packed[4 : 4 + length]), levels.reshape(-1, 2, 7840)


def test_both_rows_of_every_epoch_arrive_within_half_a_level_of_ink() -> None:
    header, levels = unpack(pack(EPOCHS, running=True, name="fünf"))
    assert header == {
        "numbers": [1, 2, 3], "sent": [1, 2, 3], "count": 3, "running": True, "name": "fünf",
    }  # fmt: skip
    digits = [(each.digits(), each.digits(fixed_style=True)) for each in EPOCHS]
    off = levels.astype(int) * 17 - np.reshape(digits, levels.shape).astype(int)
    assert np.abs(off).max() == 8


def test_epochs_that_the_browser_holds_are_named_and_not_sent_again() -> None:
    whole, all_levels = unpack(pack(EPOCHS, running=True, name="a"))
    header, levels = unpack(pack(EPOCHS, running=True, name="a", held={1, 2, 9}))
    assert header == {**whole, "sent": [3]}
    assert np.array_equal(levels, all_levels[2:])
    assert not len(unpack(pack(EPOCHS, running=True, name="a", held={1, 2, 3}))[1])


def test_a_thinned_board_says_how_many_there_are() -> None:
    epochs = [epoch(number, BLANK) for number in range(1, 131)]
    header, levels = unpack(pack(epochs, running=False, name="long"))
    assert header["count"] == 130 and len(header["numbers"]) == len(levels) == 66


@pytest.mark.parametrize("most", [16, MAX_ROWS])
@pytest.mark.parametrize("count", [0, 1, 2, 16, 17, 28, 120, 121, 122, 239, 500, 1000])
def test_a_long_row_is_thinned_evenly_and_keeps_both_ends(count: int, most: int) -> None:
    numbers = list(range(1, count + 1))
    kept = thin(numbers, most)
    assert len(kept) == count if count <= most else most / 2 <= len(kept) <= most
    assert kept[:1] == numbers[:1] and kept[-1:] == numbers[-1:]
    assert len(set(np.diff(kept[:-1]))) <= 1


def test_what_is_shown_stays_when_the_next_epoch_arrives() -> None:
    assert set(thin(range(149), MAX_ROWS)) <= set(thin(range(150), MAX_ROWS))


@pytest.mark.parametrize(
    "value", [None, 0, 4, -1, 2.0, True, "2", [2], {"epoch": 2}, float("nan"), 10**400]
)
def test_what_is_no_epoch_chooses_none(value: object) -> None:
    assert parse(2, EPOCHS) == 2
    assert parse(value, EPOCHS) is None


@pytest.mark.parametrize(
    ("value", "held"),
    [([3, 1], {1, 3}), ([], set()), ([True, "1", None, [2], 2.0, 4], {4}),
     (None, set()), ("12", set()), ({"1": 2}, set()), (3, set())],
)  # fmt: skip
def test_what_the_browser_holds_are_numbers(value: object, held: set[int]) -> None:
    assert parse_held(value) == held
