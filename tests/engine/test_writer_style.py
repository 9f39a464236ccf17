"""One hand from several digits: against grids, finite differences and planted hands."""

import dataclasses

import numpy as np
import pytest

from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.writer_style import Style, combine

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


def test_digits_that_scatter_about_their_hand_combine_as_on_a_grid() -> None:
    share = 0.6
    prior = normal(0, 1)
    hand = normal(0, share**0.5)
    for mean, std in THREE:
        # What an image says of its own style, blurred by how far that strays from the hand.
        evidence = normal(mean, std) / prior
        blurred = np.convolve(evidence, normal(0, (1 - share) ** 0.5), mode="same")
        hand = hand * blurred
    mean, std = moments(hand)
    found = combine([style([m], [s]) for m, s in THREE], np.array([share], np.float32))
    assert found.mean[0] == pytest.approx(mean, abs=2e-3)
    assert found.std[0] ** 2 == pytest.approx(std**2 + 1 - share, abs=2e-3)


def test_a_dim_that_a_hand_keeps_whole_is_the_product_and_one_it_does_not_keep_the_prior() -> None:
    styles = [style([m, m], [s, s]) for m, s in THREE]
    found = combine(styles, np.array([1, 0], np.float32))
    product = combine(styles)
    assert found.mean[0] == pytest.approx(product.mean[0], abs=1e-6)
    assert found.std[0] == pytest.approx(product.std[0], abs=1e-6)
    assert (found.mean[1], found.std[1]) == (0, 1)


def test_one_digit_alone_is_its_own_style() -> None:
    one = style([0.3, -2], [1.4, 0.2])
    assert combine([one]) is one


def test_posteriors_wider_than_the_prior_leave_the_prior() -> None:
    found = combine([style([0.1], [3]), style([-0.1], [3]), style([0.05], [3])])
    assert found.std[0] == 1 and np.isfinite(found.mean).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: combine([]),
        lambda: combine([style([0], [1]), style([0, 0], [1, 1])]),
        lambda: combine([style([0], [1])], np.ones(2, np.float32)),
    ],
)
def test_styles_that_do_not_fit_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="style"):
        wrong()  # type: ignore[operator]


def test_the_shipped_models_know_what_a_hand_keeps() -> None:
    for name in ("studio", "article"):
        engine = DigitEngine.load(f"checkpoints/{name}")
        assert engine.hand_share is not None and engine.hand_share.shape == (engine.z_dim,)
        assert 0.2 < engine.hand_share.max() < 1
        bare = DigitEngine(dataclasses.replace(engine.checkpoint, calibration=None))
        assert bare.hand_share is None
