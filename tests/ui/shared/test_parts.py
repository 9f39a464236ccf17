"""Parts of which pages build their HTML."""

import numpy as np
import pytest

from ui.shared import parts


def test_the_difference_has_two_signs_and_no_dust() -> None:
    image, made = np.zeros((2, 28, 28), np.float32)
    image[:14], made[14:] = 1, 1
    dusty = made + np.where(made + image == 0, 0, np.float32(0.05))
    shown = parts.compared(image, dusty.clip(0, 1), ("a", "b"), ("A", "B"), "much", "little")
    assert parts.pixels(made, "Difference: much", "plus") in shown
    assert (
        parts.pixels(np.where(image, np.float32(0.95), 0), "Difference: little", "minus") in shown
    )


@pytest.mark.parametrize(("value", "percent"), [(-9, 0), (-3, 0), (0, 50), (1.5, 75), (9, 100)])
def test_values_stand_on_a_line_from_minus_three_to_three(value: float, percent: float) -> None:
    assert f'class="mean" style="left:{percent:.1f}%"' in parts.track(value, 1.0)


def test_a_range_stands_around_its_mean_and_a_spot_where_it_is() -> None:
    shown = parts.track(0.0, 0.6, spot=1.5)
    assert 'class="range" style="left:40.0%;right:40.0%"' in shown
    assert 'class="spot" style="left:75.0%"' in shown and "mean" not in shown


def test_text_is_escaped() -> None:
    assert parts.framed("<b>", "<i>").striptags() == "<b><i>"
