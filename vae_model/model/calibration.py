"""What makes a model's statements true: how far to trust its probabilities, and when an image is
unlike every digit it knows.

Numbers that `evaluation.fit_calibration` fitted on digits the networks had not seen. Numpy alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
FARTHEST = 8.0
"""Standard deviations; statistics further out count as this."""


@dataclass(frozen=True)
class Calibration:
    """Fitted numbers of one model."""

    temperature: float
    """Divides the classifier's logits (Guo et al. 2017): above 1 it was too sure, below too shy."""
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """Of STATISTICS on digits."""
    weights: tuple[float, ...]
    """Of the standardised statistics and of their products, in the order of `terms`."""
    limit: float
    """Above this a score is that of no digit."""
    about: Mapping[str, Any]
    """What it was fitted on."""
    hand_share: tuple[float, ...] | None = None
    """(z_dim,): how much of each style dim's variance a hand keeps from digit to digit; None where
    the data did not tell."""

    def ood_score(self, statistics: Floats) -> Floats:
        """How unlike any digit images with these STATISTICS (n, 4) are, (n,): above 0 where that is
        to be said."""
        away: Floats = terms((statistics - self.mean) / np.array(self.std)) @ np.array(self.weights)
        return away - self.limit

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def parse(value: object) -> Calibration:
    """The calibration that a JSON object stands for. Raises ValueError, saying what is wrong."""
    if not isinstance(value, dict):
        raise ValueError("it is no object")
    numbers: dict[str, Any] = {}
    for name, count in (("mean", 4), ("std", 4), ("weights", TERMS)):
        found = value.get(name)
        if not isinstance(found, list) or len(found) != count or not all(map(_is_number, found)):
            raise ValueError(f"{name} must be {count} numbers")
        numbers[name] = tuple(float(number) for number in found)
    for name in ("temperature", "limit"):
        if not _is_number(value.get(name)):
            raise ValueError(f"{name} must be a number")
        numbers[name] = float(value[name])
    if not 0.01 <= numbers["temperature"] <= 100:
        raise ValueError("temperature must be at least 0.01 and at most 100")
    if min(numbers["std"]) <= 0:
        raise ValueError("std must be above 0")
    if (share := value.get("hand_share")) is not None:
        if not isinstance(share, list) or not all(_is_number(n) and 0 <= n <= 1 for n in share):
            raise ValueError("hand_share must be numbers from 0 to 1")
        numbers["hand_share"] = tuple(float(number) for number in share)
    about = value.get("about")
    return Calibration(**numbers, about=about if isinstance(about, dict) else {})


def statistics(excess: Floats, kl: Floats, energy: Floats, ink: Floats) -> Floats:
    """STATISTICS (n, 4) of images, from those numbers (n,) before the logarithm."""
    floors = (1.0, 0.1, 0.1, 0.1)
    columns = (excess, kl, energy, ink)
    kept = [np.maximum(column, floor) for column, floor in zip(columns, floors, strict=True)]
    logs: Floats = np.log(np.stack(kept, axis=1).astype(np.float64))
    return logs


def terms(standardised: Floats) -> Floats:
    """Standardised statistics (n, 4) and their products two by two, (n, 14)."""
    z = np.clip(standardised, -FARTHEST, FARTHEST)
    first, second = np.triu_indices(z.shape[1])
    both: Floats = np.concatenate([z, z[:, first] * z[:, second] / 4], axis=1)
    return both


def _is_number(value: object) -> bool:
    found = number(value)
    return found is not None and abs(found) < 1e9
