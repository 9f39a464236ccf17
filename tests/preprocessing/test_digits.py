"""Digits found among other things, one or many."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.support.pictures import encoded
from vae_model.engine.digit_engine import DigitEngine
from vae_model.preprocessing import find_digits, find_largest, normalize, open_image

ENGINE = DigitEngine.load("checkpoints/studio")
INK = (30, 30, 40)


def paper(height: int = 360, width: int = 480) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, 2, (height, width, 3))
    return (np.full((height, width, 3), (226, 222, 212)) + grain).astype(np.uint8)


def seven(picture: np.ndarray, left: int = 190, top: int = 110, tall: int = 130) -> np.ndarray:
    points = np.array([(0, 0), (0.62, 0), (0.25, 1)]) * tall + (left, top)
    cv2.polylines(picture, [points.astype(np.int32)], False, INK, tall // 10, cv2.LINE_AA)
    return picture


def desk(picture: np.ndarray, where: tuple[slice, slice]) -> np.ndarray:
    shape = picture[where].shape
    grain = np.random.default_rng(1).normal(0, 14, shape[:2])[..., None]
    picture[where] = (np.array([96, 66, 40]) + grain).clip(0, 255)
    return picture


def shadow(picture: np.ndarray) -> np.ndarray:
    picture[:, 215:] = picture[:, 215:] * 0.45
    return picture


def aslant(
    picture: np.ndarray, turned: float = 20, scale: float = 0.6, moved: tuple[int, int] = (0, 0),
    table: float = 1,
) -> np.ndarray:  # fmt: skip
    ground = (table * desk(np.zeros_like(picture), (slice(None), slice(None)))).astype(np.uint8)
    turn = cv2.getRotationMatrix2D((240, 180), turned, scale)
    turn[:, 2] += moved
    mask = cv2.warpAffine(np.full((360, 480), 255, np.uint8), turn, (480, 360))
    laid = cv2.warpAffine(picture, turn, (480, 360))
    return np.where(mask[..., None] > 127, laid, ground)


def ruled(picture: np.ndarray) -> np.ndarray:
    for y in range(10, 360, 26):
        cv2.line(picture, (0, y), (480, y + 6), (140, 150, 190), 2)
    return seven(picture)


def marked(*points: tuple[int, int], closed: bool = False) -> np.ndarray:
    picture = seven(paper())
    cv2.polylines(picture, [np.array(points)], closed, INK, 4, cv2.LINE_AA)
    return picture


def thumb(picture: np.ndarray) -> np.ndarray:
    cv2.ellipse(picture, (480, 330), (60, 90), 20, 0, 360, (190, 130, 110), -1, cv2.LINE_AA)
    return picture


def lamplight(picture: np.ndarray) -> np.ndarray:
    """On the digit's side alone; a smudge lies on its edge."""
    cv2.circle(picture, (165, 280), 12, (150, 150, 150), -1, cv2.LINE_AA)
    picture[:, :160] = picture[:, :160] * (1, 0.85, 0.65)
    return picture


def black_table(picture: np.ndarray) -> np.ndarray:
    picture[:, 430:] = 34
    return picture


def by_a_lamp(picture: np.ndarray) -> np.ndarray:
    return (picture * np.linspace(0.8, 1, 480)[:, None]).astype(np.uint8)


SCENES = {
    "plain": seven(paper()),
    "chalk": 255 - seven(paper()),
    "desk strip": desk(seven(paper()), (slice(None), slice(0, 40))),
    "small digit beside a black table": black_table(seven(paper(), tall=60)),
    "lamplight": lamplight(seven(paper(), left=40)),
    "turned sheet": aslant(seven(paper())),
    "sheet cut by the rim": aslant(seven(paper(), tall=90), 8, 0.8, (0, -20), table=0.5),
    "sheet by a lamp, cut by the rim": aslant(by_a_lamp(seven(paper(), tall=90)), 8, 0.8, (-40, 0)),
    "sheet and table by a lamp": by_a_lamp(aslant(seven(paper(), tall=70), -12, 0.9, (23, 2))),
    "hard shadow": shadow(seven(paper())),
    "ruled": ruled(paper()),
    "box": marked((150, 80), (320, 80), (320, 270), (150, 270), closed=True),
    "underline": marked((150, 260), (320, 266)),
    "thumb": thumb(seven(paper())),
    "half a neighbour": seven(seven(paper()), left=-50),
    "phone-size": cv2.resize(seven(paper()), (1920, 1440)),
    "thumbnail": cv2.resize(seven(paper()), (96, 72), interpolation=cv2.INTER_AREA),
}


@pytest.mark.parametrize("scene", SCENES)
def test_the_one_digit_is_found_among_other_things(scene: str) -> None:
    (found,) = find_digits(SCENES[scene])
    assert ENGINE.read(found.image).digit == 7
    assert 0 < found.ink <= 1 and not found.is_touching


