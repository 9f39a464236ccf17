"""Every digit in a picture, in reading order."""

import contextlib
from dataclasses import dataclass, replace
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.preprocessing.frame import BOX, crop_digit, place
from vae_model.preprocessing.ink import find_ink
from vae_model.preprocessing.parts import Part, is_of_one_line, is_same, merged
from vae_model.preprocessing.picture import (
    EMPTY,
    EmptyDrawing,
    Floats,
    flat,
    reduced,
    reduction,
    to_grey,
)
from vae_model.preprocessing.rows import in_rows
from vae_model.preprocessing.sheet import find_sheet
from vae_model.preprocessing.touching import may_be_several, split
from vae_model.preprocessing.written import TINY, Ink, heaviest, search

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
    def height(self) -> int:
        """Of its box, in pixels."""
        return self.box[3] - self.box[1]

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
    whole = flat(picture)
    found = _found_in(whole, (0, 0, *whole.size), splits)
    window = _nearer(found, whole.size)
    if window is not None:
        with contextlib.suppress(EmptyDrawing):
            again = _found_in(whole, window, splits)
            return again if len(again) >= len(found) else found
    return found


def _nearer(found: list[Found], size: tuple[int, int]) -> Box | None:
    """The part of a picture (w, h) to look at again, as what was found is a small part of it and so
    low that little of its strokes was seen; None where it is not."""
    boxes = np.array([each.box for each in found])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    height = float(np.median([each.height for each in found]))
    length = max(right - left, bottom - top)
    if max(size) < SMALL or length > max(size) / 2 or height > TINY * reduction(size):
        return None
    # What was too small to be seen may stand beside it.
    margin = round(max(1.2 * height, 0.12 * length, (SMALL - length) / 2))
    return _within((left - margin, top - margin, right + margin, bottom + margin), size)


def _within(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box that is in a picture (w, h)."""
    left, top, right, bottom = box
    width, height = size
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def _found_in(picture: Image.Image, window: Box, splits: bool) -> list[Found]:
    """The digits in a part of a picture, which is all that is looked at."""
    colours, back = _colours(picture, window)
    if max(colours.shape[:2]) < SMALL:
        return [_alone(colours, back)]
    large, times = _enlarged(colours)
    try:
        return _look(large, back / [times, times, 1], splits)
    except EmptyDrawing:
        return [_alone(colours, back)]


def find_digit(picture: NDArray[np.uint8] | Image.Image, box: Box) -> Found:
    """The one digit in a box that somebody drew, which holds all of its ink and no other's.

    picture is as `find_digits` takes it, the box in its own pixels. Raises EmptyDrawing, BadImage.
    """
    whole = flat(picture)
    left, top, right, bottom = _within(box, whole.size)
    # The ground is told from a little more than the box.
    rim = max(2, (right - left + bottom - top) // 16)
    window = _within((left - rim, top - rim, right + rim, bottom + rim), whole.size)
    if window[0] >= window[2] or window[1] >= window[3]:
        raise EmptyDrawing(EMPTY)
    around, back = _colours(whole, window)
    large, times = _enlarged(around)
    there = back / [times, times, 1]
    inside = np.zeros(large.shape[:2], bool)
    left, top, right, bottom = _box(
        (left, top, right, bottom), np.asarray(np.linalg.inv(there), np.float64)
    )
    inside[top:bottom, left:right] = True
    try:
        ink = search(large, inside=inside)
        one = replace(ink, groups=[reduce(merged, ink.groups)])
        return _cut_out(one, there, splits=False)[0]
    except EmptyDrawing:
        return _alone(around, back)


def _colours(picture: Image.Image, window: Box) -> tuple[Floats, NDArray[np.float64]]:
    """A part of a picture as it is measured, and the matrix (3, 3) that leads back into all of
    it."""
    colours, scale = reduced(picture, window)
    return colours, np.array([[scale, 0, window[0]], [0, scale, window[1]], [0, 0, 1.0]])


def _enlarged(colours: Floats) -> tuple[Floats, int]:
    """What is small, some times as large, so that its strokes are some pixels wide; and how many
    times."""
    times = LARGE // max(colours.shape[:2])
    if times < 2:
        return colours, 1
    size = (colours.shape[1] * times, colours.shape[0] * times)
    return cv2.resize(colours, size, interpolation=cv2.INTER_CUBIC).clip(0, 255), times


def _alone(colours: Floats, back: NDArray[np.float64]) -> Found:
    """The one digit of a scan too small to hold more, or of a picture in which no stroke stood out.
    Raises EmptyDrawing, saying why."""
    ink = find_ink(to_grey(colours))
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
    in_all: Ink | None = None
    with contextlib.suppress(EmptyDrawing):  # An empty sheet is none.
        if sheet is not None and sheet.corners is not None:
            upright, warp = _upright(colours, sheet.corners)
            return _cut_out(search(upright), back @ warp, splits)
        if sheet is not None:
            on_sheet = search(_filled(colours, sheet.mask), sheet.mask)
            in_all = None if sheet.is_certain else search(colours)
            if in_all is None or not _is_shadow(sheet.mask, on_sheet, in_all):
                return _cut_out(on_sheet, back, splits)
    return _cut_out(in_all or search(colours), back, splits)


def _is_shadow(sheet: NDArray[np.bool_], on_sheet: Ink, in_all: Ink) -> bool:
    """Whether a sheet is but one side of a shadow: it cuts a digit that goes over its edge, or all
    that is on it while the picture holds a whole one, or a number goes on beside it."""
    main = heaviest(in_all.groups)
    if main.is_cut:
        return False
    inside = float(sheet[np.isin(in_all.labels, main.labels)].mean())
    if heaviest(on_sheet.groups).is_cut or (on_sheet.cuts and 0.08 < inside < 0.92):
        return True
    known = [one for one in in_all.groups if any(is_same(one, each) for each in on_sheet.groups)]
    beside = [one for one in in_all.groups if one not in known]
    return any(is_of_one_line(one, other) for one in known for other in beside)


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


def _cut_out(ink: Ink, back: NDArray[np.float64], splits: bool) -> list[Found]:
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


def _one(group: Part, found: Ink, back: NDArray[np.float64]) -> Found:
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
