"""What may arrive in the style board's name, and what its address says."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from ui.explore.address import PARTS, BadBoard, from_address, hidden_parts, parse
from ui.shared.board import Board, start

GOOD: dict[str, Any] = {
    "style": [0, -1.25, 3], "digit": 7, "other": None, "mix": 0, "text": "2026 11", "vary": True,
}  # fmt: skip


def test_what_the_board_sends() -> None:
    assert parse(GOOD, 3) == Board((0.0, -1.25, 3.0), 7, None, 0.0, "2026 11", True)
    assert parse({**GOOD, "other": 1, "mix": 0.5}, 3).other == 1


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("style", ([0, 0], [0, 0, 0, 0], "000", None)),
        ("style", ([0, 0, z] for z in (3.01, math.nan, math.inf, True, "1", 10**400))),
        ("digit", (10, -1, 3.0, True, None)),
        ("other", (11, "3")),
        ("mix", (1.01, -0.1, math.nan, None)),
        ("text", ("1" * 25, "12a", "1\n", "٣", 5)),
        ("vary", (1,)),
        ("", (None, [], "x", 3, {}, {"style": [0, 0, 0]})),
    ],
)
def test_anything_else_is_refused(field: str, values: Iterable[object]) -> None:
    for value in values:
        with pytest.raises(BadBoard):
            parse({**GOOD, field: value} if field else value, 3)


def test_any_style_is_moved_to_what_the_board_can_show() -> None:
    assert start(np.array([0.1234, -7, 3.2], np.float32)).style == (0.12, -3.0, 3.0)


def test_an_address_says_everything() -> None:
    address = {
        "z1": ["0.5"], "z3": ["-3"], "digit": ["4"], "blend": ["9"], "mix": ["0.25"],
        "text": ["555 0199"], "vary": ["1"], "model": ["studio"], "hide": ["pad"],
    }  # fmt: skip
    asked, problems = from_address(address, 3)
    assert asked == Board((0.5, 0.0, -3.0), 4, 9, 0.25, "555 0199", True)
    assert problems == []
    assert from_address({"model": ["studio"], "other": ["1"]}, 3) == (None, [])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"digit": ["12"]}, "“12” is no digit"),
        *((nonsense, "is no digit") for nonsense in ({"digit": [""]}, {"blend": ["x"]})),
        *(({"z1": [z]}, "z1 must be a number") for z in ("banana", "nan", "1e400", "3.01")),
        *(({name: ["1", "2"]}, f"{name} is there more than once") for name in ("z1", "digit")),
        ({"z9": ["1"]}, "this model has no z9, only z1 to z3"),
        ({"z4": ["1"], "z5": ["1"], "z6": ["1"]}, "this model has no z4 to z6, only z1 to z3"),
        ({"mix": ["2"]}, "mix must be a share"),
        *(({"text": [text]}, "up to 24 digits") for text in ("12;34", "1" * 25)),
        ({"vary": ["yes"]}, "vary must be 0 or 1"),
    ],
)
def test_nonsense_is_named_and_the_rest_followed(address: dict[str, list[str]], said: str) -> None:
    asked, problems = from_address({"z2": ["0.5"], **address}, 3)
    assert asked == Board((0.0, 0.5, 0.0))
    assert len(problems) == 1 and said in problems[0]
    assert from_address({"z2": ["1"]}, 1) == (None, ["this model has no z2, only z1"])


def test_parts_to_hide() -> None:
    assert hidden_parts(["pad,write", "save"]) == (["pad", "write", "save"], [])
    assert hidden_parts([",".join(PARTS)])[0] == list(PARTS)
    hidden, problems = hidden_parts(["pad,<b>everything</b>,more"])
    assert hidden == ["pad"]
    assert len(problems) == 1 and "“beverythingb”" in problems[0]
