"""Digits as ink on the page's own paper: numpy in, HTML out.

What the decoder paints is a mask over the text colour: digits look printed in every theme.
"""

import base64
import io
from functools import cache
from typing import Literal

import numpy as np
from markupsafe import Markup
from PIL import Image

from vae_model.engine.digit_engine import Floats
from vae_model.model.config import IMAGE_SIZE

Look = Literal["ink", "pixels"]

SMALL = 4
"""Up to this scale 16 opacities are as good as 256."""
SHARED = 0.1
"""What a pixel gives to each neighbour before it is drawn as ink."""
FAINT, FULL = 0.08, 0.5
"""Shades that are drawn as bare paper and as full ink. The upper half of the scale goes, so that
edges are crisp; the lower half stays, so that no stroke the model painted is lost."""


def opacity(images: Floats, scale: int, look: Look) -> Floats:
    """Images (..., 28, 28) in [0, 1] as opacities (..., 28 * scale, 28 * scale).

    "pixels" shows every pixel as it is. "ink" draws the strokes' edges smoothly and in a fuller
    black, as a pen would have; what is faint stays to be seen.
    """
    if look == "pixels":
        return np.clip(images, 0, 1).repeat(scale, -2).repeat(scale, -1)
    enlarge = _enlarger(scale)
    edge: Floats = np.clip((enlarge @ images @ enlarge.T - FAINT) / (FULL - FAINT), 0, 1)
    return edge * edge * (3 - 2 * edge)


@cache
def _enlarger(scale: int) -> Floats:
    """The matrix (28 * scale, 28) that enlarges along one axis. Without the blur, enlarging shows
    the stairs of the pixel grid along slanted strokes."""
    unit = np.eye(IMAGE_SIZE, dtype=np.float32)
    beside = np.eye(IMAGE_SIZE, k=1, dtype=np.float32)
    blur = unit + np.float32(SHARED) * (beside + beside.T - 2 * unit)
    size = (IMAGE_SIZE, IMAGE_SIZE * scale)
    return np.asarray(Image.fromarray(unit).resize(size, Image.Resampling.BICUBIC)) @ blur


def data_url(opacity: Floats, bits: int = 8) -> str:
    """Opacities (rows, columns) in [0, 1], a pixel each, as a data URL of a PNG: black ink of
    2**bits opacities. A palette of opacities packs a third as large as ink and alpha side by side,
    in a fifth of the time; eleven of these are made on every change."""
    last = 2**bits - 1
    levels = (last * opacity + 0.5).astype(np.uint8)
    picture = Image.frombytes("P", levels.shape[::-1], levels.tobytes())
    picture.putpalette(bytes(3 * (last + 1)))
    opacities = bytes(255 * level // last for level in range(last + 1))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, transparency=opacities, bits=bits)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def url(image: Floats, *, scale: int, look: Look = "ink") -> str:
    """The mask of one digit (28, 28) as a data URL."""
    bits = 4 if scale <= SMALL else 8
    return data_url(opacity(np.asarray(image, np.float32), scale, look), bits)


def picture(image: Floats, alt: str, *, scale: int, look: Look = "ink", css: str = "") -> Markup:
    """One digit as an element as wide as its surroundings, or as its CSS class says."""
    return Markup(
        '<div class="digit {}" role="img" aria-label="{}" style="--ink:url({})"></div>'
    ).format(css, alt, url(image, scale=scale, look=look))
