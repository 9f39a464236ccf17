"""Numbers, and sheets with several of them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ui.draw.desk.starters import EXAMPLES
from vae_model.engine.digit_engine import DigitEngine
from vae_model.preprocessing import EmptyDrawing, find_digit, find_digits

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


@pytest.mark.parametrize(
    ("rows", "pitch", "angle"),
    [
        *((("2017", "4118", "7110"), pitch, 0) for pitch in (100, 110, 160)),
        *((("123456", "789012", "345678"), 120, angle) for angle in (-15, 6, 10)),
    ],
)
def test_rows_are_read_in_order_close_and_tilted(
    rows: tuple[str, ...], pitch: int, angle: int
) -> None:
    picture = sheet(*rows, pitch=pitch)
    turned = picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=250)
    assert read(turned) == "".join(rows)


@pytest.mark.parametrize("turned", [False, True])
def test_straight_strokes_in_a_strip_are_no_ruled_lines(turned: bool) -> None:
    picture = Image.new("L", (1000, 140), 250)
    draw = ImageDraw.Draw(picture)
    strokes = [(60, 25), (61, 115)], [(0, 25), (50, 25), (20, 115)], [(10, 25), (0, 80), (60, 80)]
    for left, points in zip(
        (40, 240, 440, 440, 640), (*strokes, [(40, 53), (40, 115)], strokes[0]), strict=True
    ):
        draw.line([(left + x, y) for x, y in points], fill=20, width=6, joint="curve")
    if turned:  # a column
        column = Image.new("L", (140, 1000), 250)
        for row in range(4):
            column.paste(picture.crop((200 * row + 20, 0, 200 * row + 160, 140)), (0, 230 * row))
        picture = column
    assert read(picture) == "1741"


@pytest.mark.parametrize("number", ["473", "2026"])
def test_a_number_cut_out_along_its_ink_keeps_its_outer_digits(number: str) -> None:
    wide = Image.new("L", (800, 120), 255)
    right = -20
    for place, digit in enumerate(number):  # every other one a little smaller
        top = 10 * (place % 2)
        right += 20 + write(wide, int(digit), right + 20, top, 120 - 2 * top)
    assert read(wide.crop((0, 0, right, 120))) == number


def test_digits_that_go_up_and_down_are_one_line() -> None:
    picture = Image.new("L", (900, 400), 250)
    for place, digit in enumerate("2017480"):
        write(picture, int(digit), 100 + 100 * place, 100 + 35 * (place % 3), 80)
    assert read(picture) == "2017480"


@pytest.mark.parametrize("mark", ["-", ",", "."])
@pytest.mark.parametrize("digit", [2, 3, 6])
def test_what_stands_low_beside_a_digit_is_not_of_it(mark: str, digit: int) -> None:
    bare, marked = (Image.new("L", (420, 300), 250) for _ in range(2))
    for picture in (bare, marked):
        right = 90 + write(picture, digit, 90, 90, 120)
    draw = ImageDraw.Draw(marked)
    if mark == "-":
        draw.line((right + 14, 150, right + 62, 150), fill=30, width=12)
    if mark == ",":
        draw.line((right + 24, 195, right + 14, 225), fill=30, width=12)
    if mark == ".":
        draw.ellipse((right + 14, 194, right + 31, 211), fill=30)
    assert [found.box for found in find_digits(marked)] == [
        found.box for found in find_digits(bare)
    ]


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(1280, 800, 16), (1280, 800, 32), (1920, 1080, 24), (1080, 2340, 48), (600, 300, 16)],
)
@pytest.mark.parametrize("number", ["2794", "2048"])
def test_a_number_that_is_small_in_its_picture_is_looked_at_from_nearer(
    width: int, height: int, size: int, number: str
) -> None:
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    where = (width // 4, height // 3)
    draw.text(where, number, fill="black", font=ImageFont.load_default(size))
    found = find_digits(picture)
    assert "".join(str(ENGINE.read(each.image).digit) for each in found) == number
    left, top, right, bottom = draw.textbbox(where, number, font=ImageFont.load_default(size))
    assert found[0].box[:2] == pytest.approx((left, top), abs=3)
    assert found[-1].box[2:] == pytest.approx((right, bottom), abs=3)


def test_a_small_number_by_hand_is_found_to_its_outermost_digits() -> None:
    grain = np.random.default_rng(0).normal(0, 3, (1200, 1600))
    picture = Image.fromarray((240 + grain).clip(0, 255).astype(np.uint8))
    for place, digit in enumerate("2038"):
        write(picture, int(digit), 500 + 24 * place, 400, 17)
    assert read(picture) == "2038"


def test_a_box_around_a_small_digit_is_looked_into_with_all_its_pixels() -> None:
    large = Image.new("L", (1600, 1200), 250)
    alone = Image.new("L", (60, 60), 250)
    write(large, 8, 820, 620, 20)
    write(alone, 8, 20, 20, 20)
    there, here = find_digit(large, (810, 610, 850, 650)), find_digit(alone, (10, 10, 50, 50))
    assert np.array_equal(there.image, here.image)
    assert there.box == tuple(side + 800 - 200 * (at % 2) for at, side in enumerate(here.box))


@pytest.mark.parametrize("side", [266, 1500])
@pytest.mark.parametrize("size", [6, 12, 24])
def test_a_speck_is_no_digit_however_near_it_is_looked_at(side: int, size: int) -> None:
    picture = Image.new("L", (side, side), 250)
    ImageDraw.Draw(picture).ellipse((130, 130, 130 + size, 130 + size), fill=0)
    with pytest.raises(EmptyDrawing):
        find_digits(picture)


def cells(rows: int, columns: int, dark: int = 60) -> Image.Image:
    """A printed form with a digit in each of its cells, from 2 on."""
    picture = Image.new("L", (80 * columns + 80, 80 * rows + 80), 250)
    draw = ImageDraw.Draw(picture)
    for at in range(rows * columns):
        left, top = 40 + 80 * (at % columns), 40 + 80 * (at // columns)
        draw.rectangle((left, top, left + 80, top + 80), outline=dark, width=2)
        write(picture, 2 + at, left + 20, top + 14, 52)
    return picture


@pytest.mark.parametrize("angle", [0, 4])
def test_sides_of_joined_cells_are_no_ones(angle: int) -> None:
    picture = cells(1, 6).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=250)
    assert read(picture) == "234567"
    turned = cells(6, 1).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=250)
    assert read(turned) == "234567"


def test_a_small_table_whose_lines_are_broad_is_a_frame_around_its_digits() -> None:
    picture = cells(2, 3)
    ImageDraw.Draw(picture).rectangle((38, 38, 283, 203), outline=60, width=4)
    assert read(picture) == "234567"


def test_ones_between_ruled_lines_stay() -> None:
    picture = Image.new("L", (600, 300), 250)
    draw = ImageDraw.Draw(picture)
    for y in range(40, 300, 60):
        draw.line((0, y, 600, y), fill=140, width=2)
    for left in (150, 210, 270):
        draw.line((left, 102, left, 158), fill=30, width=5)
    assert read(picture) == "111"
