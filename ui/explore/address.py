"""What the style board shows: checked, whoever says it, and as an address.

The board runs in a browser and addresses are edited by hand, so anything may arrive.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from ui.shared.board import (
    DIGIT_START,
    MAX_TEXT,
    STYLE_LIMIT,
    TEXT,
    Board,
    is_digit,
    is_text,
    rounded,
)
from ui.shared.words import quoted
from vae_model.model.numbers import number

PARTS = ("sliders", "pad", "actions", "blend", "write", "save", "share")
"""What `hide=` in the address can take off the board."""
_ADDRESS = {
    "digit": ("[0-9]", "{} is no digit from 0 to 9"),
    "blend": ("[0-9]", "{} is no digit from 0 to 9"),
    "text": (TEXT, f"text may hold up to {MAX_TEXT} digits and spaces"),
    "vary": ("[01]", "vary must be 0 or 1, not {}"),
}
"""What an address may say by name: as a pattern, and what there is to say of anything else."""


class BadBoard(ValueError):
    """Not what the board sends."""


def parse(value: object, z_dim: int) -> Board:
    """The state that the board's JSON stands for. Raises BadBoard for anything else."""
    if not isinstance(value, dict):
        raise BadBoard
    style, digit, other = value.get("style"), value.get("digit"), value.get("other")
    mix, text, vary = value.get("mix"), value.get("text"), value.get("vary")
    if (
        not isinstance(style, list)
        or len(style) != z_dim
        or not all(_is_number(z, -STYLE_LIMIT, STYLE_LIMIT) for z in style)
        or not is_digit(digit)
        or not (other is None or is_digit(other))
        or not _is_number(mix, 0, 1)
        or not is_text(text)
        or type(vary) is not bool
    ):
        raise BadBoard
    return Board(tuple(float(z) for z in style), digit, other, float(mix), text, vary)


def from_address(params: Mapping[str, Sequence[str]], z_dim: int) -> tuple[Board | None, list[str]]:
    """The board that an address asks for, if any, and a phrase for each part that is ignored."""
    problems: list[str] = []
    foreign: list[str] = []
    found: dict[str, str] = {}
    for name, values in params.items():
        dim = re.fullmatch("z([1-9][0-9]?)", name)
        if not dim and name != "mix" and name not in _ADDRESS:
            continue
        value = values[-1] if values else ""
        pattern, otherwise = _ADDRESS.get(name, ("", ""))
        if len(values) > 1:
            problems.append(f"{name} is there more than once")
        elif dim and int(dim[1]) > z_dim:
            foreign.append(name)
        elif dim and not _is_number(_read(value), -STYLE_LIMIT, STYLE_LIMIT):
            problems.append(f"{name} must be a number from −3 to 3, not {quoted(value)}")
        elif name == "mix" and not _is_number(_read(value), 0, 1):
            problems.append(f"mix must be a share from 0 to 1, not {quoted(value)}")
        elif pattern and not re.fullmatch(pattern, value):
            problems.append(otherwise.format(quoted(value)))
        else:
            found[name] = value
    if foreign:
        there = "z1" if z_dim == 1 else f"z1 to z{z_dim}"
        to_last = f" to {foreign[-1]}" if len(foreign) > 1 else ""
        problems.append(f"this model has no {foreign[0]}{to_last}, only {there}")
    if not found:
        return None, problems
    other = int(found["blend"]) if "blend" in found else None
    board = Board(
        style=tuple(rounded(float(found.get(f"z{dim + 1}", 0))) for dim in range(z_dim)),
        digit=int(found.get("digit", DIGIT_START)),
        other=other,
        mix=0.0 if other is None else rounded(float(found.get("mix", 0))),
        text=found.get("text", ""),
        vary=found.get("vary") == "1",
    )
    return board, problems


def hidden_parts(values: Sequence[str]) -> tuple[list[str], list[str]]:
    """The parts that `hide=a,b` takes off the board, and what in it cannot be."""
    asked = [part.strip() for value in values for part in value.split(",") if part.strip()]
    unknown = [part for part in asked if part not in PARTS]
    problems = [
        f"nothing here is called {quoted(part)}: hide knows {', '.join(PARTS)}"
        for part in unknown[:1]
    ]
    return [part for part in PARTS if part in asked], problems


def _read(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_number(value: object, low: float, high: float) -> TypeGuard[float]:
    found = number(value)
    return found is not None and low <= found <= high
