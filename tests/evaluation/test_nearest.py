import pytest
import torch

from vae_model.evaluation import nearest as module
from vae_model.evaluation.nearest import nearest


def test_the_nearest_is_that_of_a_search_through_all(generator: torch.Generator) -> None:
    # More than go through at once.
    images = torch.rand((2 * module._CHUNK + 7, 50), generator=generator)
    among = torch.rand((300, 50), generator=generator)
    distances, places = nearest(images, among)
    all_of_them = (images[:, None] - among[None]).double().square().sum(dim=2).sqrt()
    assert torch.equal(places, all_of_them.argmin(dim=1))
    torch.testing.assert_close(distances, all_of_them.min(dim=1).values.float())


def test_a_copy_is_at_no_distance_at_all(generator: torch.Generator) -> None:
    among = torch.rand((500, 784), generator=generator)
    distances, places = nearest(among[[3, 499, 3]], among)
    assert places.tolist() == [3, 499, 3]
    assert distances.tolist() == [0.0, 0.0, 0.0]


def test_the_distance_counts_pixels_that_would_have_to_turn() -> None:
    paper, inked = torch.zeros(1, 784), torch.zeros(1, 784)
    inked[0, :9] = 1
    assert nearest(inked, paper)[0].item() == 3.0


def test_no_images_have_no_nearest_and_need_something_to_be_near_to() -> None:
    distances, places = nearest(torch.zeros(0, 784), torch.zeros(2, 784))
    assert distances.shape == places.shape == (0,)
    with pytest.raises(ValueError, match="no images"):
        nearest(torch.zeros(2, 784), torch.zeros(0, 784))
