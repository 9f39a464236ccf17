"""Digits as masks of ink."""

import io

import numpy as np
import pytest
from PIL import Image

from ui import figures, ink
from ui.components.draw_pad.strokes import Drawing, rasterize
from vae_model.engine import Reading


def alpha(image: np.ndarray, scale: int, look: ink.Look) -> np.ndarray:
    png = Image.open(io.BytesIO(ink.mask(image.astype(np.float32), scale, look)))
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


def test_a_drawing_is_inked_where_it_was_drawn() -> None:
    shown = rasterize(Drawing(((500, 100, 500, 500, 500, 900),)))
    assert shown.shape == (280, 280) and shown.dtype == np.uint8
    assert (shown[30:250, 140] == 0).all()
    assert (shown[:, :125] == 255).all() and (shown[:, 155:] == 255).all()
    bare = rasterize(Drawing())
    assert (bare == 255).all()


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (0.999, 0.001, "sure that this is a 3 (> 99 %)"),
        (0.96, 0.04, "sure that this is a 3 (96 %)"),
        (0.8, 0.2, "Most likely a 3 (80 %); a 7 comes next with 20 %"),
        (0.55, 0.45, "might be a 7 (45 %)"),
        (0.4, 0.35, "cannot tell"),
    ],
)
def test_how_sure(first: float, second: float, said: str) -> None:
    probs = np.full(10, (1 - first - second) / 8, np.float32)
    probs[[3, 7]] = first, second
    nothing = np.zeros(1, np.float32)
    reading = Reading(3, probs, nothing, nothing, nothing)
    assert said in figures.how_sure(reading)
