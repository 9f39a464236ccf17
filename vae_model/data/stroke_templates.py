"""The ways in which people write the ten digits: a table of pen strokes, and its form as tensors.

Each allograph is one way to write a digit, each stroke the path of the pen from touching the paper
to leaving it. Paths are lists of "x,y" on a grid of 100 units of digit height, x to the right and y
down. The pen runs smoothly through its points, except where a point ends in "!": there it turns a
corner. `synthetic_digits` bends, slants and inks them.
"""

import functools
import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

SAMPLES = 80  # points along all strokes of a digit: less than a pixel apart
SPANS = (0.16, 0.26)  # digit heights between the points of a coarsely captured stroke
LOOKS = 2 + len(SPANS)  # smooth, corners at all control points, coarse at each span


@dataclass(frozen=True)
class Stroke:
    """One touch of the pen."""

    path: str
    chance: float = 1.0  # how often this stroke is there at all
    trim_start: float = 0.0  # up to this share of the length is missing at the start ...
    trim_end: float = 0.0  # ... and at the end: flags and hooks of every length
    wander: float = 0.02  # how far the stroke strays from its place, in digit heights


@dataclass(frozen=True)
class Allograph:
    """One way of writing a digit; `weight` says how often relative to the others."""

    digit: int
    weight: float
    strokes: tuple[Stroke, ...]


def _way(digit: int, weight: float, *strokes: Stroke | str, **habits: float) -> Allograph:
    """`habits` are of the strokes that come as mere paths."""
    made = (Stroke(path, **habits) if isinstance(path, str) else path for path in strokes)
    return Allograph(digit, weight, tuple(made))


_SLASH = Stroke("74,2 -4,98", wander=0.04, trim_start=0.28, trim_end=0.28)  # through a 0
_BASE = Stroke("12,100 50,99 92,100", trim_start=0.32, trim_end=0.38)  # carries a 1
_ROOF = Stroke("14,5 40,4 66,2", wander=0.045)  # of a 5
_BAR = Stroke("16,52 66,48", wander=0.06, trim_start=0.15, trim_end=0.15)  # crosses a 7
_HEAD = Stroke("36,1 14,10 14,36 34,47 54,36 56,10 34,1 24,4", trim_end=0.06)  # of an 8
_BELLY = Stroke("34,48 8,58 6,86 32,100 58,88 60,60 34,48 22,52", trim_end=0.06)

