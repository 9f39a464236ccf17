"""A picture of digits, and what `preprocessing` made of it until the network could see one."""

import base64
import io

import numpy as np
from markupsafe import Markup
from PIL import Image, ImageDraw

from ui.shared.drawing import Photo, Step
from ui.shared.parts import framed, group
from vae_model.engine.digit_engine import Floats
from vae_model.preprocessing import find_digits, open_image, to_grey

SHOWN = 320
"""Longest side of what is shown, in pixels."""
CHOSEN, OTHER = (200, 60, 20), (128, 128, 128)


def read(data: bytes) -> Photo:
    """The largest digit in the picture of a file, step by step.

    Raises EmptyDrawing or BadImage, with a message fit for the user.
    """
    picture = open_image(data)
    found = find_digits(picture)
    digit = max(found, key=lambda each: each.size)
    # In colour where the pixels are of a kind that browsers know.
    if picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"):
        preview = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    else:
        preview = _image(to_grey(picture)).resize(picture.size)
    boxed = preview.convert("RGB")
    boxed.thumbnail((2 * SHOWN, 2 * SHOWN))
    draw = ImageDraw.Draw(boxed)
    for each in found:
        corners = [round(side * boxed.width / preview.width) for side in each.box]
        draw.rectangle(corners, outline=CHOSEN if each is digit else OTHER, width=3)
    what = "The digit and its ground."
    if len(found) > 1:
        what = f"{len(found)} digits were found; the largest is read."
    margin = (digit.box[3] - digit.box[1]) // 6
    left, top, right, bottom = digit.box
    cut = preview.crop(
        (
            *(max(left - margin, 0), max(top - margin, 0)),
            *(min(right + margin, preview.width), min(bottom + margin, preview.height)),
        )
    )
    steps = (
        Step("Found", what, _url(boxed)),
        Step("Cropped", "Alone, as the picture shows it.", _url(cut)),
        Step(
            "Centred",
            "Its ink, 20 pixels long, by its centre of mass.",
            _ink(digit.image),
            "ink tiny",
        ),
    )
    # Of several digits the one that is read is marked.
    return Photo(digit.image, _url(boxed if len(found) > 1 else preview), steps)


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
