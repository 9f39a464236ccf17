"""How the board on Explore begins, and what its address asked for."""

from dataclasses import dataclass

import streamlit as st

from ui.explore import address
from ui.shared.board import KEPT, Board, current_board, keep_board
from ui.shared.browser.tensors import digest, link_digest
from vae_model.engine.digit_engine import DigitEngine

_OPENING = "board_opening"


@dataclass(frozen=True)
class Opening:
    """How the board began when it appeared."""

    key: str
    """Session key of the board."""
    start: Board
    hidden: list[str]
    """The parts of the board that the address hid when the visit began."""
    problems: list[str]
    """What the address asked for in vain."""


def board_key(engine: DigitEngine) -> str:
    """Session key of the board of the model with these weights."""
    return f"board-{digest(engine)}"


def hear(engine: DigitEngine) -> None:
    """Take in what a hand left on the board. Raises BadBoard where that is no board's state."""
    state = st.session_state.get(board_key(engine), {}).get("state")
    if state is not None:
        keep_board(engine, address.parse(state, engine.z_dim))


def opening(engine: DigitEngine) -> Opening:
    """How the board begins: in a new session, and on the way back to it, as the address says; else
    as it was left with this model, or set by another page; else in the middle of the prior.

    Decided as the board appears, or what the visitor moves would be sent back to them.
    """
    before: Opening | None = st.session_state.get(_OPENING)
    key = board_key(engine)
    if before and key in st.session_state:
        return before
    # Kept for the whole session: a look at another page takes it out of the address.
    hidden = before.hidden if before else []
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    weights, own = params.get("weights", []), [link_digest(engine)]
    is_new = KEPT not in st.session_state
    # Back and Forward bring these weights along, and with them what the board showed there. While
    # the board of another model is there, which may have the same decoder, the address is its own.
    is_back = weights == own and not (before and before.key in st.session_state)
    told = params if is_new or is_back else {}
    asked, problems = address.from_address(told, engine.z_dim)
    if is_new:
        if weights not in ([], own):
            problems.append(
                "the link was made with another model or version of it, so its digits may differ"
            )
        hidden, unknown = address.hidden_parts(params.get("hide", []))
        problems += unknown
    opened = Opening(key, asked or current_board(engine), hidden, problems)
    st.session_state[_OPENING] = opened
    keep_board(engine, opened.start)
    return opened
