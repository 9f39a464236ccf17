"""Any drawing, scan or photo of one digit -> the 28x28 image that MNIST would have made of it.

Four pure steps, each usable alone: `to_grey`, `find_ink`, `crop_digit`, `place`; `normalize` is
all four. It looks at ink only and knows no digits: two digits in one picture are
one wide digit to it, and the lines of ruled paper are ink.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]

FRAME = 28
BOX = 20
"""MNIST's digits are 20 pixels long, their centre of mass in the middle of a frame of 28."""
CENTRE = 14.0
"""Pixel index of that middle, as measured on MNIST; not the 13.5 of symmetry."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_PIXELS = 40_000_000
MIN_SIDE = 8
WORK_SIDE = 640
"""Larger images are reduced before anything is measured on them."""
MIN_CONTRAST = 16.0
"""Of 255: what differs less from its ground is paper, not ink."""

UNREADABLE = "This file cannot be read as an image: save it as PNG or JPEG and try again."
TOO_LARGE = "This image is too large: use one of at most 40 megapixels."
TOO_SMALL = "This image is too small: use one of at least 8 by 8 pixels."
WRONG_ARRAY = "An image array must be uint8 of shape (h, w), (h, w, 2), (h, w, 3) or (h, w, 4)."
WRONG_MODE = "This image has an unusual pixel format: save it with 8 bits per channel."
EMPTY = "There is no ink to read yet: draw a digit."
SPECK = "There is only a speck of ink: draw a digit, larger."
SOLID = "This is one solid patch of ink: draw a digit with a pen stroke."


class EmptyDrawing(ValueError):
    """Nothing is drawn that could be a digit; the message is fit for the user."""


class BadImage(ValueError):
    """No image that can be read; the message is fit for the user and says what to do."""


def normalize(image: NDArray[np.uint8] | Image.Image) -> Floats:
    """One digit in a drawing, scan or photo as float32 (28, 28) in [0, 1], ink bright on 0.

    image is uint8 (h, w) grey, (h, w, 2) grey and alpha, (h, w, 3) RGB or (h, w, 4) RGBA, or a PIL
    image; its ink may be darker or lighter than its ground.
    Raises EmptyDrawing where nothing or next to nothing is drawn, BadImage for anything else that
    is no readable image.
    """
    return place(crop_digit(find_ink(to_grey(image))))


def open_image(data: bytes) -> Image.Image:
    """The (first) picture of a PNG, JPEG, WebP, GIF or BMP file, decoded and upright.

    A large JPEG may come back at a half, a quarter or an eighth of its size, which is all that
    `normalize` needs. Raises BadImage.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(image.size)
        image.draft(None, (2 * WORK_SIDE, 2 * WORK_SIDE))
    except Exception as error:
        raise _as_bad_image(error) from error
    return _decode(image)


