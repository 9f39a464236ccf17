"""The epoch board: the ten digits of every epoch, and a way to run through them. The browser has
all epochs; Python hears which one the visitor stopped at."""

from collections.abc import Sequence

import streamlit as st

from ui.shared.browser import component
from ui.train.epochs.payload import pack, parse, parse_held
from vae_model.runs.events import Epoch

_board = component("epoch_board", "train/epochs/epochs")


def epoch_board(*, key: str, epochs: Sequence[Epoch], running: bool, name: str) -> int | None:
    """Show the epochs, numbered from 1 on, at least one, or an even selection where they are more
    than payload.MAX_ROWS; return the number of the one the visitor stopped at, None while they
    follow the newest. `running` says that more will come; files to save bear the run's `name`."""
    held = parse_held(st.session_state.get(key, {}).get("held"))
    # Only states with a callback exist; the value is taken from the result.
    result = _board(
        key=key,
        data=pack(epochs, running=running, name=name, held=held),
        on_epoch_change=lambda: None,
        on_held_change=lambda: None,
    )
    return parse(result.get("epoch"), epochs)
