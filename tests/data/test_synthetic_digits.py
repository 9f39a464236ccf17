"""The procedural writer: framing as MNIST's, the same again from a seed, and real habits."""

import pytest
import torch
from torch import Tensor

from vae_model.data import synthetic_digits

ONE_EACH = torch.arange(10)
SUMS = [13199, 8183, 10401, 11392, 9941, 10763, 9839, 9252, 13136, 10790]
"""Ink in a hundred of each digit."""


def _draw(digits: Tensor, seed: int = 0) -> Tensor:
    return synthetic_digits.draw(digits, torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def images() -> Tensor:
    """(10, 100, 28, 28): a hundred of each digit."""
    return _draw(ONE_EACH.repeat_interleave(100)).view(10, 100, 28, 28)


def test_images_are_float32_ink_between_0_and_1(images: Tensor) -> None:
    made = _draw(torch.tensor([3, 1, 4]))
    assert (made.shape, made.dtype) == ((3, 784), torch.float32)
    assert float(images.min()) == 0.0  # bare paper is exactly 0
    assert 0.9 < float(images.max()) <= 1.0
    assert images.isfinite().all()
    assert _draw(torch.zeros(0, dtype=torch.int64)).shape == (0, 784)


def test_the_given_generator_alone_decides_what_is_drawn() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = _draw(ONE_EACH, 5)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(1)
    assert torch.equal(_draw(ONE_EACH, 5), first)
    generator = torch.Generator().manual_seed(5)
    one, other = (synthetic_digits.draw(ONE_EACH, generator) for _ in range(2))
    assert torch.equal(one, first) and not torch.equal(other, first)


def test_the_stream_that_shipped_models_learned_from_stays(images: Tensor) -> None:
    """Any other order of the random numbers, path, trim or pen changes these sums by far more."""
    assert images.sum(dim=(1, 2, 3)).tolist() == pytest.approx(SUMS, rel=1e-3)


def test_many_digits_go_through_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic_digits, "_CHUNK", 4)
    made = _draw(ONE_EACH)
    assert made.shape == (10, 784)
    assert (made.sum(dim=1) > 15).all()


def test_centre_of_mass_is_that_of_mnist(images: Tensor) -> None:
    flat, places = images.reshape(-1, 28, 28), torch.arange(28.0)
    total = flat.sum(dim=(1, 2))
    for axis in (1, 2):
        centre = flat.sum(dim=axis) @ places / total
        assert float(centre.mean()) == pytest.approx(14.0, abs=0.05)
        # Lopsided digits stay inside the image, a little off the centre.
        assert float(((centre - 14.0).abs() < 0.3).float().mean()) > 0.97


def test_a_digit_resembles_its_own_kind_most(images: Tensor) -> None:
    """Means of the first half read most of the second half: the labels belong to the shapes."""
    means = images[:, :50].mean(dim=1).flatten(1)
    read = torch.cdist(images[:, 50:].reshape(-1, 784), means).argmin(dim=1)
    right = (read == ONE_EACH.repeat_interleave(50)).float().mean()
    assert float(right) > 0.6  # 0.1 by chance