def to_grey(image: NDArray[np.uint8] | Image.Image) -> Floats:
    """The image as float32 (h, w) of whole numbers in [0, 255], at most WORK_SIDE on a side.

    Alpha is composited; colours are projected on the line along which they vary most, so that
    yellow ink on white, or red on green, is as good as black. Raises BadImage, EmptyDrawing.
    """
    picture = _decode(image if isinstance(image, Image.Image) else _from_array(image))
    try:
        picture = _simple_mode(picture)
        pixels = np.asarray(picture.reduce(-(-max(picture.size) // WORK_SIDE)), dtype=np.float32)
    except Exception as error:
        raise _as_bad_image(error) from error
    if picture.mode == "RGBA":
        pixels = _composite(pixels)
    return pixels if pixels.ndim == 2 else _project(pixels)


def find_ink(grey: Floats) -> Floats:
    """How much ink each pixel holds, float32 (h, w) in [0, 1]; 0 on bare ground.

    grey is (h, w) in [0, 255]. Raises EmptyDrawing where nothing stands out from the ground.
    """
    if np.ptp(grey) < MIN_CONTRAST:
        raise EmptyDrawing(EMPTY)
    threshold = _otsu(grey)
    if _ground_is_bright(grey > threshold):
        contrast, threshold = 255 - grey, 255 - threshold
    else:
        contrast = grey
    ground = contrast[contrast <= threshold]
    contrast = contrast - np.median(ground)
    spread = np.percentile(np.abs(ground - np.median(ground)), 75)
    # A drawing has one ground. Only a photo, which is never tiny, has light to be evened out.
    if min(grey.shape) >= 48 and spread > 0.02 * np.percentile(contrast, 99):
        return _stretch(_even_light(grey), haze=0.2)
    return _stretch(contrast, haze=0)


def crop_digit(ink: Floats) -> Floats:
    """The smallest part of `ink` that holds every stroke of the digit, stray specks left out.

    Raises EmptyDrawing where that is a speck or a solid patch.
    """
    digit = _crop(_without_specks(ink))
    short, long = sorted(digit.shape)
    size = long / max(ink.shape)
    if long < 4 or size < 0.02:
        raise EmptyDrawing(SPECK)
    fill = float(digit.mean())
    if short > 0.6 * long and size < 0.12 and fill > 0.5:
        raise EmptyDrawing(SPECK)
    if short > 0.6 * long and fill > 0.75:
        raise EmptyDrawing(SOLID)
    return digit


def place(digit: Floats) -> Floats:
    """The cropped digit, 20 pixels long, in a frame of 28 by its centre of mass: (28, 28)."""
    scale = BOX / max(digit.shape)
    height, width = (max(1, round(side * scale)) for side in digit.shape)
    small = _resize(digit, height, width)
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


def _resize(image: Floats, height: int, width: int) -> Floats:
    """Antialiased, in [0, 1]."""
    if image.shape == (height, width):
        return image
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(resized, dtype=np.float32), 0, 1)


def _as_bad_image(error: Exception) -> BadImage:
    """What to tell the user. Pillow's decoders raise nearly any exception on a broken file."""
    if isinstance(error, BadImage):
        return error
    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)
    return BadImage(TOO_LARGE if isinstance(error, bombs) else UNREADABLE)


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise BadImage(TOO_LARGE)
    if min(size) < MIN_SIDE:
        raise BadImage(TOO_SMALL)


def _decode(image: Image.Image) -> Image.Image:
    """The image loaded and turned as its EXIF asks; its size is checked before. Raises BadImage."""
    _check_size(image.size)
    try:
        image.load()
        return ImageOps.exif_transpose(image)
    except Exception as error:
        raise _as_bad_image(error) from error


def _from_array(array: NDArray[np.uint8]) -> Image.Image:
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
        raise BadImage(WRONG_ARRAY)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)):
        raise BadImage(WRONG_ARRAY)
    _check_size((array.shape[1], array.shape[0]))
    return Image.fromarray(array)


def _simple_mode(image: Image.Image) -> Image.Image:
    """The image as L, RGB or RGBA. Raises BadImage for 32-bit pixels, whose range is unknown."""
    if image.mode in ("I", "F"):
        raise BadImage(WRONG_MODE)
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _composite(pixels: Floats) -> Floats:
    """RGBA (h, w, 4) on a ground that its ink stands out from: RGB (h, w, 3)."""
    colours, alpha = pixels[..., :3], pixels[..., 3:] / 255
    seen = alpha[..., 0] > 0.5
    if seen.all():
        return colours
    if not alpha.any():
        raise EmptyDrawing(EMPTY)
    weights = alpha[..., 0] / alpha.sum()
    grey = colours.mean(axis=2)
    mean = float((weights * grey).sum())
    spread = float((weights * (grey - mean) ** 2).sum()) ** 0.5
    if seen.mean() > 0.5 and spread > MIN_CONTRAST:
        # A picture with a cut-out rim, not strokes on glass: its rim continues its own ground.
        ground = np.median(colours[seen], axis=0)
    else:
        ground = np.full(3, 255 if mean < 128 else 0, np.float32)
    composed: Floats = (colours * alpha + ground * (1 - alpha)).astype(np.float32)
    return composed


