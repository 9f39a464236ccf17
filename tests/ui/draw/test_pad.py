"""What the drawing pad sends: checked, and inked."""

import math

import numpy as np
import pytest

from tests.support.strokes import ONE, drawing, drawn, stroke
from ui.draw.pad.strokes import RIM, SIDE, BadStrokes, Drawing, Stroke, parse, rasterize, to_json

LINE = (500, 100, 500, 500, 500, 900)


def at(place: int) -> int:
    """The pixel at a place on the pad's grid."""
    return RIM + round(place * SIDE / 1000)


def test_a_drawing_is_inked_where_it_was_drawn_with_paper_around() -> None:
    shown = rasterize(Drawing((Stroke(LINE),)))
    assert shown.shape == (SIDE + 2 * RIM, SIDE + 2 * RIM) and shown.dtype == np.uint8
    assert (shown[at(100) : at(900), at(500)] == 0).all()
    assert (shown[:, : at(450)] == 255).all() and (shown[:, at(550) :] == 255).all()
    assert (rasterize(Drawing()) == 255).all()


def test_a_wider_pen_leaves_more_ink() -> None:
    thin, thick = (rasterize(Drawing((Stroke(LINE, width),))).mean() for width in (48, 108))
    assert thick < thin


def test_the_eraser_takes_away_what_was_drawn_before_it_alone() -> None:
    line, eraser = Stroke(LINE), Stroke((0, 500, 1000, 500), 100, erases=True)
    cut = rasterize(Drawing((line, eraser)))
    assert cut[at(500), at(500)] == 255 and cut[at(200), at(500)] == 0
    assert rasterize(Drawing((eraser, line)))[at(500), at(500)] == 0


def test_an_example_lies_under_the_strokes() -> None:
    example = rasterize(Drawing(example=0))
    assert example.min() == 0
    both = rasterize(Drawing((Stroke(LINE),), example=0))
    assert (both <= example).all() and both[at(500), at(500)] == 0


def test_ink_that_fills_the_pad_has_paper_around_it() -> None:
    rows = [(0, y, 1000, y) for y in range(0, 1001, 100)]
    filled = rasterize(Drawing(tuple(Stroke(row, 300) for row in rows)))
    assert (filled[RIM:-RIM, RIM:-RIM] == 0).all()
    assert (filled[:RIM] == 255).all() and (filled[:, -RIM:] == 255).all()


def test_what_python_hands_back_the_pad_can_send() -> None:
    drawing = Drawing((Stroke(LINE, 48), Stroke(LINE, 100, erases=True)), example=7)
    assert parse({**to_json(drawing), "penDown": False, "turn": 3}) == drawing


def test_the_largest_drawing_allowed() -> None:
    lines = [stroke([-250, 1250] * 60, 300)] * 100
    assert len(parse(drawing(*lines)).strokes) == 100


@pytest.mark.parametrize(
    "value",
    [
        "text",
        7,
        [],
        {},
        {"strokes": [stroke(ONE)]},
        *(drawn(ONE, penDown=value) for value in ("yes", 1, None)),
        *(drawn(ONE, turn=value) for value in (-1, 1.5, 2**60, None)),
        *(drawn(ONE, example=value) for value in (10, -1, "3", True)),
        *(drawn(strokes=value) for value in (None, "0,0,1,1", {"0": stroke(ONE)})),
        *(drawing(value) for value in (None, ONE, {"points": ONE})),
        *(drawing(stroke(points)) for points in ([], None, [1, 2, 3], [[1, 2], [3, 4]])),
        *(
            drawing(stroke([value, 1]))
            for value in ("1", True, 1.5, math.nan, math.inf, 10**400, -251, 1251)
        ),
        *(drawing(stroke(ONE, width=value)) for value in (0, 10**9, "72")),
        drawing(stroke(ONE, erases="no")),
        drawing(*[stroke([0, 0])] * 101),
        drawing(stroke([0, 0] * 6001)),
        drawing(*[stroke([0, 0] * 100)] * 61),
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(BadStrokes, match="draw it again"):
        parse(value)
