"""What all pages share: page settings, the look, the header, the sidebar with the model."""

from pathlib import Path
from typing import NoReturn

import streamlit as st
from markupsafe import Markup

from ui.shared import access, shelf, visit
from ui.shared.aloud import aloud
from ui.shared.browser import PIECES, PRINT, script
from ui.shared.pages import TRAIN, Page
from ui.shared.parts import facts
from ui.shared.stored import metric
from ui.shared.words import escaped, quoted, share
from vae_model.engine.digit_engine import DigitEngine
from vae_model.runs import jobs

_ROOT = Path(__file__).resolve().parents[2]
# Above and below nought; also too much and too little ink. Not the accent: neither moves. One is
# lighter than the other, for whoever sees no hue, and for paper.
_COLORS = {"--plus": ("#0b555c", "#8fdde0"), "--minus": ("#c4541a", "#e5884a")}
_ENGINE = "engine"
_TABLET = "tablet"
_ADDRESS = "address_problems"
_SHOWN, _GONE = "model_shown", "model_gone"
# Key among the model's figures, label, how it is said, meaning.
_FIGURES = (
    ("test_accuracy", "Test accuracy", share, "Unseen handwritten digits read rightly."),
    ("generation_accuracy", "Generation accuracy", share,
     "Generated digits that an independent judge reads as the digit asked for."),
    ("nelbo_bernoulli", "NELBO", "{:.1f} nats".format,
     "What an unseen image of a known digit costs the model, in nats: lower is better."),
)  # fmt: skip

_tablet = st.components.v2.component(_TABLET, js=script("shared/browser/tablet"))


def configure(title: str) -> None:
    """Settings of the page of that title, and the styles that all share."""
    is_tablet = st.session_state.get(_TABLET, {}).get("is_so")
    st.set_page_config(
        page_title=f"{title} · Digits with style",
        page_icon="✍️",
        layout="wide",
        # Streamlit remembers in the browser what the visitor made of it.
        initial_sidebar_state="collapsed" if is_tablet else "auto",
    )
    st.html(f"<style>{_colors()}</style>")
    for sheet in (_ROOT / "ui/shared/theme.css", PRINT):
        st.html(sheet)


def _colors() -> str:
    """The colours of both themes, as CSS; where there is but one, its own for both. A browser
    without light-dark() goes by the system's."""
    pairs = _COLORS | {
        name: tuple(
            st.get_option(f"theme.{theme}.{option}") or st.get_option(f"theme.{option}")
            for theme in ("light", "dark")
        )
        for name, option in (("--accent", "primaryColor"), ("--paper", "backgroundColor"))
    }

    def tokens(value: str) -> str:
        each = (f"{name}: {value.format(*pair)};" for name, pair in pairs.items())
        return f":root, .stApp {{ {' '.join(each)} }}"

    return (
        tokens("{0}")
        + f"@media (prefers-color-scheme: dark) {{ {tokens('{1}')} }}"
        + f"@supports (color: light-dark(#000, #fff)) {{ {tokens('light-dark({0}, {1})')} }}"
    )


def header(page: Page) -> None:
    """The page's title, the one sentence that says what to do here, and its styles."""
    st.title(page.title, anchor=False)
    aloud(page.title, "page")
    st.markdown(page.sentence)
    st.html(_ROOT / "ui/shared/parts.css")
    st.html(PIECES)
    if (styles := _ROOT / page.file.replace(".py", ".css")).exists():
        st.html(styles)
    if gone := st.session_state.get(_GONE):
        st.info(gone)
    address_note(st.session_state.get(_ADDRESS, []))


def begin(page: Page) -> DigitEngine:
    """The header of a page, and its model; without one, says what to do and ends the page."""
    header(page)
    return engine() or _say_there_is_none()


def engine() -> DigitEngine | None:
    """The model that is shown; None where there is none."""
    return st.session_state.get(_ENGINE)


def shown() -> tuple[str, str]:
    """Name of that model, and what people know it by."""
    return st.session_state[_SHOWN]


def _say_there_is_none() -> NoReturn:
    offered = jobs.is_allowed()
    ways = [
        access.for_the_host(
            "Those that come with the app are not in its checkpoints folder: put them back, or run "
            "`make train` in the project folder."
            if shelf.folder().resolve() == shelf.DEFAULT_FOLDER
            else f"`{shelf.FOLDER_VARIABLE}` names a folder without one."
        ),
        "You can train a small one here, within a minute." if offered else "",
    ]
    said = " ".join(filter(None, ways)) or "Please come back later."
    st.info(f"There is no model to show yet. {said}")
    if offered and st.button("Train a model", type="primary"):
        st.switch_page(TRAIN.file)
    st.stop()


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
        gone = st.session_state[_GONE] = _let_go(offered) if names else ""
        if names:
            # Before the control is drawn, which cleans the address of what it cannot use.
            st.session_state[_ADDRESS] = [] if gone else _unknown(asked, offered)
            name = st.selectbox(
                "Model", names, key=visit.MODEL, bind="query-params", format_func=offered.called
            )
            st.session_state[_SHOWN] = name, offered.called(name)
            _figures(offered.engines[name])
        st.session_state[_ENGINE] = offered.engines[name] if names else None
        for name, reason in offered.broken.items():
            st.warning(f"`{name}` cannot be loaded. {escaped(reason)}.")
        _tablet(key=_TABLET, height=1, on_is_so_change=lambda: None)


def _let_go(offered: shelf.Shelf) -> str:
    """Where the model that was shown has gone, such as a run's that was deleted: the first one is
    chosen in its place, and the address follows. What to say of it; empty where it is there."""
    first = next(iter(offered.engines))
    if st.session_state.get(visit.MODEL, first) in offered.engines:
        return ""
    name, called = st.session_state.get(_SHOWN, ("", "the model that you chose"))
    # It may only be called otherwise by now, and the browser has told the old name.
    is_there = name in offered.engines
    st.session_state[visit.MODEL] = name if is_there else first
    shown = escaped(offered.called(first))
    return "" if is_there else f"“{escaped(called)}” is not there any more. Shown now is “{shown}”."


def _unknown(asked: list[str], offered: shelf.Shelf) -> list[str]:
    """What to say of the models that the address names and that are not there. A link may name a
    run as it was called before there was another of its name: then the newest is chosen."""
    called = {offered.called(name) for name in offered.engines}
    problems: list[str] = []
    for label in asked:
        names = [shelf.RUN_PREFIX + run_id for run_id in visit.runs_meant(label)]
        meant = [name for name in names if name in offered.engines]
        if label not in called and meant:
            st.session_state.setdefault(visit.MODEL, meant[-1])
        elif label not in called:
            problems.append(f"there is no model {quoted(label)}")
    return problems


def not_measured() -> None:
    """Says that figures of a model are missing, and who can measure them."""
    st.caption(
        "Not measured yet."
        + (" Train evaluates the models of its runs, under Watch." if jobs.is_allowed() else "")
        + access.for_the_host(" `python -m vae_model evaluate FOLDER --save` evaluates any.")
    )


def _figures(engine: DigitEngine) -> None:
    rows = [
        (Markup('<span title="{}">{}</span>').format(meaning, label), say(value))
        for key, label, say, meaning in _FIGURES
        if (value := metric(engine, key)) is not None
    ]
    if rows:
        st.html(facts("figures", rows))
