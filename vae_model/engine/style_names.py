"""What each style dim does to the writing, measured on the decoder, and the name it gets by it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vae_model.data import image_measures
from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.model.checkpoint import Checkpoint
from vae_model.model.config import DIGITS

STYLES = 300
"""Random styles, each decoded as ten digits."""
CLEAR = 0.4
"""The least correlation that makes a name: it explains a sixth of how the feature varies. Sleeping
dims, which do nothing, measure up to 0.04."""

Feature = Callable[[NDArray[np.floating]], NDArray[np.float64]]

FEATURES: dict[str, tuple[Feature, str, str]] = {
    "slant": (image_measures.slant, "left", "right"),
    "thickness": (image_measures.thickness, "thin", "bold"),
    "width": (image_measures.width, "narrow", "wide"),
    "height": (image_measures.height, "short", "tall"),
    "loop size": (image_measures.loop_size, "closed", "open"),
    "balance": (image_measures.balance, "wide foot", "wide head"),
    "waist": (image_measures.waist, "low waist", "high waist"),
    "bend": (image_measures.bend, "bows left", "bows right"),
    "shade": (image_measures.shade, "faint", "solid"),
    "roundness": (image_measures.roundness, "long", "round"),
    "ink": (image_measures.ink, "little", "much"),
}
"""Name → how it is measured, and a word for little and for much of it."""

NAMING = tuple(name for name in FEATURES if name not in ("roundness", "ink"))
"""Features that a dim can be named after. The other two follow from them: bold and wide digits
hold much ink, wide ones are round."""


@dataclass(frozen=True)
class Trait:
    """What one style dim does."""

    dim: int  # counted from 0
    name: str
    """Of the feature that it moves most, where that is clear, or empty. Dims may share one."""
    low: str
    high: str
    """What digits look like at −3 and at +3; empty where there is no name."""
    correlations: tuple[float, ...]
    """With each of FEATURES, in their order: of the dim with the feature among images of the same
    digit in styles from the prior, averaged over the ten digits. Within ±1."""


def measure_traits(engine: DigitEngine) -> list[Trait]:
    """The traits of each style dim of a model, dim 0 first. Deterministic.

    Style dims are independent under the prior, so one set of random styles serves all of them.
    """
    correlations = _correlations(engine)
    pairs = zip(_names(correlations), correlations.tolist(), strict=True)
    return [Trait(dim, *names, tuple(row)) for dim, (names, row) in enumerate(pairs)]


def turned(checkpoint: Checkpoint) -> Checkpoint:
    """The same model, with each named dim turned so that what it is named after rises with it: a
    slider to the right leans the digit to the right. Which way a dim runs is chance in training;
    negating its mean in the encoder and its column in the decoder changes no image."""
    backwards = {(high, low) for _, low, high in FEATURES.values()}
    traits = measure_traits(DigitEngine(checkpoint))
    dims = [trait.dim for trait in traits if (trait.low, trait.high) in backwards]
    weights = {name: array.copy() for name, array in checkpoint.weights.items()}
    last = 2 * len(checkpoint.model.encoder_hidden)  # every second layer is an activation
    weights[f"encoder.layers.{last}.weight"][dims] *= -1
    weights[f"encoder.layers.{last}.bias"][dims] *= -1
    weights["decoder.layers.0.weight"][:, dims] *= -1
    return replace(checkpoint, weights=weights)


def _correlations(engine: DigitEngine) -> NDArray[np.float64]:
    """(z_dim, features)"""
    styles = _styles(engine.z_dim)
    total = np.zeros((engine.z_dim, len(FEATURES)))
    for digit in range(DIGITS):
        images = engine.decode(styles, one_hot([digit] * STYLES))
        measured = [measure(images) for measure, _, _ in FEATURES.values()]
        total += styles.T @ standardized(np.stack(measured, axis=1)) / STYLES
    return total / DIGITS


def _styles(z_dim: int) -> NDArray[np.float32]:
    """(STYLES, z_dim) from the prior, whose dims have mean 0, variance 1 and no correlation in
    this very sample, so that no dim is credited with what another does.

    Each style comes with its mirror image: what a dim does in either direction alike cancels out.
    """
    normal = np.random.default_rng(0).standard_normal((STYLES // 2, z_dim))
    half = np.linalg.qr(normal)[0] * math.sqrt(STYLES / 2)
    return np.concatenate([half, -half]).astype(np.float32)


def _names(correlations: NDArray[np.float64]) -> list[tuple[str, str, str]]:
    """Of each dim its name and a word for each of its ends; empty where none is clear."""
    naming = correlations[:, [list(FEATURES).index(name) for name in NAMING]]
    names = []
    for row, best in zip(naming, np.abs(naming).argmax(axis=1), strict=True):
        _, low, high = FEATURES[NAMING[best]]
        ends = (low, high) if row[best] > 0 else (high, low)
        names.append((NAMING[best], *ends) if abs(row[best]) >= CLEAR else ("", "", ""))
    return names


def standardized(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns (n, m) of mean 0 and variance 1; those that do not vary are 0."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    # What rounding leaves of a constant is not variation.
    varies = spread > 1e-6 * (np.abs(columns).max(axis=0) + 1e-12)
    scaled: NDArray[np.float64] = np.zeros_like(centred)
    np.divide(centred, spread, out=scaled, where=varies)
    return scaled
