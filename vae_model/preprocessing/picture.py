"""A file, array or PIL image of any kind -> grey pixels of a working size."""

import contextlib
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageStat

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF", "TIFF")
MAX_FRAMES = 60
"""Of an animation that begins with a blank one, that are looked through."""
MAX_PIXELS = 40_000_000
MIN_SIDE = 8
WORK_SIDE = 800
"""Larger images are reduced before anything is measured on them."""
MIN_CONTRAST = 16.0
"""Of 255: what differs less from its ground is paper, not ink."""

TOO_LARGE = "This image is too large: use one of at most 40 megapixels."
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
HEIC = (
    "This is a HEIC photo, which this app does not read: on an iPhone choose Settings, Camera, "
    "Formats, Most Compatible, or share the photo as JPEG."
)
EMPTY = "There is no ink to read yet: draw a digit."


class EmptyDrawing(ValueError):
    """Nothing is drawn that could be a digit; the message is fit for the user."""


class BadImage(ValueError):
    """No image that can be read; the message is fit for the user and says what to do."""


def open_image(data: bytes) -> Image.Image:
    """The picture of a PNG, JPEG, WebP, GIF, BMP, AVIF or TIFF file, decoded and upright; of an
    animation that begins with a blank frame the one with most on it. `info["frame"]` says which of
    how many, `info["size"]` the size that it is stored in.

    A large one comes back reduced by a whole number, to what `normalize` needs and more. Raises
    BadImage.
    """
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise BadImage(HEIC)
    with _as_bad_image():
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(image)
        frame, size = _seek_ink(image), image.size
        image.draft(None, (2 * WORK_SIDE, 2 * WORK_SIDE))
        image.load()
        factor = max(image.size) // (2 * WORK_SIDE)
        # At once, for what follows copies it.
        picture = _decode(_simple_mode(image).reduce(factor) if factor > 1 else image)
        picture.info["frame"], picture.info["size"] = frame, size
        return picture


def flat(image: NDArray[np.uint8] | Image.Image) -> Image.Image:
    """The image upright as L or RGB, in its own size; alpha is composited. Raises BadImage."""
    with _as_bad_image():
        if isinstance(image, np.ndarray):
            if image.dtype != np.uint8:
                raise BadImage("An image array must be uint8, with 0 to 255 for each channel.")
            image = Image.fromarray(image)
        picture = _simple_mode(_decode(image))
        return _composite(picture) if picture.mode == "RGBA" else picture


