"""What the Draw page keeps in the session: the images that other pages read too."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from ui.draw import photo
from ui.draw.desk import KEY, Drawn, parse
from ui.draw.photo import Photo
from ui.shared.drawing import IMAGES, TOLD, Way, current_way
from vae_model.preprocessing import BadImage

MAX_UPLOAD_MB = 10
UPLOAD_TYPES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "avif", "tif", "tiff")

_NOTES = "notes"
_PHOTOS = "photos"


def hear() -> Drawn | None:
    """Take in what the desk says, before it is shown: what is shown answers it. Raises BadDesk
    where that is nothing of its own."""
    told = st.session_state.get(KEY, {}).get("desk")
    if told is None:
        return None
    said = parse(told)
    _keep(IMAGES, "Draw", said.image)
    st.session_state[TOLD] = said.told
    known = current_photo()
    if said.edit and known and (edited := photo.edited(known, said.edit)) is not known:
        _keep_photo(current_way(), edited)
    return said


def take_file(way: Way) -> None:
    """Read the picture that was uploaded or taken; forget it where it was taken away."""
    file = st.session_state.get(way)
    if is_lost(way):
        return  # The browser has another one in its place, which it has yet to tell of.
    if file is None:
        forget_file(way)
    elif file.size > MAX_UPLOAD_MB * 2**20:
        # The server lets more pass, for runs; a browser that was told of the limit does not.
        _keep(_NOTES, way, f"This file is larger than {MAX_UPLOAD_MB} MB.")
    else:
        try:
            _keep_photo(way, photo.read(file.getvalue(), file.file_id))
        except BadImage as problem:
            _keep(_NOTES, way, str(problem))


def is_lost(way: Way) -> bool:
    """Whether the browser tells of a file that the server does not have: it may have been started
    again since."""
    return isinstance(st.session_state.get(way), DeletedFile)


def forget_file(way: Way) -> None:
    """As if nothing had been given that way."""
    _keep_photo(way, None)


def forget_note(way: Way) -> None:
    """Say nothing more of what was given that way."""
    _keep(_NOTES, way, "")


def current_photo() -> Photo | None:
    """The picture before the visitor; None where they draw, or gave none yet."""
    found: Photo | None = st.session_state.get(_PHOTOS, {}).get(current_way())
    return found


def current_note() -> str:
    """The line to the visitor about what they gave."""
    return str(st.session_state.get(_NOTES, {}).get(current_way(), ""))


def _keep_photo(way: Way, found: Photo | None) -> None:
    digit = found and found.digit
    _keep(_PHOTOS, way, found)
    _keep(IMAGES, way, digit and digit.image)
    forget_note(way)


def _keep(key: str, way: Way, value: object) -> None:
    """Beside what the other ways gave."""
    st.session_state[key] = {**st.session_state.get(key, {}), way: value}
