"""What the pages call: a loaded model that reads digits and writes them, numpy in and numpy out.

Computes the three networks in numpy alone. At these sizes numpy is faster than torch, starts at
once and holds no memory but the weights; `tests/test_engine.py` holds it to the torch networks.
Knows nothing of drawings (see `preprocessing`), of training or of pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vae_model.checkpoint import Checkpoint, load
from vae_model.config import DIGITS, IMAGE_SIZE, PIXELS, Activation

Floats = NDArray[np.float32]
IMAGE_SHAPE = (IMAGE_SIZE, IMAGE_SIZE)


@dataclass(frozen=True)
class Reading:
    """What the model makes of one image."""

    digit: int
    """The most probable digit, 0-9."""
    digit_probs: Floats
    """(10,), sums to 1."""
    style_mean: Floats
    """(z_dim,)"""
    style_std: Floats
    """(z_dim,), above 0."""
    reconstruction: Floats
    """(28, 28) in [0, 1]: the mean style decoded as the digit that was read."""


class DigitEngine:
    """A checkpoint ready to serve. Safe to share between threads: nothing in it changes."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.name = checkpoint.name
        self.z_dim = checkpoint.model.z_dim
        self._activation = ACTIVATIONS[checkpoint.model.activation]
        self._encoder = self._layers("encoder", len(checkpoint.model.encoder_hidden) + 1)
        self._decoder = self._layers("decoder", len(checkpoint.model.decoder_hidden) + 1)
        self._classifier = self._layers("classifier", len(checkpoint.model.classifier_hidden) + 1)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The engine of a checkpoint folder. Raises CheckpointError."""
        return cls(load(Path(path)))

    def read(self, image: Floats) -> Reading:
        """Digit, style and reconstruction of a (28, 28) image in [0, 1] as `normalize` makes it.

        Raises ValueError for another shape or for numbers that are not finite.
        """
        x = np.asarray(image, np.float32)
        if x.shape != IMAGE_SHAPE or not np.isfinite(x).all():
            raise ValueError(f"image must be finite and (28, 28), not {x.shape}")
        x = x.reshape(1, PIXELS)
        probs = _softmax(self._run(self._classifier, x))
        seen = np.concatenate([x, probs], 1) if self.checkpoint.model.encoder_sees_digit else x
        mean, log_variance = np.split(self._run(self._encoder, seen), 2, axis=1)
        std = np.sqrt(np.exp(log_variance) + np.float32(self.checkpoint.model.min_variance))
        digit = int(probs.argmax())
        return Reading(
            digit=digit,
            digit_probs=probs[0],
            style_mean=mean[0],
            style_std=std[0],
            reconstruction=self.decode(mean, one_hot([digit]))[0],
        )

    def decode(self, styles: Floats, digit_probs: Floats) -> Floats:
        """Images (n, 28, 28) in [0, 1] of styles (n, z_dim) and digit dims (n, 10).

        Raises ValueError for other shapes or for numbers that are not finite.
        """
        z, y = np.asarray(styles, np.float32), np.asarray(digit_probs, np.float32)
        if z.shape != (len(z), self.z_dim) or y.shape != (len(z), DIGITS):
            raise ValueError(
                f"styles must be (n, {self.z_dim}) and digit_probs (n, {DIGITS}), "
                f"not {z.shape} and {y.shape}"
            )
        inputs = np.concatenate([z, y], axis=1)
        if not np.isfinite(inputs).all():
            raise ValueError("styles and digit_probs must be finite")
        images: Floats = _sigmoid(self._run(self._decoder, inputs)).reshape(-1, *IMAGE_SHAPE)
        return images

    def _layers(self, network: str, count: int) -> list[tuple[Floats, Floats]]:
        weights = self.checkpoint.weights
        names = [f"{network}.layers.{2 * index}" for index in range(count)]
        return [
            (np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])
            for name in names
        ]

    def _run(self, layers: list[tuple[Floats, Floats]], x: Floats) -> Floats:
        for weight, bias in layers[:-1]:
            x = self._activation(x @ weight + bias)
        weight, bias = layers[-1]
        outputs: Floats = x @ weight + bias
        return outputs


def one_hot(digits: list[int] | NDArray[np.integer]) -> Floats:
    """Digits (n,) in 0-9 as digit dims (n, 10)."""
    rows: Floats = np.eye(DIGITS, dtype=np.float32)[np.asarray(digits)]
    return rows


def _sigmoid(x: Floats) -> Floats:
    # The tanh form cannot overflow.
    half = np.float32(0.5)
    values: Floats = half * np.tanh(half * x) + half
    return values


def _gelu(x: Floats) -> Floats:
    inner = np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)
    values: Floats = np.float32(0.5) * x * (1 + np.tanh(inner))
    return values


ACTIVATIONS: dict[Activation, Callable[[Floats], Floats]] = {
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x * _sigmoid(x),
    "gelu": _gelu,
}


def _softmax(logits: Floats) -> Floats:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probs
