"""The epoch board: the ten digits of every epoch, and a way to run through them.

Everything that moves does so in the browser, which has all epochs; Python hears which one the
visitor stopped at. The scripts are joined as they stand, as the style board's are.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.train.epochs.payload import BoardEpoch, pack, parse

__all__ = ["BoardEpoch", "epoch_board"]

_HERE = Path(__file__).parent
_STYLE_BOARD = _HERE.parent / "style_board"


def _joined(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


_board = st.components.v2.component(
    "epoch_board",
    html=_joined(_HERE / "epoch_board.html"),
    css=_joined(_HERE / "epoch_board.css"),
    # How digits become ink, and films, is the style board's business.
    js=_joined(
        *(_STYLE_BOARD / name for name in ("constants.js", "ink.js", "gif.js")),
        *(_HERE / name for name in ("packed.js", "keeping.js", "epoch_board.js")),
    ),
)


def epoch_board(*, key: str, epochs: Sequence[BoardEpoch], running: bool, name: str) -> int | None:
    """Show the epochs, in order, and return the number of the one the visitor stopped at.

    None while they follow the newest epoch, as they do at first. `running` says that more epochs
    will come; `name` is the run's, for the files to save. Above payload.MAX_ROWS epochs the board
    shows an even selection of them.
    """
    # Only states with a callback exist; the value is taken from the result.
    result = _board(
        key=key,
        data=pack(epochs, running=running, name=name),
        on_epoch_change=lambda: None,
    )
    return parse(result.get("epoch"), epochs)
