from dataclasses import replace

import pytest

from tests.support.small_training import QUICK, SMALL
from vae_model.data.mnist import DigitData
from vae_model.model.config import TrainConfig
from vae_model.training.estimate import estimate


@pytest.mark.parametrize(
    "train",
    [
        QUICK,
        replace(QUICK, augment=True, density_ratio_weight=1.0),
        replace(QUICK, practice_fraction=1.0, restart_fraction=0.5),
    ],
    ids=["plain", "not", "restarted"],
)
def test_an_estimate_grows_with_epochs_and_images(
    train: TrainConfig, digits: DigitData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vae_model.training.estimate.load_sample", lambda: digits)
    once = estimate(SMALL, train, 1_000, 1_000)
    assert 0 < once < estimate(SMALL, replace(train, epochs=200), 1_000, 1_000)
    assert once < estimate(SMALL, train, 1_000_000, 1_000)
    assert once < estimate(SMALL, train, 1_000, 1_000_000)
