"""What the drawing pad sends: checked, and inked.

The pad runs in a browser, so anything may arrive in its name. Strokes come as points rather than
as a picture: points are easy to check and to ink at any size.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vae_model.model.config import DIGITS, IMAGE_SIZE

GRID = 1000
"""Points are whole numbers; the pad is this long and wide."""
MARGIN = 250
"""How far a point may lie outside: a stroke that leaves the pad comes back where it does."""
MAX_STROKES = 100
MAX_POINTS = 6000
"""In all strokes together: some twenty times what a digit takes."""
PENS = (48, 72, 108)
"""Widths of the pens that the pad offers, on its grid; MNIST's own is near the second."""
MIN_WIDTH, MAX_WIDTH = 20, 300
LAST_TURN = 2**53

SIDE = 196
RIM = 10
"""Bare paper around the pad: ink that fills the pad is ink still."""
_OVERSAMPLING = 2
_PAPER, _INK = 255, 0

with Image.open(Path(__file__).with_name("starters.png")) as _strip:
    _side_by_side = np.asarray(_strip.convert("L")).reshape(IMAGE_SIZE, DIGITS, IMAGE_SIZE)
EXAMPLES = _side_by_side.transpose(1, 0, 2)
"""(10, 28, 28) of uint8, ink bright on 0: a digit 0-9 each to begin from. From MNIST's test images,
so that no model has learnt from them; chosen to differ in style."""


class BadStrokes(ValueError):
    """Not what the pad sends; the message is fit for the user."""

    def __init__(self) -> None:
        super().__init__(
            "That drawing did not arrive in one piece: clear the pad and draw it again."
        )


@dataclass(frozen=True)
class Stroke:
    """One line of the pen, or of the eraser."""

    points: tuple[int, ...]
    """x0, y0, x1, y1, ... on the grid."""
    width: int = PENS[1]
    """On the grid."""
    erases: bool = False


@dataclass(frozen=True)
class Drawing:
    """Everything on the pad."""

    strokes: tuple[Stroke, ...] = ()
    """In drawing order."""
    example: int | None = None
    """The example digit that lies under the strokes, 0-9."""
    pen_down: bool = False
    """Whether the last stroke is still being drawn."""
    turn: int = field(default=0, compare=False)
    """Rises with everything that one pad sends."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was ever put on the pad, or all of it was cleared."""
        return not self.strokes and self.example is None


def parse(value: object) -> Drawing:
    """The drawing that the pad's JSON stands for. Raises BadStrokes for anything else."""
    if not isinstance(value, dict):
        raise BadStrokes
    strokes, example = value.get("strokes"), value.get("example")
    pen_down, turn = value.get("penDown"), value.get("turn")
    if (
        not isinstance(strokes, list)
        or len(strokes) > MAX_STROKES
        or not (example is None or _is_within(example, 0, len(EXAMPLES) - 1))
        or type(pen_down) is not bool
        or not _is_within(turn, 0, LAST_TURN)
    ):
        raise BadStrokes
    parsed = tuple(_parse_stroke(stroke) for stroke in strokes)
    if sum(len(stroke.points) for stroke in parsed) > 2 * MAX_POINTS:
        raise BadStrokes
    return Drawing(parsed, example, pen_down, turn)


def to_json(drawing: Drawing) -> dict[str, object]:
    """A drawing as the pad wants it, to begin with."""
    strokes = [{**asdict(stroke), "points": list(stroke.points)} for stroke in drawing.strokes]
    return {"strokes": strokes, "example": drawing.example}


def rasterize(drawing: Drawing) -> NDArray[np.uint8]:
    """The drawing as black ink on white, (216, 216), antialiased, as the pad shows it."""
    side = SIDE * _OVERSAMPLING
    image = Image.new("L", (side, side), _PAPER)
    if drawing.example is not None:
        paper = Image.fromarray(_PAPER - EXAMPLES[drawing.example])
        image.paste(paper.resize((side, side), Image.Resampling.BICUBIC))
    pen = ImageDraw.Draw(image)
    for stroke in drawing.strokes:
        _ink(pen, stroke, side / GRID)
    return np.pad(np.asarray(image.reduce(_OVERSAMPLING)), RIM, constant_values=_PAPER)


def _parse_stroke(stroke: object) -> Stroke:
    if not isinstance(stroke, dict):
        raise BadStrokes
    points, width, erases = stroke.get("points"), stroke.get("width"), stroke.get("erases")
    if (
        not isinstance(points, list)
        or not 0 < len(points) <= 2 * MAX_POINTS
        or len(points) % 2
        or not all(_is_within(number, -MARGIN, GRID + MARGIN) for number in points)
        or not _is_within(width, MIN_WIDTH, MAX_WIDTH)
        or type(erases) is not bool
    ):
        raise BadStrokes
    return Stroke(tuple(points), width, erases)


def _is_within(number: object, low: int, high: int) -> TypeGuard[int]:
    return type(number) is int and low <= number <= high


def _ink(pen: ImageDraw.ImageDraw, stroke: Stroke, scale: float) -> None:
    points = _smooth(np.reshape(stroke.points, (-1, 2)) * scale)
    radius = stroke.width * scale / 2
    shade = _PAPER if stroke.erases else _INK
    pen.line([(x, y) for x, y in points], fill=shade, width=round(2 * radius))
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points along the curve that the pad draws: through the middles between the pen's points,
    each of which bends it."""
    if len(points) < 3:
        return points
    middles = (points[1:-2] + points[2:-1]) / 2
    starts = np.concatenate([points[:1], middles])
    ends = np.concatenate([middles, points[-1:]])
    bends = points[1:-1]
    steps = np.linspace(0, 1, 5)[1:, None, None]
    curve = (1 - steps) ** 2 * starts + 2 * steps * (1 - steps) * bends + steps**2 * ends
    return np.concatenate([points[:1], curve.transpose(1, 0, 2).reshape(-1, 2)])