ALLOGRAPHS: tuple[Allograph, ...] = (
    # 0: oval, from the top or from the right, closed or not; curl at the end; square; slashed
    _way(0, 5, "38,1 16,14 3,48 12,84 34,99 58,86 68,50 58,16 36,2 22,10", trim_end=0.12),
    _way(0, 3, "54,10 36,1 14,16 3,50 14,86 36,99 60,84 68,48 58,16 40,6", trim_end=0.15),
    _way(0, 2, "38,6 14,14 3,48 14,86 36,99 60,84 66,46 54,14 36,5 28,14 44,20"),
    _way(0, 1, "34,1 56,14 67,50 56,86 34,99 12,86 3,50 14,12 36,2 46,6", trim_end=0.1),
    _way(0, 0.7, "8,4! 5,94! 64,97! 66,5! 6,3"),
    _way(0, 1, "30,2 8,8 4,30 4,70 10,93 32,98 58,94 66,72 66,28 60,8 34,2 22,4"),
    _way(0, 2, "38,1 16,14 3,48 12,84 34,99 58,86 68,50 58,16 36,2 26,6", _SLASH),
    # 1: stick, bowed stick; short, long and curved flag; base; serifs at both ends
    _way(1, 3, "50,0 50,50 50,100"),
    _way(1, 1, "47,0 54,35 53,70 46,100"),
    _way(1, 4, "18,44 33,24 51,0! 50,50 50,100", trim_start=0.22),
    _way(1, 0.8, "4,58 30,32 52,0! 51,50 50,100", trim_start=0.15),
    _way(1, 1, "16,38 36,26 50,0! 50,50 50,100", trim_start=0.12),
    _way(1, 4, "22,36! 51,0! 50,50 50,99", _BASE, trim_start=0.2),
    _way(1, 1, "12,50! 52,0! 51,50 50,99", _BASE, trim_start=0.1),
    _way(1, 0.5, "50,0 50,50 50,100", _BASE),
    _way(1, 0.3, "50,0 50,50 50,100", "32,1 68,0", "30,100 70,99"),
    # 2: swan, with loop, as a Z, with a wave for its base, with a hooked start
    _way(2, 4, "6,26 16,7 36,0 58,8 64,28 50,56 26,80 2,98! 34,97 70,98", trim_start=0.1),
    _way(2, 3, "6,22 18,5 40,0 60,10 62,32 44,64 20,92 6,94 6,82 20,80 36,92 54,99 72,92"),
    _way(2, 2, "6,6 32,3 62,4! 34,50 4,96! 36,96 70,96"),
    _way(2, 1, "8,20 34,3 60,10! 58,30 34,62 4,96! 36,96 68,97"),
    _way(2, 2, "6,22 20,4 42,0 60,12 60,32 40,62 4,93! 18,86 36,92 54,99 74,90"),
    _way(2, 2, "20,28 8,26 10,10 34,0 58,8 62,30 44,60 4,96! 34,96 68,94", trim_start=0.1),
    _way(2, 1.5, "16,20 30,4 46,8 48,28 38,58 6,96! 36,97 72,96"),
    _way(2, 1, "4,12 30,1 54,8 58,26 46,54 22,84 2,98! 32,94 66,99 70,90"),
    # 3: round, with a loop or a shallow waist, flat-topped, angular, with a hooked end
    _way(3, 4, "8,14 24,1 48,3 57,20 46,39 26,47! 52,51 66,71 54,93 28,100 2,88"),
    _way(3, 2, "8,10 28,0 52,6 56,24 42,40 26,50 22,43 34,43 56,54 64,76 50,95 26,100 2,88"),
    _way(3, 2, "6,8 28,0 50,6 54,24 42,40 34,47 46,52 60,66 60,86 40,98 18,99 2,90"),
    _way(3, 3, "8,3 34,2 61,2! 44,22 27,41! 52,46 65,68 54,92 28,100 2,88"),
    _way(3, 1, "8,4 58,5! 26,46! 62,70! 4,97"),
    _way(3, 1, "6,4! 58,4! 58,48! 18,48! 60,48! 62,97! 4,97"),
    _way(3, 1, "16,20 6,14 20,1 46,2 56,20 44,40 24,46! 54,52 64,74 50,96 22,99 6,86 16,80"),
    # 4: open, as a lightning bolt, closed, in one stroke, like a y, with a box
    _way(4, 3, "16,4 10,30 4,58! 38,58 74,57", Stroke("54,24 53,60 50,100", trim_start=0.25)),
    _way(4, 3, "12,4 8,30 8,52! 36,53 68,52", Stroke("58,3 57,50 54,100", trim_start=0.1)),
    _way(4, 3, "44,0 24,30 3,62! 36,60 74,56", Stroke("52,34 48,66 42,100", trim_start=0.2)),
    _way(4, 2, "34,0 12,34 4,56 20,63 66,50", Stroke("62,26 54,60 44,100", trim_start=0.25)),
    _way(4, 1, "38,0 14,36 3,62 22,68 72,52", Stroke("66,30 56,60 48,100", trim_start=0.3)),
    _way(4, 2, "52,1 28,32 2,66! 38,67 76,66", Stroke("52,1 52,50 51,100", wander=0.015)),
    _way(4, 2, "76,68 38,68 2,68! 28,32 54,0! 53,50 52,100"),
    _way(4, 2, "8,4 5,28 12,48 32,52 58,42", "60,3 58,50 54,100"),
    _way(4, 1, "8,4 6,30 14,50 38,50 56,28 61,4! 58,50 54,100"),
    _way(4, 1.5, "8,4! 7,50! 40,50 72,49", Stroke("56,4 56,50 55,100", trim_start=0.15)),
    _way(4, 0.5, "57,8! 12,8! 11,58! 40,58 88,58", "57,8 56,50 55,100"),
    # 5: bar drawn last and often apart, in one stroke, like an S, square, with a long bar
    _way(5, 4, "14,6 12,24 10,43! 34,36 58,48 62,74 42,97 20,99 3,90", _ROOF),
    _way(5, 3, "64,3 40,3 16,4! 13,24 10,44! 36,38 60,52 62,78 40,98 20,99 2,89"),
    _way(5, 2, "62,8 36,2 14,12 14,34 34,45 56,58 62,80 42,98 20,99 4,91"),
    _way(5, 1, "62,2! 10,2! 9,46! 61,46! 62,97! 4,98"),
    _way(5, 1, "16,4 12,40 30,46 54,54 58,78 38,98 4,94", Stroke("15,4 40,4 72,1", wander=0.04)),
    _way(5, 1, "60,3 16,4! 14,40! 44,44 60,66 50,90 26,100 6,88 10,80"),
    # 6: curved, with a straight stem, with a curl at the top, square, with an open bowl
    _way(6, 4, "48,1 26,18 8,50 7,80 26,99 50,95 60,74 46,57 22,62 9,80", trim_end=0.1),
    _way(6, 3, "40,0 24,30 8,64 8,88 28,100 54,92 58,70 40,58 18,65 7,80", trim_end=0.1),
    _way(6, 2, "60,14 42,1 20,12 5,48 8,82 30,99 54,92 62,70 44,52 20,58 8,74"),
    _way(6, 1, "10,0! 7,97! 58,98! 59,54! 9,53"),
    _way(6, 1, "56,2! 9,3! 7,97! 58,98! 59,50! 10,50"),
    _way(6, 1.5, "14,0 9,34 7,72 14,95 34,100 54,90 56,68 38,56 18,62 8,76"),
    _way(6, 1, "58,2 34,14 14,40 5,72 22,98 48,96 58,78 42,62 20,72 14,84"),
    # 7: plain, bowed, upright, with a serif, with a wave for its bar, rounded; crossed or not
    _way(7, 3, "4,5 34,4 64,3! 46,48 26,100"),
    _way(7, 2, "4,6 34,5 65,4! 46,36 34,68 30,100"),
    _way(7, 1, "4,4 32,4 60,4! 57,48 52,100"),
    _way(7, 2, "4,24 7,5! 36,5 66,4! 46,50 28,100", trim_start=0.06),
    _way(7, 1, "3,18 10,5 26,3 44,9 66,3! 46,44 30,100"),
    _way(7, 1, "4,8 34,2 60,4 62,18 44,52 28,100"),
    _way(7, 3, "4,5 34,4 65,3! 48,48 28,100", _BAR),
    _way(7, 2, "4,6 34,5 65,4! 46,36 36,68 34,100", _BAR),
    _way(7, 2, "4,24 7,5! 36,5 66,4! 46,50 30,100", _BAR, trim_start=0.06),
    _way(7, 1, "3,18 10,5 26,3 44,9 66,3! 48,44 34,100", _BAR),
    _way(7, 1.5, "6,6 28,5 54,4! 44,50 36,100", Stroke("4,53 76,46", wander=0.05, trim_start=0.1)),
    # 8: S and back, from the middle, two circles, S closed by a diagonal, square, left open
    _way(8, 4, "58,16 36,1 12,12 16,36 38,49 60,68 54,93 30,100 8,86 14,64 38,48 58,32 58,12 46,3"),
    _way(8, 2, "34,49 12,30 16,8 38,1 58,12 56,34 34,49 10,66 10,90 34,100 58,90 60,68 34,48"),
    _way(8, 2, _HEAD, _BELLY),
    _way(8, 2, "64,8 36,0 12,12 16,34 44,54 58,78 36,99 8,88 16,68 42,38 66,8"),
    _way(8, 1, "58,10 32,1 10,14 18,38 48,58 58,82 34,100 6,86 18,62 46,38 66,16"),
    _way(8, 0.5, "10,4! 58,4! 58,48! 8,49! 6,97! 62,97! 61,49! 10,48! 9,4"),
    # 9: straight, slanted and bowed tail; hooked like a g; stem drawn apart; square; like a 6
    _way(9, 3, "58,16 38,1 12,10 6,36 24,52 48,44 59,12! 58,56 56,100"),
    _way(9, 2, "56,10 32,1 10,14 8,38 28,50 50,36 60,8! 50,56 36,100"),
    _way(9, 3, "58,20 42,2 16,6 5,30 18,50 44,46 58,22 60,40 54,74 38,99"),
    _way(9, 4, "57,16 36,1 12,10 6,34 24,49 48,40 59,10! 61,66 52,92 30,100 8,88", trim_end=0.14),
    _way(9, 2, "56,20 36,2 12,12 8,38 32,50 54,32 58,20 60,66 48,95 24,99 4,84"),
    _way(9, 1, "58,8 30,2 8,18 10,40 30,48 52,38 60,10! 64,72 50,96 26,100 2,92"),
    _way(9, 2.5, "59,10 34,1 10,8 8,30 30,43 56,34 60,10! 60,60 56,94! 8,97", trim_end=0.1),
    _way(9, 2.5, "59,12 34,1 10,10 8,34 30,44 56,34 60,12! 62,64 54,92 30,99 4,93", trim_end=0.12),
    _way(9, 2, "56,24 38,2 12,8 5,30 18,48 42,46 56,24 46,8", "60,4 59,50 57,100"),
    _way(9, 1, "58,5! 8,5! 7,47! 57,47", "59,2 58,50 57,100"),
    _way(9, 1, "58,5! 8,5! 7,47! 57,47", "59,3! 59,97! 8,97"),
    _way(9, 1, "56,34 36,52 12,44 6,20 26,2 50,8 62,38 54,74 34,95 10,99", trim_end=0.12),
)


