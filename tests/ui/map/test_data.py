"""The map's pictures as the browser unpacks them."""

import zlib

import numpy as np

from ui.map import data
from ui.shared import mnist_sample
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot


def unpack(packed: bytes) -> Floats:
    """As pictures.js does: (2, n, 28, 28)."""
    pairs = np.frombuffer(zlib.decompress(packed), np.uint8)
    shades = np.stack([pairs & 15, pairs >> 4], axis=-1).astype(np.float32)
    return (shades / data.LEVELS).reshape(2, -1, 28, 28)


def test_every_digit_and_what_the_model_makes_of_it_arrive(shipped: DigitEngine) -> None:
    images, _ = mnist_sample.test_digits()
    packed = data.pictures(shipped)
    digits, redrawn = unpack(packed)
    half_a_shade = 0.5 / data.LEVELS + 1e-6
    assert np.abs(digits - images).max() <= half_a_shade
    for row in (0, 42, 1999):
        reading = shipped.read(images[row])
        made = shipped.decode(reading.style_mean[None], one_hot([reading.digit]))[0]
        assert np.abs(redrawn[row] - made).max() <= half_a_shade + 1e-4
    assert len(packed) < 550_000
