"""Explore: one style, all ten digits. The sliders say how they are written."""

import numpy as np
import streamlit as st

from ui import ink, models, shell, state
from vae_model.config import DIGITS
from vae_model.engine import DigitEngine, Floats, one_hot

DRAW = "ui/pages/draw.py"


def render() -> None:
    """The whole page."""
    shell.header("Explore", "Move a slider and all ten digits change their handwriting together.")
    engine = shell.engine_or_stop()
    awake, asleep = models.style_order(engine)
    # The digits stand left of the sliders, and are drawn once these have spoken.
    left, right = st.columns([1.15, 1], gap="large")
    with right:
        _sliders(engine, awake, asleep)
    with left:
        _digits(_written(engine))


def _digits(images: Floats) -> None:
    hero = st.empty()
    line = st.empty()
    st.segmented_control(
        "Digit",
        list(range(DIGITS)),
        default=state.DIGIT_START,
        required=True,
        key=state.DIGIT,
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
        wrap=False,
    )
    digit = state.chosen_digit()
    hero.html(ink.picture(images[digit], f"A handwritten {digit}", scale=10, css="hero"))
    line.html(ink.row(images, digit, "A handwritten {}"))
    with st.container(key="to-draw"):
        st.page_link(DRAW, label="Draw a digit and see all ten in your hand →")


def _sliders(engine: DigitEngine, awake: list[int], asleep: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="style-actions"):
        st.button("Random style", on_click=_randomize, args=(engine, awake))
        st.button("Reset", on_click=_reset, args=(engine,), type="tertiary")
    with st.container(key="style-sliders"):
        for place, dim in enumerate(awake, start=1):
            _slider(f"Style {place}", dim)
    if asleep:
        label = f"{len(asleep)} more that this model hardly uses"
        with st.expander(label), st.container(key="style-sliders-asleep"):
            for place, dim in enumerate(asleep, start=len(awake) + 1):
                _slider(f"Style {place}", dim)


def _slider(label: str, dim: int) -> None:
    st.slider(
        label,
        -state.STYLE_LIMIT,
        state.STYLE_LIMIT,
        0.0,
        state.STYLE_STEP,
        key=state.style_key(dim),
        bind="query-params",
    )


def _written(engine: DigitEngine) -> Floats:
    """The ten digits in the style of the sliders."""
    style = [st.session_state[state.style_key(dim)] for dim in range(engine.z_dim)]
    styles = np.tile(np.array(style, np.float32), (DIGITS, 1))
    return engine.decode(styles, one_hot(list(range(DIGITS))))


def _randomize(engine: DigitEngine, awake: list[int]) -> None:
    state.set_style(engine, state.random_style(awake, engine.z_dim))


def _reset(engine: DigitEngine) -> None:
    state.set_style(engine, [0.0] * engine.z_dim)


render()
