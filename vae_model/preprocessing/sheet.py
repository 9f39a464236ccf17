"""Where the sheet is, among whatever else is in the picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from vae_model.preprocessing.ink import Doubles, Mask, otsu, rim
from vae_model.preprocessing.picture import Bytes, Floats

_SEEN = 200
"""Pixels of the longer side of the small picture in which the sheet is looked for."""
_LEAST, _MOST = 0.06, 0.97
"""Share of the picture that a sheet covers."""
_WHOLE = 0.5
"""Share of the largest sheet's area that a whole one must have to be taken instead."""
_OTHER_STUFF = 0.1
"""Share of a colour: a lamp, and its shadow, change less of what they shine on."""
_STEP = 18
"""Of 255: what differs less on the two sides of an edge is no edge."""


@dataclass(frozen=True)
class Sheet:
    """A sheet among other things."""

    mask: Mask
    """Its pixels (h, w), strokes on it included."""
    corners: Floats | None
    """(4, 2) x and y of its corners, from the upper left clockwise; None where it is not whole."""
    is_certain: bool
    """Whether what lies around it is of a colour that no light gives to paper."""


def find_sheet(colours: Floats) -> Sheet | None:
    """The largest sheet; None where the whole picture is one ground.

    colours are (h, w) or (h, w, 3) in [0, 255].
    """
    height, width = colours.shape[:2]
    if min(height, width) < 64:
        return None
    scale = _SEEN / max(height, width)
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    small = cv2.cvtColor(small, cv2.COLOR_GRAY2RGB) if small.ndim == 2 else small
    smooth = cv2.medianBlur(small, 7)
    rough = _roughness(small)
    sheets = [
        sheet
        for mask in _masks(smooth)
        for sheet in _solid_parts(mask)
        if _is_sheet(sheet, smooth, rough)
    ]
    if not sheets:
        return None
    best = max(sheets, key=np.sum)
    # Of a desk too a part may look like a sheet that the rim cuts: a whole one is surely one.
    whole = [
        sheet
        for sheet in sheets
        if sheet.sum() > _WHOLE * best.sum()
        and _corners(sheet, scale) is not None
        and _is_bounded(sheet, smooth)
    ]
    best = max(whole, key=np.sum, default=best)
    inner = cv2.erode(best.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=1)
    full = cv2.resize(inner * 255, (width, height), interpolation=cv2.INTER_LINEAR)
    sides = _colours(best, smooth)
    # What is darker than all around may be ink.
    is_certain = (
        sides is not None
        and sides[0].mean() > sides[1].mean()
        and _hues_apart(*sides) > _OTHER_STUFF
    )
    return Sheet(full > 127, _corners(best, scale), is_certain)


def _corners(sheet: Mask, scale: float) -> Floats | None:
    if rim(sheet).any():
        return None
    part = sheet.astype(np.uint8)
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    corners = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True)[:, 0]
    if len(corners) != 4:
        return None
    # The upper left comes first in the order in which a picture's rows do.
    first = int(corners.sum(axis=1).argmin())
    ordered = np.roll(corners, -first, axis=0).astype(np.float32)
    if np.linalg.det(ordered[[1, 3]] - ordered[0]) < 0:
        ordered = ordered[[0, 3, 2, 1]]
    placed: Floats = ((ordered + 0.5) / scale).astype(np.float32)
    return placed


def _masks(smooth: Bytes) -> list[Bytes]:
    """Splits of the picture by lightness or colour into what may be the sheet and what may not."""
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)
    masks = []
    for index in range(3):
        channel = np.ascontiguousarray(lab[..., index])
        if np.ptp(np.percentile(channel, [3, 97])) < (20 if index == 0 else 8):
            continue
        first = otsu(channel)
        limits = {first}
        for part in (channel[channel > first], channel[channel <= first]):
            if len(part) > 50 and np.ptp(part) > 8:
                limits.add(otsu(part))
        for limit in sorted(limits):
            masks += [(channel > limit).astype(np.uint8), (channel <= limit).astype(np.uint8)]
    return masks


