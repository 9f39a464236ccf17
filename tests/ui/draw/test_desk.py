"""What the desk says to Python: checked, whoever says it in its name."""

import base64

import numpy as np
import pytest

from ui.draw.desk import BadDesk, Drawn, packed, parse, parse_leaving
from ui.draw.photo import Edit
from ui.shared.board import start

IMAGE = base64.b64encode(bytes(range(196)) * 4).decode()


SAID = {"v": 1, "turn": 7, "image": None}
EDIT = {"file": "a", "quarters": 3, "boxes": [[0, 0.25, 0.5, 1]], "opened": 0}


def test_an_image_is_784_bytes() -> None:
    image = parse(SAID | {"image": IMAGE}).image
    assert image is not None and image.shape == (28, 28)
    assert image.flat[195] == pytest.approx(195 / 255)
    assert packed(image) == IMAGE
    assert parse(SAID) == Drawn(None, 7)
    told = parse(SAID | {"told": {"image": IMAGE, "digit": 9}}).told
    assert told is not None and told.digit == 9 and np.array_equal(told.image, image)


@pytest.mark.parametrize(
    ("change", "edit"),
    [
        ({}, Edit("a", 3, ((0.0, 0.25, 0.5, 1.0),), 0, 7)),
        ({"boxes": [], "opened": -1}, Edit("a", 3, (), -1, 7)),
        ({"boxes": None}, Edit("a", 3, None, 0, 7)),
    ],
)
def test_an_edit_of_a_picture_has_boxes_in_it_or_asks_for_those_that_are_found(
    change: dict[str, object], edit: Edit
) -> None:
    assert parse(SAID | {"edit": EDIT | change}).edit == edit


@pytest.mark.parametrize(
    "value",
    [
        *(None, "text", 7, [], {}),
        SAID | {"v": 2},
        *(SAID | {"turn": turn} for turn in (None, -1, 1.5, True, 2**60)),
        *(SAID | {"image": image} for image in ("", "AAAA", IMAGE + "AAAA", "é" * 1046, 7, [1])),
        SAID | {"image": "A" * 10**6},
        *(SAID | {"told": told} for told in ([], 7, {"digit": 7}, {"image": IMAGE})),
        *(SAID | {"told": {"image": IMAGE, "digit": digit}} for digit in (-1, 10, 1.0, True, "7")),
        SAID | {"told": {"image": "AAAA", "digit": 7}},
        *(SAID | {"edit": edit} for edit in ([], 7, EDIT | {"file": 7})),
        *(SAID | {"edit": EDIT | {"quarters": turns}} for turns in (-1, 4, 1.0, True, None)),
        *(SAID | {"edit": EDIT | {"opened": opened}} for opened in (-2, 1, 0.0, True, None)),
        *(SAID | {"edit": EDIT | {"boxes": boxes}} for boxes in ("", 7, EDIT["boxes"] * 25)),
        *(
            SAID | {"edit": EDIT | {"boxes": [box]}}
            for box in (
                *([], 7, [0, 0, 1], [0, 0, 1, 2], [0.5, 0, 0.5, 1], [-0.1, 0, 1, 1]),
                *([0, 0, np.nan, 1], [0, 0, 1, "1"], [0, 0, 1, 10**400]),
            )
        ),
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(BadDesk, match="draw it again"):
        parse(value)


def test_the_way_to_explore_takes_style_digit_and_text_along() -> None:
    leaving = {"style": [0.5, -9, 1], "digit": 7, "text": "20 26"}
    assert parse_leaving(leaving, 3) == start([0.5, -9, 1], 7, "20 26")


@pytest.mark.parametrize(
    "change",
    [
        *({"style": style} for style in (None, [0, 0], [0] * 4, [0, 0, "1"], [0, 0, np.nan])),
        {"style": [0, 0, 10**400]},
        *({"digit": digit} for digit in (-1, 10, 1.0, True, None)),
        *({"text": text} for text in (None, "1" * 25, "<b>", "１")),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadDesk):
        parse_leaving({"style": [0, 0, 0], "digit": 1, "text": ""} | change, 3)
    with pytest.raises(BadDesk):
        parse_leaving(list(change), 3)
