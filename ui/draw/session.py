"""What the Draw page keeps in the session: the images that other pages read too."""

import streamlit as st

from ui.draw import photo
from ui.shared.drawing import SOURCES, Source, Way, current_way
from vae_model.engine.digit_engine import Floats
from vae_model.preprocessing import BadImage, EmptyDrawing

MAX_UPLOAD_MB = 10
UPLOAD_TYPES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "avif", "tif", "tiff")

_NOTES = "notes"


def take_drawing(image: Floats | None) -> None:
    """Keep what is drawn (28, 28); forget it where nothing is."""
    _keep("Draw", None if image is None else Source(image, "Draw"))


def take_file(way: Way) -> None:
    """Read the picture that was uploaded or taken; forget it where it was taken away."""
    file = st.session_state.get(way)
    if file is None:
        _keep(way, None)
    elif file.size > MAX_UPLOAD_MB * 2**20:
        # The server lets more pass, for runs; a browser that was told of the limit does not.
        _note(way, f"This file is larger than {MAX_UPLOAD_MB} MB.")
    else:
        try:
            found = photo.read(file.getvalue())
        except (EmptyDrawing, BadImage) as problem:
            _note(way, str(problem))
        else:
            _keep(way, Source(found.image, way, found))


def current_note() -> str:
    """The line to the visitor about what they gave."""
    return str(st.session_state.get(_NOTES, {}).get(current_way(), ""))


def _note(way: Way, note: str) -> None:
    st.session_state[_NOTES] = {**st.session_state.get(_NOTES, {}), way: note}


def _keep(way: Way, source: Source | None) -> None:
    others = {name: each for name, each in st.session_state.get(SOURCES, {}).items() if name != way}
    st.session_state[SOURCES] = others | ({way: source} if source else {})
    _note(way, "")
