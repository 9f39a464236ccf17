"""The drawing pad: strokes by mouse, finger or pen, an eraser, and example digits to begin from.

Three components. `draw_pad` is what people see; it sends all strokes when the pen leaves the pad,
and several times a second while it draws. `answered` tells the pad that what it sent has been read,
so that it sends no faster than it is answered; a change of the pad's own `data` would send its
whole script again. `follow` is for what need not move under the pen: it runs its own fragment again
once the pad has come to rest.
"""

import base64
from pathlib import Path

import streamlit as st

from ui.draw.pad.starters import EXAMPLES
from ui.draw.pad.strokes import (
    GRID,
    MARGIN,
    MAX_POINTS,
    MAX_STROKES,
    MAX_WIDTH,
    MIN_WIDTH,
    PENS,
    BadStrokes,
    Drawing,
    parse,
    to_json,
)
from ui.shared.browser import script, styles

__all__ = ["BadStrokes", "Drawing", "answered", "draw_pad", "follow"]

_HERE = Path(__file__).parent
# Of what `parse` takes.
_LIMITS = {
    "grid": GRID,
    "margin": MARGIN,
    "maxStrokes": MAX_STROKES,
    "maxPoints": MAX_POINTS,
    "pens": PENS,
    "widths": (MIN_WIDTH, MAX_WIDTH),
}
_EXAMPLES = base64.b64encode(EXAMPLES.tobytes()).decode()

_pad = st.components.v2.component(
    "draw_pad",
    html=(_HERE / "pad.html").read_text("utf-8"),
    css=styles(_HERE / "pad.css"),
    js=script(_HERE / "pad.js"),
)
_answered = st.components.v2.component(
    "draw_pad_answered",
    html="<i hidden></i>",
    js=script(_HERE / "answered.js"),
)
_follow = st.components.v2.component(
    "draw_pad_follow",
    html="<i hidden></i>",
    js=script(_HERE / "follow.js"),
)


def draw_pad(*, key: str, start: Drawing, wipes: int) -> Drawing | None:
    """Show the pad and return what is on it; None before it has said anything.

    `start` only says how it begins. When `wipes` rises while the pad is there, the pad is cleared.
    Raises BadStrokes where something else than a drawing arrives in the pad's name.
    """
    result = _pad(
        key=key,
        data={
            "start": to_json(start),
            "wipes": wipes,
            "limits": _LIMITS,
            "examples": _EXAMPLES,
        },
        # Only states with a callback exist; the value is taken from the result.
        on_drawing_change=lambda: None,
    )
    value = result.get("drawing")
    return None if value is None else parse(value)


def answered(drawing: Drawing | None, settled: str) -> None:
    """Tell the pad that the page shows what was made of this drawing, and `follow` what is to be
    shown when it rests."""
    turn = None if drawing is None else drawing.turn
    _answered(key="draw_pad_answered", data={"turn": turn, "settled": settled}, height=1)


def follow(shown: str) -> None:
    """Run the fragment that this stands in again where the pad rests and `answered` named something
    else than what is shown."""
    _follow(key="draw_pad_follow", data={"shown": shown}, on_stale_change=lambda: None, height=1)
