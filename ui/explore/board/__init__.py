"""The style board: ten digits that follow the pointer, decoded in the browser.

Two components. `decoder_weights` carries a model's weights to the browser, once; `style_board` is
what people see and is told small things alone, so that a change costs the server next to nothing.
"""

import base64
from pathlib import Path
from typing import Any

import streamlit as st

from ui.explore.address import parse
from ui.shared.board import Board
from ui.shared.browser import SHARED, script, styles

_HERE = Path(__file__).parent
_KERNEL = base64.b64encode((SHARED / "affine.wasm").read_bytes()).decode()

_weights = st.components.v2.component(
    "decoder_weights",
    html=f'<i hidden data-kernel="{_KERNEL}"></i>',
    js=script(SHARED / "weights.js"),
)
_board = st.components.v2.component(
    "style_board",
    html=(_HERE / "board.html").read_text("utf-8"),
    css=styles(_HERE / "board.css"),
    js=script(_HERE / "board.js"),
)


def decoder_weights(packed: bytes, *, key: str) -> None:
    """Send the weights of `ui.shared.browser.weights.pack` to the boards on the page."""
    _weights(key=key, data=packed, height=1)


def style_board(*, key: str, data: dict[str, Any], z_dim: int) -> Board | None:
    """Show the board and return what it shows since the last hand let go; None before that.

    `data` only says how it begins: it is read when the board appears. Raises BadBoard where
    something else arrives in the board's name.
    """
    # Only states with a callback exist; the value is taken from the result.
    result = _board(key=key, data=data, on_state_change=lambda: None)
    value = result.get("state")
    return None if value is None else parse(value, z_dim)
