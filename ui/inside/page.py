"""Inside: one image walks through the three networks, stop by stop, with every number."""

import time

import streamlit as st

from ui.inside import machine, stops, walk
from ui.inside.walk import AS_TRAINED, HARD, SOFT, Walk
from ui.shared import frame, mnist_sample, pages
from ui.shared.aloud import aloud
from ui.shared.choice import choose_anew, one_of
from ui.shared.drawing import current_image, current_label
from ui.shared.tables import table
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS

STOP = "stop"
# When the walk last went on by itself; absent while it does not. (Comments, because Streamlit shows
# what a page says in a line of its own.)
PLAYED = "inside_played"
SECONDS = 5.0
SEED = "inside_seed"
MINE = "your drawing"
EXAMPLE = 4
NO_NOISE = "0"
SOURCES = (
    "Sources: [Kingma and Welling 2013](https://arxiv.org/abs/1312.6114) (the variational "
    "autoencoder); [Kingma, Mohamed, Rezende and Welling 2014](https://arxiv.org/abs/1406.5298) "
    "(digit and style apart); [Zeldes 2018](https://towardsdatascience.com/variational-autoencoders-"
    "explained-in-detail-b02d7ab2ab10) (this network)."
)


def render() -> None:
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
        name = one_of("Stop", stops.NAMES, STOP, on_change=_pause)
    number = stops.NAMES.index(name)
    with st.container(key="inside"):
        with st.container(key="machine"):
            picture = st.empty()
            _steps(number)
        with st.container(key="choices"):
            now = _choose(engine)
        picture.html(machine.drawing(now, number))
        with st.container(key="explained"):
            stop = stops.STOPS[name](now)
            st.header(stop.title, anchor=False)
            aloud(stop.title, "stop")
            st.markdown(stop.words)
            for formula in stop.formulas:
                st.latex(formula)
            st.html(table("symbols", stop.symbols))
            st.html(stop.view)


def _steps(number: int) -> None:
    with st.container(horizontal=True):
        st.button("Back", disabled=number == 0, on_click=_go, args=(number - 1,))
        st.button(
            "Next", type="primary", disabled=number == len(stops.NAMES) - 1,
            on_click=_go, args=(number + 1,),
        )  # fmt: skip
        playing = PLAYED in st.session_state
        st.button("Pause" if playing else "Play", key="play", on_click=_pause if playing else _play)


def _choose(engine: DigitEngine) -> Walk:
    """The controls under the machine, and the walk that they make."""
    mine = current_image()
    names = [*([MINE] if mine is not None else []), *(f"an example of {k}" for k in range(DIGITS))]
    given = None if mine is None else mine.tobytes()
    choose_anew("inside_image", given, f"an example of {EXAMPLE}" if mine is None else MINE)
    name = st.selectbox("Image", names, key="inside_image", persist_state="session")
    if name == MINE and mine is not None:
        image, label = mine, current_label()
    else:
        label = int(name[-1]) if name and name != MINE else EXAMPLE
        image = mnist_sample.of_digit(label)
    with st.container(key="noise", horizontal=True, vertical_alignment="bottom"):
        kinds = (NO_NOISE, "drawn")
        kind = one_of("Noise ε", kinds, "inside_noise", usual="drawn", is_named=True)
        st.button("Draw again", key="again", disabled=kind == NO_NOISE, on_click=_redraw)
    dims = st.selectbox(
        "Digit dims y for the decoder",
        (AS_TRAINED, SOFT, HARD, *(f"a plain {k}" for k in range(DIGITS))),
        key="inside_dims",
        persist_state="session",
    )
    noise = walk.draw(engine, st.session_state.get(SEED, 0))[0]
    return walk.of(engine, image, label, 0 * noise if kind == NO_NOISE else noise, dims)


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
    now = stops.NAMES.index(st.session_state.get(STOP) or stops.NAMES[0])
    st.session_state[STOP] = stops.NAMES[min(now + 1, len(stops.NAMES) - 1)]
    st.session_state[PLAYED] = time.monotonic()
    if st.session_state[STOP] == stops.NAMES[-1]:
        _pause()


def _redraw() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


render()
