"""The style board: ten digits that follow the pointer, decoded in the browser."""

from ui.shared.browser import component

style_board = component("style_board", "explore/board/board", "sliders")
"""Its data only say how it begins: they are read when the board appears."""
