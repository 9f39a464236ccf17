"""A small procedural writer: digits as pen strokes, for habits that MNIST barely holds.

Each digit is drawn from one of the `allographs`: its points are moved a little, the sheet is bent,
slanted and turned, then the pen runs along the strokes. The result is framed as MNIST is. The
weights of the allographs are a spread of habits, not a census.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vae_model.data.stroke_templates import SAMPLES, templates
from vae_model.preprocessing.frame import BOX, CENTRE, FRAME

_CHUNK = 1024  # images at once; about 60 MB
_SOFTNESS = 0.6  # px^2: how softly neighbouring points of the path merge into a line
_LOOK_WEIGHTS = (0.62, 0.08, 0.15, 0.15)  # of stroke_templates.LOOKS
_SCANNED = 0.2  # share of images seen by a coarse scanner


def _normal(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator)


def _uniform(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=generator)


def _paths(digits: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Where the pen goes: (n, samples, 2) in digit heights, around 0.

    With it which samples touch the paper, (n, samples) bool, and which pairs of neighbours belong
    to one line, (n, samples - 1) bool.
    """
    table, n = templates(), len(digits)
    kind = torch.multinomial(table.weights[digits], 1, generator=rng)[:, 0]
    points = table.points[kind]
    care = 0.012 + 0.028 * _uniform(rng, n, 1, 1)  # a writer is careful or careless throughout
    points = points + care * _normal(rng, *points.shape)

    # Most hands write curves; some, and screens that catch few points, make them angular.
    look = torch.multinomial(torch.tensor(_LOOK_WEIGHTS).expand(n, -1), 1, generator=rng)[:, 0]
    smooth, angular = table.run[kind, 0], table.run[kind, look]
    run = smooth + _uniform(rng, n, 1, 1).sqrt() * (angular - smooth)
    path = torch.bmm(run, points)

    manner, stroke, along = table.manner[kind], table.stroke[kind], table.along[kind]
    strokes = manner.shape[1]
    drawn = _uniform(rng, n, strokes) < manner[..., 0]
    trims = _uniform(rng, n, strokes, 2) * manner[..., 1:3]
    start, end = trims[..., 0].gather(1, stroke), trims[..., 1].gather(1, stroke)
    down = drawn.gather(1, stroke) & (along >= start) & (along <= 1 - end)
    stray = manner[..., 3:] * _normal(rng, n, strokes, 2)
    path = path + stray.gather(1, stroke[..., None].expand(-1, -1, 2))
    joined = (stroke[:, 1:] == stroke[:, :-1]) & down[:, 1:] & down[:, :-1]
    return _bend(path, rng), down, joined


def _bend(path: Tensor, rng: torch.Generator) -> Tensor:
    """Bend, square, stretch, slant and turn the sheet under each path; (n, samples, 2)."""
    n = len(path)
    x, y = 2 * path[..., 0], 2 * path[..., 1]  # about -1..1
    by = 0.06 * _normal(rng, 6, n, 1)
    x, y = (
        x + by[0] * y * y + by[1] * x * y + by[2] * torch.sin(math.pi * y),
        y + by[3] * x * x + by[4] * x * y + by[5] * y * y,
    )
    square = 0.35 * _uniform(rng, n, 1) ** 2 - 0.05  # pushes the corners out: squarish 6s and 0s
    x, y = x * (1 + square * y * y), y * (1 + square * x * x)
    x = x * torch.exp(0.2 * _normal(rng, n, 1).clamp(-2, 2))
    x = x - (0.08 + 0.18 * _normal(rng, n, 1).clamp(-2, 2)) * y  # y runs down: - leans right
    turn = math.radians(6.0) * _normal(rng, n, 1)
    cos, sin = turn.cos(), turn.sin()
    return torch.stack((x * cos - y * sin, x * sin + y * cos), dim=-1)


