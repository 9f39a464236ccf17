"""What a model's checkpoint says of it: measured figures, and what its styles cost."""

from dataclasses import dataclass

import numpy as np

from ui.shared.dims import ASLEEP_KL
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.numbers import number


@dataclass(frozen=True)
class Figure:
    """One measured number, ready to be shown."""

    label: str
    value: str
    meaning: str


def figures(engine: DigitEngine) -> list[Figure]:
    """The model's measured figures; one that was not measured, or is no number, is left out."""
    shares = (
        ("test_accuracy", "Test accuracy", "Unseen handwritten digits read rightly."),
        (
            "generation_accuracy",
            "Generation accuracy",
            "Generated digits that an independent judge reads as the digit asked for.",
        ),
    )
    found = [
        Figure(label, f"{100 * value:.1f} %", meaning)
        for key, label, meaning in shares
        if (value := number(engine.checkpoint.metrics.get(key))) is not None
    ]
    nelbo = number(engine.checkpoint.metrics.get("nelbo_bernoulli"))
    if nelbo is not None:
        meaning = "Bound on what an unseen image costs the model, in nats: lower is better."
        found.append(Figure("NELBO", f"{nelbo:.1f} nats", meaning))
    return found


BITS = 1 / np.log(2)


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
    metrics = engine.checkpoint.metrics
    listed, samples = metrics.get("kl_per_dim"), metrics.get("samples")
    images = number(samples.get("kl")) if isinstance(samples, dict) else None
    if not isinstance(listed, list) or len(listed) != engine.z_dim or images is None:
        return None
    costs = tuple(nats for each in listed if (nats := number(each)) is not None)
    return Price(name, costs, round(images)) if len(costs) == engine.z_dim else None
