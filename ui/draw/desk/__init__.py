"""The desk: a digit is drawn, read and written on as all ten, in the browser.

Python tells it which model to read with, and of a picture that was uploaded; it says what is drawn,
which other pages look at too. All else, the digits that were kept among it, stays in the browser.
"""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.draw.desk.starters import EXAMPLES
from ui.draw.photo import MAX_BOXES, Edit, Photo, Shares
from ui.shared.board import Board, is_digit, is_text, start
from ui.shared.browser import component
from ui.shared.dims import told
from ui.shared.drawing import Told
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.model.config import IMAGE_SIZE, PIXELS
from vae_model.model.numbers import number

KEY = "desk"
_desk = component(
    "draw_desk",
    "draw/desk/desk",
    "../../shared/pieces",
    "pad",
    "boxes",
    "below",
    EXAMPLES=base64.b64encode(EXAMPLES.tobytes()).decode(),
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
    """Rises with everything that a desk says, from the browser's clock on."""
    edit: Edit | None = None
    """Of the picture that lies on it."""
    told: Told | None = None
    """Which digit the one that is read is, where its visitor has said so."""


def draw_desk(
    engine: DigitEngine,
    *,
    called: str,
    way: str,
    photo: Photo | None,
    note: str,
    turn: int | None,
) -> Board | None:
    """Show the desk; the board of Explore that the visitor wants to go to from it.

    called is what people know the model by, photo the picture that was given, note what is to be
    said of it, turn the one that was heard last. Raises BadDesk as `parse` does.
    """
    result = _desk(
        key=KEY,
        data={
            **told(engine),
            "name": called,
            "way": way,
            "picture": None if photo is None else _picture(photo),
            "note": note,
            "heard": turn,
        },
        # Only states with a callback exist; what they say is asked for before.
        on_desk_change=lambda: None,
        on_explore_change=lambda: None,
    )
    leaving = result.get("explore")
    return None if leaving is None else parse_leaving(leaving, engine.z_dim)


def _picture(photo: Photo) -> dict[str, Any]:
    return {
        "file": photo.edit.file,
        "url": photo.url,
        "quarters": photo.edit.quarters,
        "digits": [
            {
                "box": box,
                "image": found and packed(found.image),
                "touching": found is not None and found.is_touching,
            }
            for box, found in zip(photo.boxes, photo.digits, strict=True)
        ],
        "opened": photo.opened,
        "edited": photo.edit.boxes is not None,
        "frame": photo.frame,
        "found": photo.found,
    }


def packed(image: Floats) -> str:
    """An image (28, 28) as 784 bytes in base64."""
    return base64.b64encode(np.rint(255 * image).astype(np.uint8).tobytes()).decode()


def parse(value: object) -> Drawn:
    """What the desk's JSON stands for. Raises BadDesk for anything else."""
    if not isinstance(value, dict) or value.get("v") != 1:
        raise BadDesk
    image, turn, edit, said = (value.get(name) for name in ("image", "turn", "edit", "told"))
    if type(turn) is not int or not 0 <= turn < 2**53:
        raise BadDesk
    return Drawn(
        None if image is None else _unpacked(image),
        turn,
        None if edit is None else _parse_edit(edit, turn),
        None if said is None else _parse_told(said),
    )


def _parse_told(value: object) -> Told:
    if not isinstance(value, dict) or not is_digit(digit := value.get("digit")):
        raise BadDesk
    return Told(_unpacked(value.get("image")), digit)


def _parse_edit(value: object, turn: int) -> Edit:
    if not isinstance(value, dict):
        raise BadDesk
    file, quarters, boxes, opened = (
        value.get(name) for name in ("file", "quarters", "boxes", "opened")
    )
    if not (isinstance(file, str) and type(quarters) is int and 0 <= quarters < 4):
        raise BadDesk
    if boxes is None:
        return Edit(file, quarters, None, 0, turn)
    if not isinstance(boxes, list) or len(boxes) > MAX_BOXES:
        raise BadDesk
    if type(opened) is not int or not -1 <= opened < max(len(boxes), 1):
        raise BadDesk
    return Edit(file, quarters, tuple(_parse_box(each) for each in boxes), opened, turn)


def _parse_box(value: object) -> Shares:
    sides = [number(each) for each in value] if isinstance(value, list) else []
    match sides:
        case [float(left), float(top), float(right), float(bottom)]:
            if 0 <= left < right <= 1 and 0 <= top < bottom <= 1:
                return left, top, right, bottom
    raise BadDesk


def parse_leaving(value: object, z_dim: int) -> Board:
    """What Explore is to show by the desk's JSON. Raises BadDesk for anything else."""
    if not isinstance(value, dict):
        raise BadDesk
    style, digit, text = value.get("style"), value.get("digit"), value.get("text")
    numbers = [number(each) for each in style] if isinstance(style, list) else []
    known = [each for each in numbers if each is not None]
    if not (len(known) == len(numbers) == z_dim and is_digit(digit) and is_text(text)):
        raise BadDesk
    return start(known, digit, text)


def _unpacked(text: object) -> Floats:
    if not isinstance(text, str) or len(text) > 2 * PIXELS:
        raise BadDesk
    try:
        pixels = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
        return pixels.reshape(IMAGE_SIZE, IMAGE_SIZE).astype(np.float32) / np.float32(255)
    except ValueError as error:
        raise BadDesk from error
