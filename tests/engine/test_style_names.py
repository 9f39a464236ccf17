"""What style dims are called: by what they were measured to do."""

import math

import numpy as np
import pytest

from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.style_names import FEATURES, Trait, measure_traits
from vae_model.model.checkpoint import Checkpoint, weight_shapes
from vae_model.model.config import ModelConfig, TrainConfig

ROW, COLUMN = np.mgrid[:28, :28].astype(float)


class Planted:
    """A decoder whose first dim leans a ring to the left, whose second makes it bolder and whose
    third does nothing. Every digit is the ring."""

    z_dim = 3

    def decode(self, styles: np.ndarray, digit_probs: np.ndarray) -> np.ndarray:
        lean, bold = styles[:, 0, None, None], styles[:, 1, None, None]
        x = COLUMN - 13.5 - 0.15 * lean * (ROW - 13.5)
        distance = np.abs(np.hypot(x / 0.7, ROW - 13.5) - 8)
        return np.clip(1.8 + 0.35 * bold - distance, 0, 1).astype(np.float32)


class Leaning:
    """A decoder that leans a ring: its first dim a little, its second more and the other way, and
    its third to the right in either direction."""

    z_dim = 3

    def decode(self, styles: np.ndarray, digit_probs: np.ndarray) -> np.ndarray:
        little, more, either = (styles[:, dim, None, None] for dim in range(3))
        lean = 0.12 * little - 0.16 * more + 0.05 * either**2
        x = COLUMN - 13.5 + lean * (ROW - 13.5)
        return np.clip(2 - np.abs(np.hypot(x / 0.7, ROW - 13.5) - 8), 0, 1).astype(np.float32)


class Fickle:
    """A decoder whose only dim leans even digits to the right and odd ones to the left."""

    z_dim = 1

    def decode(self, styles: np.ndarray, digit_probs: np.ndarray) -> np.ndarray:
        side = np.where(digit_probs.argmax(axis=1) % 2, -1, 1)
        lean = (0.15 * side * styles[:, 0])[:, None, None]
        x = COLUMN - 13.5 + lean * (ROW - 13.5)
        return np.clip(2 - np.abs(np.hypot(x / 0.7, ROW - 13.5) - 8), 0, 1).astype(np.float32)


def random_engine(z_dim: int, scale: float) -> DigitEngine:
    config = ModelConfig(z_dim=z_dim, decoder_hidden=(8,))
    rng = np.random.default_rng(0)
    weights = {
        name: (scale * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }
    return DigitEngine(Checkpoint(config, TrainConfig(), weights))


def test_dims_are_named_after_what_they_do_and_which_way() -> None:
    lean, bold, nothing = measure_traits(Planted())  # type: ignore[arg-type]
    assert (lean.name, lean.low, lean.high) == ("slant", "right", "left")
    assert (bold.name, bold.low, bold.high) == ("thickness", "thin", "bold")
    assert (nothing.name, nothing.low, nothing.high) == ("", "", "")
    assert lean.correlations[list(FEATURES).index("slant")] < -0.9
    assert max(map(abs, nothing.correlations)) < 0.1


def test_a_dim_that_does_nothing_is_not_credited_with_what_others_do() -> None:
    nothing = measure_traits(Planted())[2]  # type: ignore[arg-type]
    for feature in ("slant", "thickness", "ink"):
        assert abs(nothing.correlations[list(FEATURES).index(feature)]) < 0.01


def test_dims_that_share_a_feature_are_numbered_the_stronger_first() -> None:
    little, more, _ = measure_traits(Leaning())  # type: ignore[arg-type]
    assert (little.name, little.low, little.high) == ("slant 2", "left", "right")
    assert (more.name, more.low, more.high) == ("slant", "right", "left")


def test_a_dim_is_not_named_by_what_it_does_in_either_direction_alike() -> None:
    either = measure_traits(Leaning())[2]  # type: ignore[arg-type]
    assert either.name == ""
    assert either.correlations[list(FEATURES).index("slant")] == pytest.approx(0, abs=0.01)


def test_a_dim_that_does_otherwise_to_each_digit_has_no_name() -> None:
    (fickle,) = measure_traits(Fickle())  # type: ignore[arg-type]
    assert fickle.correlations[list(FEATURES).index("slant")] == pytest.approx(0, abs=0.01)
    assert fickle.name == ""


@pytest.mark.parametrize("z_dim", [1, 64])
@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0])
def test_any_model_has_traits_even_one_that_writes_nothing(z_dim: int, scale: float) -> None:
    traits = measure_traits(random_engine(z_dim, scale))
    assert [trait.dim for trait in traits] == list(range(z_dim))
    assert all(math.isfinite(value) for trait in traits for value in trait.correlations)
    names = [trait.name for trait in traits if trait.name]
    assert len(set(names)) == len(names)
    if scale == 0:
        assert not names
        assert all(value == 0 for trait in traits for value in trait.correlations)


def test_measuring_twice_gives_the_same() -> None:
    engine = random_engine(4, 1.0)
    first: list[Trait] = measure_traits(engine)
    assert measure_traits(engine) == first
