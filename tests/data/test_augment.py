import dataclasses

import pytest
import torch
from torch import Tensor

from vae_model.data.augment import EVALUATION, TRAINING, Strength, augment

NOTHING = Strength(rotation=0, shift=0, scale=0, shear=0, elastic=0, thicken=0, thin=0)


@pytest.fixture
def bars() -> Tensor:
    """64 equal images of an upright bar, 4 wide and 16 high, in the middle."""
    images = torch.zeros(64, 28, 28)
    images[:, 6:22, 12:16] = 1
    return images.reshape(64, -1)


def centres(images: Tensor) -> Tensor:
    squares = images.reshape(-1, 28, 28)
    line = torch.arange(28.0)
    mass = squares.sum((1, 2))
    return torch.stack(
        [(squares.sum(1) * line).sum(1) / mass, (squares.sum(2) * line).sum(1) / mass], 1
    )


def test_no_strength_changes_nothing(bars: Tensor, generator: torch.Generator) -> None:
    torch.testing.assert_close(augment(bars, NOTHING, generator), bars, atol=1e-5, rtol=0)


@pytest.mark.parametrize("strength", [TRAINING, EVALUATION])
def test_ink_stays_in_range_and_every_image_differs(
    bars: Tensor, strength: Strength, generator: torch.Generator
) -> None:
    images = augment(bars, strength, generator)
    assert images.shape == bars.shape
    assert images.min() >= 0 and images.max() <= 1 + 1e-6
    assert len(torch.unique(images, dim=0)) == len(images)


def test_same_generator_gives_the_same_images(bars: Tensor) -> None:
    first, second = (augment(bars, TRAINING, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)


def test_shift_moves_by_at_most_its_pixels(bars: Tensor, generator: torch.Generator) -> None:
    moved = centres(augment(bars, dataclasses.replace(NOTHING, shift=3), generator)) - 13.5
    assert moved.abs().max() <= 3.05
    assert moved.abs().max() > 2


def test_rotation_turns_without_moving(bars: Tensor, generator: torch.Generator) -> None:
    turned = augment(bars, dataclasses.replace(NOTHING, rotation=90), generator)
    assert (centres(turned) - 13.5).abs().max() < 0.1
    torch.testing.assert_close(turned.sum(1), bars.sum(1), atol=2, rtol=0)
    widths = (turned.reshape(-1, 28, 28).sum(1) > 0.5).sum(1)
    assert widths.min() <= 6 and widths.max() >= 15


def test_scale_changes_the_area_by_its_fraction(bars: Tensor, generator: torch.Generator) -> None:
    areas = augment(bars, dataclasses.replace(NOTHING, scale=0.2), generator).sum(1) / bars[0].sum()
    assert areas.min() > 1 / 1.2**2 - 0.05 and areas.max() < 1 / 0.8**2 + 0.05
    assert areas.max() / areas.min() > 1.3


def test_thickening_adds_ink_and_thinning_takes_it(
    bars: Tensor, generator: torch.Generator
) -> None:
    thick = augment(bars, dataclasses.replace(NOTHING, thicken=1), generator).sum(1)
    thin = augment(bars, dataclasses.replace(NOTHING, thin=1), generator).sum(1)
    ink = bars[0].sum()
    assert thick.min() >= ink - 1e-3 and thick.max() > 1.4 * ink
    assert thin.max() <= ink + 1e-3 and thin.min() < 0.6 * ink


def test_elastic_bends_smoothly(bars: Tensor, generator: torch.Generator) -> None:
    bent = augment(bars, dataclasses.replace(NOTHING, elastic=0.08), generator)
    assert ((bent - bars).abs().sum(1) > 1).all()
    # A bend leaves one piece of ink of about the same size, no scattered pixels.
    assert ((bent.sum(1) / bars[0].sum()) - 1).abs().max() < 0.6
