"""Explore: one style, all ten digits. Everything that moves happens in the browser."""

import dataclasses

import streamlit as st

from ui.explore.address import DIGIT_START, BadBoard
from ui.explore.board import decoder_weights, style_board
from ui.shared import frame, loading, shelf, visit
from vae_model.engine.digit_engine import DigitEngine

DRAW = "ui/draw/page.py"


def render() -> None:
    """The whole page."""
    frame.header("Explore", "Move a slider and all ten digits change their handwriting together.")
    engine = frame.engine_or_stop()
    digest, packed = loading.packed(engine)
    if visit.board_key(digest) not in st.session_state:
        visit.open_board(engine)
    frame.address_note(visit.board_problems())
    if said := visit.said_on_the_way():
        st.toast(said)
    decoder_weights(packed, key=f"weights-{digest}")
    _board(engine, digest)
    with st.container(key="to-draw"):
        st.page_link(DRAW, label="Draw a digit and see all ten in your hand →")


@st.fragment
def _board(engine: DigitEngine, digest: str) -> None:
    """A fragment: what the hand lets go of costs the server this and nothing else."""
    awake, asleep = shelf.style_dims(engine)
    data = {
        "model": digest,
        "modelName": st.session_state[visit.MODEL],
        "firstDigit": DIGIT_START,
        "awake": [dataclasses.asdict(dim) for dim in awake],
        "asleep": [dataclasses.asdict(dim) for dim in asleep],
        "start": dataclasses.asdict(visit.board_start()),
        "hidden": visit.hidden_parts(),
    }
    try:
        shown = style_board(key=visit.board_key(digest), data=data, z_dim=engine.z_dim)
    except BadBoard as problem:
        st.info(str(problem))
    else:
        if shown is not None:
            visit.keep_board(engine, shown)


render()
