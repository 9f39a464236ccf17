"""What a place on the map means: two style dims, the main components, or neighbours by UMAP."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ui.shared import mnist_sample
from ui.shared.dims import StyleDim
from ui.shared.latents import Latents
from ui.shared.stored import Numbers
from vae_model.data import image_measures
from vae_model.engine.digit_engine import Floats

NEAREST = 5
"""Digits between which a new one is put on a layout: more of them pull it to the middle."""


@dataclass(frozen=True)
class Axes:
    """Two directions in the space of styles."""

    directions: Numbers
    """(2, z_dim), of length 1 and at right angles: so the prior stays a round N(0, 1) on them."""
    names: tuple[str, str]

    def place(self, styles: Floats) -> Numbers:
        """Styles (n, z_dim) on the map, (n, 2)."""
        return np.asarray(styles, np.float64) @ self.directions.T


@dataclass(frozen=True)
class Layout:
    """Places by UMAP: neighbours stay together, but distances, directions and prior are lost."""

    places: Floats
    """(2000, 2), all within ±1."""

    def among(self, latents: Latents, style: Floats) -> Floats:
        """A place (2,) for a new style (z_dim,): amid the digits whose styles are nearest."""
        away = np.linalg.norm(latents.mean - style, axis=1)
        return self.places[np.argsort(away)[:NEAREST]].mean(axis=0)


def two_dims(first: StyleDim, second: StyleDim, z_dim: int) -> Axes:
    across, up = (
        f"{each.name}: {each.low} to {each.high}" if each.low else each.name
        for each in (first, second)
    )
    return Axes(np.eye(z_dim)[[first.dim, second.dim]], (across, up))


def pca(latents: Latents) -> Axes:
    """The two directions along which the styles of the test digits differ most, and the share of
    all variance that each holds. A direction's largest entry is above 0."""
    if latents.mean.shape[1] < 2:
        return Axes(np.array([[1.0], [0.0]]), ("component 1", ""))
    centred = np.asarray(latents.mean, np.float64) - latents.mean.mean(axis=0)
    variances, vectors = np.linalg.eigh(centred.T @ centred)
    directions = vectors.T[:-3:-1]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    first, second = (
        f"component {number}: {100 * share:.0f} % of the variance"
        for number, share in enumerate(variances[:-3:-1] / max(variances.sum(), 1e-12), start=1)
    )
    return Axes(directions * np.sign(largest), (first, second))


def ellipse(axes: Axes, mean: Floats, std: Floats, sigmas: float) -> Numbers:
    """The outline (64, 2) of the Gaussian N(mean, std²) on the map, `sigmas` from its middle."""
    covariance = (axes.directions * np.asarray(std, np.float64) ** 2) @ axes.directions.T
    variances, vectors = np.linalg.eigh(covariance)
    angles = np.linspace(0, 2 * np.pi, 64)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    outline = (vectors * np.sqrt(np.maximum(variances, 0))) @ circle
    return axes.place(mean[None]) + sigmas * outline.T


@lru_cache(maxsize=1)
def looks() -> dict[str, Numbers]:
    """What can be measured on the images themselves, (n,) each."""
    images, _ = mnist_sample.test_digits()
    return {"slant": image_measures.slant(images), "thickness": image_measures.thickness(images)}
