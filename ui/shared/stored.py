"""Measured figures out of a checkpoint's JSON, which may be anybody's: what cannot be is None."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.numbers import number

Numbers = NDArray[np.float64]


def metric(engine: DigitEngine, key: str) -> float | None:
    """One of the figures of `evaluate`."""
    return number(engine.checkpoint.metrics.get(key))


def samples(engine: DigitEngine, key: str) -> int | None:
    """How many images that figure was measured on."""
    counts = engine.checkpoint.metrics.get("samples")
    count = number(counts.get(key)) if isinstance(counts, dict) else None
    return None if count is None else round(count)


def leak_chance(metrics: Mapping[str, object]) -> float:
    """How often a probe that knows nothing of the style is right, 0-1: it says the commonest test
    digit. Of MNIST's 11.35 % are 1s, of the sample's a tenth is each."""
    return 0.1135 if str(metrics.get("data")).startswith("mnist") else 0.1


def array(value: object, *shape: int) -> Numbers | None:
    """Nested lists of finite numbers as an array of that shape."""
    try:
        found = np.array(value)
    except ValueError:  # lists of unequal length, or nested too deeply
        return None
    if found.shape != shape or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
        return None
    return found.astype(np.float64)
