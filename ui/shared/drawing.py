"""The visitor's own digit: how it is given, and the image of it that is read."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import streamlit as st

from vae_model.engine.digit_engine import Floats

Way = Literal["Draw", "Upload", "Camera"]
WAYS: tuple[Way, ...] = get_args(Way)
WAY = "way"
IMAGES = "images"
TOLD = "digit_told"


@dataclass(frozen=True)
class Told:
    """Which digit an image is, as its visitor says."""

    image: Floats
    """(28, 28) in [0, 1], to a 255th"""
    digit: int


def current_way() -> Way:
    """How the visitor gives their digit at present."""
    chosen = st.session_state.get(WAY)
    return chosen if chosen in WAYS else "Draw"


def current_image() -> Floats | None:
    """What is being read, (28, 28) in [0, 1] as the network sees it; None where nothing is yet.
    Where there is no picture yet, or none that can be read, the drawing stays."""
    images: dict[Way, Floats | None] = st.session_state.get(IMAGES, {})
    image = images.get(current_way())
    return images.get("Draw") if image is None else image


def current_label() -> int | None:
    """Which digit that is, by its visitor; None where they have not said."""
    told: Told | None = st.session_state.get(TOLD)
    image = current_image()
    if told is None or image is None or np.abs(told.image - image).max() > 1 / 255:
        return None
    return told.digit
