"""Draw: the model reads a digit as it is drawn, and writes all ten in the same hand."""

import streamlit as st

from ui.draw import photo, session
from ui.draw.desk import BadDesk, draw_desk
from ui.shared import access, board, frame, pages, visit
from ui.shared.choice import one_of
from ui.shared.drawing import WAY, WAYS, current_source, current_way
from vae_model.engine.digit_engine import DigitEngine

NO_CAMERA = (
    "Browsers lend their camera to pages that come by https alone, and this one came without. Take "
    "a photo of your digit, and give it under Upload."
)


def render() -> None:
    """The whole page."""
    engine = frame.begin(pages.DRAW)
    _give()
    _desk(engine, visit.chosen(WAY, *WAYS))
    source = current_source()
    if source is not None and source.photo is not None:
        with st.container(key="section-steps"):
            st.subheader("What was done to your picture", anchor=False)
            st.html(photo.shown(source.photo))


def _give() -> None:
    """The ways to give a digit: the desk's own pad, or a picture."""
    way = one_of("How to give a digit", WAYS, WAY)
    if way == "Draw":
        return
    if not access.can_upload():
        access.say_where_to_upload()
    elif way == "Upload":
        st.file_uploader(
            "A picture of a digit, at most 40 megapixels",
            type=list(session.UPLOAD_TYPES),
            key=way,
            on_change=session.take_file,
            args=(way,),
            max_upload_size=session.MAX_UPLOAD_MB,
        )
    elif access.lends_camera():
        st.camera_input(
            "One digit in dark ink on plain paper",
            key=way,
            on_change=session.take_file,
            args=(way,),
        )
    else:
        st.info(NO_CAMERA)


@st.fragment
def _desk(engine: DigitEngine, shown: dict[str, object]) -> None:
    """A fragment: a digit that was drawn costs the server this and nothing else."""
    try:
        said, leaving = draw_desk(
            engine,
            key="desk",
            way=current_way(),
            source=current_source(),
            note=session.current_note(),
        )
    except BadDesk as problem:
        st.info(str(problem))
        return
    if said is not None:
        session.take_drawing(said.image)
    if leaving is not None:
        board.keep_board(engine, board.start(leaving.style, leaving.digit, leaving.text))
        visit.open_explore()
    visit.run_page_unless(shown)


render()
