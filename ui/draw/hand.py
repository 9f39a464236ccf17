"""One hand from the digits a visitor drew: its style, and all ten digits in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ui.shared.drawing import Source
from vae_model.engine.digit_engine import DigitEngine, Floats, Reading, one_hot
from vae_model.engine.writer_style import Style, combine
from vae_model.model.config import DIGITS

AS_READ, SOFT = "the digit read", "its ten probabilities"
DECODE_AS = (AS_READ, SOFT, *map(str, range(DIGITS)))


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


def consider(
    engine: DigitEngine, source: Source | None, kept: Sequence[Floats]
) -> tuple[Reading | None, Hand | None]:
    """The reading of an image, which may be one of the digits (28, 28) that were kept, and the hand
    of them all."""
    if source is None:
        return None, of(engine, kept) if kept else None
    own = [np.array_equal(image, source.image) for image in kept]
    mine = of(engine, kept if any(own) else [*kept, source.image])
    return mine.readings[own.index(True) if any(own) else -1], mine


def of(engine: DigitEngine, images: Sequence[Floats]) -> Hand:
    """The hand that wrote all of these (28, 28) images; one at least."""
    readings = tuple(engine.read(image) for image in images)
    styles = [Style(reading.style_mean, reading.style_std) for reading in readings]
    return Hand(combine(styles, engine.hand_share), readings)


def write(engine: DigitEngine, mean: Floats) -> Floats:
    """All ten digits (10, 28, 28) in one style (z_dim,)."""
    return engine.decode(np.tile(mean, (DIGITS, 1)), one_hot(list(range(DIGITS))))


def samples(engine: DigitEngine, reading: Reading, decode_as: str, count: int, seed: int) -> Floats:
    """Images (count, 28, 28) of styles drawn from a reading's posterior, all decoded as the same of
    DECODE_AS."""
    noise = np.random.default_rng(seed).standard_normal((count, engine.z_dim), dtype=np.float32)
    digit_probs = reading.digit_probs
    if decode_as != SOFT:
        digit_probs = one_hot([reading.digit if decode_as == AS_READ else int(decode_as)])[0]
    styles = reading.style_mean + reading.style_std * noise
    return engine.decode(styles, np.tile(digit_probs, (count, 1)))
