"""Pixels -> the groups of ink that are digits, beside all else that is in a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_model.preprocessing.ground import contrast
from vae_model.preprocessing.parts import (
    Part,
    find_parts,
    grouped,
    is_frame,
    is_strip,
    without_lines,
)
from vae_model.preprocessing.picture import EMPTY, EmptyDrawing, Floats

TINY = 28
"""Pixels as they are measured: digits that are no higher are looked at again, from nearer."""


@dataclass(frozen=True)
class Ink:
    """What was found, before it is cut out."""

    share: Floats
    labels: NDArray[np.int32]
    floor: float
    groups: list[Part]
    cuts: bool
    """Whether the rim cuts the heaviest part, be it of a group or not."""


def search(
    colours: Floats, area: NDArray[np.bool_] | None = None, inside: NDArray[np.bool_] | None = None
) -> Ink:
    """The groups of ink in an area (h, w), or in all, that are digits; by its ground, `inside`
    (h, w) of it alone. Raises EmptyDrawing."""
    area = np.ones(colours.shape[:2], bool) if area is None else area
    share, noise = contrast(colours, area)
    window = (area if inside is None else inside).astype(np.uint8)
    floor = max(4 * noise, 0.05)
    # A digit takes more than a thousandth of most pictures, but not of all.
    peaks = np.percentile(share[area], (99.9, 99.99))
    peak = next((float(each) for each in peaks if each >= 1.5 * floor), None)
    if peak is None:
        raise EmptyDrawing(EMPTY)
    strokes = (share > max(floor, 0.25 * peak)).astype(np.uint8)
    strokes = without_lines(strokes, (share > max(floor, 0.12 * peak)).astype(np.uint8), share)
    parts, labels = find_parts(strokes * window, share, window)
    parts = [part for part in parts if not is_frame(part, labels, parts)]
    parts = [part for part in parts if not is_strip(part, share.shape, parts)]
    written = [part for part in parts if not _is_bar(part, parts)]
    if not written or (len(written) == 1 and _is_dot(written[0])):
        raise EmptyDrawing(EMPTY)
    groups = _chosen(grouped(_strong(written)))
    return Ink(share, labels, floor, groups, cuts=parts[0].is_cut)


def heaviest(parts: list[Part]) -> Part:
    return max(parts, key=lambda part: part.weight)


def _is_bar(part: Part, parts: list[Part]) -> bool:
    """Whether a part is an underline or a dash, not the bar of a 5."""
    if part.width < 3 * part.height:
        return False
    return all(other is part or part.width > 0.85 * other.height for other in parts)


def _is_dot(part: Part) -> bool:
    """Whether a part is a speck: so small, and nowhere thinner."""
    return part.size <= TINY and part.pen > 0.4 * part.size


def _strong(parts: list[Part]) -> list[Part]:
    """The parts that may be of a digit beside the heaviest one, which the rim does not cut unless
    all are cut."""
    cut = max((part for part in parts if part.is_cut), key=lambda part: part.size, default=None)
    uncut = [part for part in parts if not part.is_cut]
    if cut and uncut:
        whole = heaviest(uncut)
        # A pen is darker than what lies around the sheet, or hangs over its edge.
        least = 0.1 if whole.strength > 1.05 * cut.strength else 0.25
        if whole.size > least * cut.size:
            parts = uncut
    main = heaviest(parts)
    return [
        part
        for part in parts
        if part.strength > 0.5 * main.strength and part.size > 0.1 * main.size
    ]


def _chosen(groups: list[Part]) -> list[Part]:
    """The groups that are digits, if the likeliest is."""
    main = heaviest(groups)
    return [
        group
        for group in groups
        if 0.45 * main.height < group.height < 2.2 * main.height
        and group.strength > 0.5 * main.strength
        and 0.22 < group.pen / main.pen < 4.5
    ]
