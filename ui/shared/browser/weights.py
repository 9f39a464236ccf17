"""A decoder's weights as the browser takes them."""

import hashlib
import json
import struct
from functools import lru_cache

import numpy as np

from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS, PIXELS

LARGEST = 1000.0
"""Weights count for no more in the browser: then no decoder that there may be, however wide and
deep, comes to numbers that float32 cannot hold. Those of trained networks are below 10."""


def pack(engine: DigitEngine) -> tuple[str, bytes]:
    """A short hash of the decoder, and the decoder itself.

    The bytes are the length of the header (uint32, little-endian), the header as JSON, then each
    layer's weights (out x in) and biases as little-endian float32, which begin at a multiple of
    four. Two checkpoints with the same hash draw the same digits.
    """
    model = engine.checkpoint.model
    widths = [model.z_dim + DIGITS, *model.decoder_hidden, PIXELS]
    arrays = [
        engine.checkpoint.weights[f"decoder.layers.{2 * layer}.{part}"].clip(-LARGEST, LARGEST)
        for layer in range(len(widths) - 1)
        for part in ("weight", "bias")
    ]
    weights = b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays)
    shape = {"zDim": model.z_dim, "widths": widths, "activation": model.activation}
    digest = hashlib.sha256(json.dumps(shape).encode() + weights).hexdigest()[:8]
    header = json.dumps({**shape, "model": digest}).encode()
    header += b" " * (-len(header) % 4)
    return digest, struct.pack("<I", len(header)) + header + weights


packed = lru_cache(maxsize=8)(pack)
"""The same, cached."""
