"""What comes of each experiment: numpy in, pictures and figures of a model put to a test out."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ui.shared import mnist_sample
from ui.shared.dims import Price, evaluated_price
from ui.shared.stored import metric
from vae_model.data import image_measures
from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.style_names import standardized
from vae_model.model.config import DIGITS

REWRITTEN = 200
"""Test digits that are written as all ten digits."""
SEED = 0
"""Of random styles: every model gets the same."""
ALL_DIGITS = range(DIGITS)


class Unusable(Exception):
    """A small model that an experiment needs cannot be used; says why."""


@dataclass(frozen=True)
class Rewriting:
    """How `REWRITTEN` test digits come out when each is written as all ten digits in its style."""

    obeyed: float
    """Share, 0-1, of what is written that the model's own classifier reads as the digit asked."""
    kept: float
    """Share, 0-1, that it reads instead as the digit that gave the style."""
    slant: float
    """Correlation of the slant of what is written with that of the digit that gave the style."""


@dataclass(frozen=True)
class Costs:
    """By the model's own evaluation."""

    recon: float
    """Nats per test image that the pixels still cost once style and digit are known."""
    style: Price
    legible: float
    """Share, 0-1, of digits in random styles that the judge reads as the digit asked for."""


@dataclass(frozen=True)
class Conditioned:
    """The bundled test digits copied from their mean style, with one and the other digit dims."""

    soft: float
    """Nats per image, the decoder getting the classifier's ten probabilities."""
    hard: float
    """Nats per image, the decoder getting the true digit alone."""
    sureness: float
    """Mean of the highest of the ten probabilities, 0-1."""
    accuracy: float
    """Share of the images, 0-1, that the classifier reads rightly."""


def ten_examples() -> Floats:
    """A test digit of each kind, (10, 28, 28)."""
    return np.stack([mnist_sample.of_digit(digit) for digit in ALL_DIGITS])


def write(engine: DigitEngine, styles: Floats, digits: ArrayLike = ALL_DIGITS) -> Floats:
    """Ten images (10, 28, 28): one style (z_dim,) or ten of them, of one digit or each."""
    styles = np.broadcast_to(styles, (DIGITS, engine.z_dim))
    return engine.decode(styles, one_hot(np.broadcast_to(digits, DIGITS)))


def copies(engine: DigitEngine, digits: ArrayLike = ALL_DIGITS) -> Floats:
    """The ten examples from their mean style, as the digits that they show or as others."""
    return write(engine, engine.see(ten_examples()).style_mean, digits)


def new(engine: DigitEngine, digits: ArrayLike = ALL_DIGITS) -> Floats:
    """Digits in ten draws from the prior, which are the same for every model of that many dims."""
    rng = np.random.default_rng(SEED)
    styles = rng.standard_normal((DIGITS, engine.z_dim), dtype=np.float32)
    return write(engine, styles, digits)


def average(engine: DigitEngine) -> Floats:
    """The ten digits in the middle of the prior."""
    return write(engine, np.zeros(engine.z_dim, np.float32))


@lru_cache(maxsize=8)
def rewriting(engine: DigitEngine) -> Rewriting:
    """Measured on the first of the bundled test digits, which are in no order."""
    images, digits = mnist_sample.test_digits()
    images, digits = images[:REWRITTEN], digits[:REWRITTEN]
    asked = np.tile(ALL_DIGITS, len(images))
    styles = np.repeat(engine.see(images).style_mean, DIGITS, axis=0)
    written = engine.decode(styles, one_hot(asked))
    read = engine.see(written).digit_probs.argmax(axis=1)
    kept = (read != asked) & (read == np.repeat(digits, DIGITS))
    slants = np.repeat(image_measures.slant(images), DIGITS), image_measures.slant(written)
    given, made = standardized(np.stack(slants, axis=1)).T
    found = ((read == asked).mean(), kept.mean(), given @ made / len(made))
    return Rewriting(*map(float, found))


def costs(engine: DigitEngine) -> Costs:
    """Raises Unusable where the model has no evaluation, or none that can be."""
    style = evaluated_price(engine)
    bound, legible = metric(engine, "nelbo_bernoulli"), metric(engine, "generation_accuracy")
    if style is None or bound is None or legible is None:
        raise Unusable(f"{engine.name} was not measured")
    return Costs(bound - style.total, style, legible)


@lru_cache(maxsize=8)
def conditioned(engine: DigitEngine) -> Conditioned:
    """Measured on the bundled test digits."""
    images, digits = mnist_sample.test_digits()
    probs, (_, soft), (_, hard) = _soft_and_hard(engine, images, digits)
    sureness, right = probs.max(axis=1), probs.argmax(axis=1) == digits
    return Conditioned(*(float(each.mean()) for each in (soft, hard, sureness, right)))


def most_smuggled(engine: DigitEngine) -> NDArray[np.int64]:
    """Rows of the ten test digits, of the first `REWRITTEN` and read rightly, that lose most where
    the true digit replaces the ten probabilities; in order of what they show."""
    images, digits = mnist_sample.test_digits()
    images, digits = images[:REWRITTEN], digits[:REWRITTEN]
    probs, (_, soft), (_, hard) = _soft_and_hard(engine, images, digits)
    gain = np.where(probs.argmax(axis=1) == digits, hard - soft, -np.inf)
    rows = np.argsort(-gain)[:DIGITS]
    return rows[np.argsort(digits[rows], kind="stable")]


def two_copies(engine: DigitEngine, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Test digits of these rows from their mean style, with the ten probabilities and with the true
    digit, (n, 28, 28) each."""
    images, digits = mnist_sample.test_digits()
    _, (soft, _), (hard, _) = _soft_and_hard(engine, images[rows], digits[rows])
    return soft, hard


@lru_cache(maxsize=8)
def strongest_dims(engine: DigitEngine) -> NDArray[np.int64]:
    """How often each digit dim is the strongest for the bundled test digits of each kind:
    [digit, dim], (10, 10)."""
    images, digits = mnist_sample.test_digits()
    counts = np.zeros((DIGITS, DIGITS), np.int64)
    np.add.at(counts, (digits, engine.see(images).digit_probs.argmax(axis=1)), 1)
    return counts


def best_reading(counts: NDArray[np.int64]) -> float:
    """Share of the digits, 0-1, that `strongest_dims` tells rightly once each dim is taken to mean
    the digit that it answers most often."""
    return float(counts.max(axis=0).sum() / counts.sum())


def _soft_and_hard(
    engine: DigitEngine, images: Floats, digits: NDArray[np.int64]
) -> tuple[Floats, tuple[Floats, forward.Nats], tuple[Floats, forward.Nats]]:
    """The classifier's probabilities (n, 10); copies (n, 28, 28) of images from their mean styles
    and their cost in nats (n,), with these probabilities and with the true digit."""
    seen = engine.see(images)

    def copied(dims: Floats) -> tuple[Floats, forward.Nats]:
        written = engine.write(seen.style_mean, dims)
        return written.images, engine.recon_nll(written, images)

    return seen.digit_probs, copied(seen.digit_probs), copied(one_hot(digits))
