"""What style dims are called: by what they were measured to do."""

import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support.models import random_checkpoint
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.style_names import FEATURES, Trait, measure_traits, turned

ROW, COLUMN = np.mgrid[:28, :28].astype(float)


def traits(draws: Callable[..., np.ndarray], z_dim: int) -> list[Trait]:
    """Of a decoder that draws by the values (n, 1, 1) of each dim, and by the digits (n, 1, 1)."""

    def decode(styles: np.ndarray, digit_probs: np.ndarray) -> np.ndarray:
        digits = digit_probs.argmax(axis=1)
        return draws(*(values[:, None, None] for values in (*styles.T, digits)))

    return measure_traits(SimpleNamespace(z_dim=z_dim, decode=decode))  # type: ignore[arg-type]


def ring(lean: np.ndarray, bold: np.ndarray | float = 0.0) -> np.ndarray:
    """Rings that lean to the left, and are bolder than 2 pixels, by so much."""
    x = COLUMN - 13.5 - lean * (ROW - 13.5)
    distance = np.abs(np.hypot(x / 0.7, ROW - 13.5) - 8)
    return np.clip(2 + bold - distance, 0, 1).astype(np.float32)


def correlation(trait: Trait, feature: str) -> float:
    return trait.correlations[list(FEATURES).index(feature)]


def test_dims_are_named_after_what_they_do_and_which_way() -> None:
    lean, bold, nothing = traits(lambda a, b, _, digit: ring(0.15 * a, 0.35 * b - 0.2), 3)
    assert (lean.name, lean.low, lean.high) == ("slant", "right", "left")
    assert (bold.name, bold.low, bold.high) == ("thickness", "thin", "bold")
    assert correlation(lean, "slant") < -0.9
    # No credit for what the others do.
    assert (nothing.name, nothing.low, nothing.high) == ("", "", "")
    assert max(abs(correlation(nothing, each)) for each in ("slant", "thickness", "ink")) < 0.01
    assert max(map(abs, nothing.correlations)) < 0.1


def test_dims_may_share_a_feature() -> None:
    little, more, either = traits(
        lambda a, b, c, digit: ring(-0.12 * a + 0.16 * b - 0.05 * c**2), 3
    )
    assert (little.name, little.low, little.high) == ("slant", "left", "right")
    assert (more.name, more.low, more.high) == ("slant", "right", "left")
    # Nor is a dim named by what it does in either direction alike.
    assert either.name == ""
    assert correlation(either, "slant") == pytest.approx(0, abs=0.01)


def test_a_dim_that_does_otherwise_to_each_digit_has_no_name() -> None:
    (fickle,) = traits(lambda a, digit: ring(np.where(digit % 2, 0.15, -0.15) * a), 1)
    assert correlation(fickle, "slant") == pytest.approx(0, abs=0.01)
    assert fickle.name == ""


@pytest.mark.parametrize(("z_dim", "scale"), [(1, 0.0), (4, 1.0), (64, 30.0)])
def test_any_model_has_traits_even_one_that_writes_nothing(z_dim: int, scale: float) -> None:
    engine = DigitEngine(random_checkpoint(scale=scale, z_dim=z_dim, decoder_hidden=(8,)))
    found = measure_traits(engine)
    assert found == measure_traits(engine)
    assert [trait.dim for trait in found] == list(range(z_dim))
    assert all(math.isfinite(value) for trait in found for value in trait.correlations)
    if scale == 0:
        assert not any(trait.name for trait in found)
        assert all(value == 0 for trait in found for value in trait.correlations)


def test_turned_dims_rise_with_what_they_are_named_after_and_change_no_image() -> None:
    before = DigitEngine(random_checkpoint(seed=3, z_dim=6, encoder_hidden=(5, 4)))
    after = DigitEngine(turned(before.checkpoint))
    rising = {(low, high) for _, low, high in FEATURES.values()} | {("", "")}
    assert {(trait.low, trait.high) for trait in measure_traits(before)} - rising
    assert {(trait.low, trait.high) for trait in measure_traits(after)} <= rising
    image = np.random.default_rng(0).random((28, 28), np.float32)
    old, new = before.read(image), after.read(image)
    np.testing.assert_allclose(np.abs(new.style_mean), np.abs(old.style_mean), rtol=1e-5)
    np.testing.assert_array_equal(new.style_std, old.style_std)
    np.testing.assert_allclose(new.reconstruction, old.reconstruction, atol=1e-6)
    assert [trait.name for trait in measure_traits(after)] == [
        trait.name for trait in measure_traits(before)
    ]
