"""The order in which digits are read."""

from itertools import pairwise

import numpy as np

from vae_model.preprocessing.parts import Part

SHARED = 0.15
"""Of the lower one's height: what neighbours in a row have side by side, at least."""


def in_rows(groups: list[Part]) -> list[Part]:
    """The groups in reading order, also where their rows are tilted."""
    rows: list[list[Part]] = []
    for group in sorted(groups, key=lambda each: each.left + each.right):
        # The last but one too: digits go up and down in a line.
        shares = [max(_shared(one, group) for one in row[-2:]) for row in rows]
        if max(shares, default=0) > SHARED:
            rows[int(np.argmax(shares))].append(group)
        else:
            rows.append([group])
    tilts = [_tilt(*pair) for row in rows for pair in pairwise(row)]
    tilt = float(np.median(tilts or [0]))
    rows.sort(key=lambda row: np.mean([_middle(one)[1] - tilt * _middle(one)[0] for one in row]))
    return [group for row in rows for group in row]


def _shared(one: Part, other: Part) -> float:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap / min(one.height, other.height)


def _middle(group: Part) -> tuple[float, float]:
    return (group.left + group.right) / 2, (group.top + group.bottom) / 2


def _tilt(one: Part, other: Part) -> float:
    """How far it goes down for each pixel to the right."""
    (x, y), (to_x, to_y) = _middle(one), _middle(other)
    return (to_y - y) / max(to_x - x, 1)