def test_boxes_are_in_the_pictures_own_pixels_though_its_sheet_was_turned() -> None:
    (plain,), (large,) = find_digits(SCENES["plain"]), find_digits(SCENES["phone-size"])
    assert plain.box == pytest.approx((184, 104, 277, 246), abs=6)
    assert large.box == pytest.approx([4 * side for side in plain.box], abs=16)
    left, top, right, bottom = find_digits(SCENES["turned sheet"])[0].box
    assert 180 < left < 240 < right < 300 and 110 < top < 180 < bottom < 240


def test_a_broad_zero_is_the_ink_though_squared_papers_lines_bind_it_to_the_rim() -> None:
    picture = paper()
    for at in range(8, 480, 18):
        cv2.line(picture, (at, 0), (at, 360), (110, 110, 115), 3)
        cv2.line(picture, (0, at), (480, at), (110, 110, 115), 3)
    cv2.ellipse(picture, (258, 162), (32, 48), 15, 0, 360, INK, 26, cv2.LINE_AA)
    (found,) = find_digits(picture)
    assert ENGINE.read(found.image).digit == 0


@pytest.mark.parametrize("lit", [0.2, 0.8])
def test_a_number_goes_on_beyond_a_shadow_that_falls_between_its_digits(lit: float) -> None:
    picture = paper(200, 620)
    for left in (30, 180, 330, 480):
        seven(picture, left, 60, 80)
    edge = round(lit * 620)
    picture[:, edge:] = picture[:, edge:] * 0.45
    assert len(find_digits(picture)) == 4


def test_a_digit_in_two_pieces_stays_one() -> None:
    one = paper()
    cv2.line(one, (200, 110), (204, 240), INK, 13, cv2.LINE_AA)
    for picture in (seven(paper()), one):
        picture[165:180] = paper()[165:180]  # a gap through its stem
        (found,) = find_digits(picture)
        assert found.box[3] - found.box[1] > 130


def test_digits_that_touch_in_one_stroke_are_told_apart() -> None:
    picture = seven(seven(paper(), 120), 240)
    cv2.line(picture, (190, 112), (250, 112), INK, 12)
    found = find_digits(picture)
    assert [ENGINE.read(each.image).digit for each in found] == [7, 7]
    assert not any(each.is_touching for each in found)
    assert found[0].box[2] < 260 and found[1].box[0] > 180
    # Whoever says that there is one gets it whole.
    whole = find_largest(picture)
    assert whole.box[0] < 130 and whole.box[2] > 310 and whole.is_touching
    np.testing.assert_array_equal(normalize(picture), whole.image)


def test_digits_that_touch_where_they_part_cannot_be_told_are_said_to() -> None:
    picture = seven(seven(paper(), 120), 240)
    for y in (112, 180):
        cv2.line(picture, (150, y), (290, y), INK, 12)
    assert [found.is_touching for found in find_digits(picture)] == [True]


def test_a_wide_digit_stays_one() -> None:
    picture = paper()
    corners = np.array([(120, 130), (300, 130), (210, 250), (330, 250)])  # a wide 2
    cv2.polylines(picture, [corners], False, INK, 12, cv2.LINE_AA)
    assert len(find_digits(picture)) == 1


def test_thin_strokes_come_out_as_broad_as_a_pens() -> None:
    picture = paper()
    cv2.polylines(picture, [np.array([(150, 60), (300, 60), (210, 320)])], False, INK, 2)
    assert find_digits(picture)[0].image.sum() > 32


@pytest.mark.parametrize("bits", [8, 9, 10, 11, 12, 16])
def test_deep_pictures_may_use_the_lowest_of_their_bits(bits: int) -> None:
    grey = np.asarray(Image.fromarray(SCENES["plain"]).convert("L")).astype(np.uint16)
    data = encoded(Image.fromarray(grey << (bits - 8)), "PNG")
    assert ENGINE.read(find_digits(open_image(data))[0].image).digit == 7


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "TIFF"])
def test_of_an_animation_that_begins_blank_the_fullest_frame_is_taken_and_named(kind: str) -> None:
    blank, drawn = Image.new("RGB", (480, 360), "white"), Image.fromarray(SCENES["plain"])
    begun = drawn.copy()
    begun.paste("white", (0, 125, 480, 360))
    data = encoded(blank, kind, save_all=True, append_images=[begun, drawn, begun])
    picture = open_image(data)
    assert picture.info["frame"] == (3, 4)
    assert ENGINE.read(find_digits(picture)[0].image).digit == 7
    # One that begins with something is what its first frame shows.
    data = encoded(begun, kind, save_all=True, append_images=[drawn])
    assert open_image(data).info["frame"] == (1, 2)
