"""What the Draw page keeps in the session across runs and pages: what is read, what was kept."""

import zlib
from collections.abc import Mapping

import numpy as np
import streamlit as st

from ui.draw import photo
from ui.draw.pad.strokes import Drawing, rasterize
from ui.shared.drawing import SOURCES, Source, Way, chosen, current_source, current_way
from vae_model.engine.digit_engine import Floats
from vae_model.preprocessing import BadImage, EmptyDrawing, normalize

PAD = "pad"
MAX_UPLOAD_MB = 10
UPLOAD_TYPES = ("png", "jpg", "jpeg", "webp", "gif", "bmp")
MAX_KEPT = 6

_DRAWING = "drawing_kept"
_PAD_START = "pad_start"
_WIPES = "pad_wipes"
_SETTLED = "settled"
_NOTES = "notes"
_KEPT = "digits_kept"


def pad_start() -> Drawing:
    """The drawing that the pad begins with.

    It must not change while the pad is there: what the visitor draws would be sent back to them.
    A page switch removes the pad, and with it Streamlit's memory of it.
    """
    if PAD not in st.session_state:
        st.session_state[_PAD_START] = st.session_state.get(_DRAWING, Drawing())
    start: Drawing = st.session_state[_PAD_START]
    return start


def pad_wipes() -> int:
    """How many times the page has cleared the pad."""
    return int(st.session_state.get(_WIPES, 0))


def is_pen_down() -> bool:
    """Whether the pad says that a stroke is being drawn; unchecked, so good for manners alone."""
    pad = st.session_state.get(PAD)
    said = pad.get("drawing") if isinstance(pad, Mapping) else None
    return current_way() == "Draw" and isinstance(said, Mapping) and said.get("penDown") is True


def take_drawing(drawing: Drawing | None) -> None:
    """Read what the pad holds, if that is news."""
    if drawing is None or drawing == st.session_state.get(_DRAWING, Drawing()):
        return
    st.session_state[_DRAWING] = drawing
    if drawing.is_blank:
        _set_source("Draw", None)
        return
    try:
        image = normalize(rasterize(drawing))
    except (EmptyDrawing, BadImage) as problem:
        # The first dot of a stroke is a speck; to say so while the pen is down is to nag.
        set_note("Draw", "" if drawing.pen_down else str(problem))
    else:
        _set_source("Draw", Source(image, "Draw"), settled=not drawing.pen_down)


def take_file(way: Way) -> None:
    """Read the picture that was uploaded or taken; forget it where it was taken away."""
    file = st.session_state.get(way)
    if file is None:
        _set_source(way, None)
    elif file.size > MAX_UPLOAD_MB * 2**20:
        # The server lets more pass, for runs; a browser that was told of the limit does not.
        set_note(way, f"This file is larger than {MAX_UPLOAD_MB} MB.")
    else:
        try:
            found = photo.read(file.getvalue())
        except (EmptyDrawing, BadImage) as problem:
            set_note(way, str(problem))
        else:
            _set_source(way, Source(found.image, way, found))


def settled_source() -> Source | None:
    """What was read when the pen was last up: what is not to move under every stroke."""
    return chosen(st.session_state.get(_SETTLED, {}))


def settled_mark() -> str:
    """Another one for each settled source and hand."""
    source = settled_source()
    images = [*kept(), *([source.image] if source else [])]
    return f"{len(kept())} {zlib.crc32(b''.join(image.tobytes() for image in images))}"


def set_note(way: Way, note: str) -> None:
    """A line to the visitor about what they gave; empty for none."""
    st.session_state[_NOTES] = {**st.session_state.get(_NOTES, {}), way: note}


def current_note() -> str:
    """The line to the visitor about what they gave."""
    return str(st.session_state.get(_NOTES, {}).get(current_way(), ""))


def kept() -> list[Floats]:
    """The digits that the visitor added to their hand: (28, 28) each, the oldest first."""
    return list(st.session_state.get(_KEPT, []))


def can_keep(source: Source) -> bool:
    """Whether there is room for another digit, and this very image is not among those kept."""
    images = kept()
    return len(images) < MAX_KEPT and not any(np.array_equal(source.image, each) for each in images)


def keep_current() -> None:
    """Add what is being read to the hand, and clear the pad for the next digit."""
    source = current_source()
    if source is None or not can_keep(source):
        return
    st.session_state[_KEPT] = [*kept(), source.image]
    if source.way == "Draw":
        st.session_state[_WIPES] = pad_wipes() + 1
        _set_source("Draw", None)


def drop(place: int) -> None:
    """Take a digit out of the hand again."""
    st.session_state[_KEPT] = [image for index, image in enumerate(kept()) if index != place]


def _set_source(way: Way, source: Source | None, settled: bool = True) -> None:
    """What this way gives from now on; None for nothing."""
    # What other pages hold of it is replaced, never changed.
    for key in (SOURCES, _SETTLED) if settled else (SOURCES,):
        others = {name: each for name, each in st.session_state.get(key, {}).items() if name != way}
        st.session_state[key] = {**others, way: source} if source else others
    set_note(way, "")
