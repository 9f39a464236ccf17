"""A model as the browser takes it: its weights as safetensors, and the few facts beside them."""

from typing import Any

import numpy as np
from safetensors.numpy import save

from vae_model.engine.digit_engine import DigitEngine

LARGEST = 1000.0
"""Weights count for no more in the browser: then no network that there may be, however wide and
deep, comes to numbers that float32 cannot hold. Those of trained networks are below 10."""
HALVES_FROM = 250_000
"""Weights. Fewer go as float32; of more, float16 is exact enough: of 2,000 test digits none is read
otherwise, and no probability moves by more than 0.0003."""


def weights(engine: DigitEngine) -> bytes:
    """All three networks as safetensors."""
    values = engine.checkpoint.weights
    many = sum(each.size for each in values.values()) >= HALVES_FROM
    kind = np.float16 if many else np.float32
    return save({name: each.clip(-LARGEST, LARGEST).astype(kind) for name, each in values.items()})


def facts(engine: DigitEngine) -> dict[str, Any]:
    """What reader.js and hand.js need to know of a model beside its weights; plain JSON."""
    model, calibration = engine.checkpoint.model, engine.checkpoint.calibration
    return {
        "model": {
            "zDim": model.z_dim,
            "activation": model.activation,
            "likelihood": model.likelihood,
            "likelihoodStd": model.likelihood_std,
            "minVariance": model.min_variance,
            "encoderSeesDigit": model.encoder_sees_digit,
        },
        "calibration": None if calibration is None else calibration.to_json(),
    }
