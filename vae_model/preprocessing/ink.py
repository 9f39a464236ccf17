"""Grey pixels -> how much ink each holds, on a ground of one shade."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_model.preprocessing.picture import EMPTY, MIN_CONTRAST, EmptyDrawing, Floats

Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]


def find_ink(grey: Floats) -> Floats:
    """How much ink each pixel holds, float32 (h, w) in [0, 1]: 0 on bare ground and its noise, 1
    where ink is as dark as full ink.

    grey is (h, w) in [0, 255], its ground of one shade. Raises EmptyDrawing where nothing stands
    out from that.
    """
    if np.ptp(grey) < MIN_CONTRAST:
        raise EmptyDrawing(EMPTY)
    contrast, threshold = grey, otsu(grey)
    bright = grey > threshold
    # The ground is what most of the image, and most of its rim, consists of.
    if bright.mean() + rim(bright).mean() > 1:
        contrast, threshold = 255 - grey, 255 - threshold
    contrast = contrast - np.median(contrast[contrast <= threshold])
    # Half of the peak, not Otsu's threshold, which splits the ground where there is little ink.
    half = 0.5 * float(np.percentile(contrast, 99.95))
    ground = contrast[contrast <= half]
    noise = 1.4826 * float(np.median(np.abs(ground - np.median(ground))))
    full = float(np.percentile(contrast[contrast > half], 75))
    floor = 3 * noise
    if full < MIN_CONTRAST or full < 2 * floor:
        raise EmptyDrawing(EMPTY)
    return np.clip((contrast - floor) / (full - floor), 0, 1).astype(np.float32)


def rim(image: NDArray[Any]) -> NDArray[Any]:
    """The values of all pixels along the border of (h, w), a vector; corners twice."""
    return np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])


def otsu(grey: NDArray[np.floating | np.uint8]) -> float:
    """The threshold that splits whole numbers in [0, 255] into the two tightest classes."""
    counts = np.bincount(grey.astype(np.int64).ravel(), minlength=256)[:256]
    below = np.cumsum(counts)[:-1].astype(np.float64)
    above = counts.sum() - below
    sums = np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
        between = np.nan_to_num(below * above * gap**2)
    best = np.flatnonzero(between == between.max())
    return float(best[0] + best[-1]) / 2
