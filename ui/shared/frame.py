"""What all pages share: page settings, the look, the header, the sidebar with the model."""

import html
import re
from pathlib import Path

import streamlit as st

from ui.explore.address import quoted
from ui.shared import access
from ui.shared import shelf as models
from ui.shared import visit as state
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import jobs

_THEME = Path(__file__).parent / "theme.css"
_TRAIN = "ui/train/page.py"
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


def header(title: str, sentence: str) -> None:
    """The page's title and the one sentence that says what to do here."""
    st.title(title, anchor=False)
    st.markdown(sentence)
    address_note(st.session_state.get(_ADDRESS, []))


def address_note(problems: list[str]) -> None:
    """Says what in the address could not be followed; nothing where all of it could."""
    if problems:
        listed = escaped("; ".join(problems))
        st.info(f"Not everything in this page's address could be followed: {listed}.")


def render_sidebar() -> None:
    """The choice of the model, its measured figures, and what is wrong with other checkpoints."""
    asked = st.query_params.get_all(state.MODEL)
    shelf = models.shelf(state.runs_in_use(asked))
    names = list(shelf.engines)
    with st.sidebar:
        if names:
            called = [shelf.labels.get(name, name) for name in names]
            # Before the control is drawn, which cleans the address of what it cannot use.
            st.session_state[_ADDRESS] = [
                f"there is no model {quoted(name)}" for name in asked if name not in called
            ]
            name = st.selectbox(
                "Model",
                names,
                key=state.MODEL,
                bind="query-params",
                format_func=lambda name: shelf.labels.get(name, name),
            )
            _figures(shelf.engines[name])
        st.session_state[_ENGINE] = shelf.engines[name] if names else None
        for name, reason in shelf.broken.items():
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
            st.switch_page(_TRAIN)
        st.stop()
    return engine


def not_measured() -> None:
    """Says that figures of a model are missing, and who can measure them."""
    st.caption(
        "Not measured yet."
        + (" Train evaluates the models of its runs, under Watch." if jobs.is_allowed() else "")
        + access.for_the_host(" `python -m vae_model evaluate FOLDER --save` evaluates any.")
    )


def escaped(text: str) -> str:
    """Text in which Markdown sees nothing but text: no picture, link, colour, formula or emoji."""
    # Addresses become links even where every sign is escaped: a word joiner, which nobody sees,
    # takes them apart.
    text = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\w)(?=@)", "\u2060", text, flags=re.IGNORECASE)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-=!|$:~^&])", r"\\\1", text)


def _figures(engine: DigitEngine) -> None:
    rows = "".join(
        f'<dt title="{html.escape(figure.meaning)}">{figure.label}</dt><dd>{figure.value}</dd>'
        for figure in models.figures(engine)
    )
    if rows:
        st.html(f'<dl class="figures">{rows}</dl>')
