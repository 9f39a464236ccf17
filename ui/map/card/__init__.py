"""The card beside a point of the map: its digit, the model's redrawing of it, and a line of text.

It shows what lies under the pointer without asking the server: it listens to the chart's own
events, takes the row and the text from the point, and has the pictures of all rows with it.
"""

from collections.abc import Callable

from ui.shared.browser import component

_card = component("map_card", "map/card/card")


def map_card(packed: bytes, *, key: str, on_row_change: Callable[[], None]) -> None:
    """Put the card on the page, with the pictures of `ui.map.data.pack`.

    It belongs to the chart in the container whose key is "map", and takes a point's row from its
    `customdata`. Of a point that is clicked it tells the row.
    """
    _card(key=key, data=packed, height=1, on_row_change=on_row_change)
