"""Engines from checkpoint folders: each is loaded once, for all visitors."""

from pathlib import Path

import streamlit as st

from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.umap_layout import LAYOUT_FILE
from vae_model.model.checkpoint import CONFIG_FILE, WEIGHTS_FILE, CheckpointError

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


def stamp(path: Path) -> Stamp:
    """Another one means that the files of a checkpoint folder have changed."""
    return tuple(_stamp(path / name) for name in (CONFIG_FILE, WEIGHTS_FILE, LAYOUT_FILE))


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
