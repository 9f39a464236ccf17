"""The desk: a digit is drawn, read and written on as all ten, in the browser.

Python tells it which model to read with, and of a picture that was uploaded; it says what is drawn,
which other pages look at too. All else, the digits that were kept among it, stays in the browser.
"""

import base64
import binascii
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.draw.desk.starters import EXAMPLES
from ui.shared.board import is_digit, is_text
from ui.shared.browser import component
from ui.shared.dims import told
from ui.shared.drawing import Source
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.model.config import IMAGE_SIZE, PIXELS
from vae_model.model.numbers import number

_EXAMPLES = base64.b64encode(EXAMPLES.tobytes()).decode()

_desk = component(
    "draw_desk", "draw/desk/desk", "../../shared/pieces", "pad", "below", EXAMPLES=_EXAMPLES
)


class BadDesk(ValueError):
    """Not what the desk sends; the message is fit for the user."""

    def __init__(self) -> None:
        super().__init__("What was drawn did not arrive in one piece: draw it again.")


@dataclass(frozen=True)
class Drawn:
    """What is drawn on the desk."""

    image: Floats | None
    """(28, 28) in [0, 1]; None where nothing is that could be read."""
    turn: int
    """Rises with everything that a desk says."""


@dataclass(frozen=True)
class Leaving:
    """The way to Explore: a hand, and what is to be written in it."""

    style: tuple[float, ...]
    digit: int
    text: str


def draw_desk(
    engine: DigitEngine, *, key: str, way: str, source: Source | None, note: str
) -> tuple[Drawn | None, Leaving | None]:
    """Show the desk; what it says since the pen was last lifted, and where the visitor wants to go.

    source is the picture that was given, note what is to be said of one that cannot be read.
    Raises BadDesk where something else arrives in the desk's name.
    """
    picture = None
    if source is not None and source.photo is not None:
        picture = {"image": packed(source.image), "url": source.photo.preview}
    # What this run answers is known before the desk is shown: so it hears of that.
    said = st.session_state.get(key, {}).get("desk")
    result = _desk(
        key=key,
        data={
            **told(engine),
            "name": engine.name,
            "way": way,
            "picture": picture,
            "note": note,
            "heard": said.get("turn") if isinstance(said, dict) else None,
        },
        # Only states with a callback exist; the value is taken from the result.
        on_desk_change=lambda: None,
        on_explore_change=lambda: None,
    )
    said, leaving = result.get("desk"), result.get("explore")
    return (
        None if said is None else parse(said),
        None if leaving is None else parse_leaving(leaving, engine.z_dim),
    )


def packed(image: Floats) -> str:
    """An image (28, 28) as 784 bytes in base64."""
    return base64.b64encode(np.rint(255 * image).astype(np.uint8).tobytes()).decode()


def parse(value: object) -> Drawn:
    """What the desk's JSON stands for. Raises BadDesk for anything else."""
    if not isinstance(value, dict) or value.get("v") != 1:
        raise BadDesk
    image, turn = value.get("image"), value.get("turn")
    if type(turn) is not int or not 0 <= turn < 2**53:
        raise BadDesk
    return Drawn(None if image is None else _unpacked(image), turn)


def parse_leaving(value: object, z_dim: int) -> Leaving:
    """Where the desk's JSON leads to. Raises BadDesk for anything else."""
    if not isinstance(value, dict):
        raise BadDesk
    style, digit, text = value.get("style"), value.get("digit"), value.get("text")
    numbers = [number(each) for each in style] if isinstance(style, list) else []
    known = [each for each in numbers if each is not None]
    if not (len(known) == len(numbers) == z_dim and is_digit(digit) and is_text(text)):
        raise BadDesk
    return Leaving(tuple(known), digit, text)


def _unpacked(text: object) -> Floats:
    if not isinstance(text, str) or len(text) > 2 * PIXELS:
        raise BadDesk
    try:
        pixels = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (ValueError, binascii.Error) as error:
        raise BadDesk from error
    if pixels.size != PIXELS:
        raise BadDesk
    image: Floats = pixels.reshape(IMAGE_SIZE, IMAGE_SIZE).astype(np.float32) / np.float32(255)
    return image