def _solid_parts(mask: Bytes) -> list[Mask]:
    """The parts of a mask that have the outline of a sheet, their holes filled."""
    # Thin bridges to what else is as bright are cut.
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    parts = []
    for outline in outlines:
        if not _LEAST <= cv2.contourArea(outline) / mask.size <= _MOST:
            continue
        hull = cv2.convexHull(outline)
        if cv2.contourArea(outline) < 0.92 * cv2.contourArea(hull):
            continue
        # Straight sides: few corners tell it all.
        corners = cv2.approxPolyDP(hull, 0.025 * cv2.arcLength(hull, True), True)
        least = 0.88 if len(corners) == 4 else 0.95
        if len(corners) > 6 or cv2.contourArea(corners) < least * cv2.contourArea(hull):
            continue
        filled = np.zeros_like(mask)
        cv2.drawContours(filled, [outline], -1, 1, -1)
        # What hangs on it by a thread is not of it.
        parts.append(cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)) > 0)
    return parts


def _is_sheet(sheet: Mask, smooth: Bytes, rough: Floats) -> bool:
    """Whether a part ends at an edge, and whether what lies beyond is of another kind: a shadow's
    edge has the same paper on both sides."""
    sides = _colours(sheet, smooth)
    if sides is None:
        return False
    here, there = sides
    if np.abs(here - there).max() < _STEP:
        return False
    apart = _hues_apart(here, there)
    if rim(sheet).mean() < 0.3 and here.mean() > there.mean():
        return True
    far = cv2.dilate(sheet.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=8) == 0
    if far.sum() < 20:
        return apart > 0.03
    # Ink is here and there, but a desk's texture everywhere.
    inside = cv2.erode(sheet.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=1)
    least = [float(np.percentile(rough[where], 30)) for where in (far, inside > 0)]
    return bool(apart > 0.03 or least[0] > 1.35 * least[1] + 0.3)


def _colours(sheet: Mask, smooth: Bytes) -> tuple[Doubles, Doubles] | None:
    """The colour (3,) of a part along its edge, and that of what lies beyond; None where there is
    not enough of either."""
    part = sheet.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    inside = cv2.erode(part, kernel, iterations=3, borderValue=1)
    edge = (cv2.erode(inside, kernel, iterations=3, borderValue=1) == 0) & (inside > 0)
    outside = cv2.dilate(part, kernel, iterations=3, borderValue=0)
    beyond = (cv2.dilate(outside, kernel, iterations=4) > 0) & (outside == 0)
    if edge.sum() < 20 or beyond.sum() < 20:
        return None
    here, there = (np.median(smooth[where], axis=0).astype(float) + 4 for where in (edge, beyond))
    return here, there


def _hues_apart(here: Doubles, there: Doubles) -> float:
    """How much two colours (3,) differ in what is not lightness: the most of their shares."""
    return float(np.abs(here / here.sum() - there / there.sum()).max())


def _is_bounded(sheet: Mask, smooth: Bytes) -> bool:
    """Whether there is an edge nearly all around a part: its brighter half under a lamp ends at
    none."""
    part = sheet.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    within = cv2.erode(part, kernel, iterations=3)
    sides = []
    for near in (within, cv2.dilate(part, kernel, iterations=3) ^ 1):
        weight = cv2.boxFilter(near.astype(np.float32), -1, (15, 15))
        light = cv2.boxFilter((smooth * near[..., None]).astype(np.float32), -1, (15, 15))
        sides.append(light / np.maximum(weight, 1e-3)[..., None])
    outline = part ^ cv2.erode(part, kernel)
    steps = np.abs(sides[0] - sides[1]).max(axis=2)[outline > 0]
    return bool((steps > _STEP).mean() > 0.9)


def _roughness(small: Bytes) -> Floats:
    """How much the pixels differ from their neighbours', (h, w)."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    differences: Floats = cv2.blur(np.abs(grey - cv2.blur(grey, (5, 5))), (9, 9))
    return differences
