"""One hand from several digits: their style posteriors combined, and refined on the images.

Numpy in and numpy out, like `engine`, whose decoder it differentiates by hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_model.engine.digit_engine import DigitEngine, Floats, affine, one_hot
from vae_model.model.config import PIXELS, Activation

STEPS = 10
SAMPLES = 8
"""Draws of the style that the ELBO is averaged over; the same before and after."""
RATE = 0.3
"""Step size of Adam, in standard deviations of the start."""


@dataclass(frozen=True)
class Style:
    """An independent Gaussian over each style dim."""

    mean: Floats
    """(z_dim,)"""
    std: Floats
    """(z_dim,), above 0."""


@dataclass(frozen=True)
class Refined:
    """A style after refinement, and what that gained."""

    style: Style
    nats_before: float
    """ELBO of all the images together under the style it began with."""
    nats_after: float
    """The same under `style`; never below `nats_before`."""


def combine(styles: Sequence[Style], share: Floats | None = None) -> Style:
    """The style of a hand, of which each of `styles` is the posterior by one image.

    Without `share`, one style for all that the hand writes: the product of the posteriors with the
    prior N(0, 1), which each of them holds, counted once; precision Σ 1/σᵢ² − (n − 1), mean
    (Σ μᵢ/σᵢ²) / precision. Where posteriors are wider than the prior, so that this falls below the
    prior's own precision 1, that takes its place.

    With `share` (z_dim,), in [0, 1]: how much of each dim's variance a hand keeps from digit to
    digit. Digits then scatter about their hand, zᵢ = h + eᵢ with h ~ N(0, share) and
    eᵢ ~ N(0, 1 − share), and what comes back is the style to expect of the hand's next digit. At 1
    that is the product, at 0 the prior: an image tells nothing of the next.
    Raises ValueError for no styles or for different numbers of dims.
    """
    if not styles or len({style.mean.shape for style in styles}) != 1:
        raise ValueError("combine needs one or more styles of one z_dim")
    if share is None and len(styles) == 1:
        return styles[0]
    precisions = np.stack([style.std for style in styles]).astype(np.float64) ** -2
    means = np.stack([style.mean for style in styles])
    kept = np.ones(means.shape[1]) if share is None else np.asarray(share, np.float64)
    if kept.shape != means.shape[1:]:
        raise ValueError(f"share must be {means.shape[1:]}, as the styles are, not {kept.shape}")
    # What an image adds to the prior's precision, and how much of that reaches the hand.
    evidence = precisions - 1
    reach = 1 / (1 + evidence * (1 - kept))
    precision = 1 + kept * np.maximum((evidence * reach).sum(axis=0), 0)
    mean = kept * (means * precisions * reach).sum(axis=0) / precision
    variance = kept / precision + (1 - kept)
    return Style(mean.astype(np.float32), np.sqrt(variance).astype(np.float32))


def refine(
    engine: DigitEngine,
    images: Floats,
    digits: Sequence[int],
    start: Style,
    steps: int = STEPS,
) -> Refined:
    """`start` improved by a few gradient steps on the ELBO of one style shared by all images.

    images is (n, 28, 28) in [0, 1], digits what they show. Semi-amortised inference (Kim et al.
    2018): Adam on mean and log std, by the reparameterisation with draws of ε that stay the same,
    so that the ELBO (in nats, averaged over those draws) compares before and after. Returns the
    best style on the way, `start` included. Raises ValueError for shapes that do not fit.
    """
    objective = Objective(engine, images, digits)
    noise = _noise(engine.z_dim)
    scale = start.std.astype(np.float64)
    values = np.stack([start.mean, np.log(start.std)]).astype(np.float64)
    momentum, square = np.zeros_like(values), np.zeros_like(values)
    best, best_value, before = start, -np.inf, 0.0
    for step in range(steps + 1):
        style = Style(values[0].astype(np.float32), np.exp(values[1]).astype(np.float32))
        value, by_mean, by_log_std = objective.gradient(style, noise)
        if step == 0:
            before = value
        if value > best_value:
            best, best_value = style if step else start, value
        gradient = np.stack([by_mean * scale, by_log_std])
        momentum = 0.9 * momentum + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        move = (
            momentum / (1 - 0.9 ** (step + 1)) / np.sqrt(square / (1 - 0.99 ** (step + 1)) + 1e-12)
        )
        values = values + RATE * move * np.stack([scale, np.ones_like(scale)])
    return Refined(best, before, best_value)


class Objective:
    """The ELBO of one style shared by several images of known digits, and its gradient."""

    def __init__(self, engine: DigitEngine, images: Floats, digits: Sequence[int]) -> None:
        x = np.asarray(images, np.float32)
        if x.ndim != 3 or x.shape[1:] != (28, 28) or len(x) != len(digits) or not len(x):
            raise ValueError(f"images must be (n, 28, 28), one for each digit, not {x.shape}")
        if not np.isfinite(x).all():
            raise ValueError("images must be finite")
        self._engine = engine
        self._images = x.reshape(len(x), PIXELS)
        self._digits = one_hot(list(digits))

    def value(self, style: Style, noise: Floats) -> float:
        """The ELBO in nats, summed over images, averaged over draws `noise` (s, z_dim)."""
        return self.gradient(style, noise)[0]

    def gradient(
        self, style: Style, noise: Floats
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """The ELBO, and its gradients with respect to mean and log std, (z_dim,) each."""
        count, draws = len(self._images), len(noise)
        z = style.mean + style.std * noise
        inputs = np.concatenate([np.repeat(z, count, axis=0), np.tile(self._digits, (draws, 1))], 1)
        logits, layers = _forward(self._engine, inputs.astype(np.float32))
        nll, slope = _nll(self._engine, logits, np.tile(self._images, (draws, 1)))
        by_z = -_backward(self._engine, layers, slope)[:, : len(style.mean)]
        by_z = by_z.reshape(draws, count, -1).sum(axis=1).astype(np.float64)
        mean, std = style.mean.astype(np.float64), style.std.astype(np.float64)
        kl = 0.5 * (mean**2 + std**2 - 2 * np.log(std) - 1).sum()
        value = float(-nll.sum(dtype=np.float64) / draws - kl)
        return value, by_z.mean(axis=0) - mean, (by_z * noise * std).mean(axis=0) - std**2 + 1


def _noise(z_dim: int) -> Floats:
    half = np.random.default_rng(0).standard_normal((SAMPLES // 2, z_dim), dtype=np.float32)
    return np.concatenate([half, -half])


def _forward(engine: DigitEngine, x: Floats) -> tuple[Floats, list[Floats]]:
    """Pixel logits, and the sums that each hidden layer's activation was applied to."""
    sums = []
    for weight, bias in engine.decoder[:-1]:
        sums.append(affine(x, weight, bias))
        x = engine.activation(sums[-1])
    return affine(x, *engine.decoder[-1]), sums


