"""One image on its way through the three networks: every number that the Inside page shows."""

from dataclasses import dataclass

import numpy as np

from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.forward import Nats, Seen, Written
from vae_model.model.config import DIGITS


@dataclass(frozen=True)
class Walk:
    """The way of one image."""

    engine: DigitEngine
    image: Floats
    """(28, 28)"""
    label: int
    """What the image shows; for a drawing what was read in it, since nobody says more."""
    seen: Seen
    """Of this one image: every array has one row."""
    noise: Floats
    """(z_dim,): ε"""
    style: Floats
    """(z_dim,): z = μ + σ·ε"""
    digit_dims: Floats
    """(10,): what the decoder gets for y"""
    written: Written
    """Of this one style: every array has one row."""

    @property
    def read(self) -> int:
        """The most probable digit."""
        return int(self.seen.digit_probs[0].argmax())

    @property
    def mean(self) -> Floats:
        """(z_dim,): μ"""
        mean: Floats = self.seen.style_mean[0]
        return mean

    @property
    def std(self) -> Floats:
        """(z_dim,): σ"""
        std: Floats = self.seen.style_std[0]
        return std

    @property
    def made(self) -> Floats:
        """(28, 28): the image that comes out"""
        made: Floats = self.written.images[0]
        return made

    @property
    def kl_per_dim(self) -> Nats:
        """(z_dim,), in nats"""
        return forward.kl_per_dim(self.mean, self.std)

    @property
    def terms(self) -> "Terms":
        """The three terms of the loss for this image."""
        train = self.engine.checkpoint.train
        recon = self.engine.recon_nll(self.written, self.image[None])[0]
        logits = self.seen.digit_logits[0].astype(np.float64)
        cross_entropy = float(np.logaddexp.reduce(logits) - logits[self.label])
        return Terms(
            float(recon),
            float(self.kl_per_dim.sum()),
            cross_entropy,
            train.beta,
            train.classification_weight,
        )


@dataclass(frozen=True)
class Terms:
    """The loss of one image, in nats."""

    recon_nll: float
    kl: float
    cross_entropy: float
    beta: float
    """Weight of the KL."""
    weight: float
    """Weight of the cross-entropy."""

    @property
    def total(self) -> float:
        """What training makes small."""
        return self.recon_nll + self.beta * self.kl + self.weight * self.cross_entropy


@dataclass(frozen=True)
class Others:
    """The same image had one thing been different."""

    images: Floats
    """(n, 28, 28)"""
    recon_nll: Nats
    """(n,), in nats: what the image given would then cost"""


def of(
    engine: DigitEngine, image: Floats, label: int | None, noise: Floats, digit_dims: Floats | None
) -> Walk:
    """The way of an image (28, 28) with noise (z_dim,) and digit dims (10,).

    Where no label is known the digit read takes its place; where no digit dims are given the
    decoder gets what it learnt with: the ten probabilities, or the one digit that was read.
    """
    seen = engine.see(image[None])
    read = int(seen.digit_probs[0].argmax())
    if digit_dims is None:
        soft = engine.checkpoint.train.decoder_condition == "softmax"
        digit_dims = seen.digit_probs[0] if soft else one_hot([read])[0]
    style = seen.style_mean[0] + seen.style_std[0] * noise
    written = engine.write(style[None], digit_dims[None])
    label = read if label is None else label
    return Walk(engine, image, label, seen, noise, style, digit_dims, written)


def as_other_digits(walk: Walk) -> Others:
    """Ten digits in the same style."""
    styles = np.repeat(walk.style[None], DIGITS, axis=0)
    return _others(walk, styles, one_hot(list(range(DIGITS))))


def with_other_noise(walk: Walk, noise: Floats) -> Others:
    """The same digit dims with other draws of ε (n, z_dim)."""
    styles = walk.mean + walk.std * noise
    return _others(walk, styles, np.repeat(walk.digit_dims[None], len(noise), axis=0))


def draw(engine: DigitEngine, seed: int, count: int = 1) -> Floats:
    """Draws of ε ~ N(0, I), (count, z_dim); the same for the same seed."""
    return np.random.default_rng(seed).standard_normal((count, engine.z_dim), dtype=np.float32)


def _others(walk: Walk, styles: Floats, digit_dims: Floats) -> Others:
    written = walk.engine.write(styles, digit_dims)
    return Others(written.images, walk.engine.recon_nll(written, walk.image[None]))
