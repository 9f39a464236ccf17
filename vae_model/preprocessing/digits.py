"""Every digit in a picture, in reading order."""

import contextlib
from dataclasses import dataclass, replace
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.preprocessing.frame import BOX, crop_digit, place
from vae_model.preprocessing.ground import contrast
from vae_model.preprocessing.ink import find_ink
from vae_model.preprocessing.parts import (
    Part,
    find_parts,
    grouped,
    is_frame,
    is_of_one_line,
    is_same,
    is_strip,
    merged,
    without_lines,
)
from vae_model.preprocessing.picture import EMPTY, EmptyDrawing, Floats, to_colours, to_grey
from vae_model.preprocessing.rows import in_rows
from vae_model.preprocessing.sheet import find_sheet
from vae_model.preprocessing.touching import may_be_several, split

SMALL = 40
"""Pixels: what is no longer is one digit, scanned."""
LARGE = 240
"""Pixels: what is shorter is enlarged first, so that its strokes are some pixels wide."""
THINNEST = 1.9
"""Pixels at 28x28: MNIST's pens are broader, so thinner strokes are thickened to this."""


Box = tuple[int, int, int, int]
"""Left, top, right and bottom in a picture's own pixels, upright."""


@dataclass(frozen=True)
class Found:
    """One digit in a picture."""

    box: Box
    image: Floats
    """(28, 28) in [0, 1], as MNIST would have made it."""
    ink: float
    """How much of the ground's light the ink takes away or adds, in [0, 1]."""
    is_touching: bool = False
    """Whether it may be several that touch."""

    @property
    def size(self) -> int:
        """The pixels of its box."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


def find_digits(picture: NDArray[np.uint8] | Image.Image) -> list[Found]:
    """The digits in a drawing, scan or photo, row by row from the left; one at least.

    picture is uint8 (h, w) grey, (h, w, 2) grey and alpha, (h, w, 3) RGB or (h, w, 4) RGBA, or a
    PIL image. Raises EmptyDrawing where nothing is drawn that could be a digit, BadImage where it
    is no readable image.
    """
    return _find(picture, splits=True)


def find_largest(picture: NDArray[np.uint8] | Image.Image) -> Found:
    """The largest digit, taken as one however wide it is; as `find_digits` otherwise."""
    return max(_find(picture, splits=False), key=lambda found: found.size)


def _find(picture: NDArray[np.uint8] | Image.Image, splits: bool) -> list[Found]:
    """The digits of a picture; those that touch told apart, or taken as one."""
    colours, scale = to_colours(picture)
    back = np.diag([scale, scale, 1.0])
    if max(colours.shape[:2]) < SMALL:
        return [_alone(picture, back)]
    colours, enlargement = _enlarged(colours)
    try:
        return _look(colours, back / [enlargement, enlargement, 1], splits)
    except EmptyDrawing:
        return [_alone(picture, back)]


def find_digit(picture: NDArray[np.uint8] | Image.Image, box: Box) -> Found:
    """The one digit in a box that somebody drew, which holds all of its ink and no other's.

    picture is as `find_digits` takes it, the box in its own pixels. Raises EmptyDrawing, BadImage.
    """
    colours, scale = to_colours(picture)
    left, top, right, bottom = (max(round(side / scale), 0) for side in box)
    # The ground is told from a little more than the box.
    rim = max(2, (right - left + bottom - top) // 16)
    x, y = max(left - rim, 0), max(top - rim, 0)
    around = colours[y : bottom + rim, x : right + rim]
    if not around.size:
        raise EmptyDrawing(EMPTY)
    back = np.array([[scale, 0, x * scale], [0, scale, y * scale], [0, 0, 1]])
    large, times = _enlarged(around)
    inside = np.zeros(large.shape[:2], bool)
    rows, columns = ((low - of) * times for low, of in ((top, y), (left, x)))
    inside[rows : (bottom - y) * times, columns : (right - x) * times] = True
    try:
        ink = _search(large, inside=inside)
        one = replace(ink, groups=[reduce(merged, ink.groups)])
        return _cut_out(one, back / [times, times, 1], splits=False)[0]
    except EmptyDrawing:
        return _alone(around.astype(np.uint8), back)


def _enlarged(colours: Floats) -> tuple[Floats, int]:
    """What is small, some times as large, so that its strokes are some pixels wide; and how many
    times."""
    times = LARGE // max(colours.shape[:2])
    if times < 2:
        return colours, 1
    size = (colours.shape[1] * times, colours.shape[0] * times)
    return cv2.resize(colours, size, interpolation=cv2.INTER_CUBIC).clip(0, 255), times


def _alone(picture: NDArray[np.uint8] | Image.Image, back: NDArray[np.float64]) -> Found:
    """The one digit of a scan too small to hold more, or of a picture in which no stroke stood out.
    Raises EmptyDrawing, saying why."""
    ink = find_ink(to_grey(picture))
    digit = crop_digit(ink)
    rows, columns = np.nonzero(ink > 0.1)
    sides = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    return Found(_box(sides, back), place(digit), float(digit.max()))


def _box(sides: tuple[int, int, int, int], back: NDArray[np.float64]) -> Box:
    """Left, top, right and bottom, in the picture by the matrix (3, 3) that leads back to it."""
    left, top, right, bottom = sides
    corners = np.array([[[x, y] for x in (left, right) for y in (top, bottom)]], np.float64)
    there = cv2.perspectiveTransform(corners, back)[0]
    (left, top), (right, bottom) = there.min(axis=0).round(), there.max(axis=0).round()
    return int(left), int(top), int(right), int(bottom)


def _look(colours: Floats, back: NDArray[np.float64], splits: bool) -> list[Found]:
    sheet = find_sheet(colours)
    in_all: _Ink | None = None
    with contextlib.suppress(EmptyDrawing):  # An empty sheet is none.
        if sheet is not None and sheet.corners is not None:
            upright, warp = _upright(colours, sheet.corners)
            return _cut_out(_search(upright), back @ warp, splits)
        if sheet is not None:
            on_sheet = _search(_filled(colours, sheet.mask), sheet.mask)
            in_all = None if sheet.is_certain else _search(colours)
            if in_all is None or not _is_shadow(sheet.mask, on_sheet, in_all):
                return _cut_out(on_sheet, back, splits)
    return _cut_out(in_all or _search(colours), back, splits)


@dataclass(frozen=True)
class _Ink:
    """What was found, before it is cut out."""

    share: Floats
    labels: NDArray[np.int32]
    floor: float
    groups: list[Part]
    cuts: bool
    """Whether the rim cuts the heaviest part, be it of a group or not."""


def _is_shadow(sheet: NDArray[np.bool_], on_sheet: _Ink, in_all: _Ink) -> bool:
    """Whether a sheet is but one side of a shadow: it cuts a digit that goes over its edge, or all
    that is on it while the picture holds a whole one, or a number goes on beside it."""
    main = _heaviest(in_all.groups)
    if main.is_cut:
        return False
    inside = float(sheet[np.isin(in_all.labels, main.labels)].mean())
    if _heaviest(on_sheet.groups).is_cut or (on_sheet.cuts and 0.08 < inside < 0.92):
        return True
    known = [one for one in in_all.groups if any(is_same(one, each) for each in on_sheet.groups)]
    beside = [one for one in in_all.groups if one not in known]
    return any(is_of_one_line(one, other) for one in known for other in beside)


def _heaviest(parts: list[Part]) -> Part:
    return max(parts, key=lambda part: part.weight)


def _upright(colours: Floats, corners: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """The sheet alone, seen from above, and the matrix (3, 3) that leads back into the picture."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = round(float(sides[[0, 2]].max())), round(float(sides[[1, 3]].max()))
    inset = 0.015 * max(width, height)
    to = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    middle = np.array([width, height]) / 2
    to = ((to - middle) * (1 + inset / middle) + middle).astype(np.float32)
    warp = cv2.getPerspectiveTransform(corners, to)
    upright = cv2.warpPerspective(colours, warp, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return upright, np.linalg.inv(warp)


def _filled(colours: Floats, sheet: NDArray[np.bool_]) -> Floats:
    """The picture with its sheet's ground all around it."""
    rim = sheet & (cv2.erode(sheet.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0)
    ground = np.median(colours[rim if rim.any() else sheet], axis=0)
    where = sheet if colours.ndim == 2 else sheet[..., None]
    return np.where(where, colours, ground).astype(np.float32)


def _search(
    colours: Floats, area: NDArray[np.bool_] | None = None, inside: NDArray[np.bool_] | None = None
) -> _Ink:
    """The groups of ink in an area (h, w), or in all, that are digits; by its ground, `inside`
    (h, w) of it alone. Raises EmptyDrawing."""
    area = np.ones(colours.shape[:2], bool) if area is None else area
    share, noise = contrast(colours, area)
    window = (area if inside is None else inside).astype(np.uint8)
    peak = float(np.percentile(share[area], 99.9))
    floor = max(4 * noise, 0.05)
    if peak < 1.5 * floor:
        raise EmptyDrawing(EMPTY)
    strokes = (share > max(floor, 0.25 * peak)).astype(np.uint8)
    strokes = without_lines(strokes, (share > max(floor, 0.12 * peak)).astype(np.uint8), share)
    parts, labels = find_parts(strokes * window, share, window)
    parts = [part for part in parts if not is_frame(part, labels, parts)]
    parts = [part for part in parts if not is_strip(part, share.shape, parts)]
    written = [part for part in parts if not _is_bar(part, parts)]
    if not written:
        raise EmptyDrawing(EMPTY)
    groups = _chosen(grouped(_strong(written)))
    return _Ink(share, labels, floor, groups, cuts=parts[0].is_cut)


def _cut_out(ink: _Ink, back: NDArray[np.float64], splits: bool) -> list[Found]:
    """The digits, with the matrix (3, 3) that leads back into the picture."""
    groups = ink.groups
    if splits:
        groups = [piece for group in groups for piece in split(group, ink.labels, ink.share)]
    found = []
    for group in in_rows(groups):
        with contextlib.suppress(EmptyDrawing):
            found.append(_one(group, ink, back))
    if not found:
        raise EmptyDrawing(EMPTY)
    return found


def _is_bar(part: Part, parts: list[Part]) -> bool:
    """Whether a part is an underline or a dash, not the bar of a 5."""
    if part.width < 3 * part.height:
        return False
    return all(other is part or part.width > 0.85 * other.height for other in parts)


def _strong(parts: list[Part]) -> list[Part]:
    """The parts that may be of a digit beside the heaviest one, which the rim does not cut unless
    all are cut."""
    cut = max((part for part in parts if part.is_cut), key=lambda part: part.size, default=None)
    uncut = [part for part in parts if not part.is_cut]
    if cut and uncut:
        whole = _heaviest(uncut)
        # A pen is darker than what lies around the sheet, or hangs over its edge.
        least = 0.1 if whole.strength > 1.05 * cut.strength else 0.25
        if whole.size > least * cut.size:
            parts = uncut
    main = _heaviest(parts)
    return [
        part
        for part in parts
        if part.strength > 0.5 * main.strength and part.size > 0.1 * main.size
    ]


def _chosen(groups: list[Part]) -> list[Part]:
    """The groups that are digits, if the likeliest is."""
    main = _heaviest(groups)
    return [
        group
        for group in groups
        if 0.45 * main.height < group.height < 2.2 * main.height
        and group.strength > 0.5 * main.strength
        and 0.22 < group.pen / main.pen < 4.5
    ]


def _one(group: Part, found: _Ink, back: NDArray[np.float64]) -> Found:
    pad = 2
    window = (
        slice(max(group.top - pad, 0), group.bottom + pad),
        slice(max(group.left - pad, 0), group.right + pad),
    )
    own = np.isin(found.labels[window], group.labels).astype(np.uint8)
    values = found.share[window]
    full = float(np.percentile(values[own > 0], 70))
    near = cv2.dilate(own, np.ones((3, 3), np.uint8))
    low = min(found.floor, 0.3 * full)
    # A pen presses more here than there, and a reflection makes its ink pale.
    reach = 2 * round(1.5 * group.pen) + 1
    around = cv2.dilate(np.where(own > 0, values, 0), np.ones((reach, reach), np.uint8))
    local = cv2.blur(around, (reach, reach)).clip(0.4 * full, full)
    ink = np.where(near > 0, np.clip((values - low) / (local - low), 0, 1), 0).astype(np.float32)
    pen = group.pen * BOX / group.size
    wider = max(round((THINNEST - pen) * group.size / BOX / 2), 0)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * wider + 1, 2 * wider + 1))
    ink = cv2.dilate(np.pad(ink, wider), kernel)
    box = _box((group.left, group.top, group.right, group.bottom), back)
    return Found(box, place(crop_digit(ink)), min(full, 1.0), may_be_several(group))
