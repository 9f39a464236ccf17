"""One hand from the digits a visitor drew: its style, and all ten digits in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vae_model.engine.digit_engine import DigitEngine, Floats, Reading, one_hot
from vae_model.engine.writer_style import Style, combine
from vae_model.model.config import DIGITS


@dataclass(frozen=True)
class Hand:
    """How somebody writes, as far as their digits tell."""

    style: Style
    """To expect of the next digit of this hand."""
    readings: tuple[Reading, ...]
    """Of each image."""

    @property
    def digits(self) -> tuple[int, ...]:
        """What was read in each image."""
        return tuple(reading.digit for reading in self.readings)


def of(engine: DigitEngine, images: Sequence[Floats]) -> Hand:
    """The hand that wrote all of these (28, 28) images; one at least."""
    readings = tuple(engine.read(image) for image in images)
    styles = [Style(reading.style_mean, reading.style_std) for reading in readings]
    return Hand(combine(styles, engine.hand_share), readings)


def write(engine: DigitEngine, mean: Floats) -> Floats:
    """All ten digits (10, 28, 28) in one style (z_dim,)."""
    return engine.decode(np.repeat(mean[None], DIGITS, axis=0), one_hot(list(range(DIGITS))))


def samples(
    engine: DigitEngine, reading: Reading, digit_probs: Floats, count: int, seed: int
) -> Floats:
    """Images (count, 28, 28) of styles drawn from a reading's posterior, all with the same digit
    dims (10,)."""
    noise = np.random.default_rng(seed).standard_normal((count, engine.z_dim), dtype=np.float32)
    styles = reading.style_mean + reading.style_std * noise
    return engine.decode(styles, np.repeat(digit_probs[None], count, axis=0))
