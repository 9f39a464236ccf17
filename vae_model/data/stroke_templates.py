"""The table of allographs as tensors: control points, and how the pen runs through them."""

import functools
import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_model.data.allographs import ALLOGRAPHS, Stroke

SAMPLES = 80  # points along all strokes of a digit: less than a pixel apart
SPANS = (0.16, 0.26)  # digit heights between the points of a coarsely captured stroke
LOOKS = 2 + len(SPANS)  # smooth, corners at all control points, coarse at each span


@dataclass(frozen=True)
class Templates:
    """All allographs as tensors, padded to equal size: a allographs, p control points."""

    points: Tensor  # (a, p, 2) in digit heights, the digit around 0
    run: Tensor  # (a, LOOKS, SAMPLES, p): run @ points is the path of the pen, evenly sampled
    along: Tensor  # (a, SAMPLES): share of the stroke's length passed, 0..1
    stroke: Tensor  # (a, SAMPLES) int64: the stroke of the allograph that a sample belongs to
    manner: Tensor  # (a, strokes, 4): chance, trim_start, trim_end, wander
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
        manner=torch.zeros(kinds, most_strokes, 4),
        weights=torch.zeros(10, kinds),
    )
    for kind, way in enumerate(ALLOGRAPHS):
        made.weights[way.digit, kind] = way.weight
        controls = [_parse(stroke.path)[0] for stroke in way.strokes]
        lengths = [float(points.diff(dim=0).norm(dim=1).sum()) for points in controls]
        point, sample = 0, 0
        for index, stroke in enumerate(way.strokes):
            samples = round(sum(lengths[: index + 1]) / sum(lengths) * SAMPLES) - sample
            points, run = _looks(stroke, samples)
            here, there = slice(point, point + len(points)), slice(sample, sample + samples)
            made.points[kind, here], made.run[kind, :, there, here] = points, run
            made.along[kind, there] = torch.linspace(0, 1, samples)
            made.stroke[kind, there] = index
            manner = (stroke.chance, stroke.trim_start, stroke.trim_end, stroke.wander)
            made.manner[kind, index] = torch.tensor(manner)
            point, sample = here.stop, there.stop
    return made
