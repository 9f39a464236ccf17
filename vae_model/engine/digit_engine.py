"""What the pages call: a loaded model that reads digits and writes them, numpy in and numpy out.

At these sizes numpy is faster than torch, starts at once and holds no memory but the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from vae_model.engine.forward import (
    ACTIVATIONS,
    Floats,
    Layer,
    Nats,
    Seen,
    Written,
    kl_per_dim,
    logsumexp,
    one_hot,
    run,
    sigmoid,
    softmax,
    width,
)
from vae_model.engine.writer_style import Style, combine
from vae_model.model.calibration import Habits, statistics
from vae_model.model.checkpoint import Checkpoint, load
from vae_model.model.config import DIGITS, IMAGE_SIZE, PIXELS

__all__ = ["DigitEngine", "Floats", "Reading", "one_hot"]

IMAGE_SHAPE = (IMAGE_SIZE, IMAGE_SIZE)


@dataclass(frozen=True)
class Reading:
    """What the model makes of one image."""

    digit: int
    digit_probs: Floats  # (10,), sums to 1; the digit is the most probable
    style_mean: Floats  # (z_dim,)
    style_std: Floats  # (z_dim,), above 0
    reconstruction: Floats
    """(28, 28) in [0, 1]: the mean style decoded as the digit that was read."""
    ood_score: float = 0.0
    """How unlike any digit the image is, in log odds; above 0 where that is to be said."""
    is_familiar: bool | None = None
    """Whether the score is at most 0; None where the checkpoint holds no calibration."""


class DigitEngine:
    """A checkpoint ready to serve. Safe to share between threads: nothing in it changes."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.name = checkpoint.name
        self.z_dim = checkpoint.model.z_dim
        self._activation = ACTIVATIONS[checkpoint.model.activation]
        self._encoder, self._decoder, self._classifier = map(
            self._layers, ("encoder", "decoder", "classifier")
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The engine of a checkpoint folder. Raises CheckpointError."""
        return cls(load(Path(path)))

    @property
    def habits(self) -> Habits | None:
        """What the digits of one hand share, for `combine`; None where that was not measured."""
        calibration = self.checkpoint.calibration
        return calibration.habits if calibration else None

    def read(self, image: Floats) -> Reading:
        """Digit, style and reconstruction of a (28, 28) image in [0, 1] as `normalize` makes it.

        Raises ValueError for another shape or for numbers that are not finite.
        """
        x = np.asarray(image, np.float32)
        if x.shape != IMAGE_SHAPE or not np.isfinite(x).all():
            raise ValueError(f"image must be finite and (28, 28), not {x.shape}")
        seen = self.see(x[None])
        redrawn = self._redraw(seen)
        calibration = self.checkpoint.calibration
        logits = seen.digit_logits / np.float32(calibration.temperature if calibration else 1)
        probs = softmax(logits)[0]
        ood_score = 0.0
        if calibration:
            ood_score = float(calibration.ood_score(self._statistics(x[None], seen, redrawn))[0])
        return Reading(
            digit=int(probs.argmax()),
            digit_probs=probs,
            style_mean=seen.style_mean[0],
            style_std=seen.style_std[0],
            reconstruction=redrawn.images[0],
            ood_score=ood_score,
            is_familiar=ood_score <= 0 if calibration else None,
        )

    def hand(self, images: Floats, digits: Sequence[int] | None = None) -> Style:
        """The style to expect of the hand that wrote all of these images (n, 28, 28), one at least,
        whose digits (n,) are those that are read where they are not told.

        Raises ValueError for another shape, for no image, or for what is no digit.
        """
        seen = self.see(images, None if digits is None else one_hot(list(digits)))
        styles = [Style(*each) for each in zip(seen.style_mean, seen.style_std, strict=True)]
        return combine(styles, self.habits)

    def statistics(self, images: Floats) -> Nats:
        """`calibration.STATISTICS` of images (n, 28, 28) in [0, 1], (n, 4)."""
        seen = self.see(images)
        return self._statistics(images, seen, self._redraw(seen))

    def see(self, images: Floats, digit_dims: Floats | None = None) -> Seen:
        """Classifier and encoder on images (n, 28, 28) in [0, 1], with all that lies between.

        Where the model lets its encoder see the digit, that gets `digit_dims` (n, 10), or else the
        classifier's own probabilities as they are. Raises ValueError for another shape.
        """
        x = np.asarray(images, np.float32)
        if x.shape != (len(x), *IMAGE_SHAPE):
            raise ValueError(f"images must be (n, {IMAGE_SIZE}, {IMAGE_SIZE}), not {x.shape}")
        x = x.reshape(len(x), PIXELS)
        model = self.checkpoint.model
        digit_hidden, logits = run(self._classifier, self._activation, x)
        probs = softmax(logits)
        dims = probs if digit_dims is None else digit_dims
        inputs = np.concatenate([x, dims], axis=1) if model.encoder_sees_digit else x
        style_hidden, outputs = run(self._encoder, self._activation, inputs)
        mean, log_variance = np.split(outputs, 2, axis=1)
        std = width(log_variance, model.min_variance)
        return Seen(digit_hidden, logits, probs, style_hidden, log_variance, mean, std)

    def write(self, styles: Floats, digit_probs: Floats) -> Written:
        """The decoder on styles (n, z_dim) and digit dims (n, 10), with all that lies between.

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
        hidden, logits = run(self._decoder, self._activation, inputs)
        return Written(hidden, logits, sigmoid(logits).reshape(-1, *IMAGE_SHAPE))

    def decode(self, styles: Floats, digit_probs: Floats) -> Floats:
        """Images (n, 28, 28) in [0, 1], as `write` makes them."""
        return self.write(styles, digit_probs).images

    def recon_nll(self, written: Written, images: Floats) -> Nats:
        """−log p(x|z, y) in nats under the model's own likelihood, (n,), of images (n, 28, 28) or
        of one image (1, 28, 28): the Bernoulli's cross-entropy, or the Gaussian's of fixed std."""
        model = self.checkpoint.model
        x = np.asarray(images, np.float64).reshape(-1, PIXELS)
        if model.likelihood == "bernoulli":
            logits = written.logits.astype(np.float64)
            return (np.logaddexp(0, logits) - x * logits).sum(axis=1)
        squares = ((written.images.reshape(-1, PIXELS) - x) ** 2).sum(axis=1)
        return squares / (2 * model.likelihood_std**2) + self._least_nll(images)

    def _least_nll(self, images: Floats) -> Nats | float:
        """What images (n, 28, 28) cost under themselves, (n,) nats: less is not possible."""
        model = self.checkpoint.model
        if model.likelihood == "gaussian":
            return float(PIXELS * (np.log(model.likelihood_std) + 0.5 * np.log(2 * np.pi)))
        x = np.asarray(images, np.float64).reshape(-1, PIXELS)
        grey = np.clip(x, 1e-6, 1 - 1e-6)
        return (-grey * np.log(grey) - (1 - grey) * np.log1p(-grey)).sum(axis=1)

    def _redraw(self, seen: Seen) -> Written:
        """The mean styles decoded as the likeliest digits."""
        return self.write(seen.style_mean, one_hot(seen.digit_logits.argmax(axis=1)))

    def _statistics(self, images: Floats, seen: Seen, redrawn: Written) -> Nats:
        return statistics(
            excess=self.recon_nll(redrawn, images) - self._least_nll(images),
            kl=kl_per_dim(seen.style_mean, seen.style_std).sum(axis=1),
            energy=logsumexp(seen.digit_logits).astype(np.float64),
            ink=np.asarray(images, np.float64).reshape(-1, PIXELS).sum(axis=1),
        )

    def _layers(self, network: str) -> list[Layer]:
        weights, count = self.checkpoint.weights, len(self.checkpoint.model.widths[network]) - 1
        return [
            (np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])
            for name in (f"{network}.layers.{2 * index}" for index in range(count))
        ]