def _project(colours: Floats) -> Floats:
    """RGB (h, w, 3) -> whole numbers (h, w) in [0, 255] along the axis of greatest variance."""
    flat = colours.reshape(-1, 3)
    sample = flat[:: max(1, len(flat) // 20_000)].astype(np.float64)
    axis = np.linalg.eigh(np.cov(sample, rowvar=False))[1][:, -1]
    axis /= np.abs(axis).sum() * np.sign(axis[np.abs(axis).argmax()])
    # Opposed channels (red on green) count from the other end, so that the sum stays in range.
    offset = -255 * axis[axis < 0].sum()
    grey: Floats = np.rint(colours @ axis.astype(np.float32) + np.float32(offset))
    return grey


def _otsu(grey: Floats) -> float:
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
    rim = np.concatenate([bright[0], bright[-1], bright[1:-1, 0], bright[1:-1, -1]])
    return bool(bright.mean() + rim.mean() > 1)


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
        trend = trend + _fill(coarse - trend, ~_grow(~bare))
    ground: Floats = np.asarray(
        Image.fromarray(trend.astype(np.float32)).resize(grey.shape[::-1], Image.Resampling.BICUBIC)
    )
    contrast = sign * (_blur(grey, 1) - ground)
    if sign < 0:
        # Ink takes away a share of the light, so that it is paler in the shade.
        contrast = contrast * (ground.mean() / np.maximum(ground, 16))
    return contrast.astype(np.float32)


def _smooth_fit(coarse: Doubles) -> Doubles:
    """A quadratic surface through most of `coarse`, few strokes of ink notwithstanding."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in coarse.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    values = coarse.ravel()
    weights = np.ones_like(values)
    for _ in range(15):
        fit = terms @ np.linalg.lstsq(terms * weights[:, None], values * weights, rcond=None)[0]
        weights = 1 / np.sqrt(np.abs(values - fit) + 1)
    surface: Doubles = fit.reshape(coarse.shape)
    return surface


def _fill(residual: Doubles, bare: Mask) -> Doubles:
    """Mean of the bare ground around each cell, which so continues below the ink; 0 where no bare
    ground is near."""
    value, weight = np.where(bare, residual, 0), bare.astype(np.float64)
    for _ in range(2):
        value, weight = _blur(value, 3), _blur(weight, 3)
    filled: Doubles = value / (weight + 0.02)
    return filled


def _blur(image: NDArray[np.floating], radius: int) -> Doubles:
    """Box mean over 2 * radius + 1 pixels in both axes."""
    size = 2 * radius + 1
    blurred = image.astype(np.float64)
    for axis in (0, 1):
        lines = np.moveaxis(blurred, axis, 0)
        padded = np.pad(lines, ((radius + 1, radius), (0, 0)), mode="edge")
        sums = np.cumsum(padded, axis=0)
        blurred = np.moveaxis((sums[size:] - sums[:-size]) / size, 0, axis)
    return blurred


def _grow(mask: Mask) -> Mask:
    """The mask and the eight neighbours of its cells."""
    for axis in (0, 1):
        padded = np.pad(mask, [(1, 1) if axis == side else (0, 0) for side in (0, 1)])
        parts = [np.take(padded, range(i, i + mask.shape[axis]), axis) for i in range(3)]
        mask = parts[0] | parts[1] | parts[2]
    return mask


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
    ink: Floats = np.clip((contrast - floor) / (full - floor), 0, 1).astype(np.float32)
    return ink


def _without_specks(ink: Floats) -> Floats:
    """Ink with its stray blots removed: what is small and lies apart from the main stroke."""
    cell = -(-max(ink.shape) // 96)
    pad = [(0, -side % cell) for side in ink.shape]
    padded = np.pad(ink, pad)
    rows, columns = (side // cell for side in padded.shape)
    cells = padded.reshape(rows, cell, columns, cell)
    peaks = cells.max(axis=(1, 3))
    labels, count = _label(peaks > 0.15)
    if count <= 1:
        return ink
    # What nowhere reaches half of full ink is haze, however large.
    inked = np.isin(labels, labels[peaks > 0.5])
    ink_of_cells = (inked * cells.sum(axis=(1, 3), dtype=np.float64)).ravel()
    mass = np.bincount(labels.ravel(), ink_of_cells, minlength=count + 1)[1:].astype(np.float64)
    mask = _grow(_kept(labels, mass))
    full = np.repeat(np.repeat(mask, cell, 0), cell, 1)[: ink.shape[0], : ink.shape[1]]
    return np.where(full, ink, np.float32(0))


def _kept(labels: Labels, mass: Doubles) -> Mask:
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


def _label(mask: Mask) -> tuple[Labels, int]:
    """Eight-connected parts numbered from 1, 0 elsewhere; and how many."""
    rows, columns = mask.shape
    labels = np.zeros((rows + 2) * (columns + 2), np.int64)
    todo = set(np.flatnonzero(np.pad(mask, 1)).tolist())
    steps = [dy * (columns + 2) + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    count = 0
    while todo:
        count += 1
        front = [todo.pop()]
        while front:
            here = front.pop()
            labels[here] = count
            for step in steps:
                if here + step in todo:
                    todo.remove(here + step)
                    front.append(here + step)
    return labels.reshape(rows + 2, columns + 2)[1:-1, 1:-1], count


def _crop(ink: Floats) -> Floats:
    rows = np.flatnonzero((ink > 0.1).any(axis=1))
    columns = np.flatnonzero((ink > 0.1).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
