"""The style board: ten digits that follow the pointer, decoded in the browser."""

from typing import Any

from ui.explore.address import parse
from ui.shared.board import Board
from ui.shared.browser import component

_board = component("style_board", "explore/board/board", "sliders")


def style_board(*, key: str, data: dict[str, Any], z_dim: int) -> Board | None:
    """Show the board and return what it shows since the last hand let go; None before that.

    `data` only says how it begins: it is read when the board appears. Raises BadBoard where
    something else arrives in the board's name.
    """
    # Only states with a callback exist; the value is taken from the result.
    result = _board(key=key, data=data, on_state_change=lambda: None)
    value = result.get("state")
    return None if value is None else parse(value, z_dim)
