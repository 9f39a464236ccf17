"""A picture of a digit, and what `preprocessing` did to it until the network could see it."""

import base64
import io

import numpy as np
from markupsafe import Markup
from PIL import Image

from ui.shared.drawing import Photo, Step
from ui.shared.parts import framed, group
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
    paper = _url(_image(grey, np.where(ink > 0, np.float32(0), 255)))
    steps = (
        Step("Grey", "Turned upright, colours made one scale.", _url(_image(grey))),
        Step("Paper", "What it takes for the ground; the ink is cut out.", paper),
        Step("Ink", "The ground is gone, and its light and noise with it.", _ink(ink), "ink"),
        Step("Cropped", "Specks left out, the paper around cut off.", _ink(digit), "ink"),
        Step("Centred", "20 pixels long, by its centre of mass.", _ink(image), "ink tiny"),
    )
    # In colour where the pixels are of a kind that browsers know.
    if picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"):
        preview = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    else:
        preview = _image(grey)
    return Photo(image, _url(preview), steps)


def shown(photo: Photo) -> Markup:
    """What was done to a picture, from left to right."""
    shot = Markup(
        '<div class="shot {}" role="img" aria-label="{}" style="--shot:url(\'{}\')"></div>'
    )
    parts = (
        framed(
            shot.format(step.look, step.name, step.url),
            Markup("<b>{}</b> {}").format(step.name, step.note),
        )
        for step in photo.steps
    )
    return group("steps", *parts)


def _ink(ink: Floats) -> str:
    return _url(_image(np.zeros_like(ink), np.rint(255 * ink)))


def _image(grey: Floats, opacity: Floats | None = None) -> Image.Image:
    image = Image.fromarray(grey.astype(np.uint8))
    if opacity is not None:
        image.putalpha(Image.fromarray(opacity.astype(np.uint8)))
    return image


def _url(picture: Image.Image) -> str:
    """The picture, made small, as a data URL."""
    kind = "PNG" if "A" in picture.mode else "JPEG"
    buffer = io.BytesIO()
    picture.reduce(-(-max(picture.size) // SHOWN)).save(buffer, kind)
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{encoded}"
