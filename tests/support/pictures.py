"""Pictures of digits, and their files."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ui.draw.desk.starters import EXAMPLES


def encoded(
    picture: NDArray[np.uint8] | Image.Image, kind: str = "PNG", **options: object
) -> bytes:
    """The file of a picture."""
    file = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(file, kind, **options)
    return file.getvalue()


def on_paper(*digits: int) -> Image.Image:
    """Digits in ink on paper, side by side, each in a field as wide as it is high."""
    ink = np.concatenate([np.pad(EXAMPLES[digit], 6) for digit in digits], axis=1)
    picture = Image.fromarray(235 - (ink * 0.8).astype(np.uint8))
    return picture.resize((4 * picture.width, 4 * picture.height), Image.Resampling.BICUBIC)
