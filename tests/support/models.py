"""Models for tests: tiny ones with random weights, and shipped ones with other figures."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import Checkpoint, weight_shapes
from vae_model.model.config import ModelConfig, TrainConfig

AddModel = Callable[..., Path]
"""Puts a small random model among those that the app has: its name, seed and figures."""


def random_checkpoint(
    seed: int = 0, metrics: Any = None, scale: float = 1.0, **config: Any
) -> Checkpoint:
    """A model of that configuration, with weights from a normal distribution of that std."""
    model = ModelConfig(**config)
    rng = np.random.default_rng(seed)
    weights = {
        name: (scale * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in weight_shapes(model).items()
    }
    return Checkpoint(model, TrainConfig(), weights, metrics=metrics or {})


def with_metrics(engine: DigitEngine, **metrics: Any) -> DigitEngine:
    """The same model, of which these figures are stored and no others."""
    return changed(engine, metrics=metrics)


def changed(engine: DigitEngine, **parts: Any) -> DigitEngine:
    """The same model with other parts of its checkpoint."""
    return DigitEngine(replace(engine.checkpoint, **parts))
