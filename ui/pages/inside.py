"""Inside: one image walks through the three networks, stop by stop, with every number."""

from pathlib import Path

import numpy as np
import streamlit as st

from ui import drawn, examples, machine, models, shell, stops, walk
from ui.walk import Walk
from vae_model.config import DIGITS
from vae_model.engine import DigitEngine, Floats, one_hot

STYLES = Path(__file__).parent.parent / "understand.css"

STOP = "stop"
IMAGE = "inside_image"
NOISE = "inside_noise"
SEED = "inside_seed"
DIMS = "inside_dims"
MINE = "your drawing"
EXAMPLE = 4
NONE, DRAWN = "0", "drawn"
AS_TAUGHT, SOFT, HARD = "as in training", "the ten probabilities", "the digit read"
SOURCES = (
    "Sources: [Kingma and Welling 2013](https://arxiv.org/abs/1312.6114) (the variational "
    "autoencoder); [Kingma, Mohamed, Rezende and Welling 2014](https://arxiv.org/abs/1406.5298) "
    "(digit and style apart); [Zeldes 2018](https://towardsdatascience.com/variational-autoencoders-"
    "explained-in-detail-b02d7ab2ab10) (this network)."
)


def render() -> None:
    """The whole page."""
    shell.header("Inside", "Follow one image through the three networks, number by number.")
    engine = shell.engine_or_stop()
    st.html(STYLES)
    _walk(engine)
    st.caption(SOURCES)


@st.fragment
def _walk(engine: DigitEngine) -> None:
    """All that moves: a step costs no more than this."""
    with st.container(key="stops"):
        name = st.segmented_control(
            "Stop",
            stops.NAMES,
            default=stops.NAMES[0],
            required=True,
            key=STOP,
            label_visibility="collapsed",
            persist_state="session",
        )
    number = stops.NAMES.index(name or stops.NAMES[0])
    with st.container(key="inside"):
        with st.container(key="machine"):
            picture = st.empty()
            _steps(number)
        with st.container(key="choices"):
            now = _choose(engine)
        picture.html(machine.drawing(now, number))
        with st.container(key="explained"):
            _explain(engine, now, number)


def _steps(number: int) -> None:
    with st.container(key="steps", horizontal=True):
        st.button("Back", disabled=number == 0, on_click=_go, args=(number - 1,))
        st.button(
            "Next", type="primary", disabled=number == len(stops.NAMES) - 1,
            on_click=_go, args=(number + 1,),
        )  # fmt: skip


def _choose(engine: DigitEngine) -> Walk:
    """The controls under the machine, and the walk that they make."""
    source = drawn.current_source()
    names = [*([MINE] if source else []), *(f"an example of {k}" for k in range(DIGITS))]
    first_shown = names.index(MINE) if source else EXAMPLE
    name = st.selectbox("Image", names, first_shown, key=IMAGE, persist_state="session")
    if name == MINE and source:
        image: Floats = source.image
        label = None
    else:
        label = int(name[-1]) if name and name != MINE else EXAMPLE
        image = examples.of_digit(label)
    with st.container(key="noise", horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Noise ε", (NONE, DRAWN), default=DRAWN, required=True, key=NOISE,
            persist_state="session",
        )  # fmt: skip
        st.button("Draw again", key="again", disabled=kind == NONE, on_click=_redraw)
    dims = st.selectbox(
        "Digit dims y for the decoder",
        (AS_TAUGHT, SOFT, HARD, *(f"a plain {k}" for k in range(DIGITS))),
        key=DIMS,
        persist_state="session",
    )
    noise = (
        np.zeros(engine.z_dim, np.float32)
        if kind == NONE
        else walk.draw(engine, int(st.session_state.get(SEED, 0)))[0]
    )
    first = walk.of(engine, image, label, noise, None)
    if dims in (None, AS_TAUGHT):
        return first
    if dims == SOFT:
        digit_dims = first.seen.digit_probs[0]
    else:
        digit_dims = one_hot([first.read if dims == HARD else int(dims[-1])])[0]
    return walk.of(engine, image, label, noise, digit_dims)


def _explain(engine: DigitEngine, now: Walk, number: int) -> None:
    stop = stops.stop(number, now, *models.style_dims(engine))
    st.subheader(stop.title, anchor=False)
    st.markdown(stop.words)
    for formula in stop.formulas:
        st.latex(formula)
    st.html(stops.symbols_table(stop.symbols))
    st.html(stop.view)


def _go(number: int) -> None:
    st.session_state[STOP] = stops.NAMES[number]


def _redraw() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


render()
