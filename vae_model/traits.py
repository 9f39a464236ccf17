"""What each style dim does to the writing, measured on the decoder, and the name it earns by it.

Numpy alone. Knows nothing of pages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_model import strokes
from vae_model.config import DIGITS
from vae_model.engine import DigitEngine, one_hot

STYLES = 300
"""Random styles, each decoded as ten digits: a correlation is then right to about 0.02."""
CLEAR = 0.45
"""The least correlation that makes a name: it explains a fifth of what the feature does."""

Feature = Callable[[NDArray[np.floating]], NDArray[np.float64]]

FEATURES: dict[str, tuple[Feature, str, str]] = {
    "slant": (strokes.slant, "left", "right"),
    "thickness": (strokes.thickness, "thin", "bold"),
    "width": (strokes.width, "narrow", "wide"),
    "height": (strokes.height, "low", "tall"),
    "loop size": (strokes.loop_size, "closed", "open"),
    "balance": (strokes.balance, "wide foot", "wide head"),
    "roundness": (strokes.roundness, "long", "round"),
    "ink": (strokes.ink, "little", "much"),
}
"""Name → how it is measured, and a word for little and for much of it."""

NAMING = ("slant", "thickness", "width", "height", "loop size", "balance")
"""Features that a dim can be named after. The others follow from them, and name nothing clearly."""


@dataclass(frozen=True)
class Trait:
    """What one style dim does."""

    dim: int
    """Counted from 0."""
    name: str
    """Of the feature that it moves most, where that is clear and no dim moves it more; or empty."""
    low: str
    """What digits look like at −3 and at +3; empty where there is no name."""
    high: str
    correlations: tuple[float, ...]
    """With each of FEATURES, in their order: of the dim with the feature among images of the same
    digit whose styles come from the prior, averaged over the ten digits. Within ±1."""


def measure_traits(engine: DigitEngine) -> list[Trait]:
    """The traits of each style dim of a model, dim 0 first. Deterministic.

    Style dims are independent under the prior, so one set of random styles serves all of them.
    """
    correlations = _correlations(engine)
    names = _names(correlations)
    traits = []
    for dim, row in enumerate(correlations):
        name = names.get(dim, "")
        low = high = ""
        if name:
            _, low, high = FEATURES[name]
            if row[list(FEATURES).index(name)] < 0:
                low, high = high, low
        traits.append(Trait(dim, name, low, high, tuple(float(value) for value in row)))
    return traits


def _correlations(engine: DigitEngine) -> NDArray[np.float64]:
    """(z_dim, features)"""
    styles = np.random.default_rng(0).standard_normal((STYLES, engine.z_dim)).astype(np.float32)
    z = _standardized(styles.astype(np.float64))
    total = np.zeros((engine.z_dim, len(FEATURES)))
    for digit in range(DIGITS):
        images = engine.decode(styles, one_hot([digit] * STYLES))
        measured = [measure(images) for measure, _, _ in FEATURES.values()]
        total += z.T @ _standardized(np.stack(measured, axis=1)) / STYLES
    return total / DIGITS


def _names(correlations: NDArray[np.float64]) -> dict[int, str]:
    """Dim → name: the clearest pair of dim and feature first, each of them once."""
    columns = [list(FEATURES).index(name) for name in NAMING]
    strength = np.abs(correlations[:, columns])
    names: dict[int, str] = {}
    taken: Sequence[str] = []
    for place in np.argsort(-strength, axis=None):
        dim, column = divmod(int(place), len(NAMING))
        if strength[dim, column] < CLEAR:
            break
        if dim not in names and NAMING[column] not in taken:
            names[dim] = NAMING[column]
            taken = [*taken, NAMING[column]]
    return names


def _standardized(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns (n, m) of mean 0 and variance 1; those that do not vary are 0."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    # What rounding leaves of a constant is not variation.
    varies = spread > 1e-6 * (np.abs(columns).max(axis=0) + 1e-12)
    scaled: NDArray[np.float64] = np.divide(
        centred, spread, out=np.zeros_like(centred), where=varies
    )
    return scaled
