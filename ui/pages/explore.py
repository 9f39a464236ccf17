"""Explore: one style, all ten digits. Everything that moves happens in the browser."""

import dataclasses

import streamlit as st

from ui import cached, models, shell, state
from ui.board import DIGIT_START, BadBoard
from ui.components.style_board import decoder_weights, style_board
from vae_model.engine import DigitEngine

DRAW = "ui/pages/draw.py"


def render() -> None:
    """The whole page."""
    shell.header("Explore", "Move a slider and all ten digits change their handwriting together.")
    engine = shell.engine_or_stop()
    digest, packed = cached.packed(engine)
    if state.board_key(digest) not in st.session_state:
        state.open_board(engine)
    shell.address_note(state.board_problems())
    if said := state.said_on_the_way():
        st.toast(said)
    decoder_weights(packed, key=f"weights-{digest}")
    _board(engine, digest)
    with st.container(key="to-draw"):
        st.page_link(DRAW, label="Draw a digit and see all ten in your hand →")


@st.fragment
def _board(engine: DigitEngine, digest: str) -> None:
    """A fragment: what the hand lets go of costs the server this and nothing else."""
    awake, asleep = models.style_dims(engine)
    data = {
        "model": digest,
        "modelName": st.session_state[state.MODEL],
        "firstDigit": DIGIT_START,
        "awake": [dataclasses.asdict(dim) for dim in awake],
        "asleep": [dataclasses.asdict(dim) for dim in asleep],
        "start": dataclasses.asdict(state.board_start()),
        "hidden": state.hidden_parts(),
    }
    try:
        shown = style_board(key=state.board_key(digest), data=data, z_dim=engine.z_dim)
    except BadBoard as problem:
        st.info(str(problem))
    else:
        if shown is not None:
            state.keep_board(engine, shown)


render()