def _backward(engine: DigitEngine, sums: list[Floats], slope: Floats) -> Floats:
    """The gradient by the decoder's inputs, from that by its pixel logits."""
    derivative = DERIVATIVES[engine.checkpoint.model.activation]
    for (weight, _), hidden in zip(engine.decoder[:0:-1], sums[::-1], strict=True):
        slope = affine(slope, weight.T) * derivative(hidden)
    return affine(slope, engine.decoder[0][0].T)


def _nll(engine: DigitEngine, logits: Floats, x: Floats) -> tuple[Floats, Floats]:
    """−log p(x | logits) of each row in nats, as in `losses`, and its gradient by the logits."""
    half = np.float32(0.5)
    seen = half * np.tanh(half * logits) + half
    if engine.checkpoint.model.likelihood == "bernoulli":
        nll = (np.logaddexp(np.float32(0), logits) - x * logits).sum(axis=1)
        return nll, seen - x
    std = engine.checkpoint.model.likelihood_std
    constant = PIXELS * (np.log(std) + 0.5 * np.log(2 * np.pi))
    off = seen - x
    nll = (off**2).sum(axis=1) * np.float32(0.5 / std**2) + np.float32(constant)
    return nll, off * seen * (1 - seen) * np.float32(std**-2)


def _sigmoid_slope(x: Floats) -> Floats:
    half = np.float32(0.5)
    tanh = np.tanh(half * x)
    slope: Floats = np.float32(0.25) * (1 - tanh * tanh)
    return slope


def _silu_slope(x: Floats) -> Floats:
    half = np.float32(0.5)
    sigmoid = half * np.tanh(half * x) + half
    slope: Floats = sigmoid * (1 + x * (1 - sigmoid))
    return slope


def _gelu_slope(x: Floats) -> Floats:
    square = x * x
    tanh = np.tanh(np.float32(0.7978845608) * x * (1 + np.float32(0.044715) * square))
    inner = np.float32(0.7978845608) * (1 + np.float32(3 * 0.044715) * square)
    slope: Floats = np.float32(0.5) * (1 + tanh + x * (1 - tanh * tanh) * inner)
    return slope


DERIVATIVES: dict[Activation, Callable[[Floats], Floats]] = {
    "sigmoid": _sigmoid_slope,
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "relu": lambda x: (x > 0).astype(np.float32),
    "silu": _silu_slope,
    "gelu": _gelu_slope,
}
"""The slope of each of `engine.ACTIVATIONS`."""
