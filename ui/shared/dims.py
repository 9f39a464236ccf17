"""A model's style dims as people see them: which are awake, what each does, what they cost."""

from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from ui.shared.browser import tensors
from ui.shared.stored import Numbers, array, samples
from ui.shared.words import signed
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.style_names import FEATURES, Trait, measure_traits

traits_of = lru_cache(maxsize=8)(measure_traits)
"""What each style dim of an engine was measured to do."""
ASLEEP_KL = 0.02
"""Nats: a style dim that costs less tells next to nothing about the image."""


@dataclass(frozen=True)
class StyleDim:
    dim: int
    """Counted from 0."""
    name: str
    """What it was measured to do, "slant 2" where one before it does the same, or "style 4" where
    nothing is clear."""
    low: str
    """What its digits look like at −3 and at +3; empty where it has no name of its own."""
    high: str
    note: str
    """How that was measured, in a line."""


@dataclass(frozen=True)
class Price:
    """What the styles of a model cost."""

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


def evaluated_price(engine: DigitEngine) -> Price | None:
    """By the model's own evaluation; None where it has none, or none that can be."""
    costs, images = _costs(engine), samples(engine, "kl")
    return None if costs is None or images is None else Price(tuple(costs.tolist()), images)


def style_dims(engine: DigitEngine) -> tuple[list[StyleDim], list[StyleDim]]:
    """Style dims that are awake, the one that says most about an image first, and those asleep."""
    awake, asleep = style_order(engine)
    traits = traits_of(engine)
    count: Counter[str] = Counter()
    dims = []
    for place, dim in enumerate([*awake, *asleep], start=1):
        feature = traits[dim].name
        count[feature] += 1
        numbered = feature if count[feature] == 1 else f"{feature} {count[feature]}"
        dims.append(_style_dim(traits[dim], numbered if feature else f"style {place}"))
    return dims[: len(awake)], dims[len(awake) :]


@lru_cache(maxsize=32)
def told(engine: DigitEngine) -> dict[str, object]:
    """What the browser needs to know of a model to show its dims; plain JSON."""
    awake, asleep = ([asdict(dim) for dim in dims] for dims in style_dims(engine))
    return {"model": tensors.facts(engine), "awake": awake, "asleep": asleep}


def style_order(engine: DigitEngine) -> tuple[list[int], list[int]]:
    """Style dims that are awake, from the one that says most about an image to the one that says
    least, and those that are asleep. All are awake, in their own order, where nothing is known."""
    costs = _costs(engine)
    if costs is None:
        return list(range(engine.z_dim)), []
    dims = np.argsort(-costs, kind="stable")
    awake = costs[dims] >= ASLEEP_KL
    return dims[awake].tolist(), dims[~awake].tolist()


def _costs(engine: DigitEngine) -> Numbers | None:
    """Nats (z_dim,)."""
    return array(engine.checkpoint.metrics.get("kl_per_dim"), engine.z_dim)


def _style_dim(trait: Trait, name: str) -> StyleDim:
    pairs = zip(FEATURES, trait.correlations, strict=True)
    feature, correlation = max(pairs, key=lambda pair: abs(pair[1]))
    note = (
        f"Dim {trait.dim + 1}. Of what was measured it moves {feature} most: "
        f"correlation {signed(correlation)}"
    )
    return StyleDim(trait.dim, name, trait.low, trait.high, note)
