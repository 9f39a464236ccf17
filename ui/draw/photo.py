"""A picture of digits: what was found in it, what its visitor made of that, and how the one that is
opened came to be 28x28 pixels."""

import base64
import io
import statistics
from dataclasses import dataclass, replace

from markupsafe import Markup
from PIL import Image

from ui.shared.board import MAX_TEXT
from ui.shared.parts import framed, group, pixels
from vae_model.preprocessing import (
    BadImage,
    Box,
    EmptyDrawing,
    Found,
    find_digit,
    find_digits,
    flat,
    open_image,
)

Shares = tuple[float, float, float, float]
"""Left, top, right and bottom of a box, as shares of the picture's sides."""
CROP_SIDE = 320
"""Longest side of a crop that is shown, in pixels."""
KEPT_SIDE = 1600
"""Longest side of a picture that is kept, in pixels: small digits are looked for in all of them."""
SHOWN_SIDE = 800
"""Longest side of a picture that the browser gets, in pixels."""
MAX_BOXES = MAX_TEXT
"""What is read as a number can be written as one."""
LOW = 0.7
"""Of the height of most digits: where there are too many, what is lower is left out first."""


@dataclass(frozen=True)
class Edit:
    """What a visitor made of a picture on the desk."""

    file: str
    """The picture it is about."""
    quarters: int
    """Turns to the right, 0 to 3."""
    boxes: tuple[Shares, ...] | None
    """One around each digit; None for those that are found."""
    opened: int
    """The box that is opened; -1 where there is none."""
    turn: int = 0
    """Another with every edit; not always a later one, where the browser's clock was set back."""


@dataclass(frozen=True)
class Photo:
    """A picture, and its digits in reading order."""

    edit: Edit
    upright: Image.Image
    """As it came, at most KEPT_SIDE pixels long."""
    url: str
    """Of the picture as it is turned now; a data URL."""
    boxes: tuple[Shares, ...]
    digits: tuple[Found | None, ...]
    """One for each box; None where there is none in it."""
    frame: tuple[int, int]
    """Which it is of how many in an animation."""
    found: int
    """Digits in it before a hand changed anything: of more than MAX_BOXES that many are taken."""

    @property
    def opened(self) -> int:
        """The digit that is read; -1 where there is none."""
        return min(self.edit.opened, len(self.digits) - 1)

    @property
    def digit(self) -> Found | None:
        """The one that is opened."""
        return self.digits[self.opened] if self.digits else None


def read(data: bytes, file: str = "") -> Photo:
    """The digits in the picture of a file, the largest of them opened.

    Raises BadImage, with a message fit for the user.
    """
    picture = open_image(data)
    upright = flat(picture)
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return _looked_at(upright, Edit(file, 0, None, 0), picture.info["frame"])


def edited(photo: Photo, edit: Edit) -> Photo:
    """The picture as its visitor wants it; as it is where that is of another one, or known."""
    if edit.file != photo.edit.file or edit.turn == photo.edit.turn:
        return photo
    if edit.boxes is None:
        return _looked_at(photo.upright, edit, photo.frame)
    picture = _turned(photo.upright, edit.quarters)
    is_same = edit.quarters == photo.edit.quarters
    known = dict(zip(photo.boxes, photo.digits, strict=True)) if is_same else {}
    digits = tuple(known[box] if box in known else _find(picture, box) for box in edit.boxes)
    url = photo.url if is_same else _url(picture, SHOWN_SIDE)
    return replace(photo, edit=edit, url=url, boxes=edit.boxes, digits=digits)


def steps(photo: Photo) -> Markup:
    """What was done to the digit that is opened, from left to right; empty where there is none."""
    if photo.digit is None:
        return Markup()
    left, top, right, bottom = photo.digit.box
    margin = max(right - left, bottom - top) // 6 + 1
    picture = _turned(photo.upright, photo.edit.quarters)
    cut = picture.crop(
        (
            *(max(left - margin, 0), max(top - margin, 0)),
            *(min(right + margin, picture.width), min(bottom + margin, picture.height)),
        )
    )
    shot = Markup(
        '<div class="shot" role="img" aria-label="Cropped" style="--shot:url(\'{}\')"></div>'
    )
    centred = "<b>Centred</b> Its ink, 20 pixels long, by its centre of mass."
    return group(
        "steps",
        framed(
            shot.format(_url(cut, CROP_SIDE)),
            Markup("<b>Cropped</b> Alone, as the picture shows it."),
        ),
        framed(pixels(photo.digit.image, "Centred"), Markup(centred)),
    )


def _looked_at(upright: Image.Image, edit: Edit, frame: tuple[int, int]) -> Photo:
    """With the digits that are found in it."""
    picture = _turned(upright, edit.quarters)
    try:
        found = find_digits(picture)
    except EmptyDrawing:
        found = []
    digits = _taken(found)
    boxes = tuple(_shares(each.box, picture.size) for each in digits)
    opened = max(range(len(digits)), key=lambda place: digits[place].size, default=-1)
    edit = replace(edit, opened=opened)
    return Photo(edit, upright, _url(picture, SHOWN_SIDE), boxes, tuple(digits), frame, len(found))


def _taken(found: list[Found]) -> list[Found]:
    """The first MAX_BOXES in reading order, after what is much lower than most, as small print is;
    a 1 or a 7 is as high as any, however little room it takes."""
    heights = [each.height for each in found]
    low = [at for at, each in enumerate(heights) if each < LOW * statistics.median(heights)]
    beyond = max(len(found) - MAX_BOXES, 0)
    left_out = sorted(low, key=heights.__getitem__)[:beyond]
    return [each for at, each in enumerate(found) if at not in left_out][:MAX_BOXES]


def _find(picture: Image.Image, box: Shares) -> Found | None:
    left, top, right, bottom = (
        round(share * side) for share, side in zip(box, 2 * picture.size, strict=True)
    )
    try:
        return find_digit(picture, (left, top, right, bottom))
    except (EmptyDrawing, BadImage):  # of a box of a few pixels
        return None


def _shares(box: Box, size: tuple[int, int]) -> Shares:
    """A box of pixels, with a little of the ground around it: less around a small one, whose
    neighbours are near."""
    most = max(box[2] - box[0], box[3] - box[1]) / 8
    left, top, right, bottom = (side / length for side, length in zip(box, 2 * size, strict=True))
    x = min(0.06 * (right - left) + 0.005, most / size[0])
    y = min(0.06 * (bottom - top) + 0.005, most / size[1])
    return max(left - x, 0.0), max(top - y, 0.0), min(right + x, 1.0), min(bottom + y, 1.0)


def _turned(upright: Image.Image, quarters: int) -> Image.Image:
    return upright.rotate(-90 * quarters, expand=True)  # Pillow turns to the left


def _url(picture: Image.Image, side: int) -> str:
    """A picture, reduced to a longest side of so many pixels, as a data URL."""
    buffer = io.BytesIO()
    picture.reduce(-(-max(picture.size) // side)).save(buffer, "JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
