import torch

from vae_model.model.streams import stream


def test_each_purpose_and_each_seed_has_numbers_of_its_own_and_always_the_same() -> None:
    drawn = {
        (purpose, seed): torch.rand(1, generator=stream(purpose, seed)).item()
        for purpose in ("order", "noise")
        for seed in (0, 1)
    }
    assert len(set(drawn.values())) == 4
    # A training that is resumed draws the order of its epoch again.
    assert round(drawn["order", 0], 4) == 0.6737
