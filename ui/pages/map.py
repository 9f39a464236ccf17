"""Map: where real digits lie in the space of styles, and how much of the digit hides there."""

from pathlib import Path

import numpy as np
import streamlit as st

from ui import cached, drawn, latent_map, leak, models, shell, state
from ui.latent_map import Axes
from ui.latents import Latents
from vae_model.engine import DigitEngine, Floats

STYLES = Path(__file__).parent.parent / "understand.css"
EXPLORE = "ui/pages/explore.py"

AXES = "map_axes"
ACROSS, UP = "map_across", "map_up"
COLOUR = "colour"
DIMS, COMPONENTS = "two style dims", "PCA"
PICK = "map_pick"
ONE, SEVERAL = "one digit", "a group"


def render() -> None:
    """The whole page."""
    shell.header("Map", "2,000 test digits by their style: those close together are written alike.")
    engine = shell.engine_or_stop()
    st.html(STYLES)
    _map(engine)
    st.subheader("Does the digit hide in the style?", anchor=False)
    st.markdown(leak.WHY)
    st.html(leak.figures(engine.checkpoint.metrics))


@st.fragment
def _map(engine: DigitEngine) -> None:
    latents = cached.latents(engine)
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
                latent_map.figure(latents, axes, colour, _mine(engine), loop),
                key="map-chart",
                on_select="rerun",
                selection_mode=("points", "lasso"),
                config={"displayModeBar": False},
                alt="Map of the styles of 2,000 test digits",
            )
        with side:
            _picked(engine, latents, latent_map.chosen_rows(event.get("selection")), loop)


def _choose(engine: DigitEngine, latents: Latents) -> tuple[Axes, str]:
    """The controls beside the map."""
    with st.container(key="colour"):
        colour = st.segmented_control(
            "Colour", latent_map.COLOURS, default=latent_map.COLOURS[0], required=True,
            key="map_colour", persist_state="session",
        )  # fmt: skip
    awake, asleep = models.style_dims(engine)
    dims = [*awake, *asleep]
    colour = colour or latent_map.COLOURS[0]
    kinds = (DIMS, COMPONENTS) if len(dims) > 1 else (COMPONENTS,)
    with st.container(key="axes"):
        kind = st.segmented_control(
            "Axes", kinds, default=kinds[0], required=True, key=AXES, persist_state="session"
        )
    if kind == COMPONENTS:
        return latent_map.pca(latents), colour
    names = [each.name for each in dims]
    with st.container(key="map-dims", horizontal=True):
        across = st.selectbox("Across", names, 0, key=ACROSS, persist_state="session")
        up = st.selectbox("Up", names, 1, key=UP, persist_state="session")
    first = names.index(across) if across in names else 0
    second = names.index(up) if up in names else 1
    return latent_map.two_dims(dims[first], dims[second], engine.z_dim), colour


def _mine(engine: DigitEngine) -> tuple[Floats, Floats] | None:
    """The posterior of the visitor's drawing."""
    source = drawn.current_source()
    if source is None:
        return None
    reading = engine.read(source.image)
    return reading.style_mean, reading.style_std


def _picked(engine: DigitEngine, latents: Latents, rows: np.ndarray, loop: bool) -> None:
    """What was clicked, or circled."""
    if not len(rows):
        text = (
            "Draw a loop around several points to see what they share."
            if loop
            else "Click a point to see its digit."
        )
        text += (
            "\n\nThe two circles are the prior, one and two σ: where styles lie before any image "
            "is seen."
        )
        if drawn.current_source() is not None:
            text += " The coloured rings are your drawing: its style within one and two σ."
        st.markdown(text)
        return
    if len(rows) == 1:
        row = int(rows[0])
        st.html(latent_map.one(engine, latents, row))
        style, digit = latents.mean[row], int(latents.read[row])
    else:
        st.markdown(f"**{len(rows)} digits**")
        awake, asleep = models.style_dims(engine)
        text, style, digit = latent_map.group(engine, latents, rows, awake or asleep)
        st.html(text)
    if st.button("Open in Explore"):
        st.switch_page(EXPLORE, query_params=state.explore_address(engine, style, digit))


render()
