"""The card beside a point of the map: its digit, the model's redrawing of it, and a line of text.

It shows what lies under the pointer without asking the server: it listens to the chart's own
events, takes the row and the text from the point, and has the pictures of all rows with it.
"""

from ui.shared.browser import component

_card = component("map_card", "map/card/card")


def map_card(packed: bytes, *, key: str) -> None:
    """Put the card on the page, with the pictures of `ui.map.data.pack`.

    It belongs to the chart in the container whose key is "map", and takes a point's row from its
    `customdata`.
    """
    _card(key=key, data=packed, height=1)
