"""The card beside a point of the map: its digit, the model's redrawing of it, and a line of text.

It shows what lies under the pointer without asking the server: it listens to the chart's own
events, takes the row and the text from the point, and has the pictures of all rows with it.
"""

from ui.shared.browser import component

map_card = component("map_card", "map/card/card")
"""Its data are the pictures of `ui.map.data.pack`. It belongs to the chart in the container whose
key is "map", takes a point's row from its `customdata`, and tells the row of one that is clicked.
"""
