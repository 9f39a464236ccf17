"""How the board on Explore begins, and what its address asked for."""

import streamlit as st

from ui.explore import address
from ui.shared.board import KEPT, Board, current_board, keep_board
from ui.shared.browser.tensors import link_digest
from vae_model.engine.digit_engine import DigitEngine

WEIGHTS = "weights"
HIDE = "hide"
_START = "board_start"
_HIDDEN = "board_hidden"
_PROBLEMS = "board_problems"


def board_key(digest: str) -> str:
    """Session key of the board of the model with these weights."""
    return f"board-{digest}"


def open_board(engine: DigitEngine) -> None:
    """Decide how the board begins: as it was left, or set by another page, or another model's
    was; in a new session as the address says; else in the middle of the prior.

    To be called when the board appears and not while it is there, or what the visitor moves would
    be sent back to them.
    """
    asked: Board | None = None
    problems: list[str] = []
    if KEPT not in st.session_state:
        params = {name: st.query_params.get_all(name) for name in st.query_params}
        asked, problems = address.from_address(params, engine.z_dim)
        if asked and params.get(WEIGHTS, []) not in ([], [link_digest(engine)]):
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
