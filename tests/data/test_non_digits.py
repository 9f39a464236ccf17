"""Drawings that are no digits."""

import numpy as np
import pytest

from vae_model.data.non_digits import ALL_KINDS, REPORTED_LETTERS, TUNING_LETTERS, drawings


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_kind_is_ink_on_white_and_differs_every_time(kind: str) -> None:
    drawn = drawings(kind, 4, tuning=True)
    for drawing in drawn:
        assert drawing.shape == (280, 280) and drawing.dtype == np.uint8
        assert drawing.min() < 60
        assert kind == "noise" or drawing.max() == 255
    assert not np.array_equal(drawn[0], drawn[1])


def test_the_same_call_draws_the_same() -> None:
    for kind in ALL_KINDS:
        for first, again in zip(*(drawings(kind, 2, tuning=True) for _ in range(2)), strict=True):
            assert np.array_equal(first, again)


def test_what_is_reported_on_was_not_fitted_on() -> None:
    assert not TUNING_LETTERS.keys() & REPORTED_LETTERS.keys()
    for kind in ALL_KINDS:
        fitted, reported = (drawings(kind, 3, tuning=tuning) for tuning in (True, False))
        assert not any(np.array_equal(a, b) for a in fitted for b in reported)