@dataclass(frozen=True)
class Templates:
    """All allographs as tensors, padded to equal size: a allographs, p control points."""

    points: Tensor  # (a, p, 2) in digit heights, the digit around 0
    run: Tensor  # (a, LOOKS, SAMPLES, p): run @ points is the path of the pen, evenly sampled
    along: Tensor  # (a, SAMPLES): share of the stroke's length passed, 0..1
    stroke: Tensor  # (a, SAMPLES) int64: the stroke of the allograph that a sample belongs to
    habits: Tensor  # (a, strokes, 4): chance, trim_start, trim_end, wander
    weights: Tensor  # (10, a): how often each allograph stands for each digit


def _parse(path: str) -> tuple[Tensor, list[int]]:
    """Control points (p, 2) of a path in digit heights, and the indices of its corners and ends."""
    tokens = path.split()
    units = [[float(number) for number in token.rstrip("!").split(",")] for token in tokens]
    corners = {index for index, token in enumerate(tokens) if token.endswith("!")}
    points = torch.tensor(units) / 100 - torch.tensor((0.35, 0.5))
    return points, sorted(corners | {0, len(tokens) - 1})


def catmull_rom(place: float, corners: list[int], count: int) -> list[float]:
    """Weights of the `count` control points at a place on the curve, 0 <= place <= count - 1.

    The curve takes no notice of what lies beyond the corners on either side.
    """
    left = min(int(place), count - 2)
    t = place - left
    first = max(corner for corner in corners if corner <= left)
    last = min(corner for corner in corners if corner > left)
    row = [0.0] * count
    weights = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (-(t**2) + t**3) / 2,
    )
    for index, weight in enumerate(weights, start=left - 1):
        if first <= index <= last:
            row[index] += weight
        else:  # past the end, the neighbour mirrored: 2 * end - neighbour
            end, neighbour = (first, first + 1) if index < first else (last, last - 1)
            row[end] += 2 * weight
            row[neighbour] -= weight
    return row


