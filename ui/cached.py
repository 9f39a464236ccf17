"""Caches around what is worth keeping between runs, and nothing else."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

from ui import weights
from ui.latents import Latents, measure
from vae_model.checkpoint import CheckpointError
from vae_model.engine import DigitEngine
from vae_model.traits import Trait, measure_traits

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
