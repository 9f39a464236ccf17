"""One hand from several digits: against grids, finite differences and planted hands."""

import dataclasses

import numpy as np
import pytest

from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.writer_style import Style, combine
from vae_model.model.calibration import Habits

GRID = np.linspace(-12, 12, 24001)


def style(mean: list[float], std: list[float]) -> Style:
    return Style(np.array(mean, np.float32), np.array(std, np.float32))


def normal(mean: float, std: float) -> np.ndarray:
    return np.exp(-0.5 * ((GRID - mean) / std) ** 2) / std


def moments(density: np.ndarray) -> tuple[float, float]:
    share = density / density.sum()
    mean = float((share * GRID).sum())
    return mean, float(np.sqrt((share * (GRID - mean) ** 2).sum()))


THREE = [(0.9, 0.5), (-0.3, 0.8), (1.4, 0.3)]


def test_posteriors_combine_as_on_a_grid() -> None:
    prior = normal(0, 1)
    density = prior * np.prod([normal(*each) / prior for each in THREE], axis=0)
    found = combine([style([mean], [std]) for mean, std in THREE])
    assert (found.mean[0], found.std[0]) == pytest.approx(moments(density), abs=1e-4)


def test_what_is_expected_of_a_hand_is_what_its_next_digit_turns_out_to_be() -> None:
    """Hands planted by their habits: no other factor on what is told comes closer, and the next
    digits lie about it as widely as it says."""
    rng = np.random.default_rng(0)
    share = np.array([0.7, 0.2])
    writing = np.array([[0.8, 0.5], [-0.3, 0.7]])  # rows: the two habits, in two style dims
    reading = np.linalg.inv(writing).T
    habits = Habits(
        tuple(share.tolist()), *(tuple(map(tuple, rows.tolist())) for rows in (reading, writing))
    )
    rest = np.sqrt(1 - (writing**2).sum(axis=0))  # what of each dim's variance no habit is
    for count in (1, 3):
        hands = rng.standard_normal((4000, 1, 2)) * np.sqrt(share)
        digits = hands + rng.standard_normal((4000, count + 1, 2)) * np.sqrt(1 - share)
        styles = (digits @ writing).astype(np.float32)
        told = [combine([style(z, [0.1, 0.1]) for z in hand[:count]], habits) for hand in styles]
        means = np.stack([hand.mean for hand in told])
        off = styles[:, count] - means
        # Of the best estimate, the errors have nothing in common with what is told.
        assert np.abs(off.T @ means / len(off)).max() < 0.03
        spread = np.hypot(off.std(axis=0), rest)
        assert spread == pytest.approx(told[0].std, rel=0.04)


def test_a_hand_without_habits_leaves_the_prior() -> None:
    found = combine([style([2, -1], [0.1, 0.1])], Habits((), (), ()))
    assert (found.mean.tolist(), found.std.tolist()) == ([0, 0], [1, 1])


def test_a_hand_that_varies_in_nothing_is_still_a_gaussian() -> None:
    found = combine([style([2], [0.1])], Habits((1.0,), ((1.0,),), ((1.0,),)))
    assert found.mean[0] == 2 and 0 < found.std[0] < 0.1


def test_one_digit_alone_is_its_own_style() -> None:
    one = style([0.3, -2], [1.4, 0.2])
    assert combine([one]) is one


def test_posteriors_wider_than_the_prior_leave_the_prior() -> None:
    found = combine([style([0.1], [3]), style([-0.1], [3]), style([0.05], [3])])
    assert found.std[0] == 1 and np.isfinite(found.mean).all()


def test_the_shipped_models_know_what_a_hand_keeps() -> None:
    for name in ("studio", "article"):
        engine = DigitEngine.load(f"checkpoints/{name}")
        assert engine.habits is not None and 0.4 < engine.habits.share[0] < 1
        bare = DigitEngine(dataclasses.replace(engine.checkpoint, calibration=None))
        assert bare.habits is None
