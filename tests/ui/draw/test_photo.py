"""Pictures of digits, as they come and as their visitors want them."""

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support.pictures import encoded, on_paper
from ui.draw import photo
from ui.draw.desk import parse
from ui.draw.photo import Edit, Photo
from vae_model.preprocessing import find_digit

SEVEN = np.full((300, 200, 3), 220, np.uint8)
SEVEN[50:70, 50:150] = SEVEN[50:250, 130:150] = 30
COLOUR = Image.fromarray(SEVEN)


def number(*digits: int) -> Photo:
    return photo.read(encoded(on_paper(*digits)), "number.png")


def test_a_picture_is_shown_and_its_digit_step_by_step() -> None:
    found = photo.read(encoded(COLOUR))
    assert found.digit is not None and found.digit.image.max() > 0.5
    preview = Image.open(io.BytesIO(base64.b64decode(found.url.partition(",")[2])))
    assert preview.size == COLOUR.size
    left, top, right, bottom = found.boxes[0]
    assert left < 50 / 200 < 150 / 200 < right and top < 50 / 300 < 250 / 300 < bottom
    steps = photo.steps(found)
    assert steps.count('role="img"') == 2 and "Cropped" in steps and "Centred" in steps


def test_small_digits_are_looked_for_in_more_pixels_than_the_browser_gets() -> None:
    picture = Image.new("L", (2000, 1500), 235)
    picture.paste(on_paper(2, 0, 2, 6).reduce(6), (1200, 900))
    found = photo.read(encoded(picture))
    assert len(found.digits) == 4
    preview = Image.open(io.BytesIO(base64.b64decode(found.url.partition(",")[2])))
    assert preview.size == (800, 600)


def test_boxes_around_small_digits_keep_off_their_neighbours() -> None:
    picture = Image.new("L", (1600, 1200), 235)
    ImageDraw.Draw(picture).text((800, 500), "2048", 30, font=ImageFont.load_default(24))
    found = photo.read(encoded(picture))
    moved = tuple((left, top, right, bottom + 1e-4) for left, top, right, bottom in found.boxes)
    again = photo.edited(found, replace(found.edit, boxes=moved, opened=0, turn=1))
    for one, other in zip(found.digits, again.digits, strict=True):
        assert one and other
        assert np.corrcoef(one.image.ravel(), other.image.ravel())[0, 1] > 0.95


def test_digits_come_in_reading_order_the_largest_opened() -> None:
    found = number(2, 0, 1)
    assert len(found.digits) == 3
    assert [box[0] for box in found.boxes] == sorted(box[0] for box in found.boxes)
    sizes = [each.size for each in found.digits if each]
    assert found.opened == sizes.index(max(sizes))


def test_of_too_many_digits_low_ones_are_left_out_and_the_rest_can_be_edited() -> None:
    large, small = (np.asarray(on_paper(*[3] * 8).reduce(by)) for by in (2, 3))
    small = np.pad(small, ((9, 9), (0, large.shape[1] - small.shape[1])), constant_values=235)
    found = photo.read(encoded(np.concatenate([large, small, large, large])), "sheet.png")
    assert found.found == 32 and len(found.boxes) == len(found.digits) == 24
    heights = [digit.box[3] - digit.box[1] for digit in found.digits if digit]
    assert min(heights) > 0.9 * max(heights)
    told = {"file": "sheet.png", "quarters": 0, "boxes": [*map(list, found.boxes)], "opened": 0}
    edit = parse({"v": 1, "turn": 1, "image": None, "edit": told}).edit
    assert edit and photo.edited(found, edit).digits == found.digits


def test_of_too_many_digits_the_first_are_taken_ones_and_sevens_too() -> None:
    rows = [np.asarray(on_paper(*digits)) for digits in ([2, 1, 7, 1, 8, 2, 1, 8], [0, 7] * 4)]
    picture = np.concatenate([rows[0], rows[1], rows[0], rows[1]])
    found = photo.read(encoded(picture), "sheet.png")
    assert found.found == 32
    tops = [box[1] for box in found.boxes]
    assert [sum(row / 4 < top < (row + 1) / 4 for top in tops) for row in range(4)] == [8, 8, 8, 0]


