"""The style board: ten digits that follow the pointer, decoded in the browser."""

from typing import Any

import streamlit as st

from ui.explore.address import parse
from ui.shared.board import Board
from ui.shared.browser import component

_board = component("style_board", "explore/board/board", "sliders")


def style_board(*, key: str, data: dict[str, Any]) -> None:
    """Show the board. `data` only says how it begins: it is read when the board appears."""
    _board(key=key, data=data, on_state_change=lambda: None)  # only states with a callback exist


def left(key: str, z_dim: int) -> Board | None:
    """What the board shows since the last hand let go; None before that. Raises BadBoard where
    something else arrives in the board's name."""
    value = st.session_state.get(key, {}).get("state")
    return None if value is None else parse(value, z_dim)
