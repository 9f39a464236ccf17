"""How far to trust a model's probabilities, and when an image is unlike every digit it knows.

Numbers that `evaluation.fit_calibration` fitted on digits the networks had not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_model.model.numbers import number

Floats = NDArray[np.float64]

STATISTICS = ("excess", "kl", "energy", "ink")
"""Of an image, each as a logarithm: the nats that its reconstruction costs above the best possible
one; the KL divergence of its style posterior; the log-sum-exp of the classifier's logits, which is
high where some digit answers loudly (Liu et al. 2020); the sum of its pixels."""
TERMS = len(STATISTICS) + len(STATISTICS) * (len(STATISTICS) + 1) // 2
FARTHEST = 8.0  # standard deviations; statistics further out count as this


@dataclass(frozen=True)
class Habits:
    """What the digits of one hand have in common: uncorrelated directions of the style, at most
    z_dim of them (canonical variates), its habits."""

    share: tuple[float, ...]
    """(habits,) in [0, 1]: how much of a habit's variance a hand keeps from digit to digit."""
    reading: tuple[tuple[float, ...], ...]
    """(habits, z_dim): its scalar product with a mean style is the habit, of variance 1."""
    writing: tuple[tuple[float, ...], ...]
    """(habits, z_dim): what a habit of 1 adds to the style."""


@dataclass(frozen=True)
class Calibration:
    temperature: float
    """Divides the classifier's logits (Guo et al. 2017): above 1 it was too sure, below too shy."""
    mean: tuple[float, ...]  # of STATISTICS on digits
    std: tuple[float, ...]  # likewise
    weights: tuple[float, ...]  # of the `terms` of the standardised statistics
    limit: float  # above this a score is that of no digit
    about: Mapping[str, Any]  # what it was fitted on
    habits: Habits | None = None
    """None where the data did not tell."""

    def ood_score(self, statistics: Floats) -> Floats:
        """How unlike any digit images with these STATISTICS (n, 4) are, (n,): above 0 where that is
        to be said."""
        standardised = (statistics - self.mean) / np.array(self.std)
        return terms(standardised) @ np.array(self.weights) - self.limit


def parse(value: object, z_dim: int) -> Calibration:
    """The calibration of a model with so many style dims that a JSON object stands for. Raises
    ValueError, saying what is wrong."""
    if not isinstance(value, dict):
        raise ValueError("the calibration is no object")
    about = value.get("about")
    return Calibration(
        temperature=_numbers("temperature", [value.get("temperature")], 1, 0.01, 100)[0],
        mean=_numbers("mean", value.get("mean"), 4, -1e9, 1e9),
        std=_numbers("std", value.get("std"), 4, 1e-9, 1e9),
        weights=_numbers("weights", value.get("weights"), TERMS, -1e9, 1e9),
        limit=_numbers("limit", [value.get("limit")], 1, -1e9, 1e9)[0],
        about=about if isinstance(about, dict) else {},
        habits=_habits(value, z_dim),
    )


def _habits(calibration: Mapping[str, Any], z_dim: int) -> Habits | None:
    given, share = calibration.get("habits"), calibration.get("hand_share")
    if given is None and share is not None:  # an older form: a habit for each dim
        alone = tuple(tuple(row) for row in np.eye(z_dim).tolist())
        return Habits(_numbers("hand_share", share, z_dim, 0, 1), alone, alone)
    if given is None:
        return None
    names = ("share", "reading", "writing")
    parts = [given.get(name) for name in names] if isinstance(given, dict) else []
    lists = [part for part in parts if isinstance(part, list)]
    if len({len(part) for part in lists}) != 1 or len(lists) != 3 or len(lists[0]) > z_dim:
        raise ValueError(f"the calibration is damaged: habits must be lists of at most {z_dim}")
    share, reading, writing = lists
    return Habits(
        _numbers("habits' share", share, len(share), 0, 1),
        tuple(_numbers("habits' reading", row, z_dim, -1e3, 1e3) for row in reading),
        tuple(_numbers("habits' writing", row, z_dim, -1e3, 1e3) for row in writing),
    )


def _numbers(name: str, given: object, count: int, low: float, high: float) -> tuple[float, ...]:
    numbers = [number(each) for each in given] if isinstance(given, list) else []
    inside = [each for each in numbers if each is not None and low <= each <= high]
    if len(inside) != len(numbers) or len(inside) != count:
        wanted = "a number" if count == 1 else f"{count} numbers"
        raise ValueError(
            f"the calibration is damaged: {name} must be {wanted} from {low:g} to {high:g}"
        )
    return tuple(inside)


def statistics(excess: Floats, kl: Floats, energy: Floats, ink: Floats) -> Floats:
    """STATISTICS (n, 4) of images, from those numbers (n,) before the logarithm."""
    columns = np.stack([excess, kl, energy, ink], axis=1)
    floors = np.array([1, 0.1, 0.1, 0.1], columns.dtype)
    return np.log(np.maximum(columns, floors).astype(np.float64))


def terms(standardised: Floats) -> Floats:
    """Standardised statistics (n, 4) and their products two by two, (n, 14)."""
    z = np.clip(standardised, -FARTHEST, FARTHEST)
    first, second = np.triu_indices(z.shape[1])
    return np.concatenate([z, z[:, first] * z[:, second] / 4], axis=1)
