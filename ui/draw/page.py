"""Draw: the model reads a digit as it is drawn, and writes all ten in the same hand."""

import streamlit as st

from ui.draw import session
from ui.draw.desk import BadDesk, draw_desk
from ui.draw.photo import steps
from ui.shared import access, board, frame, pages, visit
from ui.shared.browser import script
from ui.shared.choice import one_of
from ui.shared.drawing import WAY, WAYS, current_way
from vae_model.engine.digit_engine import DigitEngine

NO_CAMERA = (
    "Browsers lend their camera to pages that come by https alone, and this one came without. Take "
    "a photo of your digit, and give it under Upload."
)

_brought = st.components.v2.component("brought", js=script("draw/brought"))


def render() -> None:
    engine = frame.begin(pages.DRAW)
    with st.sidebar:  # out of sight
        _brought(key="brought", height=1, on_picture_change=_upload)
    _give()
    _desk(engine, visit.chosen(WAY))


def _upload() -> None:
    st.session_state[WAY] = "Upload"


def _give() -> None:
    """The ways to give a digit: the desk's own pad, or a picture."""
    way = one_of("How to give a digit", WAYS, WAY)
    given = None
    if way == "Draw":
        return
    if not access.can_upload():
        access.say_where_to_upload()
    elif way == "Upload":
        given = st.file_uploader(
            "A picture of a digit or a number, at most 40 megapixels; it can be pasted too",
            type=list(session.UPLOAD_TYPES),
            key=way,
            on_change=session.take_file,
            args=(way,),
            max_upload_size=access.largest_upload(session.MAX_UPLOAD_MB),
        )
    elif access.lends_camera():
        given = st.camera_input(
            "A digit or a number, in ink on paper",
            key=way,
            on_change=session.take_file,
            args=(way,),
        )
    else:
        st.info(NO_CAMERA)
    if given is not None:
        return
    session.forget_note(way)  # there is no file that it could be about
    if session.current_photo() is not None:
        # It outlives a look at another page; Streamlit's own control, with its way to remove it,
        # is empty then.
        st.button("Remove the picture", on_click=session.forget_file, args=(way,))
    elif session.is_lost(way):
        st.info("The server no longer has your picture: give it once more.")


@st.fragment
def _desk(engine: DigitEngine, shown: dict[str, object]) -> None:
    """A fragment: a digit that was drawn costs the server this and nothing else."""
    said = leaving = None
    refused: list[str] = []
    try:
        said = session.hear()
    except BadDesk as problem:
        refused.append(str(problem))
    photo = session.current_photo()
    try:
        leaving = draw_desk(
            engine,
            called=frame.shown()[1],
            way=current_way(),
            photo=photo,
            note=session.current_note(),
            turn=said.turn if said else None,
        )
    except BadDesk as problem:
        refused.append(str(problem))
    # Below the desk, which would be made anew in another place.
    for each in refused:
        st.info(each)
    if photo is not None and photo.digit is not None:
        st.header("What was done to your picture", anchor=False)
        st.html(steps(photo))
    if leaving is not None:
        board.bring(engine, leaving)
        visit.open_explore()
    visit.run_page_unless(shown)


render()
