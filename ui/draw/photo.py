"""A picture of a digit, and what was done to it until the network could see it.

All that is hard is done by `preprocessing`.
"""

import base64
import io

import numpy as np
from PIL import Image

from ui.shared.drawing import Photo, Step
from vae_model.engine.digit_engine import Floats
from vae_model.preprocessing import crop_digit, find_ink, open_image, place, to_grey

SHOWN = 320
"""Longest side of what is shown, in pixels."""


def read(data: bytes) -> Photo:
    """The digit in a PNG, JPEG, WebP, GIF or BMP file, step by step.

    Raises EmptyDrawing or BadImage, with a message fit for the user.
    """
    picture = open_image(data)
    grey = to_grey(picture)
    ink = find_ink(grey)
    digit = crop_digit(ink)
    image = place(digit)
    steps = (
        Step("Grey", "Turned upright, colours made one scale.", _grey(grey), is_ink=False),
        Step(
            "Paper", "What it takes for the ground; the ink is cut out.", _paper(grey, ink), False
        ),
        Step("Ink", "The ground is gone, and its light and noise with it.", _ink(ink), True),
        Step("Cropped", "Specks left out, the paper around cut off.", _ink(digit), True),
        Step("Centred", "20 pixels long, by its centre of mass.", _ink(image), True, True),
    )
    return Photo(image, _preview(picture, grey), steps)


def _preview(picture: Image.Image, grey: Floats) -> str:
    """In colour where the pixels are of a kind that browsers know."""
    if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"):
        return _grey(grey)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return _url(_small(picture.convert(mode)))


def _grey(grey: Floats) -> str:
    return _url(_small(Image.fromarray(grey.astype(np.uint8))))


def _paper(grey: Floats, ink: Floats) -> str:
    alpha = np.where(ink > 0, 0, 255)
    return _url(_small(Image.fromarray(np.stack([grey, alpha], axis=-1).astype(np.uint8))))


def _ink(ink: Floats) -> str:
    alpha = np.rint(255 * ink).astype(np.uint8)
    return _url(_small(Image.fromarray(np.stack([np.zeros_like(alpha), alpha], axis=-1))))


def _small(picture: Image.Image) -> Image.Image:
    return picture.reduce(-(-max(picture.size) // SHOWN))


def _url(picture: Image.Image) -> str:
    kind = "PNG" if "A" in picture.mode else "JPEG"
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{encoded}"