def reduction(size: tuple[int, int]) -> int:
    """How many pixels of a picture (w, h) lie along one of those that are measured."""
    return -(-max(size) // WORK_SIDE)


def reduced(picture: Image.Image, window: tuple[int, int, int, int]) -> tuple[Floats, int]:
    """A window (left, top, right, bottom) of a picture that `flat` gave, as float32 (h, w) or
    (h, w, 3) in [0, 255], at most WORK_SIDE on a side; and how many of the picture's pixels lie
    along one of these."""
    left, top, right, bottom = window
    factor = reduction((right - left, bottom - top))
    return np.asarray(picture.reduce(factor, window), dtype=np.float32), factor


def to_grey(colours: Floats) -> Floats:
    """Colours (h, w) or (h, w, 3) as whole numbers (h, w), all in [0, 255].

    They are projected on the line along which they vary most, so that yellow ink on white, or red
    on green, is as good as black.
    """
    return colours if colours.ndim == 2 else _project(colours)


@contextlib.contextmanager
def _as_bad_image() -> Iterator[None]:
    """Raise BadImage for any exception: Pillow's decoders raise nearly all on a broken file."""
    try:
        yield
    except BadImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise BadImage(TOO_LARGE) from error
    except Exception as error:
        said = "This file cannot be read as an image: save it as PNG or JPEG and try again."
        raise BadImage(said) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise BadImage(TOO_LARGE)
    if min(image.size) < MIN_SIDE:
        raise BadImage("This image is too small: use one of at least 8 by 8 pixels.")


def _seek_ink(image: Image.Image) -> tuple[int, int]:
    """Turn an animation whose first frame is blank to the one with most on it, if it has one; which
    of how many it is, from 1 on."""
    frames = getattr(image, "n_frames", 1)
    tried = min(frames, MAX_FRAMES)
    if frames == 1 or tried * image.width * image.height > 4 * MAX_PIXELS:
        return 1, frames
    spreads: list[float] = []
    for frame in range(tried):
        image.seek(frame)
        seen = ImageStat.Stat(image.convert("L"))
        spreads.append(seen.stddev[0] if np.ptp(seen.extrema) > 32 else 0)
        if spreads[0]:
            break
    taken = spreads.index(max(spreads))
    image.seek(taken)
    return taken + 1, frames


def _decode(image: Image.Image) -> Image.Image:
    """The image loaded and turned as its EXIF asks; its size is checked before."""
    _check_size(image)
    image.load()
    return ImageOps.exif_transpose(image)


def _simple_mode(image: Image.Image) -> Image.Image:
    """The image as L, RGB or RGBA. Raises BadImage for 32-bit pixels, whose range is unknown."""
    if image.mode in ("I", "F"):
        raise BadImage("This image has an unusual pixel format: save it with 8 bits per channel.")
    if image.mode.startswith("I;16"):
        return Image.fromarray(_eight_bits(np.asarray(image)))
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """16-bit pixels as 8 bits: what has no more than 12 in use is written into the lowest of 16."""
    bits = int(deep.max()).bit_length()
    bits = max(bits, 8) if bits <= 12 else 16
    return (deep >> (bits - 8)).astype(np.uint8)


def _composite(picture: Image.Image) -> Image.Image:
    """RGBA on a ground that its ink stands out from, as RGB."""
    ground = _ground(np.asarray(picture.reduce(reduction(picture.size)), dtype=np.float32))
    if ground is None:
        return picture.convert("RGB")
    there = Image.new("RGB", picture.size, ground)
    there.paste(picture, mask=picture)
    return there


def _ground(pixels: Floats) -> tuple[int, ...] | None:
    """The colour to lay below RGBA (h, w, 4); None where it would be seen nowhere."""
    colours, alpha = pixels[..., :3], pixels[..., 3:] / 255
    seen = alpha[..., 0] > 0.5
    if seen.all():
        return None
    if not alpha.any():
        return 255, 255, 255  # Bare paper: what lies unseen above is no drawing.
    weights = alpha[..., 0] / alpha.sum()
    grey = colours.mean(axis=2)
    mean = float((weights * grey).sum())
    spread = float((weights * (grey - mean) ** 2).sum()) ** 0.5
    if seen.mean() > 0.5 and spread > MIN_CONTRAST:
        # A picture with a cut-out rim, not strokes on glass: its rim continues its own ground.
        return tuple(np.median(colours[seen], axis=0).astype(int).tolist())
    return (255,) * 3 if mean < 128 else (0,) * 3


def _project(colours: Floats) -> Floats:
    """RGB (h, w, 3) -> whole numbers (h, w) in [0, 255] along the axis of greatest variance."""
    flat = colours.reshape(-1, 3)
    sample = flat[:: max(1, len(flat) // 20_000)].astype(np.float64)
    axis, offset = main_axis(np.cov(sample, rowvar=False))
    return np.rint(colours @ axis.astype(np.float32) + np.float32(offset))


def main_axis(moments: NDArray[np.float64]) -> tuple[NDArray[np.float64], np.float64]:
    """The share of each channel (c,) along the axis on which they vary most, by their second
    moments (c, c); and what keeps their sum in [0, 255]."""
    axis = np.linalg.eigh(moments)[1][:, -1]
    axis /= np.abs(axis).sum() * np.sign(axis[np.abs(axis).argmax()])
    # Opposed channels (red on green) count from the other end.
    return axis, -255 * axis[axis < 0].sum()
