"""The card beside a point of the map: its digit, the model's redrawing of it, and a line of text.

It shows what lies under the pointer without asking the server: it listens to the chart's own
events, takes the row and the text from the point, and has the pictures of all rows with it. The
scripts are joined as they stand, as the style board's are.
"""

import json
from pathlib import Path

import streamlit as st

from ui.map.data import LEVELS

_HERE = Path(__file__).parent
_STYLE_BOARD = _HERE.parent / "style_board"
_SCRIPTS = (
    *(_STYLE_BOARD / name for name in ("constants.js", "ink.js")),
    *(_HERE / name for name in ("pictures.js", "placing.js", "map_card.js")),
)

_card = st.components.v2.component(
    "map_card",
    html=(_HERE / "map_card.html").read_text(encoding="utf-8"),
    css=(_HERE / "map_card.css").read_text(encoding="utf-8"),
    js=f"const SHADES = {json.dumps(LEVELS)};\n"
    + "\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS),
)


def map_card(packed: bytes, *, key: str) -> None:
    """Put the card on the page, with the pictures of `ui.map.data.pack`.

    It belongs to the chart in the container whose key is "map", and takes a point's row from its
    `customdata`.
    """
    _card(key=key, data=packed, height=1)
