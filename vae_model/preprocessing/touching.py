"""Digits that touch, told apart where that is clear."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vae_model.preprocessing.parts import Part
from vae_model.preprocessing.picture import Floats

WIDEST = 1.35
"""Times its height: few digits of one stroke are wider, and two that touch nearly always are."""
_NARROWEST, _SHORTEST = 0.15, 0.66
"""Of the height of both: a piece of less is no digit of its own."""
_JOINT = 1.4
"""Pens: where more ink is passed on the way down, more than one stroke is cut."""


def may_be_several(group: Part) -> bool:
    """Whether a group is so wide that it may be digits that touch."""
    return group.width > WIDEST * group.height


def split(group: Part, labels: NDArray[np.int32], share: Floats) -> list[Part]:
    """The digits of a group, from the left; the group itself where it is one or where they part
    cannot be told.

    The labels (h, w) are changed: what is cut off gets one of its own. The share (h, w) is how dark
    all is.
    """
    if not may_be_several(group):
        return [group]
    window = (slice(group.top, group.bottom), slice(group.left, group.right))
    own = np.isin(labels[window], group.labels)
    for column in _joints(own, group.pen):
        left, right = own.copy(), own.copy()
        left[:, column:], right[:, :column] = False, False
        if all(_is_tall(side, group.height) for side in (left, right)):
            label = int(labels.max()) + 1
            labels[window][right] = label
            sides = (left, group.labels), (right, (label,))
            pieces = [_piece(group, *side, share[window]) for side in sides]
            return [part for piece in pieces for part in split(piece, labels, share)]
    return [group]


def _joints(own: NDArray[np.bool_], pen: float) -> list[int]:
    """Columns in which a single stroke is passed, the thinnest first."""
    height, width = own.shape
    margin = round(_NARROWEST * height)
    columns = np.arange(margin, width - margin)
    ink = own.sum(axis=0)[columns]
    strokes = (np.diff(own.astype(np.int8), axis=0, prepend=0) > 0).sum(axis=0)[columns]
    thin = (ink <= _JOINT * pen) & (strokes <= 1)
    from_middle = np.abs(columns - width / 2)
    order = np.lexsort((from_middle, ink))
    return [int(columns[place]) for place in order if thin[place]]


def _is_tall(side: NDArray[np.bool_], height: int) -> bool:
    rows = np.flatnonzero(side.any(axis=1))
    return rows.size > 0 and rows[-1] - rows[0] + 1 > _SHORTEST * height


def _piece(group: Part, own: NDArray[np.bool_], labels: tuple[int, ...], share: Floats) -> Part:
    rows, columns = np.nonzero(own)
    return replace(
        group,
        left=group.left + int(columns.min()),
        top=group.top + int(rows.min()),
        right=group.left + int(columns.max()) + 1,
        bottom=group.top + int(rows.max()) + 1,
        labels=labels,
        mass=float(share[own].sum()),
    )
