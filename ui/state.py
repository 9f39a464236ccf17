"""The state of the Explore page: session keys, and what the address says.

Controls of the Explore page are bound to the address by Streamlit itself: `digit`, and `z1` to
`z64` for the style dims of the model, `model` for the checkpoint.
"""

import math
import re
from collections.abc import Iterable

import numpy as np
import streamlit as st

from vae_model.config import DIGITS
from vae_model.engine import DigitEngine, Floats

MODEL = "model"
DIGIT = "digit"

DIGIT_START = 3
STYLE_LIMIT = 3.0
STYLE_STEP = 0.05


def style_key(dim: int) -> str:
    """Session key, and name in the address, of a style dim counted from 0."""
    return f"z{dim + 1}"


def set_style(engine: DigitEngine, style: Iterable[float]) -> None:
    """Move the sliders: each dim to the nearest step that its slider has."""
    for dim, value in zip(range(engine.z_dim), style, strict=True):
        steps = round(min(max(float(value), -STYLE_LIMIT), STYLE_LIMIT) / STYLE_STEP)
        st.session_state[style_key(dim)] = round(steps * STYLE_STEP, 2)


def explore_address(engine: DigitEngine, style: Iterable[float], digit: int) -> dict[str, str]:
    """Set Explore to this style and digit, and return what its address has to say of them.

    Both are needed on the way to that page: the session moves a control that was there before,
    the address one that was not.
    """
    set_style(engine, style)
    st.session_state[DIGIT] = digit
    keys = [style_key(dim) for dim in range(engine.z_dim)]
    address = {key: str(st.session_state[key]) for key in keys if st.session_state[key]}
    if digit != DIGIT_START:
        address[DIGIT] = str(digit)
    if MODEL in st.query_params:
        address[MODEL] = st.query_params[MODEL]
    return address


def address_problems(models: Iterable[str], z_dim: int) -> list[str]:
    """What the address holds that cannot be: one phrase each. Streamlit ignores those parts.

    To be asked before the bound controls are drawn, which clean the address.
    """
    problems = []
    for name in list(st.query_params):
        value, *more = st.query_params.get_all(name) or [""]
        style = re.fullmatch(r"z([1-9][0-9]?)", name)
        if more and (style or name in (MODEL, DIGIT)):
            problems.append(f"{name} is there more than once")
        elif name == MODEL and value not in models:
            problems.append(f"there is no model {_quoted(value)}")
        elif name == DIGIT and not re.fullmatch(r"[0-9]", value):
            problems.append(f"{_quoted(value)} is no digit from 0 to 9")
        elif style and int(style[1]) > z_dim:
            problems.append(f"this model has no {name}, only z1 to z{z_dim}")
            # No control will come to clean this one away.
            del st.query_params[name]
        elif style and not _is_style(value):
            problems.append(f"{name} must be a number from −3 to 3, not {_quoted(value)}")
    return problems


def random_style(awake: list[int], z_dim: int) -> Floats:
    """A style drawn from the prior; dims that are asleep stay at their mean."""
    style = np.zeros(z_dim, np.float32)
    style[awake] = np.random.default_rng().standard_normal(len(awake))
    return style


def chosen_digit() -> int:
    """The digit that Explore shows large; an address can empty the control."""
    digit = st.session_state.get(DIGIT)
    return digit if type(digit) is int and 0 <= digit < DIGITS else DIGIT_START


def _is_style(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and abs(number) <= STYLE_LIMIT


def _quoted(value: str) -> str:
    """A part of the address, short and without what Markdown would take for formatting."""
    kept = re.sub(r"[^\w .+-]", "", value)[:20].strip()
    return f"“{kept}”"
