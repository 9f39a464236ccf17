"""The drawing pad: strokes by mouse, finger or pen, an eraser, and example digits to begin from.

Three components. `draw_pad` is what people see; it sends all strokes when the pen leaves the pad,
and several times a second while it draws. `answered` tells the pad that what it sent has been read,
so that it sends no faster than it is answered; a change of the pad's own `data` would send its
whole script again. `follow` is for what need not move under the pen: it runs its own fragment again
once the pad has come to rest.
"""

import base64
import json
from pathlib import Path

import streamlit as st

from ui.draw.pad.strokes import (
    EXAMPLES,
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
from ui.shared.browser import SHARED, joined

__all__ = ["BadStrokes", "Drawing", "answered", "draw_pad", "follow"]

REST_MS = 300
"""Without an answer to the pad: its drawing rests."""
AGAIN_MS = (2000, 8000)
"""Without an answer at all: what was said is said again, doubling up to the second."""

_HERE = Path(__file__).parent
_CONSTANTS = {
    "GRID": GRID,
    "MARGIN": MARGIN,
    "MAX_STROKES": MAX_STROKES,
    "MAX_POINTS": MAX_POINTS,
    "PENS": PENS,
    "WIDTHS": (MIN_WIDTH, MAX_WIDTH),
    "AGAIN_MS": AGAIN_MS,
    "EXAMPLES": base64.b64encode(EXAMPLES.tobytes()).decode(),
}

_pad = st.components.v2.component(
    "draw_pad",
    html='<div class="pad"></div>',
    js="".join(f"const {name} = {json.dumps(value)};\n" for name, value in _CONSTANTS.items())
    + joined(SHARED, "constants.js", "ink.js")
    + joined(_HERE, "stroke.js", "memory.js", "pad.js"),
    css=joined(_HERE, "pad.css"),
)
_answered = st.components.v2.component(
    "draw_pad_answered",
    html="<i hidden></i>",
    js="""export default ({ data }) => {
      document.dispatchEvent(new CustomEvent("draw-pad-answered", { detail: data }));
    }""",
)
_follow = st.components.v2.component(
    "draw_pad_follow",
    html="<i hidden></i>",
    js=f"const REST_MS = {REST_MS}, AGAIN_MS = {json.dumps(AGAIN_MS)};\n"
    + joined(_HERE, "follow.js"),
)


def draw_pad(*, key: str, start: Drawing, wipes: int) -> Drawing | None:
    """Show the pad and return what is on it; None before it has said anything.

    `start` only says how it begins. When `wipes` rises while the pad is there, the pad is cleared.
    Raises BadStrokes where something else than a drawing arrives in the pad's name.
    """
    result = _pad(
        key=key,
        data={"start": to_json(start), "wipes": wipes},
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
