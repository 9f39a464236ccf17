"""What the map shows of a model: its digits and redrawings, for the browser, and a layout."""

import zlib
from functools import lru_cache

import numpy as np

from ui.map.axes import Layout
from ui.shared import mnist_sample, shelf
from ui.shared.latents import latents_of
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.engine.umap_layout import load as load_layout
from vae_model.model.checkpoint import CheckpointError
from vae_model.runs import folders

LEVELS = 15
"""The darkest shade; on a card so small more cannot be told apart."""


def pack(digits: Floats, redrawn: Floats) -> bytes:
    """Images (n, 28, 28) in [0, 1], then their redrawings, as zlib; a pixel is half a byte, the
    left of two in its lower half. 0.45 MB for 2,000."""
    shades = np.round(LEVELS * np.concatenate([digits, redrawn])).astype(np.uint8)
    pairs = shades.reshape(-1, 2)
    return zlib.compress((pairs[:, 0] | pairs[:, 1] << 4).tobytes(), level=6)


@lru_cache(maxsize=8)
def pictures(engine: DigitEngine) -> bytes:
    """The bundled test digits and how an engine redraws them, for the browser."""
    seen = latents_of(engine)
    redrawn = engine.decode(seen.mean, one_hot(seen.read))
    return pack(mnist_sample.test_digits()[0], redrawn)


def warm() -> None:
    """Prepare what the map shows, a second or two for each model; no page but the map needs it."""
    for engine in shelf.models().engines.values():
        pictures(engine)
        layout(engine)


@lru_cache(maxsize=8)
def layout(engine: DigitEngine) -> Layout | str | None:
    """Where UMAP puts the test digits, or why that cannot be shown; None without such a file."""
    folder, images = shelf.folder(), mnist_sample.test_digits()[0]
    try:
        places = load_layout(folder / engine.name, engine.checkpoint.weights, images)
    except CheckpointError as error:
        return folders.within(folder, str(error))
    return None if places is None else Layout(places)
