"""What the eye sees in a written digit, as numbers: slant, thickness, width, loops and more.

Functions of images (n, 28, 28), ink in [0, 1] on 0, to one number per image (n,); 0 where there is
no ink. Rows run down the page and columns to the right, as in MNIST.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Images = NDArray[np.floating]


def ink(images: Images) -> Floats:
    """The sum of all pixels: how many full pixels of ink there are."""
    return np.asarray(images, np.float64).sum(axis=(1, 2))


def slant(images: Images) -> Floats:
    """How far the writing leans, sideways per unit of height; positive leans to the right.

    It is the shear that would make the second moments of the ink upright, −μ11/μ02 (the usual
    deslanting of digits, LeCun et al. 1998); 1 is a lean of 45°, MNIST lies within about ±1.
    """
    _, vertical, mixed = _second_moments(images)
    return -_ratio(mixed, vertical)


def thickness(images: Images) -> Floats:
    """Mean width of the strokes in pixels: twice the ink over the length of its outline.

    The outline of a grey image is its total variation, the mean length of its contours over all
    grey levels (the coarea formula), so nothing needs a threshold. The gradient is that of Roberts'
    cross on 2x2 pixels, whose length is right for edges along the axes and along the diagonals.
    """
    x = np.pad(np.asarray(images, np.float64), ((0, 0), (1, 1), (1, 1)))
    falling = x[:, 1:, 1:] - x[:, :-1, :-1]
    rising = x[:, 1:, :-1] - x[:, :-1, 1:]
    outline = np.sqrt((falling**2 + rising**2) / 2).sum(axis=(1, 2))
    return _ratio(2 * ink(images), outline)


def width(images: Images) -> Floats:
    """Sideways extent in pixels once the slant is taken out: that of the even bar whose ink is
    spread as far."""
    horizontal, vertical, mixed = _second_moments(images)
    return np.sqrt(12 * np.maximum(horizontal - mixed * _ratio(mixed, vertical), 0))


def height(images: Images) -> Floats:
    """Extent from top to bottom in pixels: that of the even bar whose ink is spread as far."""
    return np.sqrt(12 * _second_moments(images)[1])


def roundness(images: Images) -> Floats:
    """How evenly the ink spreads in all directions, 0-1: its spread the way it spreads least over
    that the way it spreads most. A ring has 1, a straight stroke nearly 0."""
    horizontal, vertical, mixed = _second_moments(images)
    middle, away = (horizontal + vertical) / 2, np.hypot((horizontal - vertical) / 2, mixed)
    return np.sqrt(_ratio(np.maximum(middle - away, 0), middle + away))


def balance(images: Images) -> Floats:
    """How much wider the upper half is than the lower one, in pixels of standard deviation: 7 and
    9 are above 0, 6 and 2 below."""
    x = np.asarray(images, np.float64)
    half = x.shape[1] // 2
    upper, lower = (np.sqrt(_second_moments(part)[0]) for part in (x[:, :half], x[:, half:]))
    return upper - lower


def bend(images: Images) -> Floats:
    """Which way the writing bows once the slant is taken out: ")" is above 0 and "(" below.

    −E[x·y²] over the ink, with x and y in standard deviations: a half circle has 0.66, MNIST lies
    within ±0.7.
    """
    share, x, y = _upright(images)
    return -(share * x * y**2).sum(axis=(1, 2))


def waist(images: Images) -> Floats:
    """How high the strokes in the middle sit, above the middle of all ink, in its standard
    deviations: an 8 with a small head has a high waist. It is the mean height of the ink under a
    bell half a standard deviation wide, so that the outline counts little."""
    share, x, y = _upright(images)
    inner = share * np.exp(-2 * (x**2 + y**2))
    return -_ratio((inner * y).sum(axis=(1, 2)), inner.sum(axis=(1, 2)))


def shade(images: Images) -> Floats:
    """How solid the ink is, 0-1: the mean shade of its pixels, each counted by its ink."""
    x = np.asarray(images, np.float64)
    return _ratio((x**2).sum(axis=(1, 2)), ink(x))


def loop_size(images: Images) -> Floats:
    """Pixels of paper that the ink encloses. A pixel is ink from a shade of 0.4 on: there the
    stroke looks closed, while most of its grey edge still counts as paper."""
    paper = np.pad(np.asarray(images) < 0.4, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    enclosed = paper.astype(np.uint8)
    for each in enclosed:
        cv2.floodFill(each, None, (0, 0), 0)
    return enclosed.sum(axis=(1, 2)).astype(np.float64)


def _upright(images: Images) -> tuple[Floats, Floats, Floats]:
    """Each pixel's share of the ink, and where it lies, x to the right and y down: from the
    middle of the ink, sheared upright, in standard deviations. (n, 28, 28) each."""
    pixels = np.asarray(images, np.float64)
    _, vertical, mixed = _second_moments(pixels)
    share = pixels * _ratio(np.ones(len(pixels)), ink(pixels))[:, None, None]
    down, across = np.arange(pixels.shape[1]), np.arange(pixels.shape[2])
    y = (down - (share.sum(axis=2) @ down)[:, None])[:, :, None]
    x = (across - (share.sum(axis=1) @ across)[:, None])[:, None, :]
    x = x - _ratio(mixed, vertical)[:, None, None] * y
    per_x, per_y = (_ratio(np.full(len(pixels), 12**0.5), e(pixels)) for e in (width, height))
    return share, x * per_x[:, None, None], y * per_y[:, None, None]


def _second_moments(images: Images) -> tuple[Floats, Floats, Floats]:
    """Variances of the ink along x and along y, and their covariance, (n,) each, in pixels²."""
    x = np.asarray(images, np.float64)
    mass = ink(x)
    rows, columns = x.sum(axis=2), x.sum(axis=1)
    down, across = np.arange(x.shape[1]), np.arange(x.shape[2])
    middle_y, middle_x = _ratio(rows @ down, mass), _ratio(columns @ across, mass)
    vertical = _ratio(rows @ down**2, mass) - middle_y**2
    horizontal = _ratio(columns @ across**2, mass) - middle_x**2
    mixed = _ratio(np.einsum("nyx,y,x->n", x, down, across, optimize=True), mass)
    return np.maximum(horizontal, 0), np.maximum(vertical, 0), mixed - middle_x * middle_y


def _ratio(above: Floats, below: Floats) -> Floats:
    """above / below, 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 1e-9)
