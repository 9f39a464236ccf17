import dataclasses

import pytest
import torch
from torch import Tensor

from vae_model.data.augment import EVALUATION, TRAINING, Strength
from vae_model.data.augment import augment as augmented

NOTHING = Strength(rotation=0, shift=0, scale=0, shear=0, elastic=0, thicken=0, thin=0)


@pytest.fixture
def bars() -> Tensor:
    """64 equal images of an upright bar, 4 wide and 16 high, in the middle."""
    images = torch.zeros(64, 28, 28)
    images[:, 6:22, 12:16] = 1
    return images.reshape(64, -1)


def augment(images: Tensor, strength: Strength = NOTHING, **only: float) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return augmented(images, dataclasses.replace(strength, **only), generator)


def centres(images: Tensor) -> Tensor:
    """How far each centre of mass lies from the middle, (n, 2)."""
    squares = images.reshape(-1, 28, 28) / images.sum(1)[:, None, None]
    line = torch.arange(28.0) - 13.5
    return torch.stack([squares.sum(1) @ line, squares.sum(2) @ line], 1)


def test_no_strength_changes_nothing(bars: Tensor) -> None:
    torch.testing.assert_close(augment(bars), bars, atol=1e-5, rtol=0)


@pytest.mark.parametrize("strength", [TRAINING, EVALUATION])
def test_ink_stays_in_range_and_every_image_differs(bars: Tensor, strength: Strength) -> None:
    images = augment(bars, strength)
    assert images.shape == bars.shape
    assert images.min() >= 0 and images.max() <= 1 + 1e-6
    assert len(torch.unique(images, dim=0)) == len(images)
    assert torch.equal(images, augment(bars, strength)), "the same generator, the same images"


def test_the_stream_that_shipped_models_learned_from_stays(bars: Tensor) -> None:
    ink = augment(bars, TRAINING)[:4].sum(1).tolist()
    assert ink == pytest.approx([33.05, 35.27, 59.35, 50.40], rel=1e-3)


def test_shift_moves_by_at_most_its_pixels(bars: Tensor) -> None:
    assert 2 < centres(augment(bars, shift=3)).abs().max() <= 3.05


def test_rotation_turns_without_moving(bars: Tensor) -> None:
    turned = augment(bars, rotation=90)
    assert centres(turned).abs().max() < 0.1
    torch.testing.assert_close(turned.sum(1), bars.sum(1), atol=2, rtol=0)
    widths = (turned.reshape(-1, 28, 28).sum(1) > 0.5).sum(1)
    assert widths.min() <= 6 and widths.max() >= 15


def test_scale_changes_the_area_by_its_fraction(bars: Tensor) -> None:
    areas = augment(bars, scale=0.2).sum(1) / bars[0].sum()
    assert areas.min() > 1 / 1.2**2 - 0.05 and areas.max() < 1 / 0.8**2 + 0.05
    assert areas.max() / areas.min() > 1.3


def test_thickening_adds_ink_and_thinning_takes_it(bars: Tensor) -> None:
    thick, thin = augment(bars, thicken=1).sum(1), augment(bars, thin=1).sum(1)
    ink = bars[0].sum()
    assert thick.min() >= ink - 1e-3 and thick.max() > 1.4 * ink
    assert thin.max() <= ink + 1e-3 and thin.min() < 0.6 * ink


def test_elastic_bends_smoothly(bars: Tensor) -> None:
    bent = augment(bars, elastic=0.08)
    assert ((bent - bars).abs().sum(1) > 1).all()
    # A bend leaves one piece of ink of about the same size, no scattered pixels.
    assert ((bent.sum(1) / bars[0].sum()) - 1).abs().max() < 0.6
