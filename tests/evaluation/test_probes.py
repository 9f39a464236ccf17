"""Probes against leaks of known size."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.support.planted import TEMPLATES, Function, Z, blind, planted, planted_data
from vae_model.evaluation import probes
from vae_model.model.config import DIGITS
from vae_model.model.networks import Posterior, one_hot

DATA = planted_data(2000, 1000)
CHANCE = pytest.approx(0.1, abs=0.045)


@pytest.fixture(autouse=True)
def quick_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "MLP_STEPS", 300)


def leaks(encoder: Function, std: float = 1.0, **parts: Any) -> tuple[float, float, float]:
    """As the linear probe, the network and the network on samples read them."""
    figures = probes.leak_figures(planted(encoder, std=std, **parts), DATA, 2000, seed=0)
    return tuple(figures[f"digit_leak_{kind}"] for kind in ("linear", "mlp", "sampled"))


def digit_of(x: Tensor) -> Tensor:
    return (x @ TEMPLATES.T).argmax(dim=1)


def test_every_probe_catches_a_digit_written_into_the_style() -> None:
    circle = torch.arange(DIGITS) * 2 * math.pi / DIGITS
    spots = torch.stack([circle.cos(), circle.sin(), circle.cos(), circle.sin()], dim=1)
    assert min(leaks(lambda x, y: spots[digit_of(x)], std=0.05)) > 0.98


def test_a_style_without_the_digit_is_read_by_chance() -> None:
    def unrelated(x: Tensor, y: Tensor) -> Tensor:
        return torch.randn((len(x), Z), generator=torch.Generator().manual_seed(len(x)))

    assert list(leaks(unrelated)) == [CHANCE] * 3


def test_a_crooked_leak_escapes_the_linear_probe_alone() -> None:
    def mirrored(x: Tensor, y: Tensor) -> Tensor:
        sign = 2.0 * (torch.arange(len(x)) // DIGITS % 2) - 1
        return (sign * (1 + digit_of(x)))[:, None] * torch.eye(Z)[0]

    linear, mlp, sampled = leaks(mirrored, std=0.1)
    assert linear < 0.3
    assert min(mlp, sampled) > 0.95


def test_what_lies_below_the_noise_shows_in_the_means_only() -> None:
    _, mlp, sampled = leaks(lambda x, y: 1e-3 * one_hot(digit_of(x))[:, :Z] + 1e-3 * x[:, :Z])
    assert mlp > 0.35
    assert sampled == CHANCE


def test_probes_read_as_much_as_there_is() -> None:
    spots = torch.randn(DIGITS, Z, generator=torch.Generator().manual_seed(5))
    digits = torch.arange(20_000) % DIGITS
    z = spots[digits] + torch.randn((20_000, Z), generator=torch.Generator().manual_seed(6))
    best = probes.accuracy(-torch.cdist(z, spots), digits)  # Bayes' rule
    linear = probes.linear_probe(z[:10_000], digits[:10_000], z[10_000:], digits[10_000:])
    posterior = Posterior(spots[digits], torch.ones(20_000, Z))
    mlp = probes.mlp_probe(posterior, digits, z, digits, seed=0)
    assert 0.3 < best < 0.8
    assert (linear, mlp) == pytest.approx((best, best), abs=0.02)


def test_probes_get_the_style_of_an_image_alone() -> None:
    # An encoder that copies the digit it is given can only copy what the classifier says.
    def copying(x: Tensor, y: Tensor) -> Tensor:
        return y @ torch.arange(40.0).reshape(DIGITS, Z)

    assert max(leaks(copying, std=0.01, classifier=blind)) < 0.15
    assert leaks(copying, std=0.01)[1] > 0.95
