"""What Explore's board shows, as all pages may know and set it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

import streamlit as st

from ui.shared.browser.tensors import digest
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.config import DIGITS

DIGIT_START = 3
STYLE_LIMIT = 3.0
MAX_TEXT = 24
TEXT = rf"[0-9 ]{{0,{MAX_TEXT}}}"
"""As a pattern."""
KEPT = "boards_kept"
"""Key of the session's boards, by the digest of their model, the last one set at the end."""


@dataclass(frozen=True)
class Board:
    """A style and what is written in it. Style values are kept to a hundredth: a link holds all."""

    style: tuple[float, ...]
    """(z_dim,), each within ±3."""
    digit: int = DIGIT_START
    """The digit shown large, 0-9."""
    other: int | None = None
    """What it is blended with."""
    mix: float = 0.0
    """Share of the other, 0-1."""
    text: str = ""
    """Digits and spaces, 24 at most."""
    vary: bool = False
    """Whether repeats of a digit in the text differ a little."""


def start(style: Sequence[float], digit: int = DIGIT_START, text: str = "") -> Board:
    """A board in any finite style, moved to what the board can show."""
    kept = (rounded(min(max(z, -STYLE_LIMIT), STYLE_LIMIT)) for z in style)
    return Board(tuple(kept), digit, text=text)


def rounded(value: float) -> float:
    """To a hundredth, without −0."""
    return round(float(value), 2) + 0.0


def is_digit(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < DIGITS


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch(TEXT, value) is not None


def keep_board(engine: DigitEngine, shown: Board) -> None:
    """Remember what the board of this model shows, for its return and for other pages."""
    name, kept = digest(engine), st.session_state.setdefault(KEPT, {})
    kept.pop(name, None)
    kept[name] = shown


def bring(engine: DigitEngine, brought: Board) -> None:
    """Set what another page brings; a text stays where it brings none."""
    shown = current_board(engine)
    keep_board(engine, replace(brought, text=brought.text or shown.text, vary=shown.vary))


def current_board(engine: DigitEngine) -> Board:
    """What the board shows, or showed last with this model. A style means something to its own
    model alone: with a new one the board keeps digit and text, in the middle of the prior."""
    kept: dict[str, Board] = st.session_state.get(KEPT, {})
    last = next(reversed(kept.values()), Board(()))
    middle = Board((0.0,) * engine.z_dim, last.digit, text=last.text)
    return kept.get(digest(engine), middle)
