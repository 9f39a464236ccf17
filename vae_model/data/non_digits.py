"""Drawings that are no digits, made by chance: letters, scribbles, noise, blobs, faces, lines.

Letters are pen strokes of our own, bent, slanted and inked by chance. Left out are those that the
eye takes for a digit: O o D Q (0), I i l (1), Z z (2), S s (5), b G (6), B (8), q g (9), y (4). A
vertical line is a 1, so lines lie within 50 degrees of level. `tuning` tells drawings to fit by
from drawings to report on: they share no letter and no seed.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vae_model.data.stroke_templates import catmull_rom

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Random = np.random.Generator

SIDE = 280

# Strokes of a letter, y down, in a box of 100; a stroke that begins with ~ is a smooth curve
# through its points, any other a line with corners.
TUNING_LETTERS = {
    "A": "0,100 40,0 80,100|14,62 66,62",
    "C": "~78,18 55,2 25,8 5,40 8,75 35,98 62,96 80,80",
    "E": "66,0 4,0 4,100 68,100|4,48 54,48",
    "H": "4,0 4,100|70,0 70,100|4,50 70,50",
    "K": "4,0 4,100|66,0 6,56|22,42 70,100",
    "M": "0,100 8,0 46,66 84,0 92,100",
    "P": "4,100 4,0|~4,2 40,2 60,14 60,36 40,50 4,52",
    "T": "0,0 84,0|42,0 42,100",
    "V": "0,0 38,100 76,0",
    "X": "0,0 74,100|72,0 2,100",
    "a": "~62,30 40,8 14,20 4,52 14,86 38,96 60,64|62,10 62,84 76,98",
    "f": "~66,10 50,0 34,14 32,50 32,100|8,42 60,42",
    "h": "4,0 4,100|~4,66 20,46 42,42 54,58 56,100",
    "w": "0,0 20,96 44,20 68,96 90,0",
}
REPORTED_LETTERS = {
    "F": "66,0 4,0 4,100|4,48 52,48",
    "J": "~62,0 62,66 50,94 26,98 6,84 2,66",
    "L": "4,0 4,100 64,100",
    "N": "4,100 4,0 70,100 70,0",
    "R": "4,100 4,0|~4,2 40,2 60,14 60,34 40,48 4,50|26,50 66,100",
    "U": "~4,0 4,60 16,92 40,98 62,90 72,60 72,0",
    "W": "0,0 22,100 46,30 70,100 92,0",
    "Y": "0,0 38,48 76,0|38,48 38,100",
    "d": "~58,56 38,40 14,50 4,72 14,94 36,98 58,76|58,0 58,100",
    "e": "~6,52 76,48 66,14 36,2 10,24 4,60 20,92 50,98 74,84",
    "k": "4,0 4,100|52,40 6,72|20,64 58,100",
    "m": "4,6 4,98|~4,40 16,14 34,12 42,30 42,98|~42,40 54,14 74,12 82,30 82,98",
    "n": "4,6 4,98|~4,44 20,14 46,10 60,30 60,98",
    "r": "6,4 6,98|~6,46 18,20 36,8 56,12",
    "t": "~32,0 32,78 44,98 62,92|4,32 62,32",
    "u": "~4,4 4,66 20,94 44,92 60,66|60,4 60,98",
}


def _curve(points: Points) -> Points:
    """Points (n, 2) along the Catmull-Rom spline through `points`, half a dozen a span."""
    last = len(points) - 1
    places = np.linspace(0, last, 6 * last + 1)
    return np.array([catmull_rom(place, [0, last], last + 1) for place in places]) @ points


def _ink(strokes: list[Points], random: Random, width: float | None = None) -> Pixels:
    """Strokes of any size as black ink on a white pad, (280, 280), round pen, antialiased."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = random.uniform(0.5, 0.72) * 2 * SIDE / max((high - low).max(), 1e-6)
    pen = 2 * SIDE * (random.uniform(0.055, 0.09) if width is None else width)
    image = Image.new("L", (2 * SIDE, 2 * SIDE), 255)
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        path = (stroke - (low + high) / 2) * scale + SIDE
        draw.line([tuple(point) for point in path.tolist()], fill=0, width=round(pen))
        for x, y in path.tolist():
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=0)
    return np.asarray(image.reduce(2))


def _rotation(turn: float) -> Points:
    return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])


def _by_hand(strokes: list[Points], random: Random) -> list[Points]:
    """Strokes slanted, turned and stretched a little."""
    turn, slant = math.radians(random.normal(0, 6)), random.normal(-0.1, 0.15)
    matrix = _rotation(turn) @ np.array([[math.exp(random.normal(0, 0.12)), slant], [0, 1]])
    return [stroke @ matrix.T for stroke in strokes]