def _chords(knots: Tensor, places: Tensor, rows: Tensor) -> Tensor:
    """(places, p) weights for straight lines between the points at sorted `knots`, (knots, p)."""
    right = torch.searchsorted(knots, places).clamp(1, len(knots) - 1)
    share = ((places - knots[right - 1]) / (knots[right] - knots[right - 1]))[:, None]
    return rows[right - 1] * (1 - share) + rows[right] * share


def _looks(stroke: Stroke, samples: int) -> tuple[Tensor, Tensor]:
    """Control points (p, 2) of a stroke, and the pen's run (LOOKS, samples, p) through them."""
    points, corners = _parse(stroke.path)
    count = len(points)
    per_point = 12
    fine = torch.arange((count - 1) * per_point + 1) / per_point

    def curve(places: Tensor) -> Tensor:
        return torch.tensor([catmull_rom(place, corners, count) for place in places.tolist()])

    steps = (curve(fine) @ points).diff(dim=0).norm(dim=1)
    passed = torch.cat((torch.zeros(1), steps.cumsum(0)))

    def at_lengths(start: Tensor, end: Tensor, many: int) -> Tensor:
        lengths = torch.linspace(0, 1, many) * (end - start) + start
        return _chords(passed, lengths, fine[:, None])[:, 0].clamp(0, count - 1)

    places = at_lengths(passed[0], passed[-1], samples)
    whole = torch.arange(count, dtype=torch.float32)
    runs = [curve(places), _chords(whole, places, torch.eye(count))]
    for span in SPANS:
        knots = [torch.zeros(1)]
        for corner, following in itertools.pairwise(corners):
            start, end = passed[corner * per_point], passed[following * per_point]
            pieces = max(1, round(float(end - start) / span))
            knots += [at_lengths(start, end, pieces + 1)[1:-1], whole[following, None]]
        at = torch.cat(knots)
        runs.append(_chords(at, places, curve(at)))
    return points, torch.stack(runs)


