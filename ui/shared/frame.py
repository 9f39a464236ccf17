"""What all pages share: page settings, the look, the header, the sidebar with the model."""

import html
from pathlib import Path

import streamlit as st

from ui.shared import access, metrics, shelf, visit
from ui.shared.pages import TRAIN, Page
from ui.shared.words import escaped, quoted
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import jobs

_ROOT = Path(__file__).resolve().parents[2]
_THEME = Path(__file__).with_name("theme.css")
_PARTS = Path(__file__).with_name("parts.css")
_ENGINE = "engine"
_ADDRESS = "address_problems"


def configure() -> None:
    """Settings of every page, and the styles they share."""
    st.set_page_config(page_title="Digits with style", page_icon="✍️", layout="wide")
    st.html(_THEME)
    colors = "".join(
        f"{name}: light-dark({st.get_option(f'theme.light.{of}')}, "
        f"{st.get_option(f'theme.dark.{of}')}); "
        for name, of in (("--accent", "primaryColor"), ("--paper", "backgroundColor"))
    )
    st.html(f"<style>:root, .stApp {{ {colors}}}</style>")


def header(page: Page) -> None:
    """The page's title, the one sentence that says what to do here, and its styles."""
    st.title(page.title, anchor=False)
    st.markdown(page.sentence)
    st.html(_PARTS)
    if (styles := _ROOT / page.file.replace(".py", ".css")).exists():
        st.html(styles)
    address_note(st.session_state.get(_ADDRESS, []))


def begin(page: Page) -> DigitEngine:
    """The header of a page, and the model that it shows; without one the page ends here."""
    header(page)
    return engine_or_stop()


def address_note(problems: list[str]) -> None:
    """Says what in the address could not be followed; nothing where all of it could."""
    if problems:
        listed = escaped("; ".join(problems))
        st.info(f"Not everything in this page's address could be followed: {listed}.")


def render_sidebar() -> None:
    """The choice of the model, its measured figures, and what is wrong with other checkpoints."""
    asked = st.query_params.get_all(visit.MODEL)
    offered = shelf.models(visit.runs_in_use(asked))
    names = list(offered.engines)
    with st.sidebar:
        if names:
            called = [offered.labels.get(name, name) for name in names]
            # Before the control is drawn, which cleans the address of what it cannot use.
            st.session_state[_ADDRESS] = [
                f"there is no model {quoted(name)}" for name in asked if name not in called
            ]
            name = st.selectbox(
                "Model",
                names,
                key=visit.MODEL,
                bind="query-params",
                format_func=lambda name: offered.labels.get(name, name),
            )
            _figures(offered.engines[name])
        st.session_state[_ENGINE] = offered.engines[name] if names else None
        for name, reason in offered.broken.items():
            st.warning(f"`{name}` cannot be loaded. {escaped(reason)}.")


def engine_or_stop() -> DigitEngine:
    """The chosen model. Where there is none, says what to do and ends the page."""
    engine: DigitEngine | None = st.session_state.get(_ENGINE)
    if engine is None:
        offered = jobs.is_allowed()
        ways = [
            access.for_the_host(
                "Those that come with the app are not in its checkpoints folder: put them back, or "
                "run `make train` in the project folder."
            ),
            "You can train a small one here, within a minute or two." if offered else "",
        ]
        said = " ".join(filter(None, ways)) or "Please come back later."
        st.info(f"There is no model to show yet. {said}")
        if offered and st.button("Train a model", type="primary"):
            st.switch_page(TRAIN.file)
        st.stop()
    return engine


def not_measured() -> None:
    """Says that figures of a model are missing, and who can measure them."""
    st.caption(
        "Not measured yet."
        + (" Train evaluates the models of its runs, under Watch." if jobs.is_allowed() else "")
        + access.for_the_host(" `python -m vae_model evaluate FOLDER --save` evaluates any.")
    )


def _figures(engine: DigitEngine) -> None:
    rows = "".join(
        f'<dt title="{html.escape(figure.meaning)}">{figure.label}</dt><dd>{figure.value}</dd>'
        for figure in metrics.figures(engine)
    )
    if rows:
        st.html(f'<dl class="figures">{rows}</dl>')
