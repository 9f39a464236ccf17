"""A choice of which all is in sight."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


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