@pytest.mark.parametrize("blank", [("L", 200), ("RGBA", (20, 20, 20, 0)), ("LA", (0, 0))])
def test_where_there_is_no_digit_the_picture_is_shown_all_the_same(blank: tuple[str, Any]) -> None:
    mode, colour = blank
    found = photo.read(encoded(Image.new(mode, (100, 100), colour)))
    assert found.digits == found.boxes == () and found.digit is None
    assert found.url and not photo.steps(found)


def test_a_box_that_was_moved_is_read_anew_and_no_other() -> None:
    found = number(3, 5)
    first, second = found.boxes
    wider = (first[0] - 0.02, first[1], first[2], first[3])
    edit = replace(found.edit, boxes=(wider, second, (0.9, 0.0, 1.0, 0.04)), opened=0, turn=1)
    moved = photo.edited(found, edit)
    assert moved.boxes == edit.boxes and moved.opened == 0
    assert moved.digits[1] is found.digits[1] and moved.digits[2] is None
    again, before = moved.digits[0], found.digits[0]
    assert again and before and again is not before
    assert np.corrcoef(again.image.ravel(), before.image.ravel())[0, 1] > 0.9


def test_one_box_around_two_digits_is_one_and_no_box_none() -> None:
    found = number(1, 1)
    (left, top, *_), (*_, right, bottom) = found.boxes
    both = replace(found.edit, boxes=((left, top, right, bottom),), turn=1)
    (one,) = photo.edited(found, both).digits
    assert one and one.image[:, :10].sum() > 5 and one.image[:, -10:].sum() > 5
    none = photo.edited(found, replace(found.edit, boxes=(), opened=-1, turn=1))
    assert none.digit is None and not photo.steps(none)


def test_a_box_of_a_few_pixels_holds_no_digit_and_a_thin_one_is_shown() -> None:
    found = number(1)
    left, top, right, bottom = found.boxes[0]
    middle = (left + right) / 2
    boxes = ((0.5, 0.5, 0.51, 0.51), (middle, top, middle + 0.005, bottom))
    for opened in (0, 1):
        edit = replace(found.edit, boxes=boxes, opened=opened, turn=1)
        edited = photo.edited(found, edit)
        assert edited.digits[0] is None
        assert bool(photo.steps(edited)) == (edited.digit is not None)


def test_a_box_that_reaches_out_of_the_picture_ends_where_it_does() -> None:
    inside, beyond = (
        find_digit(on_paper(7), box) for box in ((0, 0, 160, 160), (-40, -9, 200, 170))
    )
    assert np.array_equal(inside.image, beyond.image)


def test_a_turned_picture_is_looked_through_anew() -> None:
    found = number(7)
    turned = photo.edited(found, replace(found.edit, quarters=1, boxes=None, turn=1))
    left, top, right, bottom = found.boxes[0]
    assert turned.boxes[0] == pytest.approx((1 - bottom, left, 1 - top, right), abs=0.03)
    back = photo.edited(turned, replace(turned.edit, quarters=0, boxes=None, turn=2))
    assert back.url == found.url and back.boxes == found.boxes


def test_of_an_animation_it_is_known_which_frame_is_shown_however_it_is_turned() -> None:
    blank = Image.new("RGB", COLOUR.size, "white")
    film = encoded(blank, "GIF", save_all=True, append_images=[COLOUR])
    found = photo.read(film, "film.gif")
    assert found.frame == (2, 2) and len(found.digits) == 1
    assert photo.edited(found, Edit("film.gif", 1, None, 0, turn=1)).frame == (2, 2)


def test_an_edit_of_another_picture_or_one_that_is_known_changes_nothing() -> None:
    found = number(4)
    edited = photo.edited(found, Edit("number.png", 0, (), -1, turn=5))
    assert edited.digits == ()
    assert photo.edited(edited, Edit("other.png", 0, None, 0, turn=6)) is edited
    assert photo.edited(edited, Edit("number.png", 0, None, 0, turn=5)) is edited
    # A browser's clock may have been set back.
    assert photo.edited(edited, Edit("number.png", 0, None, 0, turn=1)).digits
