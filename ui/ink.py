"""Digits as ink on the page's own paper: numpy in, HTML out. Knows no Streamlit.

What the decoder paints becomes the alpha of a mask over the text colour, so that a digit looks
printed in every theme.
"""

import base64
import html
import io
from typing import Literal

import numpy as np
from PIL import Image

from vae_model.config import IMAGE_SIZE
from vae_model.engine import Floats

Look = Literal["ink", "pixels"]

SMALL = 4
"""Up to this scale 16 opacities are as good as 256."""
SHARED = 0.1
"""What a pixel gives to each neighbour before it is drawn as ink."""
FAINT, FULL = 0.08, 0.5
"""Shades that are drawn as bare paper and as full ink. The upper half of the scale goes, so that
edges are crisp; the lower half stays, so that no stroke the model painted is lost."""


def mask(image: Floats, scale: int, look: Look) -> bytes:
    """A (28, 28) image in [0, 1] as a PNG of black ink whose alpha is the image, enlarged.

    "pixels" shows every pixel as it is. "ink" draws the strokes' edges smoothly and in a fuller
    black, as a pen would have; what is faint stays to be seen.
    """
    side = IMAGE_SIZE * scale
    if look == "pixels":
        shades = Image.fromarray(np.asarray(image, np.float32))
        alpha = np.asarray(shades.resize((side, side), Image.Resampling.NEAREST))
    else:
        # Without the blur, enlarging shows the stairs of the pixel grid along slanted strokes.
        shades = Image.fromarray(_blurred(np.asarray(image, np.float32)))
        smooth = np.asarray(shades.resize((side, side), Image.Resampling.BICUBIC))
        edge = np.clip((smooth - FAINT) / (FULL - FAINT), 0, 1)
        alpha = edge * edge * (3 - 2 * edge)
    return _png(np.clip(alpha, 0, 1), bits=8 if scale > SMALL else 4)


def _blurred(image: Floats) -> Floats:
    """The image with each pixel sharing some of its ink with its neighbours."""
    for axis in (0, 1):
        padded = np.pad(image, [(1, 1) if axis == side else (0, 0) for side in (0, 1)])
        before, after = (np.take(padded, range(i, i + IMAGE_SIZE), axis) for i in (0, 2))
        image = image + np.float32(SHARED) * (before + after - 2 * image)
    return image


def _png(alpha: Floats, bits: int) -> bytes:
    """Black ink of 2 ** bits opacities. A palette of opacities packs a third as large as ink and
    alpha side by side, in a fifth of the time; eleven of these are made on every change."""
    last = 2**bits - 1
    levels = np.rint(last * alpha).astype(np.uint8)
    picture = Image.frombytes("P", levels.shape[::-1], levels.tobytes())
    picture.putpalette([0, 0, 0] * (last + 1))
    opacities = bytes(255 * level // last for level in range(last + 1))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, transparency=opacities, bits=bits)
    return buffer.getvalue()


def url(image: Floats, *, scale: int, look: Look = "ink") -> str:
    """The mask of one digit as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(mask(image, scale, look)).decode()}"


def picture(image: Floats, alt: str, *, scale: int, look: Look = "ink", css: str = "") -> str:
    """One digit as an element as wide as its surroundings, or as its CSS class says."""
    return (
        f'<div class="digit {css}" role="img" aria-label="{html.escape(alt, quote=True)}" '
        f'style="--ink:url({url(image, scale=scale, look=look)})"></div>'
    )


def row(images: Floats, chosen: int, alt: str) -> str:
    """The ten digits in one line, the chosen one in the accent colour."""
    cells = [
        picture(image, alt.format(digit), scale=4, css="chosen" if digit == chosen else "")
        for digit, image in enumerate(images)
    ]
    return f'<div class="digit-row">{"".join(cells)}</div>'
