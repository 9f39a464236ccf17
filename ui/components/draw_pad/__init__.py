"""The drawing pad: strokes by mouse, finger or pen, with undo, redo and clear.

Sends all strokes when the pen leaves the pad and about five times a second while it draws. Its
`data` only says how it begins: it is read when the pad appears and ignored afterwards.
"""

from pathlib import Path

import streamlit as st

from ui.components.draw_pad.strokes import (
    GRID,
    MARGIN,
    MAX_POINTS,
    MAX_STROKES,
    PEN,
    BadStrokes,
    Drawing,
    parse,
)

__all__ = ["BadStrokes", "Drawing", "draw_pad"]

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "draw_pad",
    html='<div class="pad"></div>',
    js=(_HERE / "draw_pad.js").read_text(encoding="utf-8"),
    css=(_HERE / "draw_pad.css").read_text(encoding="utf-8"),
)


def draw_pad(*, key: str, start: Drawing) -> Drawing | None:
    """Show the pad and return what is on it; None before it has said anything.

    Raises BadStrokes where something else than a drawing arrives in the pad's name.
    """
    result = _mount(
        key=key,
        data={
            "strokes": [list(stroke) for stroke in start.strokes],
            "grid": GRID,
            "margin": MARGIN,
            "maxStrokes": MAX_STROKES,
            "maxPoints": MAX_POINTS,
            "pen": PEN,
        },
        # Only states with a callback exist; the value is taken from the result.
        on_drawing_change=lambda: None,
    )
    value = result.get("drawing")
    return None if value is None else parse(value)
