"""Random changes of digit images that keep them the same digit.

The elastic bend is one matrix product (smooth bumps on a coarse grid), and the stroke width changes
by separable maxima and minima, because this is what a CPU does quickly.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_model.model.config import IMAGE_SIZE

GRID = 5


@dataclass(frozen=True)
class Strength:
    """The largest change of each kind; every draw is uniform between it and its opposite."""

    rotation: float  # degrees
    shift: float  # pixels, along each axis
    scale: float  # fraction, along each axis
    shear: float  # sideways per unit of height
    elastic: float  # standard deviation of the bend at each grid point, in half widths
    thicken: float  # share of a 3x3 maximum that is blended in at most
    thin: float  # likewise of a 3x3 minimum


TRAINING = Strength(
    rotation=15, shift=2, scale=0.15, shear=0.2, elastic=0.1, thicken=0.6, thin=0.75
)
GENTLE = Strength(
    rotation=7.5, shift=1, scale=0.075, shear=0.1, elastic=0.025, thicken=0.3, thin=0.375
)
"""Half of TRAINING, and a quarter of its bend: hardly a style that nobody has."""
EVALUATION = Strength(
    rotation=20, shift=4, scale=0.20, shear=0.25, elastic=0.05, thicken=0.8, thin=0.8
)
"""Stronger than any drawing should need, but for the bend; `augmented_accuracy` is measured with
it."""


def augment(images: Tensor, strength: Strength, generator: torch.Generator) -> Tensor:
    """Images (n, 784) in [0, 1], each changed by a draw of its own from the generator."""
    if not len(images):
        return images
    squares = images.reshape(-1, 1, IMAGE_SIZE, IMAGE_SIZE)
    moved = _move(squares, strength, generator)
    return _change_width(moved, strength, generator).reshape(len(images), -1)


def _uniform(shape: tuple[int, ...], limit: float, generator: torch.Generator) -> Tensor:
    return torch.empty(shape).uniform_(-limit, limit, generator=generator)


def _move(squares: Tensor, strength: Strength, generator: torch.Generator) -> Tensor:
    count = len(squares)
    angle = _uniform((count,), math.radians(strength.rotation), generator)
    scale = 1 + _uniform((count, 2), strength.scale, generator)
    shear = _uniform((count,), strength.shear, generator)
    shift = _uniform((count, 2), 2 * strength.shift / IMAGE_SIZE, generator)
    cos, sin = angle.cos(), angle.sin()
    # grid_sample asks where each output pixel comes from, so this is the inverse of the change;
    # the draws are symmetric, so the inverse of a draw is as good as a draw.
    entries = [cos * scale[:, 0], shear * cos - sin, sin, (cos + shear * sin) * scale[:, 1]]
    affine = torch.stack(entries, dim=1).reshape(count, 2, 2)
    field = torch.baddbmm(shift.unsqueeze(1), _pixel_grid().expand(count, -1, -1), affine.mT)
    bends = torch.randn((count, 2, GRID * GRID), generator=generator) * strength.elastic
    field += (bends.reshape(-1, GRID * GRID) @ _bumps()).reshape(count, 2, -1).mT
    return F.grid_sample(
        squares, field.reshape(count, IMAGE_SIZE, IMAGE_SIZE, 2), align_corners=False
    )


def _change_width(squares: Tensor, strength: Strength, generator: torch.Generator) -> Tensor:
    """Blend each image with its 3x3 maximum or minimum."""
    amount = _uniform((len(squares), 1, 1, 1), 1, generator)
    padded = F.pad(squares, (1, 1, 1, 1))
    widest = _over_neighbours(padded, torch.maximum)
    narrowest = _over_neighbours(padded, torch.minimum)
    thicker = torch.lerp(squares, widest, amount.clamp(min=0) * strength.thicken)
    return torch.lerp(thicker, narrowest, (-amount).clamp(min=0) * strength.thin)


def _over_neighbours(padded: Tensor, pick: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    rows = pick(pick(padded[..., :-2, :], padded[..., 1:-1, :]), padded[..., 2:, :])
    return pick(pick(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:])


@cache
def _pixel_grid() -> Tensor:
    """Coordinates of the pixels in [-1, 1], (784, 2), x before y."""
    line = (torch.arange(IMAGE_SIZE) + 0.5) * (2 / IMAGE_SIZE) - 1
    return torch.cartesian_prod(line, line).flip(1)


@cache
def _bumps() -> Tensor:
    """How much each grid point's bend moves each pixel, (25, 784): Gaussian bumps that sum to 1
    at every pixel."""
    line = torch.linspace(-1, 1, GRID)
    distances = torch.cdist(torch.cartesian_prod(line, line).flip(1), _pixel_grid())
    weights = (-0.5 * (distances / (0.6 * (line[1] - line[0]))).square()).exp()
    return weights / weights.sum(dim=0)
