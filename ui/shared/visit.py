"""What pages share through the session: the model, and what Explore shows or is to show."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from ui.explore import address
from ui.explore.address import Board
from ui.shared import loading, shelf
from ui.shared.shelf import RUN_PREFIX
from vae_model.engine.digit_engine import DigitEngine

EXPLORE = "ui/explore/page.py"
MODEL = "model"
WEIGHTS = "weights"
HIDE = "hide"

MOST_RUNS = 8

_RUNS = "runs_in_use"
_BOARD = "board_kept"
_BOARD_MODEL = "board_kept_model"
_START = "board_start"
_HIDDEN = "board_hidden"
_PROBLEMS = "board_problems"
_SAID = "said_on_the_way"


def runs_in_use(asked: Iterable[str]) -> list[str]:
    """Ids of the runs whose models are among those to choose from: asked for in the address as a
    model, or chosen on the Train page."""
    kept: list[str] = st.session_state.setdefault(_RUNS, [])
    for label in asked:
        kept += [run_id for run_id in shelf.runs_called(label) if run_id not in kept]
    # An address can name any number of them.
    del kept[:-MOST_RUNS]
    return list(kept)


def use_run(run_id: str) -> None:
    """Make a run's model the one that this visitor's pages use; for a callback."""
    kept: list[str] = st.session_state.setdefault(_RUNS, [])
    if run_id in kept:
        kept.remove(run_id)
    kept.append(run_id)
    st.session_state[MODEL] = RUN_PREFIX + run_id


def board_key(digest: str) -> str:
    """Session key of the board of the model with these weights."""
    return f"board-{digest}"


def open_board(engine: DigitEngine) -> None:
    """Decide how the board begins: as it was left, or set by another page, or another model's
    was; in a new session as the address says; else in the middle of the prior.

    To be called when the board appears and not while it is there, or what the visitor moves would
    be sent back to them.
    """
    asked, problems = None, []
    if _BOARD not in st.session_state:
        params = {name: st.query_params.get_all(name) for name in st.query_params}
        asked, problems = address.from_address(params, engine.z_dim)
        if asked and params.get(WEIGHTS, []) not in ([], [loading.packed(engine)[0]]):
            problems.append(
                "the link was made with another model or version of it, so its digits may differ"
            )
        hidden, unknown = address.hidden_parts(params.get(HIDE, []))
        problems += unknown
        # Kept for the whole session: a look at another page takes it out of the address.
        st.session_state[_HIDDEN] = hidden
    start = asked or current_board(engine)
    st.session_state[_START] = start
    st.session_state[_PROBLEMS] = problems
    keep_board(engine, start)


def board_start() -> Board:
    """What the board began with."""
    start: Board = st.session_state[_START]
    return start


def hidden_parts() -> list[str]:
    """The parts of the board that the address hid when the visit began."""
    return list(st.session_state.get(_HIDDEN, []))


def board_problems() -> list[str]:
    """What the address asked for in vain when the board appeared."""
    return list(st.session_state[_PROBLEMS])


def keep_board(engine: DigitEngine, shown: Board) -> None:
    """Remember what the board shows, for its return and for other pages."""
    st.session_state[_BOARD] = shown
    st.session_state[_BOARD_MODEL] = loading.packed(engine)[0]


def current_board(engine: DigitEngine) -> Board:
    """What the board shows, or showed last. A style means something to its own model alone: for
    another one it begins in the middle of the prior, and digit and text stay."""
    kept: Board | None = st.session_state.get(_BOARD)
    middle = [0.0] * engine.z_dim
    if kept is None:
        return address.start(middle)
    if st.session_state.get(_BOARD_MODEL) != loading.packed(engine)[0]:
        return address.start(middle, kept.digit, kept.text)
    return kept


def open_explore(said: str = "") -> NoReturn:
    """Go to Explore, which shows what was kept, and says something there: what a page says last,
    before another one, is never seen."""
    st.session_state[_SAID] = said
    # What is set here the sidebar puts into the next address. Where it was drawn in this very run,
    # neither this nor an address that names the model is allowed.
    with suppress(StreamlitAPIException):
        st.session_state[MODEL] = st.session_state[MODEL]
    st.switch_page(EXPLORE, query_params={})


def said_on_the_way() -> str:
    """What another page had to say when it opened Explore; once."""
    return str(st.session_state.pop(_SAID, ""))
