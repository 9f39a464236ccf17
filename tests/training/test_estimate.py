import dataclasses

import pytest

from vae_model.model.config import PRESETS, TrainConfig
from vae_model.training.estimate import estimate


@pytest.mark.parametrize("name", PRESETS)
def test_an_estimate_grows_with_epochs_and_images(name: str) -> None:
    preset = PRESETS[name]
    small = dataclasses.replace(preset.train, batch_size=10, epochs=1)
    once = estimate(preset.model, small, 1_000)
    assert 0 < once < estimate(preset.model, dataclasses.replace(small, epochs=100), 1_000)
    assert once < estimate(preset.model, small, 1_000_000)


def test_a_batch_larger_than_the_sample_can_be_estimated() -> None:
    assert estimate(PRESETS["quick"].model, TrainConfig(batch_size=10_000), 60_000, 10_000) > 0
