"""Drawings that are no digits."""

import numpy as np
import pytest

from vae_model.data.non_digits import ALL_KINDS, REPORTED_LETTERS, TUNING_LETTERS, drawings


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_kind_is_ink_on_white_and_differs_every_time_but_not_every_call(kind: str) -> None:
    drawn, again = (drawings(kind, 4, tuning=True) for _ in range(2))
    for drawing in drawn:
        assert drawing.shape == (280, 280) and drawing.dtype == np.uint8
        assert drawing.min() < 60
        assert kind == "noise" or drawing.max() == 255
    assert not np.array_equal(drawn[0], drawn[1])
    assert np.array_equal(drawn, again)
    reported = drawings(kind, 4, tuning=False)
    assert not any(np.array_equal(a, b) for a in drawn for b in reported), "none was fitted on"


def test_letters_that_are_reported_on_were_not_fitted_on() -> None:
    assert not TUNING_LETTERS.keys() & REPORTED_LETTERS.keys()
