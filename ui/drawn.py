"""What the visitor drew or uploaded on the Draw page, kept in the session across runs and pages."""

from dataclasses import dataclass

import streamlit as st

from ui.components.draw_pad.strokes import Drawing, rasterize
from vae_model.engine import Floats
from vae_model.preprocessing import BadImage, EmptyDrawing, normalize, open_image

UPLOAD = "upload"
PAD = "pad"
MAX_UPLOAD_MB = 10
UPLOAD_TYPES = ("png", "jpg", "jpeg", "webp", "gif", "bmp")

_DRAWING = "drawing_kept"
_PAD_START = "pad_start"
_SOURCE = "source"
_NOTE = "note"


@dataclass(frozen=True)
class Source:
    """The image that is being read, 28x28 as the network sees it, and where it came from."""

    image: Floats
    uploaded: bool


def pad_start(mounted: bool) -> Drawing:
    """The drawing that the pad begins with.

    It must not change while the pad is there: what the visitor draws would be sent back to them.
    A page switch removes the pad, and with it Streamlit's memory of it.
    """
    if not mounted:
        st.session_state[_PAD_START] = st.session_state.get(_DRAWING, Drawing())
    start: Drawing = st.session_state[_PAD_START]
    return start


def take_drawing(drawing: Drawing | None) -> None:
    """Read what the pad holds, if that is news."""
    if drawing is None or drawing == st.session_state.get(_DRAWING, Drawing()):
        return
    st.session_state[_DRAWING] = drawing
    if not drawing.strokes:
        clear_source()
        return
    try:
        image = normalize(rasterize(drawing))
    except (EmptyDrawing, BadImage) as problem:
        # The first dot of a stroke is a speck; to say so while the pen is down is to nag.
        set_note("" if drawing.pen_down else str(problem))
    else:
        _set_source(Source(image, uploaded=False))


def take_upload() -> None:
    """Read the uploaded picture; where it was taken away, go back to the drawing."""
    upload = st.session_state.get(UPLOAD)
    if upload is None:
        source = current_source()
        if source is not None and source.uploaded:
            clear_source()
            drawing = st.session_state.pop(_DRAWING, None)
            take_drawing(drawing)
        return
    try:
        image = normalize(open_image(upload.getvalue()))
    except (EmptyDrawing, BadImage) as problem:
        set_note(str(problem))
    else:
        _set_source(Source(image, uploaded=True))


def current_source() -> Source | None:
    """What is being read; None where nothing was drawn or uploaded yet."""
    source: Source | None = st.session_state.get(_SOURCE)
    return source


def clear_source() -> None:
    """Forget what was read."""
    st.session_state.pop(_SOURCE, None)
    set_note("")


def set_note(note: str) -> None:
    """A line to the visitor about their drawing; empty for none."""
    st.session_state[_NOTE] = note


def current_note() -> str:
    """The line to the visitor about their drawing."""
    return str(st.session_state.get(_NOTE, ""))


def _set_source(source: Source) -> None:
    st.session_state[_SOURCE] = source
    set_note("")
