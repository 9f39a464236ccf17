import pytest
import torch
from torch import Tensor

from vae_model.data.augment import EVALUATION, TRAINING, Strength
from vae_model.data.augment import augment as augmented


@pytest.fixture
def bars() -> Tensor:
    """64 equal images of an upright bar, 4 wide and 16 high, in the middle."""
    images = torch.zeros(64, 28, 28)
    images[:, 6:22, 12:16] = 1
    return images.reshape(64, -1)


def augment(images: Tensor, strength: Strength) -> Tensor:
    return augmented(images, strength, torch.Generator().manual_seed(0))


def test_no_strength_changes_nothing(bars: Tensor) -> None:
    nothing = Strength(0, 0, 0, 0, 0, 0, 0)
    torch.testing.assert_close(augment(bars, nothing), bars, atol=1e-5, rtol=0)


@pytest.mark.parametrize("strength", [TRAINING, EVALUATION])
def test_ink_stays_in_range_and_every_image_differs(bars: Tensor, strength: Strength) -> None:
    images = augment(bars, strength)
    assert images.shape == bars.shape
    assert images.min() >= 0 and images.max() <= 1 + 1e-6
    assert len(torch.unique(images, dim=0)) == len(images)
    assert torch.equal(images, augment(bars, strength)), "the same generator, the same images"


def test_the_stream_that_shipped_models_learned_from_stays(bars: Tensor) -> None:
    """A change of any other kind, size or share has other ink."""
    ink = augment(bars, TRAINING)[:4].sum(1).tolist()
    assert ink == pytest.approx([29.39, 33.23, 61.87, 55.41], rel=1e-3)
