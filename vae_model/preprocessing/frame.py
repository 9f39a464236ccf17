"""Ink -> the digit alone, framed as MNIST's are."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.preprocessing.ink import Doubles, Mask
from vae_model.preprocessing.picture import EmptyDrawing, Floats

FRAME = 28
BOX = 20
"""MNIST's digits are 20 pixels long, their centre of mass in the middle of a frame of 28."""
CENTRE = 14.0
"""Pixel index of that middle, as measured on MNIST; not the 13.5 of symmetry."""
SPECK = "There is only a speck of ink: draw a digit, larger."
SOLID = "This is one solid patch of ink: draw a digit with a pen stroke."


def crop_digit(ink: Floats) -> Floats:
    """The smallest part of `ink` that holds every stroke of the digit, stray specks left out.

    Raises EmptyDrawing where that is a speck or a solid patch.
    """
    ink = _without_specks(ink)
    rows = np.flatnonzero((ink > 0.1).any(axis=1))
    columns = np.flatnonzero((ink > 0.1).any(axis=0))
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    short, long = sorted(digit.shape)
    size, fill = long / max(ink.shape), float(digit.mean())
    compact = short > 0.6 * long
    if long < 4 or size < 0.02 or (compact and size < 0.12 and fill > 0.5):
        raise EmptyDrawing(SPECK)
    if compact and fill > 0.75:
        raise EmptyDrawing(SOLID)
    return digit


def place(digit: Floats) -> Floats:
    """The cropped digit, 20 pixels long, in a frame of 28 by its centre of mass: (28, 28)."""
    scale = BOX / max(digit.shape)
    height, width = (max(1, round(side * scale)) for side in digit.shape)
    resized = Image.fromarray(digit).resize((width, height), Image.Resampling.BICUBIC)
    small = np.clip(np.asarray(resized, dtype=np.float32), 0, 1)
    # A stroke thinner than a final pixel is only grey by now; MNIST's pen always leaves white.
    small = np.clip(small / np.percentile(small[small > 0.25 * small.max()], 90), 0, 1)
    frame = np.zeros((FRAME, FRAME), np.float32)
    total = small.sum()
    top = _offset(float(small.sum(axis=1) @ np.arange(height) / total), height)
    left = _offset(float(small.sum(axis=0) @ np.arange(width) / total), width)
    frame[top : top + height, left : left + width] = small
    return frame


def _offset(mass: float, side: int) -> int:
    """Where `side` pixels begin so that their centre of mass is central, all of them inside."""
    return min(max(round(CENTRE - mass), 0), FRAME - side)


def _without_specks(ink: Floats) -> Floats:
    """Ink with its stray blots removed: what is small and lies apart from the main stroke."""
    cell = -(-max(ink.shape) // 96)
    padded = np.pad(ink, [(0, -side % cell) for side in ink.shape])
    rows, columns = (side // cell for side in padded.shape)
    cells = padded.reshape(rows, cell, columns, cell)
    peaks = cells.max(axis=(1, 3))
    count, labels = cv2.connectedComponents((peaks > 0.15).astype(np.uint8), connectivity=8)
    if count <= 2:  # the ground is the first
        return ink
    # What nowhere reaches half of full ink is haze, however large.
    inked = np.isin(labels, labels[peaks > 0.5])
    ink_of_cells = (inked * cells.sum(axis=(1, 3), dtype=np.float64)).ravel()
    mass = np.bincount(labels.ravel(), ink_of_cells, minlength=count)[1:].astype(np.float64)
    mask = cv2.dilate(_kept(labels, mass).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    full = np.repeat(np.repeat(mask, cell, 0), cell, 1)[: ink.shape[0], : ink.shape[1]]
    return np.where(full, ink, np.float32(0))


def _kept(labels: NDArray[np.int32], mass: Doubles) -> Mask:
    """The largest part, and every other that is large itself or lies near: the bar of a 5, not a
    blot. `mass` is the ink of each part, from label 1."""
    order = np.argsort(-mass) + 1
    kept: Mask = labels == order[0]
    for label in order[1:]:
        share = mass[label - 1] / mass[order[0] - 1]
        if share < 0.015:
            break
        part = labels == label
        if share > 0.15 or _gap(kept, part) < 0.25:
            kept = kept | part
    return kept


def _gap(kept: Mask, part: Mask) -> float:
    """Between two bounding boxes, in long sides of the first."""
    gaps, sides = [], []
    for axis in (0, 1):
        a = np.flatnonzero(kept.any(axis=axis))
        b = np.flatnonzero(part.any(axis=axis))
        gaps.append(max(b[0] - a[-1], a[0] - b[-1], 0))
        sides.append(a[-1] - a[0] + 1)
    return float(max(gaps) / max(sides))
