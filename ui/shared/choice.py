"""A choice of which all is in sight."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def choose_anew(key: str, cause: object, value: object) -> None:
    """Chooses a value for a control whenever its cause is another one than before, whatever the
    visitor has chosen. To be called before the control is drawn."""
    if st.session_state.get(known := f"{key}_cause") != (cause,):
        st.session_state[known], st.session_state[key] = (cause,), value


def one_of(
    label: str,
    choices: Sequence[T],
    key: str,
    *,
    usual: T | None = None,
    is_named: bool = False,
    on_change: Callable[[], None] | None = None,
) -> T:
    """What is chosen, the first or the usual one before that; a look at another page leaves it. The
    label is shown where the choice is named, and read aloud anyway."""
    first = choices[0] if usual is None else usual
    chosen = st.segmented_control(
        label,
        choices,
        default=first,
        required=True,
        key=key,
        label_visibility="visible" if is_named else "collapsed",
        persist_state="session",
        on_change=on_change,
    )
    return first if chosen is None else chosen
