"""Digits as masks of ink."""

from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from ui.shared import ink


def alpha(image: np.ndarray, scale: int, look: ink.Look) -> np.ndarray:
    png = Image.open(urlopen(ink.url(image, scale=scale, look=look)))
    return np.asarray(png.convert("RGBA"))[..., 3] / 255


def test_pixels_are_the_image_as_it_is() -> None:
    image = np.random.default_rng(0).random((28, 28))
    shown = alpha(image, 8, "pixels")
    assert shown.shape == (224, 224)
    assert np.abs(shown - image.repeat(8, 0).repeat(8, 1)).max() < 0.005


@pytest.mark.parametrize("scale", [4, 10])
def test_ink_keeps_paper_bare_and_faint_strokes_visible(scale: int) -> None:
    image = np.zeros((28, 28))
    assert alpha(image, scale, "ink").max() == 0
    image[4:24, 8:11] = 1
    image[4:24, 18:21] = 0.2
    shown = alpha(image, scale, "ink")
    middle = round(14 * scale), slice(None)
    assert shown[middle].max() == 1
    assert shown[middle][16 * scale :].max() > 0.15
    assert shown[:, : 4 * scale].max() == 0
