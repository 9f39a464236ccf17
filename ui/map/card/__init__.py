"""The card beside a point of the map: its digit, the model's redrawing of it, and a line of text.

It shows what lies under the pointer without asking the server: it listens to the chart's own
events, takes the row and the text from the point, and has the pictures of all rows with it.
"""

from pathlib import Path

import streamlit as st

from ui.shared.browser import script

_HERE = Path(__file__).parent

_card = st.components.v2.component(
    "map_card",
    html=(_HERE / "card.html").read_text("utf-8"),
    css=(_HERE / "card.css").read_text("utf-8"),
    js=script("map/card/card.js"),
)


def map_card(packed: bytes, *, key: str) -> None:
    """Put the card on the page, with the pictures of `ui.map.data.pack`.

    It belongs to the chart in the container whose key is "map", and takes a point's row from its
    `customdata`.
    """
    _card(key=key, data=packed, height=1)
