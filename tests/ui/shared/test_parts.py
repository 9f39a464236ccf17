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
    assert parts.along(value) == percent


def test_text_is_escaped() -> None:
    assert parts.figure("<b>", "<i>").striptags() == "<b><i>"
