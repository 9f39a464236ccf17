"""A model as the browser takes it: its weights as safetensors, and the few facts beside them."""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict
from functools import lru_cache
from typing import Any
from weakref import WeakSet

import numpy as np
from safetensors.numpy import save

from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS, PIXELS

PARTS = {"reader": ("classifier", "encoder"), "decoder": ("decoder",)}
"""What can be fetched alone."""
LARGEST = 1000.0
"""Weights count for no more in the browser: then no network that there may be, however wide and
deep, comes to numbers that float32 cannot hold. Those of trained networks are below 10."""
HALVES_FROM = 500_000
"""Weights. Fewer go as float32; of more, float16 is exact enough: of 10,000 test digits none is
read otherwise, and no probability moves by more than 0.0005."""


@lru_cache(maxsize=16)
def weights(engine: DigitEngine, part: str) -> bytes:
    """The networks of one of PARTS as safetensors."""
    values = engine.checkpoint.weights
    many = sum(each.size for each in values.values()) >= HALVES_FROM
    kind = np.float16 if many else np.float32
    own = {name: each for name, each in values.items() if name.startswith(PARTS[part])}
    return save({name: each.clip(-LARGEST, LARGEST).astype(kind) for name, each in own.items()})


_OFFERED: dict[str, WeakSet[DigitEngine]] = defaultdict(WeakSet)
"""By digest: two runs may have the same weights, and either may go first."""


def offered(digest: str) -> DigitEngine | None:
    """The engine whose digest was told to a browser; None for one that is made up."""
    return next(iter(_OFFERED.get(digest, ())), None)


@lru_cache(maxsize=32)
def digest(engine: DigitEngine) -> str:
    """A short hash of all that makes it what it is: what it stands for never changes."""
    checkpoint = engine.checkpoint
    found = hashlib.sha256(repr((checkpoint.model, checkpoint.calibration)).encode())
    for name, values in sorted(checkpoint.weights.items()):
        found.update(name.encode())
        found.update(values.tobytes())
    short = found.hexdigest()[:16]
    _OFFERED[short].add(engine)
    return short


@lru_cache(maxsize=32)
def link_digest(engine: DigitEngine) -> str:
    """A short hash of the decoder, as shared links bear it: models with the same one draw the same
    digits. It must stay what it is, or older links would be said to be of another model."""
    model = engine.checkpoint.model
    widths = [model.z_dim + DIGITS, *model.decoder_hidden, PIXELS]
    shape = {"zDim": model.z_dim, "widths": widths, "activation": model.activation}
    found = hashlib.sha256(json.dumps(shape).encode())
    for layer in range(len(widths) - 1):
        for part in ("weight", "bias"):
            values = engine.checkpoint.weights[f"decoder.layers.{2 * layer}.{part}"]
            found.update(np.ascontiguousarray(values.clip(-LARGEST, LARGEST), "<f4").tobytes())
    return found.hexdigest()[:8]


def facts(engine: DigitEngine) -> dict[str, Any]:
    """What scripts need to know of a model beside its weights, and where those are; plain JSON."""
    model, calibration = engine.checkpoint.model, engine.checkpoint.calibration
    return {
        "weights": {part: f"weights/{digest(engine)}/{part}.safetensors" for part in PARTS},
        "zDim": model.z_dim,
        "activation": model.activation,
        "likelihood": model.likelihood,
        "likelihoodStd": model.likelihood_std,
        "minVariance": model.min_variance,
        "encoderSeesDigit": model.encoder_sees_digit,
        "calibration": None if calibration is None else asdict(calibration),
    }