@dataclass(frozen=True)
class _Pens:
    """What each digit is drawn with; every tensor (n, 1, 1) but `pressure`."""

    radius: Tensor  # px
    nib: tuple[Tensor, Tensor]  # width of the nib along x and y relative to a round one
    square: Tensor  # bool: a square nib, as on pixel screens
    edge: Tensor  # px from full ink to none
    pressure: Tensor  # (n, 1, samples): the radius along the path, relative
    strength: Tensor  # ink at full pressure; above 1 it clips


def _pens(widest: Tensor, rng: torch.Generator) -> _Pens:
    """Pens for n digits, each with a radius of at most `widest` (n, 1, 1) pixels."""
    n = len(widest)
    radius = (1.35 * torch.exp(0.32 * _normal(rng, n, 1, 1))).minimum(widest).clamp(min=0.7)
    chisel = 0.25 * _normal(rng, n, 1, 1) * (_uniform(rng, n, 1, 1) < 0.3)
    square = _uniform(rng, n, 1, 1) < 0.12
    edge = 1 + 0.8 * _uniform(rng, n, 1, 1)
    passed = torch.linspace(0, 1, SAMPLES)
    waves = torch.sin(2 * math.pi * (passed * 3 * _uniform(rng, n, 1, 1) + _uniform(rng, n, 1, 1)))
    pressure = 1 + 0.2 * _uniform(rng, n, 1, 1) ** 2 * waves
    strength = 0.8 + 0.5 * _uniform(rng, n, 1, 1)
    return _Pens(radius, (chisel.exp(), (-chisel).exp()), square, edge, pressure, strength)


def _box(path: Tensor, down: Tensor) -> tuple[Tensor, Tensor]:
    """The corners (n, 1, 2) of the smallest box around the parts that touch the paper."""
    low = path.masked_fill(~down[..., None], math.inf).amin(dim=1, keepdim=True)
    high = path.masked_fill(~down[..., None], -math.inf).amax(dim=1, keepdim=True)
    return low, high


def _ink(path: Tensor, down: Tensor, joined: Tensor, pens: _Pens) -> Tensor:
    """Render paths in pixels; (n, 28, 28) in [0, 1].

    A pixel's distance d from the path is a soft minimum over its points p,
    exp(-d^2/s) = sum of length(p) / sqrt(pi s) * exp(-(x-x_p)^2/s) * exp(-(y-y_p)^2/s),
    in which x and y separate: all distances are one matrix product per image. A square nib is the
    same with fourth powers.
    """
    steps = (path[:, 1:] - path[:, :-1]).norm(dim=2) * joined
    length = torch.nn.functional.pad(steps, (1, 0)) + torch.nn.functional.pad(steps, (0, 1))
    soft = torch.where(pens.square, _SOFTNESS * pens.radius**2, torch.tensor(_SOFTNESS))
    norm = torch.where(pens.square, 1.813 * soft**0.25, (math.pi * soft).sqrt())
    grid = torch.arange(FRAME, dtype=torch.float32)[:, None]

    def falloff(places: Tensor, nib: Tensor) -> Tensor:  # (n, 28, samples)
        far = ((grid - places[:, None, :]) / (nib * pens.pressure)).square_()
        far = torch.where(pens.square, far.square(), far)
        return far.div_(soft).neg_().exp_()

    weight = (length * down / 2)[:, None, :] / norm
    near = torch.bmm(
        falloff(path[..., 1], pens.nib[1]) * weight,
        falloff(path[..., 0], pens.nib[0]).transpose(1, 2),
    )
    far = near.clamp_(min=1e-30).log_().mul_(-soft).clamp_(min=0).sqrt_()
    far = torch.where(pens.square, far.sqrt(), far)
    return ((pens.radius - far) / pens.edge + 0.5).clamp_(0, 1)


