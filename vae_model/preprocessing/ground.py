"""A picture's pixels -> how much darker (or lighter) each is than the ground it lies on."""

import cv2
import numpy as np

from vae_model.preprocessing.ink import Mask, rim
from vae_model.preprocessing.picture import (
    EMPTY,
    MIN_CONTRAST,
    Bytes,
    EmptyDrawing,
    Floats,
    main_axis,
)

STROKE = 0.28
"""Of the longer side: what is broader than this is ground of its own, as a shadow or a desk is."""
_SEEN = 240
"""Pixels of the longer side of the small picture that the ground is guessed on."""


def contrast(colours: Floats, area: Mask) -> tuple[Floats, float]:
    """The share of light that each pixel's ink takes away or adds, float32 (h, w), about 0 on bare
    ground; and the noise of that ground, a standard deviation.

    colours are (h, w) or (h, w, 3) in [0, 255]; the area (h, w) is what is looked at. Raises
    EmptyDrawing where nothing stands out.
    """
    grey, sign = _along_the_ink(colours, area)
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.8) if min(grey.shape) >= 48 else grey
    light = smooth if sign < 0 else 255 - smooth
    size = 2 * round(STROKE * max(grey.shape) / 2) + 1
    # Closing keeps the steps of a shadow or an edge where they are, however sharp.
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    ground = closed.astype(np.float32)
    if sign < 0:
        # Ink takes away a share of the light, so that it is paler in the shade.
        share = (ground - light) / np.maximum(ground, 16)
    else:
        share = (ground - light) / max(float(np.median(255 - ground[area])), 96)
    share = np.where(area, share.astype(np.float32) - _haze(share, area), 0)
    inside = share[area]
    below = inside[inside <= 0.08]
    noise = 1.4826 * float(np.median(np.abs(below - np.median(below))))
    return share.astype(np.float32), noise


def _small(shape: tuple[int, ...]) -> tuple[int, int]:
    """Width and height of the small picture of one of (h, w)."""
    step = max(1, round(max(shape) / _SEEN))
    return max(1, shape[1] // step), max(1, shape[0] // step)


def _haze(share: Floats, area: Mask) -> Floats:
    """What the darker corners of a photo and its noise add to the share (h, w) all over."""
    size = _small(area.shape)
    middle = float(np.median(share[area]))
    small = cv2.resize(np.where(area, share, middle), size, interpolation=cv2.INTER_AREA)
    # What the rim cuts may be a darker corner, which ends softly; all else is not haze.
    strong = (small > middle + 0.2 * (np.percentile(small, 99.5) - middle)).astype(np.uint8)
    labels = cv2.connectedComponents(strong)[1]
    at_rim = rim(labels)
    small[(labels > 0) & ~np.isin(labels, at_rim)] = middle
    steep = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    for label in set(at_rim.tolist()) - {0}:
        own = (labels == label).astype(np.uint8)
        edge = own - cv2.erode(own, np.ones((3, 3), np.uint8), borderValue=1)
        if edge.any() and np.median(steep[edge > 0]) > 0.07:
            small[own > 0] = middle
    coarse = (255 * small).clip(0, 255).astype(np.uint8)
    window = min(2 * round(0.3 * max(size) / 2) + 1, 255)
    haze = cv2.GaussianBlur(cv2.medianBlur(coarse, window), (0, 0), 0.03 * max(size))
    large = cv2.resize(haze, area.shape[::-1], interpolation=cv2.INTER_LINEAR)
    full: Floats = large / np.float32(255)
    return full


def _along_the_ink(colours: Floats, area: Mask) -> tuple[Bytes, int]:
    """The colours on the one scale on which the ink stands out most from the ground around it, and
    whether it is darker (-1) or lighter (1)."""
    channels = colours[..., None] if colours.ndim == 2 else colours
    size = _small(area.shape)
    seen = cv2.resize(area.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    small = cv2.resize(channels, size, interpolation=cv2.INTER_AREA).reshape(*seen.shape, -1)
    window = 2 * round(0.36 * max(size) / 2) + 1
    rests = []
    for index in range(small.shape[2]):
        channel = small[..., index].astype(np.uint8)
        filled = np.where(seen, channel, np.median(channel[seen])).astype(np.uint8)
        rests.append(filled.astype(np.float32) - cv2.medianBlur(filled, min(window, 255)))
    rest = np.stack(rests, axis=-1)[seen]
    strong = np.abs(rest).max(axis=1)
    if strong.max() < MIN_CONTRAST / 2:
        raise EmptyDrawing(EMPTY)
    inked = rest[strong >= 0.5 * np.percentile(strong, 99.5)].astype(np.float64)
    axis, offset = main_axis(inked.T @ inked)
    weights = axis.astype(np.float32)
    flat = np.rint(small @ weights + offset).clip(0, 255).astype(np.uint8)
    strokes = _narrow(flat, seen)[seen]
    sign = 1 if ((rest @ axis)[strokes] ** 3).sum() > 0 else -1
    grey = channels @ weights + np.float32(offset)
    return np.rint(grey).clip(0, 255).astype(np.uint8), sign


def _narrow(grey: Bytes, seen: Mask) -> Mask:
    """Where a small picture (h, w) has strokes with sharp edges, or gaps between them: steps of
    light have no side that is narrow, and patches of light no edge."""
    filled = np.where(seen, grey, np.median(grey[seen])).astype(np.uint8)
    size = 2 * round(STROKE * max(grey.shape) / 2) + 1
    around = np.ones((size, size), np.uint8)
    steep = cv2.morphologyEx(filled, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    steep[cv2.erode(seen.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0] = 0
    strokes = np.zeros_like(seen)
    for kind in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        hat = cv2.morphologyEx(filled, kind, around)
        ink = (hat > 0.3 * hat.max()).astype(np.uint8)
        # Squared paper's lines, which a digit hangs on, lead to the rim; a broad pen is not lines.
        for each in (ink, cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))):
            labels = cv2.connectedComponents(each)[1]
            strokes |= (labels > 0) & ~np.isin(labels, rim(labels))
    steep[~strokes] = 0
    strokes &= cv2.dilate(steep, np.ones((3, 3), np.uint8)) > 0.5 * np.percentile(steep, 99.5)
    return strokes if strokes[seen].any() else seen
