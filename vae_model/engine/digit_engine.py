"""What the pages call: a loaded model that reads digits and writes them, numpy in and numpy out.

Computes the three networks in numpy alone. At these sizes numpy is faster than torch, starts at
once and holds no memory but the weights; its test holds it to the torch networks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vae_model.model.calibration import statistics
from vae_model.model.checkpoint import Checkpoint, load
from vae_model.model.config import DIGITS, IMAGE_SIZE, PIXELS, Activation

Floats = NDArray[np.float32]
IMAGE_SHAPE = (IMAGE_SIZE, IMAGE_SIZE)
LARGEST = np.float32(1e9)
"""No sum within a network counts for more, so that any finite weights give finite digits; those of
trained networks are nowhere near."""
MOST_LOG_VARIANCE = 60
"""Likewise of the logarithm of a posterior's variance, and of its negative."""


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
    surprise: float = 0.0
    """How unlike any digit the image is, in log odds; above 0 where that is to be said."""
    is_familiar: bool | None = None
    """Whether the image is like the digits that the model knows; None where the checkpoint holds
    no calibration to judge that by."""


@dataclass(frozen=True)
class Look:
    """All that the networks compute of images (n, 28, 28), before anything is calibrated."""

    logits: Floats
    """(n, 10) of the classifier."""
    style_mean: Floats
    """(n, z_dim)"""
    style_std: Floats
    """(n, z_dim)"""
    reconstructions: Floats
    """(n, 784): the mean styles decoded as the likeliest digits."""
    measures: tuple[NDArray[np.float64], ...]
    """Excess, KL, energy and ink, (n,) each: see `calibration.STATISTICS`."""


class DigitEngine:
    """A checkpoint ready to serve. Safe to share between threads: nothing in it changes."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.name = checkpoint.name
        self.z_dim = checkpoint.model.z_dim
        self.activation = ACTIVATIONS[checkpoint.model.activation]
        self._encoder = self._layers("encoder", len(checkpoint.model.encoder_hidden) + 1)
        self.decoder = self._layers("decoder", len(checkpoint.model.decoder_hidden) + 1)
        self._classifier = self._layers("classifier", len(checkpoint.model.classifier_hidden) + 1)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The engine of a checkpoint folder. Raises CheckpointError."""
        return cls(load(Path(path)))

    @property
    def hand_share(self) -> Floats | None:
        """(z_dim,) in [0, 1]: how much of each style dim's variance a hand keeps from digit to
        digit, for `writer_style.combine`; None where that was not measured."""
        calibration = self.checkpoint.calibration
        if calibration is None or calibration.hand_share is None:
            return None
        return np.array(calibration.hand_share, np.float32)

    def read(self, image: Floats) -> Reading:
        """Digit, style and reconstruction of a (28, 28) image in [0, 1] as `normalize` makes it.

        Raises ValueError for another shape or for numbers that are not finite.
        """
        x = np.asarray(image, np.float32)
        if x.shape != IMAGE_SHAPE or not np.isfinite(x).all():
            raise ValueError(f"image must be finite and (28, 28), not {x.shape}")
        look = self.look(x[None])
        calibration = self.checkpoint.calibration
        probs = _softmax(look.logits / np.float32(calibration.temperature if calibration else 1))[0]
        surprise = 0.0
        if calibration:
            surprise = float(calibration.surprise(statistics(*look.measures))[0])
        return Reading(
            digit=int(probs.argmax()),
            digit_probs=probs,
            style_mean=look.style_mean[0],
            style_std=look.style_std[0],
            reconstruction=look.reconstructions[0].reshape(IMAGE_SHAPE),
            surprise=surprise,
            is_familiar=surprise <= 0 if calibration else None,
        )

    def look(self, images: Floats) -> Look:
        """What the networks make of images (n, 28, 28) in [0, 1]."""
        x = np.asarray(images, np.float32).reshape(len(images), PIXELS)
        logits = self._run(self._classifier, x)
        # The encoder was trained beside these probabilities, so it gets them as they are.
        probs = _softmax(logits)
        seen = np.concatenate([x, probs], 1) if self.checkpoint.model.encoder_sees_digit else x
        mean, log_variance = np.split(self._run(self._encoder, seen), 2, axis=1)
        std = width(log_variance, self.checkpoint.model.min_variance)
        asked = one_hot(logits.argmax(axis=1))
        pixels = self._run(self.decoder, np.concatenate([mean, asked], axis=1))
        made = _sigmoid(pixels)
        top = logits.max(axis=1)
        measures = (
            self._excess(x, pixels, made),
            0.5 * (mean**2 + std**2 - 2 * np.log(std) - 1).sum(axis=1, dtype=np.float64),
            (np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top).astype(np.float64),
            x.sum(axis=1, dtype=np.float64),
        )
        return Look(logits, mean, std, made, measures)

    def _excess(self, x: Floats, pixels: Floats, made: Floats) -> NDArray[np.float64]:
        """Nats that images (n, 784) cost under the decoded ones above what they cost under
        themselves, (n,)."""
        if self.checkpoint.model.likelihood == "gaussian":
            off = ((made - x) ** 2).sum(axis=1, dtype=np.float64)
            squares: NDArray[np.float64] = off / (2 * self.checkpoint.model.likelihood_std**2)
            return squares
        grey = np.clip(x, np.float32(1e-6), np.float32(1 - 1e-6))
        own = -grey * np.log(grey) - (1 - grey) * np.log1p(-grey)
        cost = np.logaddexp(np.float32(0), pixels) - x * pixels
        excess: NDArray[np.float64] = (cost - own).sum(axis=1, dtype=np.float64)
        return excess

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
        images: Floats = _sigmoid(self._run(self.decoder, inputs)).reshape(-1, *IMAGE_SHAPE)
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
            x = self.activation(affine(x, weight, bias))
        return affine(x, *layers[-1])


def affine(x: Floats, weight: Floats, bias: Floats | None = None) -> Floats:
    """The sums (n, out) of a layer with weights (in, out) for inputs (n, in): finite, whatever the
    weights."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = x @ weight if bias is None else x @ weight + bias
    # Unlike clip these also replace what is no number, such as ∞ − ∞.
    bounded: Floats = np.fmin(np.fmax(sums, -LARGEST), LARGEST)
    return bounded


def width(log_variance: Floats, min_variance: float) -> Floats:
    """The standard deviations of a posterior: finite and above 0."""
    bounded = np.clip(log_variance, -MOST_LOG_VARIANCE, MOST_LOG_VARIANCE)
    std: Floats = np.sqrt(np.exp(bounded) + np.float32(min_variance))
    return std


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
