"""Map: where real digits lie in the space of styles, and how much of the digit hides there."""

import numpy as np
import streamlit as st

from ui.map import chart, data, leak, picked
from ui.map.axes import NEAREST, Axes, Layout, pca, two_dims
from ui.map.card import map_card
from ui.shared import board, frame, pages, visit
from ui.shared.dims import style_dims
from ui.shared.drawing import current_source
from ui.shared.latents import Latents, latents_of
from ui.shared.words import escaped
from vae_model.engine.digit_engine import DigitEngine, Floats

AXES = "map_axes"
ACROSS, UP = "map_across", "map_up"
DIMS, COMPONENTS, NEIGHBOURS = "two style dims", "PCA", "UMAP"
PICK = "map_pick"
ONE, SEVERAL = "one digit", "a group"


def render() -> None:
    """The whole page."""
    engine = frame.begin(pages.MAP)
    _map(engine)
    st.subheader("Does the digit hide in the style?", anchor=False)
    st.markdown(leak.WHY)
    found = leak.figures(engine.checkpoint.metrics)
    if found:
        st.html(found)
    else:
        frame.not_measured()


@st.fragment
def _map(engine: DigitEngine) -> None:
    latents = latents_of(engine)
    with st.container(key="map-page"):
        with st.container(key="map-side"):
            axes, colour = _choose(engine, latents)
            with st.container(key="pick"):
                pick = st.segmented_control(
                    "Pick",
                    (ONE, SEVERAL),
                    default=ONE,
                    required=True,
                    key=PICK,
                    persist_state="session",
                )
            loop = pick == SEVERAL
            side = st.container(key="map-picked")
        with st.container(key="map"):
            event = st.plotly_chart(
                chart.figure(latents, axes, colour, _mine(engine), loop),
                key="map-chart",
                on_select="rerun",
                selection_mode=("points", "lasso"),
                config={"displayModeBar": False},
                alt="Map of the styles of 2,000 test digits",
            )
        with side:
            rows = picked.chosen_rows(event.get("selection"))
            if len(rows):
                _picked(engine, latents, rows)
            else:
                st.markdown(_explained(axes, colour, loop))
        # Last, so that the map need not wait for half a megabyte of pictures.
        map_card(data.pictures(engine), key="map-card")


def _choose(engine: DigitEngine, latents: Latents) -> tuple[Axes | Layout, str]:
    """The controls beside the map."""
    with st.container(key="colour"):
        colour = st.segmented_control(
            "Colour", chart.COLOURS, default=chart.COLOURS[0], required=True,
            key="map_colour", persist_state="session",
        )  # fmt: skip
    awake, asleep = style_dims(engine)
    dims = [*awake, *asleep]
    colour = colour or chart.COLOURS[0]
    layout = data.layout(engine)
    kinds = [COMPONENTS]
    if len(dims) > 1:
        kinds.insert(0, DIMS)
    if isinstance(layout, np.ndarray):
        kinds.append(NEIGHBOURS)
    with st.container(key="axes"):
        kind = st.segmented_control(
            "Axes", kinds, default=kinds[0], required=True, key=AXES, persist_state="session"
        )
    if isinstance(layout, str):
        st.caption(f"There is no UMAP to choose: {escaped(layout)}.")
    if kind == NEIGHBOURS and isinstance(layout, np.ndarray):
        return Layout(layout), colour
    if kind == COMPONENTS or len(dims) < 2:
        return pca(latents), colour
    names = [each.name for each in dims]
    with st.container(key="map-dims", horizontal=True):
        across = st.selectbox("Across", names, 0, key=ACROSS, persist_state="session")
        up = st.selectbox("Up", names, 1, key=UP, persist_state="session")
    first = names.index(across) if across in names else 0
    second = names.index(up) if up in names else 1
    return two_dims(dims[first], dims[second], engine.z_dim), colour


def _mine(engine: DigitEngine) -> tuple[Floats, Floats] | None:
    """The posterior of the visitor's drawing."""
    source = current_source()
    if source is None:
        return None
    reading = engine.read(source.image)
    return reading.style_mean, reading.style_std


def _explained(axes: Axes | Layout, colour: str, loop: bool) -> str:
    """What to do, and what is to be seen, while nothing is picked."""
    has_drawing = current_source() is not None
    sentences = [
        "Draw a loop around several points to see what they share."
        if loop
        else "Click a point to see its digit.",
        "\n\n",
    ]
    if isinstance(axes, Layout):
        sentences.append("UMAP puts digits of like style side by side.")
        if colour == "digit":
            sentences.append("Where one colour clumps, the style holds the digit.")
        sentences.append(
            "Distances and directions mean nothing here, so there are no axes and no prior."
        )
        if has_drawing:
            sentences.append(
                f"The large dot is your drawing, amid the {NEAREST} digits nearest in style."
            )
    else:
        sentences.append(
            "The two circles are the prior, one and two σ: where styles lie before any image is "
            "seen."
        )
        if has_drawing:
            sentences.append("The coloured rings are your drawing: its style within one and two σ.")
    return " ".join(sentences)


def _picked(engine: DigitEngine, latents: Latents, rows: np.ndarray) -> None:
    """What was clicked, or circled."""
    if len(rows) == 1:
        row = int(rows[0])
        st.html(picked.one(engine, latents, row))
        style, digit = latents.mean[row], int(latents.read[row])
    else:
        st.markdown(f"**{len(rows)} digits**")
        awake, asleep = style_dims(engine)
        text, style, digit = picked.group(engine, latents, rows, awake or asleep)
        st.html(text)
    if st.button("Open in Explore"):
        board.keep_board(engine, board.start(style.tolist(), digit))
        visit.open_explore()


render()