def _offset(images: Tensor) -> Tensor:
    """How far each centre of mass, (n, 1, 2) as x and y, lies from where it belongs."""
    grid = torch.arange(FRAME, dtype=torch.float32) - CENTRE
    columns, rows = images.sum(dim=1), images.sum(dim=2)
    return (torch.stack((columns @ grid, rows @ grid), 1) / rows.sum(dim=1)[:, None])[:, None]


def _scans(images: Tensor, cell: Tensor, rng: torch.Generator) -> Tensor:
    """Images (n, 28, 28) as if scanned at `cell` (n, 1, 1) px per dot, then enlarged smoothly."""
    n, dots = len(images), FRAME + 2
    made = images
    pixels = torch.arange(FRAME, dtype=torch.float32)
    for _ in range(2):  # rows, then columns: what is done to one axis, transposed, twice
        edges = cell * (torch.arange(dots + 1) - 1 - _uniform(rng, n, 1, 1)) - 0.5
        low, high = edges[..., :-1], edges[..., 1:]  # (n, 1, dots)
        at = pixels[:, None]
        seen = (torch.minimum(high, at + 0.5) - torch.maximum(low, at - 0.5)).clamp(min=0) / cell
        shown = (1 - (at - (low + high) / 2).abs() / cell).clamp(min=0)
        made = torch.bmm(torch.bmm(shown, seen.transpose(1, 2)), made).transpose(1, 2)
    return made


def draw(digits: Tensor, generator: torch.Generator) -> Tensor:
    """Write digits (n,) int64 0..9 by hand; images (n, 784) float32 in [0, 1], ink bright on 0.

    The same generator state gives the same images. Runs on the CPU.
    """
    return torch.cat([_draw_chunk(part, generator) for part in torch.split(digits, _CHUNK)])


@torch.no_grad()
def _draw_chunk(digits: Tensor, rng: torch.Generator) -> Tensor:
    n = len(digits)
    path, down, joined = _paths(digits, rng)
    coarse = (_uniform(rng, n, 1, 1) < _SCANNED).float()
    cell = 1 + coarse * (0.2 + 1.5 * _uniform(rng, n, 1, 1))
    low, high = _box(path, down)
    sides = (high - low).amin(dim=2, keepdim=True) / (high - low).amax(dim=2, keepdim=True)
    # A pen too thick for a narrow digit, or for a coarse scan, closes its loops. Nothing closes in
    # a 1: small sticks, blown up to full height, become bars up to 8 px wide.
    ones = (digits == 1)[:, None, None]
    widest = torch.where(ones, 2.6, (3.0 * sides).clamp(max=2.3) - coarse * cell / 5)
    pens = _pens(widest, rng)
    bars = ones & (sides < 0.28) & (_uniform(rng, n, 1, 1) < 0.35)
    pens = replace(pens, radius=torch.where(bars, 2 + 3 * _uniform(rng, n, 1, 1), pens.radius))
    reach = pens.radius * torch.maximum(*pens.nib) * pens.pressure.amax(dim=2, keepdim=True)
    margin = reach + coarse * cell / 2  # how far ink spreads from the path
    scale = (BOX - 2 * margin) / (high - low).amax(dim=2, keepdim=True)
    path = (path - (low + high) / 2) * scale + CENTRE
    # The ink's centre of mass is known once it is drawn, so it is drawn twice. A lopsided digit
    # stays inside the image.
    low, high = _box(path, down)
    shift = -_offset(_ink(path, down, joined, pens))
    path = path + shift.maximum(margin - 0.5 - low).minimum(FRAME - 0.5 - margin - high)
    images = _ink(path, down, joined, pens)
    scanned = coarse[:, 0, 0].nonzero()[:, 0]
    if len(scanned):
        seen = _scans(images[scanned], cell[scanned], rng)
        contrast = _uniform(rng, len(seen), 1, 1)
        images[scanned] = ((seen - 0.12 * contrast) * (1 + contrast)).clamp(0, 1)
    return (images * pens.strength).clamp_(0, 1).flatten(1)
