"""Map: where real digits lie in the space of styles, and how much of the digit hides there."""

from collections.abc import Sequence

import streamlit as st

from ui.map import chart, data, leak, picked
from ui.map.axes import Axes, Layout, pca, two_dims
from ui.map.card import map_card
from ui.shared import board, frame, mnist_sample, pages, visit
from ui.shared.aloud import aloud
from ui.shared.charts import NO_MODE_BAR
from ui.shared.choice import one_of
from ui.shared.dims import style_dims
from ui.shared.drawing import current_image
from ui.shared.latents import Latents, latents_of
from ui.shared.words import escaped
from vae_model.engine.digit_engine import DigitEngine

DIMS, COMPONENTS, NEIGHBOURS = "two style dims", "PCA", "UMAP"
ONE, SEVERAL = "one digit", "a group"
CHART, CARD = "map-chart", "map-card"
# What is picked stays where the map is drawn anew: the digit's number, or the group's rows.
NUMBER, GROUP = "map_number", "map_group"


def render() -> None:
    engine = frame.begin(pages.MAP)
    _map(engine)
    st.header("Does the digit hide in the style?", anchor=False)
    st.markdown(leak.why(engine))
    if found := leak.figures(engine):
        st.html(found)
    else:
        frame.not_measured()


@st.fragment
def _map(engine: DigitEngine) -> None:
    latents = latents_of(engine)
    drawn = current_image()
    with st.container(key="map-page"):
        with st.container(key="map-side"):
            colour = _choose_one("Colour", chart.COLOURS, "colour")
            axes = _axes(engine, latents)
            loop = _choose_one("Pick", (ONE, SEVERAL), "pick") == SEVERAL
            rows = st.session_state.get(GROUP, picked.rows([])) if loop else _digit()
            side = st.container(key="map-picked")
        with st.container(key="map"):
            reading = None if drawn is None else engine.read(drawn)
            st.plotly_chart(
                chart.figure(latents, axes, colour, reading, loop),
                key=CHART,
                # Streamlit takes each drag where it lets points be clicked: the card tells those.
                on_select=_keep_group if loop else "ignore",
                selection_mode="lasso",
                config=NO_MODE_BAR,
                alt="Map of the styles of 2,000 test digits",
            )
        with side:
            if len(rows):
                _picked(engine, latents, rows, colour)
            else:
                aloud("", "picked")
                if loop and st.session_state[CHART]["selection"].get("lasso"):
                    st.markdown("There is no digit in this loop. A double click lets go of it.")
                st.markdown(chart.explained(axes, colour, loop, has_drawing=drawn is not None))
        # Last, so that the map need not wait for half a megabyte of pictures.
        keep = (lambda: None) if loop else _keep_digit
        map_card(key=CARD, data=data.pictures(engine), height=1, on_row_change=keep)


def _choose_one(label: str, choices: Sequence[str], place: str) -> str:
    """A choice, styled by its place."""
    with st.container(key=place):
        return one_of(label, choices, f"map_{place}", is_named=True)


def _digit() -> picked.Rows:
    """The digit that was picked: on the map, or here by its number."""
    most = len(mnist_sample.test_digits()[1])
    number = st.number_input(
        "Number of the digit", 1, most, None, placeholder=f"1 to {most:,}",
        key=NUMBER, persist_state="session",
    )  # fmt: skip
    return picked.rows([] if number is None else [number - 1])


def _keep_digit() -> None:
    """What was clicked; a second click lets go of it."""
    for row in picked.rows([st.session_state[CARD].row]):
        number = int(row) + 1
        st.session_state[NUMBER] = None if st.session_state.get(NUMBER) == number else number


def _keep_group() -> None:
    st.session_state[GROUP] = picked.looped_rows(st.session_state[CHART])


def _axes(engine: DigitEngine, latents: Latents) -> Axes | Layout:
    awake, asleep = style_dims(engine)
    dims = [*awake, *asleep]
    layout = data.layout(engine)
    kinds = [DIMS, COMPONENTS] if len(dims) > 1 else [COMPONENTS]
    if isinstance(layout, Layout):
        kinds.append(NEIGHBOURS)
    kind = _choose_one("Axes", kinds, "axes")
    if isinstance(layout, str):
        st.caption(f"There is no UMAP to choose: {escaped(layout)}.")
    if kind == NEIGHBOURS and isinstance(layout, Layout):
        return layout
    if kind != DIMS:
        return pca(latents)
    named = {each.name: each for each in dims}
    with st.container(horizontal=True):
        across = st.selectbox("Across", list(named), 0, key="map_across", persist_state="session")
        first = named.pop(across, dims[0])
        up = st.selectbox("Up", list(named), key="map_up", persist_state="session")
    return two_dims(first, named.get(up, dims[1]), engine.z_dim)


def _picked(engine: DigitEngine, latents: Latents, rows: picked.Rows, colour: str) -> None:
    """What was clicked, or circled; with it come and go the styles that light it on the map."""
    if len(rows) == 1:
        row = int(rows[0])
        text, said = picked.one(engine, latents, row), picked.said(latents, row)
        style, digit = latents.mean[row], int(latents.read[row])
    else:
        said = f"{len(rows)} digits"
        st.markdown(f"**{said}**")
        awake, asleep = style_dims(engine)
        text, style, digit = picked.group(engine, latents, rows, awake or asleep)
    st.html(text + chart.lit(rows, colour))
    aloud(said, "picked")
    if st.button("Open in Explore"):
        board.bring(engine, board.start(style.tolist(), digit))
        visit.open_explore()


render()
