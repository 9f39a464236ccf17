"""Explore: one style, all ten digits. Everything that moves happens in the browser."""

from dataclasses import asdict

import streamlit as st

from ui.explore import session
from ui.explore.address import BadBoard
from ui.explore.board import style_board
from ui.shared import frame, pages, visit
from ui.shared.board import DIGIT_START
from ui.shared.browser.tensors import link_digest
from ui.shared.dims import told
from ui.shared.shelf import RUN_PREFIX
from vae_model.engine.digit_engine import DigitEngine


def render() -> None:
    engine = frame.begin(pages.EXPLORE)
    opening = session.opening(engine)
    frame.address_note(opening.problems)
    if said := visit.said_on_the_way():
        st.toast(said)
    _board(engine, opening, visit.chosen())
    with st.container(key="to-draw"):
        st.page_link(pages.DRAW.file, label="Draw a digit and see all ten in your hand →")


@st.fragment
def _board(engine: DigitEngine, opening: session.Opening, shown: dict[str, object]) -> None:
    """A fragment: what the hand lets go of costs the server this and nothing else."""
    name, called = frame.shown()
    data = {
        **told(engine),
        "link": link_digest(engine),
        "modelName": called,
        "run": name.removeprefix(RUN_PREFIX) if name.startswith(RUN_PREFIX) else "",
        "firstDigit": DIGIT_START,
        "start": asdict(opening.start),
        "hidden": opening.hidden,
    }
    # Only states with a callback exist.
    style_board(key=session.board_key(engine), data=data, on_state_change=lambda: None)
    try:
        session.hear(engine)
    except BadBoard:
        st.info("That change did not arrive in one piece: move the slider again.")
    visit.run_page_unless(shown)


render()
