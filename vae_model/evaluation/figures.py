"""What all figures of an evaluation share: their form, and the random numbers they draw."""

from typing import Any

import torch
from torch import Tensor

from vae_model.model.streams import stream

Figures = dict[str, Any]
"""By name: plain JSON numbers, and lists and objects of them."""


def resting_on(count: int, figures: Figures, **others: int) -> Figures:
    """The figures with, under `samples`, the number of images that each single number rests on:
    `count`, but for `others`."""
    names = [name for name, value in figures.items() if isinstance(value, int | float)]
    return figures | {"samples": dict.fromkeys(names, count) | others}


def prior_styles(count: int, z_dim: int, purpose: str, seed: int) -> Tensor:
    """(count, z_dim), from N(0, I)."""
    return torch.randn(count, z_dim, generator=stream(purpose, seed))
