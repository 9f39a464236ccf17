"""What a model's styles cost, by its own evaluation."""

from dataclasses import dataclass

import numpy as np

from ui.shared.dims import ASLEEP_KL
from ui.shared.stored import array, samples
from vae_model.engine.digit_engine import DigitEngine

BITS = 1 / np.log(2)
"""In a nat."""


@dataclass(frozen=True)
class Price:
    """What the styles of a model cost."""

    name: str
    per_dim: tuple[float, ...]
    """Nats, dim 0 first."""
    images: int
    """How many test images that was measured on."""

    @property
    def total(self) -> float:
        """Nats per image."""
        return sum(self.per_dim)

    @property
    def awake(self) -> int:
        """Dims that cost something."""
        return sum(nats >= ASLEEP_KL for nats in self.per_dim)


def evaluated(engine: DigitEngine, name: str) -> Price | None:
    """By the model's own evaluation; None where it has none, or none that can be."""
    costs = array(engine.checkpoint.metrics.get("kl_per_dim"), engine.z_dim)
    images = samples(engine, "kl")
    return None if costs is None or images is None else Price(name, tuple(costs.tolist()), images)
