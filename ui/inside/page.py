"""Inside: one image walks through the three networks, stop by stop, with every number."""

import time

import numpy as np
import streamlit as st

from ui.inside import machine, parts, stops, walk
from ui.inside.walk import Walk
from ui.shared import frame, mnist_sample, pages
from ui.shared.dims import style_dims
from ui.shared.drawing import current_source
from vae_model.engine.digit_engine import DigitEngine, Floats, one_hot
from vae_model.model.config import DIGITS

STOP = "stop"
# When the walk last went on by itself; absent while it does not. (Comments, because Streamlit shows
# what a page says in a line of its own.)
PLAYED = "inside_played"
SECONDS = 5.0
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
    engine = frame.begin(pages.INSIDE)
    playing = PLAYED in st.session_state
    st.fragment(_walk, run_every=SECONDS if playing else None)(engine, playing)
    st.caption(SOURCES)


def _walk(engine: DigitEngine, was_playing: bool) -> None:
    """All that moves: a step costs no more than this."""
    _play_on()
    if (PLAYED in st.session_state) != was_playing:
        # The whole page, which then comes again by itself or no longer does.
        st.rerun()
    with st.container(key="stops"):
        name = st.segmented_control(
            "Stop",
            stops.NAMES,
            default=stops.NAMES[0],
            required=True,
            key=STOP,
            label_visibility="collapsed",
            persist_state="session",
            on_change=_pause,
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
        playing = PLAYED in st.session_state
        st.button("Pause" if playing else "Play", key="play", on_click=_pause if playing else _play)


def _choose(engine: DigitEngine) -> Walk:
    """The controls under the machine, and the walk that they make."""
    source = current_source()
    names = [*([MINE] if source else []), *(f"an example of {k}" for k in range(DIGITS))]
    first_shown = names.index(MINE) if source else EXAMPLE
    name = st.selectbox("Image", names, first_shown, key=IMAGE, persist_state="session")
    if name == MINE and source:
        image: Floats = source.image
        label = None
    else:
        label = int(name[-1]) if name and name != MINE else EXAMPLE
        image = mnist_sample.of_digit(label)
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
    stop = stops.stop(number, now, *style_dims(engine))
    st.subheader(stop.title, anchor=False)
    st.markdown(stop.words)
    for formula in stop.formulas:
        st.latex(formula)
    st.html(parts.symbols_table(stop.symbols))
    st.html(stop.view)


def _go(number: int) -> None:
    _pause()
    st.session_state[STOP] = stops.NAMES[number]


def _play() -> None:
    """From here to the end, or from the start again."""
    if st.session_state.get(STOP) == stops.NAMES[-1]:
        st.session_state[STOP] = stops.NAMES[0]
    st.session_state[PLAYED] = time.monotonic()


def _pause() -> None:
    st.session_state.pop(PLAYED, None)


def _play_on() -> None:
    """One stop further where it is time for that; whatever else moved on the page waits for it."""
    since = st.session_state.get(PLAYED)
    if since is None or time.monotonic() - since < SECONDS / 2:
        return
    number = stops.NAMES.index(st.session_state.get(STOP) or stops.NAMES[0])
    if number + 1 < len(stops.NAMES):
        st.session_state[STOP] = stops.NAMES[number + 1]
        st.session_state[PLAYED] = time.monotonic()
    if number + 2 >= len(stops.NAMES):
        _pause()


def _redraw() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


render()
