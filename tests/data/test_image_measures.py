"""Measures of writing, on lines, arcs and rings drawn with known slant, width and size."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_model.data import image_measures as m

Floats = NDArray[np.float64]
Measure = Callable[[Floats], Floats]

ANY_INK = (m.slant, m.thickness, m.width, m.height, m.roundness, m.balance, m.bend, m.waist)
EVERY = (*ANY_INK, m.ink, m.shade, m.loop_size)
ROWS, COLUMNS = np.mgrid[:28, :28] - 13.5


def bar(lean: float, across: float, tall: float = 18.0) -> Floats:
    """One antialiased straight stroke, (1, 28, 28): its width is at right angles to it."""
    away = np.abs(COLUMNS + lean * ROWS) / np.hypot(1, lean)
    drawn = np.clip(across / 2 - away + 0.5, 0, 1) * np.clip(tall / 2 - np.abs(ROWS) + 0.5, 0, 1)
    return drawn[None]


def ring(across: float, down: float) -> Floats:
    """An ellipse drawn with a pen 2.5 pixels wide, its radii to the middle of the stroke."""
    away = np.abs(np.hypot(COLUMNS / across, ROWS / down) - 1) * min(across, down)
    return np.clip(1.75 - away, 0, 1)[None]


def arc(right: bool, lean: float = 0.0) -> Floats:
    """Half a circle of radius 8, ")" or "(", its top pushed to the right by `lean` per row."""
    x = COLUMNS + lean * ROWS + (4 if right else -4)
    drawn = np.clip(1.75 - np.abs(np.hypot(x, ROWS) - 8), 0, 1) * ((x > 0) == right)
    return drawn[None]


@pytest.mark.parametrize("lean", [-0.8, -0.3, 0.0, 0.3, 0.8])
@pytest.mark.parametrize("across", [2.0, 4.0])
def test_slant_is_the_lean(lean: float, across: float) -> None:
    assert m.slant(bar(lean, across))[0] == pytest.approx(lean, abs=0.02)


@pytest.mark.parametrize("lean", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("across", [2.0, 3.0, 4.5])
def test_thickness_is_the_width_of_the_stroke(lean: float, across: float) -> None:
    # The two ends count as outline and take off about width / length.
    length = 18 * np.hypot(1, lean)
    expected = across * length / (length + across)
    assert m.thickness(bar(lean, across))[0] == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("lean", [0.0, 0.5])
def test_width_and_height_are_those_of_the_upright_bar(lean: float) -> None:
    image = bar(lean, 6 / np.hypot(1, lean))
    assert m.width(image)[0] == pytest.approx(6, rel=0.05)
    assert m.height(image)[0] == pytest.approx(18, rel=0.02)


def test_ink_is_the_sum_and_shade_how_solid_it_is() -> None:
    image = bar(0, 4, tall=10)
    more = bar(0, 4, tall=16)
    assert (m.ink(image)[0], m.ink(more)[0]) == pytest.approx((40, 64))
    assert m.shade(image)[0] == m.shade(more)[0] == 1
    assert m.shade(0.4 * image)[0] == pytest.approx(0.4)


@pytest.mark.parametrize("measure", EVERY)
def test_measures_every_image_by_itself_wherever_it_lies(measure: Measure) -> None:
    image = arc(True, 0.3) + np.roll(bar(0.0, 2, 6), (-3, 2), (1, 2))
    moved = [image, np.roll(image, (2, -1), (1, 2))]
    if measure in ANY_INK:
        moved.append(0.5 * image)
    if measure is not m.balance:  # which is measured in halves of the page
        assert measure(np.concatenate(moved)) == pytest.approx(
            np.repeat(measure(image), len(moved))
        )


@pytest.mark.parametrize("measure", EVERY)
def test_every_page_has_a_finite_measure_and_an_empty_one_is_0(measure: Measure) -> None:
    pages = np.zeros((5, 28, 28), np.float32)
    pages[1] = pages[2, 3, 5] = pages[3, 3, :] = pages[4, :, 3] = 1
    assert np.isfinite(measure(pages)).all()
    assert measure(pages)[0] == 0


def test_a_ring_is_round_and_a_stroke_is_not() -> None:
    assert m.roundness(ring(7, 7))[0] == pytest.approx(1, abs=0.01)
    assert m.roundness(ring(4, 8))[0] == pytest.approx(0.5, abs=0.1)
    assert max(m.roundness(bar(0, 2))[0], m.roundness(bar(1, 2))[0]) < 0.2


def test_balance_is_above_zero_where_the_head_is_wide() -> None:
    seven = np.zeros((1, 28, 28))
    seven[0, 5:7, 7:20] = seven[0, 7:23, 12:14] = 1
    assert m.balance(seven)[0] > 2
    assert m.balance(seven[:, ::-1])[0] < -2
    assert m.balance(ring(7, 7))[0] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("lean", [-0.4, 0.0, 0.4])
def test_bend_is_above_zero_where_the_stroke_bows_right(lean: float) -> None:
    assert m.bend(arc(True, lean))[0] == pytest.approx(0.66, abs=0.03)
    assert m.bend(arc(False, lean))[0] == pytest.approx(-0.66, abs=0.03)
    straight = bar(lean, 3)
    straight[:, 10:] *= 0.4  # paler below, as a stroke that ends in a hurry
    assert m.bend(straight)[0] == pytest.approx(0, abs=0.05)


def test_waist_is_above_zero_where_the_middle_stroke_sits_high() -> None:
    level = np.zeros((1, 28, 28))
    level[0, 5:23, 8:20] = 1
    level[0, 7:21, 10:18] = 0
    high = level.copy()
    level[0, 13:15, 10:18] = high[0, 11:13, 10:18] = 1
    assert m.waist(level)[0] == pytest.approx(0, abs=0.01)
    assert m.waist(high)[0] > 0.2
    assert m.waist(high[:, ::-1])[0] == pytest.approx(-m.waist(high)[0])


def test_loop_size_is_the_paper_that_the_ink_encloses() -> None:
    assert m.loop_size(ring(7, 7))[0] == pytest.approx(np.pi * 5.75**2, rel=0.1)
    assert m.loop_size(0.5 * ring(7, 7))[0] > 100, "pale ink closes it too"
    broken = ring(7, 7)
    broken[:, :14, 12:16] = 0
    assert m.loop_size(broken)[0] == m.loop_size(np.ones((1, 28, 28)))[0] == 0
    eight = np.maximum(np.roll(ring(4, 4), -4, axis=1), np.roll(ring(4, 4), 4, axis=1))
    assert m.loop_size(eight)[0] == pytest.approx(2 * m.loop_size(ring(4, 4))[0], rel=0.1)