def _length(stroke: Stroke) -> float:
    return float(_parse(stroke.path)[0].diff(dim=0).norm(dim=1).sum())


@functools.cache
def templates() -> Templates:
    """The table as tensors; made once, in a fraction of a second."""
    kinds = len(ALLOGRAPHS)
    most_points = max(sum(len(s.path.split()) for s in way.strokes) for way in ALLOGRAPHS)
    most_strokes = max(len(way.strokes) for way in ALLOGRAPHS)
    made = Templates(
        points=torch.zeros(kinds, most_points, 2),
        run=torch.zeros(kinds, LOOKS, SAMPLES, most_points),
        along=torch.zeros(kinds, SAMPLES),
        stroke=torch.zeros(kinds, SAMPLES, dtype=torch.int64),
        habits=torch.zeros(kinds, most_strokes, 4),
        weights=torch.zeros(10, kinds),
    )
    for kind, way in enumerate(ALLOGRAPHS):
        made.weights[way.digit, kind] = way.weight
        lengths = [_length(stroke) for stroke in way.strokes]
        point, sample = 0, 0
        for index, stroke in enumerate(way.strokes):
            samples = round(sum(lengths[: index + 1]) / sum(lengths) * SAMPLES) - sample
            points, run = _looks(stroke, samples)
            here, there = slice(point, point + len(points)), slice(sample, sample + samples)
            made.points[kind, here], made.run[kind, :, there, here] = points, run
            made.along[kind, there] = torch.linspace(0, 1, samples)
            made.stroke[kind, there] = index
            habits = (stroke.chance, stroke.trim_start, stroke.trim_end, stroke.wander)
            made.habits[kind, index] = torch.tensor(habits)
            point, sample = here.stop, there.stop
    return made
