"""The styles of the bundled test digits under one model, and what can be seen in them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ui.shared import mnist_sample
from ui.shared.stored import Numbers
from vae_model.engine import forward
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot


@dataclass(frozen=True)
class Latents:
    """One row for each of the 2,000 digits of `mnist_sample.test_digits`."""

    mean: Floats
    """(n, z_dim)"""
    read: NDArray[np.int64]
    """(n,): the most probable digit."""
    kl_per_dim: Numbers
    """(n, z_dim) in nats"""
    nats: Numbers
    """(n,): what each image costs, −log p(x|μ, digit read) + KL; training's loss draws z."""


@lru_cache(maxsize=8)
def latents_of(engine: DigitEngine) -> Latents:
    """Each image alone, as the Draw page would read it. A second or less, once for each engine."""
    images, _ = mnist_sample.test_digits()
    seen = engine.see(images)
    read = seen.digit_probs.argmax(axis=1)
    written = engine.write(seen.style_mean, one_hot(read))
    kl = forward.kl_per_dim(seen.style_mean, seen.style_std)
    nats = engine.recon_nll(written, images) + kl.sum(axis=1)
    return Latents(seen.style_mean, read, kl, nats)
