"""Caches around what is worth keeping between runs, and nothing else."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from ui.map import data as all_pictures
from ui.shared import test_digits
from ui.shared.browser import weights
from ui.shared.latents import Latents, measure
from vae_model.engine.digit_engine import DigitEngine, Floats, Reading, one_hot
from vae_model.engine.style_names import Trait, measure_traits
from vae_model.engine.umap_layout import load as load_layout
from vae_model.model.checkpoint import CheckpointError

Stamp = tuple[tuple[int, int], ...]


@st.cache_resource(max_entries=32, show_spinner=False)
def engine(path: Path, stamp: Stamp) -> DigitEngine | str:
    """The engine of a checkpoint folder, or the reason why there is none.

    stamp is part of the key alone: another one means that the files have changed. A reason is
    kept like an engine, so that a damaged checkpoint is not read again on every run.
    """
    try:
        return DigitEngine.load(path)
    except CheckpointError as error:
        return str(error)


@lru_cache(maxsize=512)
def reading(path: Path, stamp: Stamp, image: bytes) -> Reading | None:
    """What the model in a folder reads in an image, 28 by 28 float32 as bytes; None where there is
    no model. Its engine is not kept: a run has one for every epoch."""
    try:
        return DigitEngine.load(path).read(np.frombuffer(image, np.float32).reshape(28, 28))
    except CheckpointError:
        return None


@lru_cache(maxsize=8)
def packed(engine: DigitEngine) -> tuple[str, bytes]:
    """The hash of an engine's decoder, and the decoder for the browser."""
    return weights.pack(engine)


@lru_cache(maxsize=8)
def traits(engine: DigitEngine) -> list[Trait]:
    """What each style dim of an engine was measured to do."""
    return measure_traits(engine)


@lru_cache(maxsize=8)
def latents(engine: DigitEngine) -> Latents:
    """The styles of the bundled test digits under an engine."""
    return measure(engine)


@lru_cache(maxsize=8)
def pictures(engine: DigitEngine) -> bytes:
    """The bundled test digits and how an engine redraws them, for the browser."""
    seen = latents(engine)
    redrawn = engine.decode(seen.mean, one_hot(seen.read))
    return all_pictures.pack(test_digits.test_digits()[0], redrawn)


@lru_cache(maxsize=8)
def layout(path: Path, engine: DigitEngine) -> Floats | str | None:
    """Where UMAP puts the bundled test digits, as the folder of an engine's checkpoint has it; the
    reason why that cannot be read; None where there is none."""
    try:
        return load_layout(path, engine.checkpoint.weights, test_digits.test_digits()[0])
    except CheckpointError as error:
        return str(error)
