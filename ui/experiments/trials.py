"""What comes of each experiment: the pictures and the figures of a model put to a test.

Numpy in, numbers out.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ui.shared import metrics, mnist_sample
from ui.shared.metrics import Price
from vae_model.data import image_measures
from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.config import DIGITS
from vae_model.model.numbers import number

REWRITTEN = 200
"""Test digits that are written as all ten digits."""
SEED = 0
"""Of random styles: every model gets the same."""
ALL_DIGITS = list(range(DIGITS))


@dataclass(frozen=True)
class Rewriting:
    """How `REWRITTEN` test digits come out when each is written as all ten digits in its style."""

    obeyed: float
    """Share, 0-1, of what is written that the model's own classifier reads as the digit asked."""
    slant: float
    """Correlation of the slant of what is written with that of the digit that gave the style."""


@dataclass(frozen=True)
class Costs:
    """By the model's own evaluation."""

    recon: float
    """Nats per test image that the pixels still cost once style and digit are known."""
    style: Price
    """What the style costs."""
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

    @property
    def loss(self) -> float:
        """Nats per image that are lost with the ten probabilities."""
        return self.hard - self.soft


def style_of(engine: DigitEngine, image: Floats) -> Floats:
    """The mean style (z_dim,) of an image (28, 28)."""
    style: Floats = engine.see(image[None]).style_mean[0]
    return style


def as_ten_digits(engine: DigitEngine, style: Floats) -> Floats:
    """A style (z_dim,) as each of the ten digits, (10, 28, 28)."""
    return engine.decode(np.repeat(style[None], DIGITS, axis=0), one_hot(ALL_DIGITS))


def in_ten_hands(engine: DigitEngine, digit: int) -> Floats:
    """One digit in the style of each of the ten examples, (10, 28, 28)."""
    styles = engine.see(ten_examples()).style_mean
    return engine.decode(styles, one_hot([digit] * DIGITS))


def ten_examples() -> Floats:
    """A test digit of each kind, (10, 28, 28)."""
    return np.stack([mnist_sample.of_digit(digit) for digit in ALL_DIGITS])


@lru_cache(maxsize=8)
def rewriting(engine: DigitEngine) -> Rewriting:
    """Measured on the first of the bundled test digits, which are in no order."""
    images = mnist_sample.test_digits()[0][:REWRITTEN]
    styles = np.repeat(engine.see(images).style_mean, DIGITS, axis=0)
    asked = np.tile(ALL_DIGITS, len(images))
    written = engine.decode(styles, one_hot(asked))
    read = engine.see(written).digit_probs.argmax(axis=1)
    given = np.repeat(image_measures.slant(images), DIGITS)
    slant = _correlation(given, image_measures.slant(written))
    return Rewriting(float((read == asked).mean()), slant)


def costs(engine: DigitEngine) -> Costs | None:
    """None where the model has no evaluation, or none that can be."""
    style = metrics.evaluated(engine, engine.name)
    bound, legible = (_figure(engine, key) for key in ("nelbo_bernoulli", "generation_accuracy"))
    if style is None or bound is None or legible is None:
        return None
    return Costs(bound - style.total, style, legible)


def copies(engine: DigitEngine) -> Floats:
    """The ten examples from their mean style and their digit, (10, 28, 28)."""
    styles = engine.see(ten_examples()).style_mean
    return engine.decode(styles, one_hot(ALL_DIGITS))


def from_prior(engine: DigitEngine) -> Floats:
    """The ten digits, each in a random style of its own, (10, 28, 28)."""
    return engine.decode(random_styles(engine), one_hot(ALL_DIGITS))


def one_from_prior(engine: DigitEngine, digit: int) -> Floats:
    """One digit in ten random styles, (10, 28, 28)."""
    return engine.decode(random_styles(engine), one_hot([digit] * DIGITS))


def random_styles(engine: DigitEngine) -> Floats:
    """Ten draws from the prior, (10, z_dim); the same for every model of that many dims."""
    rng = np.random.default_rng(SEED)
    return rng.standard_normal((DIGITS, engine.z_dim), dtype=np.float32)


@lru_cache(maxsize=8)
def conditioned(engine: DigitEngine) -> Conditioned:
    """Measured on the bundled test digits."""
    images, digits = mnist_sample.test_digits()
    seen = engine.see(images)
    soft, hard = _soft_and_hard(engine, images, digits)
    return Conditioned(
        float(soft[1].mean()),
        float(hard[1].mean()),
        float(seen.digit_probs.max(axis=1).mean()),
        float((seen.digit_probs.argmax(axis=1) == digits).mean()),
    )


def most_smuggled(engine: DigitEngine) -> NDArray[np.int64]:
    """Rows of the ten test digits, of the first `REWRITTEN` and read rightly, that lose most where
    the true digit replaces the ten probabilities; in order of what they show."""
    images, digits = mnist_sample.test_digits()
    images, digits = images[:REWRITTEN], digits[:REWRITTEN]
    soft, hard = _soft_and_hard(engine, images, digits)
    read = engine.see(images).digit_probs.argmax(axis=1)
    rows = np.argsort(np.where(read == digits, soft[1] - hard[1], np.inf))[:DIGITS]
    in_order: NDArray[np.int64] = rows[np.argsort(digits[rows], kind="stable")]
    return in_order


def two_copies(engine: DigitEngine, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Test digits of these rows from their mean style, with the ten probabilities and with the true
    digit, (n, 28, 28) each."""
    images, digits = mnist_sample.test_digits()
    soft, hard = _soft_and_hard(engine, images[rows], digits[rows])
    return soft[0], hard[0]


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
    return float(counts.max(axis=0).sum() / max(int(counts.sum()), 1))


def digit_in_style(engine: DigitEngine) -> float | None:
    """Share of test digits, 0-1, that a network reads from drawn styles alone; None where the model
    was not evaluated."""
    return _figure(engine, "digit_leak_sampled")


def _figure(engine: DigitEngine, key: str) -> float | None:
    return number(engine.checkpoint.metrics.get(key))


def _soft_and_hard(
    engine: DigitEngine, images: Floats, digits: NDArray[np.int64]
) -> list[tuple[Floats, forward.Nats]]:
    """Copies (n, 28, 28) from mean styles and their cost in nats (n,): with the ten probabilities,
    then with the true digit."""
    seen = engine.see(images)
    found = []
    for dims in (seen.digit_probs, one_hot(digits)):
        written = engine.write(seen.style_mean, dims)
        found.append((written.images, engine.recon_nll(written, images)))
    return found


def _correlation(first: image_measures.Floats, second: image_measures.Floats) -> float:
    """Pearson's; 0 where one of them never changes."""
    a, b = first - first.mean(), second - second.mean()
    return float((a * b).sum() / max(math.sqrt((a * a).sum() * (b * b).sum()), 1e-12))
