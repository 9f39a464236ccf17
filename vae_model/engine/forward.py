"""The arithmetic of one pass through a network, in numpy, and what a pass leaves behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vae_model.model.config import DIGITS, Activation

Floats = NDArray[np.float32]
Nats = NDArray[np.float64]
Array = TypeVar("Array", Floats, Nats)
Hidden = tuple[Floats, ...]  # (n, width) each
Layer = tuple[Floats, Floats]  # weights (in, out) and biases (out,)
LARGEST = np.float32(1e9)
"""Bound of every sum within a network, so that any finite weights give finite digits; the sums of
trained networks are nowhere near."""
MOST_LOG_VARIANCE = 60
"""Likewise of the logarithm of a posterior's variance, and of its negative."""


@dataclass(frozen=True)
class Seen:
    """What classifier and encoder make of n images; hidden layers after their activation."""

    digit_hidden: Hidden
    digit_logits: Floats  # (n, 10)
    digit_probs: Floats  # (n, 10), each row sums to 1
    style_hidden: Hidden
    log_variance: Floats  # (n, z_dim), before the least variance is added
    style_mean: Floats  # (n, z_dim)
    style_std: Floats  # (n, z_dim), above 0


@dataclass(frozen=True)
class Written:
    """What the decoder makes of n styles with digit dims."""

    hidden: Hidden
    logits: Floats  # (n, 784), before the sigmoid
    images: Floats  # (n, 28, 28) in [0, 1]


def run(
    layers: Sequence[Layer], activation: Callable[[Floats], Floats], x: Floats
) -> tuple[Hidden, Floats]:
    """Hidden activations and outputs of one network for inputs (n, in)."""
    hidden: list[Floats] = []
    for weight, bias in layers[:-1]:
        x = activation(affine(x, weight, bias))
        hidden.append(x)
    return tuple(hidden), affine(x, *layers[-1])


def affine(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """The sums (n, out) of a layer for inputs (n, in): finite, whatever the weights."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = x @ weight + bias
    # Unlike clip these also replace what is no number, such as ∞ − ∞.
    return np.fmin(np.fmax(sums, -LARGEST), LARGEST)


def width(log_variance: Floats, min_variance: float) -> Floats:
    """The standard deviations of a posterior: finite and above 0."""
    bounded = np.clip(log_variance, -MOST_LOG_VARIANCE, MOST_LOG_VARIANCE)
    return np.sqrt(np.exp(bounded) + np.float32(min_variance))


def kl_per_dim(mean: Floats, std: Floats) -> Nats:
    """KL(N(mean, std²) ‖ N(0, 1)) in nats, of the shape of both (Kingma & Welling 2013, appendix
    B)."""
    mu, sigma = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    return 0.5 * (mu**2 + sigma**2 - 2 * np.log(sigma) - 1)


def one_hot(digits: list[int] | NDArray[np.integer]) -> Floats:
    """Digits (n,) in 0-9 as digit dims (n, 10). Raises ValueError for others."""
    is_digit = np.asarray(digits)[..., None] == np.arange(DIGITS)
    if not is_digit.any(axis=-1).all():
        raise ValueError(f"digits must be whole numbers from 0 to {DIGITS - 1}")
    return is_digit.astype(np.float32)


def softmax(logits: Floats) -> Floats:
    """Logits (n, 10) as probabilities, each row of which sums to 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def logsumexp(logits: Array) -> Array:
    """log Σ exp of each row of logits (n, 10), (n,)."""
    top = logits.max(axis=1)
    return np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(−x)), in a form that cannot overflow."""
    half = x.dtype.type(0.5)
    return half * np.tanh(half * x) + half


def _gelu(x: Floats) -> Floats:
    inner = np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)
    return np.float32(0.5) * x * (1 + np.tanh(inner))


ACTIVATIONS: dict[Activation, Callable[[Floats], Floats]] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x * sigmoid(x),
    "gelu": _gelu,
}
