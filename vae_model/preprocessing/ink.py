"""Grey pixels -> how much ink each holds, whatever the ground and the light on it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_model.preprocessing.picture import EMPTY, MIN_CONTRAST, EmptyDrawing, Floats

Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]


def find_ink(grey: Floats) -> Floats:
    """How much ink each pixel holds, float32 (h, w) in [0, 1]; 0 on bare ground.

    grey is (h, w) in [0, 255]. Raises EmptyDrawing where nothing stands out from the ground.
    """
    if np.ptp(grey) < MIN_CONTRAST:
        raise EmptyDrawing(EMPTY)
    contrast, threshold = grey, otsu(grey)
    if _ground_is_bright(grey > threshold):
        contrast, threshold = 255 - grey, 255 - threshold
    ground = contrast[contrast <= threshold]
    contrast = contrast - np.median(ground)
    spread = np.percentile(np.abs(ground - np.median(ground)), 75)
    # A drawing has one ground. Only a photo, which is never tiny, has light to be evened out.
    if min(grey.shape) >= 48 and spread > 0.02 * np.percentile(contrast, 99):
        return _stretch(_even_light(grey), haze=0.2)
    return _stretch(contrast, haze=0)


def rim(image: NDArray[Any]) -> NDArray[Any]:
    """The values of all pixels along the border of (h, w), a vector; corners twice."""
    return np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])


def grow(mask: Mask) -> Mask:
    """The mask and the eight neighbours of its cells."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


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


def _ground_is_bright(bright: Mask) -> bool:
    """The ground is what most of the image, and most of its rim, consists of."""
    border = np.concatenate([bright[0], bright[-1], bright[1:-1, 0], bright[1:-1, -1]])
    return bool(bright.mean() + border.mean() > 1)


def _even_light(grey: Floats) -> Floats:
    """Contrast of the ink (positive) with a ground under uneven light, (h, w), lightly smoothed."""
    height, width = (max(1, round(side * 64 / max(grey.shape))) for side in grey.shape)
    coarse = np.asarray(
        Image.fromarray(grey).resize((width, height), Image.Resampling.BOX), np.float64
    )
    trend = _smooth_fit(coarse)
    residual = coarse - trend
    sign = 1.0 if ((residual - np.median(residual)) ** 3).sum() > 0 else -1.0
    for _ in range(3):
        residual = sign * (coarse - trend)
        middle = np.median(residual)
        sigma = 1.4826 * np.median(np.abs(residual - middle))
        limit = max(4 * sigma, 0.15 * float(np.percentile(residual - middle, 99.5)))
        bare = residual - middle < limit
        trend = trend + _fill(coarse - trend, ~grow(~bare))
    ground: Floats = np.asarray(
        Image.fromarray(trend.astype(np.float32)).resize(grey.shape[::-1], Image.Resampling.BICUBIC)
    )
    contrast = sign * (_blur(grey, 1) - ground)
    if sign < 0:
        # Ink takes away a share of the light, so that it is paler in the shade.
        contrast = contrast * (ground.mean() / np.maximum(ground, 16))
    return contrast.astype(np.float32)


def _smooth_fit(coarse: Doubles) -> Doubles:
    """A quadratic surface through most of `coarse`, few strokes of ink notwithstanding: least
    absolute deviations, by reweighted least squares."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in coarse.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    values = coarse.ravel()
    weights = np.ones_like(values)
    for _ in range(15):
        fit = terms @ np.linalg.lstsq(terms * weights[:, None], values * weights, rcond=None)[0]
        weights = 1 / np.sqrt(np.abs(values - fit) + 1)
    return fit.reshape(coarse.shape)


def _fill(residual: Doubles, bare: Mask) -> Doubles:
    """Mean of the bare ground around each cell, which so continues below the ink; 0 where no bare
    ground is near."""
    value, weight = np.where(bare, residual, 0), bare.astype(np.float64)
    for _ in range(2):
        value, weight = _blur(value, 3), _blur(weight, 3)
    return value / (weight + 0.02)


def _blur(image: NDArray[np.floating], radius: int) -> Doubles:
    """Box mean over 2 * radius + 1 pixels in both axes."""
    size = 2 * radius + 1
    return cv2.blur(image.astype(np.float64), (size, size), borderType=cv2.BORDER_REPLICATE)


def _stretch(contrast: Floats, haze: float) -> Floats:
    """Contrast -> ink in [0, 1]: 1 is the darkness of full ink, 0 the noise of the ground and all
    that is below `haze`, a share of full ink. Raises EmptyDrawing."""
    # Half of the peak, not Otsu's threshold, which splits the ground where there is little ink.
    half = 0.5 * float(np.percentile(contrast, 99.95))
    ground = contrast[contrast <= half]
    noise = 1.4826 * float(np.median(np.abs(ground - np.median(ground))))
    full = float(np.percentile(contrast[contrast > half], 75))
    floor = max(3 * noise, haze * full)
    if full < MIN_CONTRAST or full < 2 * floor:
        raise EmptyDrawing(EMPTY)
    return np.clip((contrast - floor) / (full - floor), 0, 1).astype(np.float32)
