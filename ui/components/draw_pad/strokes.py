"""What the drawing pad sends: checked, and inked.

The pad runs in a browser, so anything may arrive in its name. Strokes come as points rather than
as a picture: points are easy to check and to ink at any size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

GRID = 1000
"""Points are whole numbers; the pad is this long and wide."""
MARGIN = 250
"""How far a point may lie outside: a stroke that leaves the pad comes back where it does."""
MAX_STROKES = 100
MAX_POINTS = 6000
"""In all strokes together: some twenty times what a digit takes."""
PEN = 0.072
"""Width of the pen as a share of the pad."""

SIDE = 280
_OVERSAMPLING = 2


class BadStrokes(ValueError):
    """Not what the pad sends; the message is fit for the user."""


@dataclass(frozen=True)
class Drawing:
    """Everything on the pad."""

    strokes: tuple[tuple[int, ...], ...] = ()
    """x0, y0, x1, y1, ... of each, in drawing order."""
    pen_down: bool = False
    """Whether the last stroke is still being drawn."""


def parse(value: object) -> Drawing:
    """The drawing that the pad's JSON stands for. Raises BadStrokes for anything else."""
    if not isinstance(value, dict):
        raise _bad()
    strokes, pen_down = value.get("strokes"), value.get("penDown")
    if not isinstance(strokes, list) or len(strokes) > MAX_STROKES or type(pen_down) is not bool:
        raise _bad()
    total = 0
    for stroke in strokes:
        if not isinstance(stroke, list) or not stroke or len(stroke) % 2:
            raise _bad()
        total += len(stroke) // 2
        if total > MAX_POINTS:
            raise _bad()
        if not all(type(n) is int and -MARGIN <= n <= GRID + MARGIN for n in stroke):
            raise _bad()
    return Drawing(tuple(tuple(stroke) for stroke in strokes), pen_down)


def rasterize(drawing: Drawing) -> NDArray[np.uint8]:
    """The drawing as black ink on white, (280, 280), antialiased, as the pad shows it."""
    side = SIDE * _OVERSAMPLING
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    radius = PEN * side / 2
    for stroke in drawing.strokes:
        points = _smooth(np.reshape(stroke, (-1, 2)) * (side / GRID))
        pen.line([(x, y) for x, y in points], fill=0, width=round(2 * radius))
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return np.asarray(image.reduce(_OVERSAMPLING))


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


def _bad() -> BadStrokes:
    return BadStrokes("That drawing did not arrive in one piece: clear the pad and draw it again.")
