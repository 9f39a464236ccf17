"""Measures of writing, on lines drawn with known slant and width."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_model.data import image_measures

EVERY = (
    *(
        image_measures.ink,
        image_measures.slant,
        image_measures.thickness,
        image_measures.width,
        image_measures.height,
    ),
    *(
        image_measures.roundness,
        image_measures.balance,
        image_measures.bend,
        image_measures.waist,
        image_measures.shade,
    ),
    image_measures.loop_size,
)


def bar(slant: float, width: float, tall: float = 18.0) -> NDArray[np.float64]:
    """One antialiased straight stroke, (1, 28, 28): `width` is across it, at right angles."""
    line = np.arange(28) - 13.5
    sideways = width * np.hypot(1, slant)  # its width along a row
    across = np.abs(line[None, :] + slant * line[:, None])
    ink = np.clip((sideways / 2 - across) / np.hypot(1, slant) + 0.5, 0, 1)
    drawn: NDArray[np.float64] = ink * np.clip(tall / 2 - np.abs(line) + 0.5, 0, 1)[:, None]
    return drawn[None]


@pytest.mark.parametrize("slant", [-0.8, -0.3, 0.0, 0.3, 0.8])
@pytest.mark.parametrize("width", [2.0, 4.0])
def test_slant_is_the_lean_and_positive_to_the_right(slant: float, width: float) -> None:
    assert image_measures.slant(bar(slant, width))[0] == pytest.approx(slant, abs=0.02)


def test_a_line_that_leans_right_has_its_top_on_the_right() -> None:
    image = np.zeros((1, 28, 28))
    for step in range(10):
        image[0, 18 - step, 9 + step] = 1.0
    assert image_measures.slant(image)[0] == pytest.approx(1.0)
    assert image_measures.slant(image[:, :, ::-1])[0] == pytest.approx(-1.0)


@pytest.mark.parametrize("slant", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("width", [2.0, 3.0, 4.5])
def test_thickness_is_the_width_of_the_stroke(slant: float, width: float) -> None:
    # The two ends count as outline and take off about width / length.
    length = 18 * np.hypot(1, slant)
    expected = 2 * width * length / (2 * length + 2 * width)
    assert image_measures.thickness(bar(slant, width))[0] == pytest.approx(expected, rel=0.1)


def test_thickness_of_paler_ink_is_the_same() -> None:
    image = bar(0.2, 3)
    assert image_measures.thickness(0.5 * image)[0] == pytest.approx(
        image_measures.thickness(image)[0]
    )


@pytest.mark.parametrize("slant", [0.0, 0.5])
def test_width_and_height_are_those_of_the_upright_bar(slant: float) -> None:
    image = bar(slant, 6 / np.hypot(1, slant), tall=18)
    assert image_measures.width(image)[0] == pytest.approx(6, rel=0.05)
    assert image_measures.height(image)[0] == pytest.approx(18, rel=0.02)


def test_ink_is_the_sum() -> None:
    assert image_measures.ink(bar(0, 4, tall=10))[0] == pytest.approx(40)


def test_measures_every_image_by_itself_wherever_it_lies() -> None:
    images = np.concatenate([bar(0.3, 3, 12), np.roll(bar(0.3, 3, 12), (3, -4), (1, 2))])
    measures = (
        image_measures.ink,
        image_measures.slant,
        image_measures.thickness,
        image_measures.width,
        image_measures.height,
    )
    for measure in measures:
        values = measure(images)
        assert values.shape == (2,)
        assert values[0] == pytest.approx(values[1])


def test_an_empty_page_measures_nothing() -> None:
    empty = np.zeros((2, 28, 28), np.float32)
    for measure in EVERY:
        assert measure(empty).tolist() == [0.0, 0.0]


def ring(across: float, down: float) -> NDArray[np.float64]:
    """An ellipse drawn with a pen 2.5 pixels wide, its radii to the middle of the stroke."""
    y, x = np.mgrid[:28, :28] - 13.5
    away = np.abs(np.hypot(x / across, y / down) - 1) * min(across, down)
    drawn: NDArray[np.float64] = np.clip(1.75 - away, 0, 1)
    return drawn[None]


def test_a_ring_is_round_and_a_stroke_is_not() -> None:
    assert image_measures.roundness(ring(7, 7))[0] == pytest.approx(1, abs=0.01)
    assert image_measures.roundness(ring(4, 8))[0] == pytest.approx(0.5, abs=0.1)
    for slant in (0.0, 1.0):
        assert image_measures.roundness(bar(slant, 2.0))[0] < 0.2


def test_balance_is_above_zero_where_the_head_is_wide() -> None:
    seven = np.zeros((1, 28, 28))
    seven[0, 5:7, 7:20] = 1
    seven[0, 7:23, 12:14] = 1
    assert image_measures.balance(seven)[0] > 2
    assert image_measures.balance(seven[:, ::-1])[0] < -2
    assert image_measures.balance(ring(7, 7))[0] == pytest.approx(0, abs=0.01)


def arc(right: bool, lean: float = 0.0) -> NDArray[np.float64]:
    """Half a circle of radius 8, ")" or "(", its top pushed to the right by `lean` per row."""
    y, x = np.mgrid[:28, :28] - 13.5
    x = x + lean * y + (4 if right else -4)
    stroke = np.clip(1.75 - np.abs(np.hypot(x, y) - 8), 0, 1)
    drawn: NDArray[np.float64] = stroke * ((x > 0) == right)
    return drawn[None]


@pytest.mark.parametrize("lean", [-0.4, 0.0, 0.4])
def test_bend_is_above_zero_where_the_stroke_bows_right(lean: float) -> None:
    assert image_measures.bend(arc(True, lean))[0] == pytest.approx(0.66, abs=0.03)
    assert image_measures.bend(arc(False, lean))[0] == pytest.approx(-0.66, abs=0.03)
    straight = bar(lean, 3)
    straight[:, 10:] *= 0.4  # paler below, as a stroke that ends in a hurry
    assert image_measures.bend(straight)[0] == pytest.approx(0, abs=0.05)


def test_waist_is_above_zero_where_the_middle_stroke_sits_high() -> None:
    box = np.zeros((1, 28, 28))
    box[0, 5:23, 8:20] = 1
    box[0, 7:21, 10:18] = 0
    level = box.copy()
    level[0, 13:15, 10:18] = 1
    high = box.copy()
    high[0, 11:13, 10:18] = 1
    assert image_measures.waist(level)[0] == pytest.approx(0, abs=0.01)
    assert image_measures.waist(high)[0] > 0.2
    assert image_measures.waist(high[:, ::-1])[0] == pytest.approx(-image_measures.waist(high)[0])


def test_bend_and_waist_are_the_same_for_paler_and_for_moved_ink() -> None:
    image = arc(True, 0.3) + np.roll(bar(0.0, 2, 6), (-3, 2), (1, 2))
    for measure in (image_measures.bend, image_measures.waist):
        changed = np.concatenate([image, 0.5 * image, np.roll(image, (2, -1), (1, 2))])
        assert abs(measure(image)[0]) > 0.05
        assert measure(changed) == pytest.approx(np.repeat(measure(image), 3))


def test_shade_is_how_solid_the_ink_is_and_not_how_much_there_is() -> None:
    image = np.zeros((1, 28, 28))
    image[0, 5:20, 12:15] = 1
    more = np.repeat(image, 2, axis=1)[:, :28]
    assert image_measures.shade(image)[0] == image_measures.shade(more)[0] == 1
    assert image_measures.shade(0.4 * image)[0] == pytest.approx(0.4)


def test_loop_size_is_the_paper_that_the_ink_encloses() -> None:
    assert image_measures.loop_size(ring(7, 7))[0] == pytest.approx(np.pi * 5.75**2, rel=0.1)
    broken = ring(7, 7)
    broken[:, :14, 12:16] = 0
    assert image_measures.loop_size(broken)[0] == 0
    eight = np.maximum(np.roll(ring(4, 4), -4, axis=1), np.roll(ring(4, 4), 4, axis=1))
    assert image_measures.loop_size(eight)[0] == pytest.approx(
        2 * image_measures.loop_size(ring(4, 4))[0], rel=0.1
    )


def test_bare_paper_and_full_ink_measure_no_loops() -> None:
    both = np.stack([np.zeros((28, 28)), np.ones((28, 28))])
    assert image_measures.loop_size(both).tolist() == [0, 0]
    assert image_measures.roundness(both).tolist() == pytest.approx([0, 1])
    assert image_measures.balance(both).tolist() == pytest.approx([0, 0])
    assert image_measures.bend(both).tolist() == pytest.approx([0, 0])
    assert image_measures.waist(both).tolist() == pytest.approx([0, 0])


def test_a_single_pixel_or_line_gives_numbers() -> None:
    pages = np.zeros((3, 28, 28))
    pages[0, 3, 5] = pages[1, 3, :] = pages[2, :, 3] = 1
    for measure in EVERY:
        assert np.isfinite(measure(pages)).all()
