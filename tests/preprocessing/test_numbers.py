"""Numbers, and sheets with several of them."""

import numpy as np
from PIL import Image

from ui.draw.desk.starters import EXAMPLES
from vae_model.engine.digit_engine import DigitEngine
from vae_model.preprocessing import find_digits

ENGINE = DigitEngine.load("checkpoints/studio")


def write(picture: Image.Image, digit: int, left: int, top: int, tall: int, ink: int = 30) -> int:
    """Write a digit into a picture, as high as that; how wide it became."""
    pixels = EXAMPLES[digit]
    rows, columns = (np.flatnonzero((pixels > 0.15 * pixels.max()).any(axis)) for axis in (1, 0))
    tight = Image.fromarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    wide = round(tight.width * tall / tight.height)
    mask = tight.resize((wide, tall), Image.Resampling.BICUBIC)
    picture.paste(
        Image.new(picture.mode, mask.size, (ink,) * len(picture.getbands())), (left, top), mask
    )
    return wide


def sheet(*rows: str, pitch: int, tall: int = 80) -> Image.Image:
    """Numbers below one another."""
    picture = Image.new("L", (200 + 100 * max(map(len, rows)), 200 + pitch * len(rows)), 250)
    for row, number in enumerate(rows):
        for column, digit in enumerate(number):
            write(picture, int(digit), 100 + 100 * column, 100 + row * pitch, tall)
    return picture


def read(picture: Image.Image) -> str:
    return "".join(str(ENGINE.read(found.image).digit) for found in find_digits(picture))


def test_rows_that_stand_close_stay_rows() -> None:
    rows = "2017", "4118", "7110"
    for pitch in (100, 110, 160):
        assert read(sheet(*rows, pitch=pitch)) == "".join(rows)
