"""One image on its way through the three networks: every number that the Inside page shows."""

from dataclasses import dataclass

import numpy as np

from ui.shared.dims import StyleDim, style_dims
from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.forward import Nats, Seen, Written

AS_TRAINED, SOFT, HARD = "as in training", "the ten probabilities", "the digit read"


@dataclass(frozen=True)
class Walk:
    """The way of one image; `seen` and `written` are of it alone, so their arrays have one row."""

    engine: DigitEngine
    awake: list[StyleDim]
    asleep: list[StyleDim]
    image: Floats
    """(28, 28)"""
    label: int
    """What the image shows; of one without a label, what was read in it."""
    has_label: bool
    seen: Seen
    probs: Floats
    """(10,): of the classifier"""
    read: int
    """The most probable digit."""
    mean: Floats
    std: Floats
    noise: Floats
    style: Floats
    """(z_dim,) each: μ, σ, ε and z = μ + σ·ε"""
    digit_dims: Floats
    """(10,): what the decoder gets for y"""
    written: Written
    made: Floats
    """(28, 28): the image that comes out"""

    @property
    def kl_per_dim(self) -> Nats:
        """(z_dim,) in nats"""
        return forward.kl_per_dim(self.mean, self.std)

    @property
    def recon_nll(self) -> float:
        """In nats."""
        return float(self.engine.recon_nll(self.written, self.image[None])[0])

    @property
    def cross_entropy(self) -> float:
        """Of the classifier, in nats."""
        logits = self.seen.digit_logits[0].astype(np.float64)
        return float(np.logaddexp.reduce(logits) - logits[self.label])


def of(
    engine: DigitEngine, image: Floats, label: int | None, noise: Floats, dims: str = AS_TRAINED
) -> Walk:
    """The way of an image (28, 28) with noise (z_dim,).

    Without a label the digit read takes its place. `dims` says what the decoder gets for y: what it
    was trained with (the ten probabilities, or the label), the ten probabilities, the digit read,
    or the digit that the text ends in.
    """
    seen = engine.see(image[None])
    probs, mean, std = seen.digit_probs[0], seen.style_mean[0], seen.style_std[0]
    read = int(probs.argmax())
    true = read if label is None else label
    digit = int(dims[-1]) if dims[-1].isdigit() else read
    if dims == AS_TRAINED:
        soft = engine.checkpoint.train.decoder_condition == "softmax"
        dims, digit = SOFT if soft else HARD, true
    digit_dims = probs if dims == SOFT else one_hot([digit])[0]
    style = mean + std * noise
    written = engine.write(style[None], digit_dims[None])
    return Walk(
        engine, *style_dims(engine), image, true, label is not None, seen, probs, read,
        mean, std, noise, style, digit_dims, written, written.images[0],
    )  # fmt: skip


def others(walk: Walk, styles: Floats, digit_dims: Floats) -> tuple[Floats, Nats]:
    """Images (n, 28, 28) from other styles (n, z_dim) and digit dims (n, 10), and what the image
    given would then cost, (n,) nats."""
    written = walk.engine.write(styles, digit_dims)
    return written.images, walk.engine.recon_nll(written, walk.image[None])


def draw(engine: DigitEngine, seed: int, count: int = 1) -> Floats:
    """Draws of ε ~ N(0, I), (count, z_dim); the same for the same seed."""
    return np.random.default_rng(seed).standard_normal((count, engine.z_dim), dtype=np.float32)
