"""One pass through the three networks with all that lies between, and its price in nats.

For looking inside and for many images at once; `engine` serves single readings without keeping
what lies between, and its test holds the two to each other. Numpy alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_model.engine.digit_engine import DigitEngine, Floats, affine, width
from vae_model.model.config import DIGITS, IMAGE_SIZE, PIXELS

Hidden = tuple[Floats, ...]
Nats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """What classifier and encoder make of n images."""

    digit_hidden: Hidden
    """The classifier's hidden layers, (n, width) each, after their activation."""
    digit_logits: Floats
    """(n, 10)"""
    digit_probs: Floats
    """(n, 10), each row sums to 1."""
    style_hidden: Hidden
    """The encoder's hidden layers, (n, width) each, after their activation."""
    log_variance: Floats
    """(n, z_dim): what the encoder says of the variance, before the least variance is added."""
    style_mean: Floats
    """(n, z_dim)"""
    style_std: Floats
    """(n, z_dim), above 0."""


@dataclass(frozen=True)
class Written:
    """What the decoder makes of n styles with digit dims."""

    hidden: Hidden
    """Its hidden layers, (n, width) each, after their activation."""
    logits: Floats
    """(n, 784): the images before the sigmoid."""
    images: Floats
    """(n, 28, 28) in [0, 1]"""


def see(engine: DigitEngine, images: Floats) -> Seen:
    """Classifier and encoder on images (n, 28, 28) in [0, 1], as the engine reads them: the
    encoder gets the classifier's own probabilities where the model lets it see the digit.

    Raises ValueError for another shape.
    """
    x = np.asarray(images, np.float32)
    if x.shape != (len(x), IMAGE_SIZE, IMAGE_SIZE):
        raise ValueError(f"images must be (n, {IMAGE_SIZE}, {IMAGE_SIZE}), not {x.shape}")
    x = x.reshape(len(x), PIXELS)
    model = engine.checkpoint.model
    digit_hidden, logits = _pass(engine, "classifier", len(model.classifier_hidden), x)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    inputs = np.concatenate([x, probs], axis=1) if model.encoder_sees_digit else x
    style_hidden, outputs = _pass(engine, "encoder", len(model.encoder_hidden), inputs)
    mean, log_variance = np.split(outputs, 2, axis=1)
    std = width(log_variance, model.min_variance)
    return Seen(digit_hidden, logits, probs, style_hidden, log_variance, mean, std)


def write(engine: DigitEngine, styles: Floats, digit_dims: Floats) -> Written:
    """The decoder on styles (n, z_dim) and digit dims (n, 10). Raises ValueError for other
    shapes."""
    z, y = np.asarray(styles, np.float32), np.asarray(digit_dims, np.float32)
    if z.shape != (len(z), engine.z_dim) or y.shape != (len(z), DIGITS):
        raise ValueError(
            f"styles must be (n, {engine.z_dim}) and digit_dims (n, {DIGITS}), "
            f"not {z.shape} and {y.shape}"
        )
    inputs = np.concatenate([z, y], axis=1)
    layers = len(engine.checkpoint.model.decoder_hidden)
    hidden, logits = _pass(engine, "decoder", layers, inputs)
    # The tanh form cannot overflow.
    images = 0.5 * np.tanh(0.5 * logits) + 0.5
    return Written(hidden, logits, images.reshape(-1, IMAGE_SIZE, IMAGE_SIZE))


def recon_nll(engine: DigitEngine, written: Written, images: Floats) -> Nats:
    """−log p(x|z, y) in nats under the model's own likelihood, (n,), of images (n, 28, 28) or of
    one image (1, 28, 28): the Bernoulli's cross-entropy, or the Gaussian's of fixed std."""
    model = engine.checkpoint.model
    logits = written.logits.astype(np.float64)
    x = np.asarray(images, np.float64).reshape(-1, PIXELS)
    if model.likelihood == "bernoulli":
        entropy: Nats = (np.logaddexp(0, logits) - x * logits).sum(axis=1)
        return entropy
    std = model.likelihood_std
    off = written.images.reshape(-1, PIXELS) - x
    constant = PIXELS * (np.log(std) + 0.5 * np.log(2 * np.pi))
    nats: Nats = (off**2).sum(axis=1) / (2 * std**2) + constant
    return nats


def kl_per_dim(mean: Floats, std: Floats) -> Nats:
    """KL(N(mean, std²) ‖ N(0, 1)) in nats, one number for each of theirs (Kingma & Welling 2013,
    appendix B)."""
    mu, sigma = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    nats: Nats = 0.5 * (mu**2 + sigma**2 - 2 * np.log(sigma) - 1)
    return nats


def _pass(engine: DigitEngine, network: str, layers: int, x: Floats) -> tuple[Hidden, Floats]:
    """Hidden activations and outputs of one network with that many hidden layers."""
    weights = engine.checkpoint.weights
    hidden: list[Floats] = []
    for layer in range(layers + 1):
        name = f"{network}.layers.{2 * layer}"
        sums = affine(x, weights[f"{name}.weight"].T, weights[f"{name}.bias"])
        if layer == layers:
            break
        x = engine.activation(sums)
        hidden.append(x)
    return tuple(hidden), sums
