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
class Calibration:
    temperature: float
    """Divides the classifier's logits (Guo et al. 2017): above 1 it was too sure, below too shy."""
    mean: tuple[float, ...]  # of STATISTICS on digits
    std: tuple[float, ...]  # likewise
    weights: tuple[float, ...]  # of the `terms` of the standardised statistics
    limit: float  # above this a score is that of no digit
    about: Mapping[str, Any]  # what it was fitted on
    hand_share: tuple[float, ...] | None = None
    """(z_dim,): how much of each style dim's variance a hand keeps from digit to digit; None where
    the data did not tell."""

    def ood_score(self, statistics: Floats) -> Floats:
        """How unlike any digit images with these STATISTICS (n, 4) are, (n,): above 0 where that is
        to be said."""
        away: Floats = terms((statistics - self.mean) / np.array(self.std)) @ np.array(self.weights)
        return away - self.limit


def parse(value: object, z_dim: int) -> Calibration:
    """The calibration of a model with so many style dims that a JSON object stands for. Raises
    ValueError, saying what is wrong."""
    if not isinstance(value, dict):
        raise ValueError("the calibration is no object")
    found: dict[str, Any] = {}
    for name, count, low, high in (
        ("temperature", None, 0.01, 100),
        ("mean", 4, -1e9, 1e9),
        ("std", 4, 1e-9, 1e9),
        ("weights", TERMS, -1e9, 1e9),
        ("limit", None, -1e9, 1e9),
        ("hand_share", z_dim, 0, 1),
    ):
        given = value.get(name)
        if name == "hand_share" and given is None:
            continue
        listed = given if count else [given]
        numbers = [number(each) for each in listed] if isinstance(listed, list) else []
        inside = [each for each in numbers if each is not None and low <= each <= high]
        if len(inside) != len(numbers) or len(inside) != (count or 1):
            wanted = f"{count} numbers" if count else "a number"
            raise ValueError(
                f"the calibration is damaged: {name} must be {wanted} from {low:g} to {high:g}"
            )
        found[name] = tuple(inside) if count else inside[0]
    about = value.get("about")
    return Calibration(**found, about=about if isinstance(about, dict) else {})


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