def letter(shapes: dict[str, str], random: Random) -> Pixels:
    """One of the letters as somebody's hand may write it."""
    strokes = []
    for part in shapes[str(random.choice(sorted(shapes)))].split("|"):
        points = np.array([pair.split(",") for pair in part.lstrip("~").split()], np.float64)
        points = points + random.normal(0, 3, points.shape)
        strokes.append(_curve(points) if part.startswith("~") else points)
    return _ink(_by_hand(strokes, random), random)


def scribble(random: Random) -> Pixels:
    """A pen that wanders about without lifting."""
    points, heading, bend = [np.zeros(2)], random.uniform(0, 2 * math.pi), 0.0
    for _ in range(int(random.integers(40, 120))):
        bend = 0.8 * bend + random.normal(0, 0.35)
        heading += bend
        # The pad has edges: the further out, the more the pen turns back.
        home = math.atan2(-points[-1][1], -points[-1][0]) - heading
        heading += 0.02 * float(np.linalg.norm(points[-1])) * math.sin(home)
        points.append(points[-1] + 4 * np.array([math.cos(heading), math.sin(heading)]))
    return _ink([np.array(points)], random)


def hatching(random: Random) -> Pixels:
    """To and fro, as one strikes something out."""
    count = int(random.integers(5, 12))
    x = np.where(np.arange(count) % 2, 100, 0) + random.normal(0, 8, count)
    y = np.linspace(0, random.uniform(60, 130), count) + random.normal(0, 3, count)
    return _ink([np.stack([x, y], 1) @ _rotation(random.uniform(0, math.pi)).T], random)


def noise(random: Random) -> Pixels:
    """Grey grains of some size, in a square."""
    cells = int(random.integers(8, 29))
    grains = Image.fromarray((255 * random.random((cells, cells))).astype(np.uint8))
    return np.asarray(grains.resize((SIDE, SIDE), Image.Resampling.NEAREST))


def blob(random: Random) -> Pixels:
    """A filled shape with an uneven rim."""
    angles = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    rim = 1 + sum(
        random.normal(0, 0.25 / k) * np.cos(k * angles + random.uniform(0, 7)) for k in (2, 3, 4)
    )
    reach = 75 * np.maximum(rim, 0.25)[:, None]
    points = SIDE / 2 + reach * np.stack([np.cos(angles), np.sin(angles)], 1)
    image = Image.new("L", (SIDE, SIDE), 255)
    ImageDraw.Draw(image).polygon([tuple(point) for point in points.tolist()], fill=0)
    return np.asarray(image)


def _arc(x: float, y: float, wide: float, high: float, start: float, stop: float) -> Points:
    angles = np.radians(np.linspace(start, stop, 30))
    return np.stack([x + wide * np.cos(angles), y + high * np.sin(angles)], 1)


def face(random: Random) -> Pixels:
    """A round face with two eyes and a mouth, and sometimes a nose."""
    strokes = [_arc(0, 0, 50 * math.exp(random.normal(0, 0.1)), 50, 0, 360)]
    for side in (-1, 1):
        strokes.append(_arc(side * random.uniform(14, 20), -16, 2, random.uniform(1, 6), 0, 360))
    strokes.append(_arc(0, 20, 22, random.uniform(-18, 18), 10, 170))
    if random.random() < 0.4:
        strokes.append(np.array([[0.0, -8], [random.normal(0, 4), 8]]))
    return _ink(_by_hand(strokes, random), random, random.uniform(0.02, 0.05))


def line(random: Random) -> Pixels:
    """One straight stroke, level or slanting."""
    turn = math.radians(random.uniform(-50, 50))
    way = np.array([math.cos(turn), math.sin(turn)])
    return _ink([np.array([[0, 0], random.normal(0, 4, 2) + 50 * way, 100 * way])], random)


KINDS: dict[str, Callable[[Random], Pixels]] = {
    drawn.__name__: drawn for drawn in (scribble, hatching, noise, blob, face, line)
}
ALL_KINDS = ("letter", *KINDS)


def drawings(kind: str, count: int, tuning: bool) -> list[Pixels]:
    """That many drawings of a kind."""
    random = np.random.default_rng([int(tuning), *kind.encode()])
    if kind == "letter":
        shapes = TUNING_LETTERS if tuning else REPORTED_LETTERS
        return [letter(shapes, random) for _ in range(count)]
    return [KINDS[kind](random) for _ in range(count)]
