"""What the drawing pad sends, inked; that it is checked is seen on the page (test_draw.py)."""

import numpy as np

from ui.draw.pad.strokes import RIM, SIDE, Drawing, Stroke, parse, rasterize, to_json

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
