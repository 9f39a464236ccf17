"""Draw: the model reads a drawn or uploaded digit and writes all ten in its handwriting."""

import html

import numpy as np
import streamlit as st

from ui import drawn, figures, ink, shell, state
from ui.components.draw_pad import BadStrokes, draw_pad
from vae_model.config import DIGITS
from vae_model.engine import DigitEngine, Reading, one_hot

EXPLORE = "ui/pages/explore.py"


def render() -> None:
    """The whole page."""
    shell.header("Draw", "Draw a digit: the model reads it, then writes all ten in your hand.")
    engine = shell.engine_or_stop()
    left, right = st.columns([1.1, 1.4], gap="large")
    with left:
        _pad()
    with right:
        _answer(engine)
    _upload()


def _pad() -> None:
    start = drawn.pad_start(mounted=drawn.PAD in st.session_state)
    try:
        drawn.take_drawing(draw_pad(key=drawn.PAD, start=start))
    except BadStrokes as problem:
        drawn.set_note(str(problem))


def _answer(engine: DigitEngine) -> None:
    source = drawn.current_source()
    note = drawn.current_note()
    if note:
        st.info(note)
    if source is None:
        if not note:
            st.markdown(
                "The reading appears here while you draw: which digit it is, how sure the model "
                "is of it, and all ten digits in your hand."
            )
        return
    reading = engine.read(source.image)
    _headline(reading)
    owner = "picture" if source.uploaded else "drawing"
    images = engine.decode(
        np.repeat(reading.style_mean[None], DIGITS, axis=0), one_hot(list(range(DIGITS)))
    )
    st.html(
        f'<p class="quiet">All ten digits in the hand of your {owner}</p>'
        + ink.row(images, reading.digit, "A {} in your handwriting")
    )
    bars, pair = st.columns([1.2, 1], gap="medium", vertical_alignment="bottom")
    with bars:
        st.plotly_chart(
            figures.probability_bars(reading),
            key="probabilities",
            config={"displayModeBar": False},
            alt=f"Probability of each digit: {figures.listed(reading)}",
        )
    with pair:
        seen = ink.picture(source.image, "Your digit in 28 by 28 pixels", scale=8, look="pixels")
        made = ink.picture(
            reading.reconstruction, "The model's redrawing of it", scale=8, look="pixels"
        )
        st.html(
            f'<div class="pair"><figure>{seen}<figcaption>What it sees</figcaption></figure>'
            f"<figure>{made}<figcaption>Its redrawing</figcaption></figure></div>"
        )
    if st.button("Open this style in Explore"):
        address = state.explore_address(engine, reading.style_mean, reading.digit)
        st.switch_page(EXPLORE, query_params=address)


def _headline(reading: Reading) -> None:
    sure = html.escape(figures.how_sure(reading))
    st.html(f'<div class="headline" role="status"><b>{reading.digit}</b><span>{sure}</span></div>')


def _upload() -> None:
    st.file_uploader(
        "Or upload a picture of one digit",
        type=list(drawn.UPLOAD_TYPES),
        key=drawn.UPLOAD,
        on_change=drawn.take_upload,
        max_upload_size=drawn.MAX_UPLOAD_MB,
    )


render()
