from dataclasses import replace

import pytest

from vae_model.model.config import TrainConfig
from vae_model.training.schedule import beta, learning_rate

COSINE = TrainConfig(
    learning_rate=1.0, schedule="cosine", warmup_epochs=1.0, final_rate_fraction=0.1
)


def test_beta_moves_in_a_straight_line_to_its_final_value() -> None:
    config = TrainConfig(beta=1.0, beta_start=5.0, beta_epochs=2.0)
    assert [beta(config, progress) for progress in (0, 1, 2, 9)] == [5.0, 3.0, 1.0, 1.0]
    assert beta(TrainConfig(beta=4.0), 0) == 4.0


def test_learning_rate_warms_up_and_falls_to_its_fraction() -> None:
    config = replace(COSINE, epochs=11)
    assert 0 < learning_rate(config, 0.0) < 0.01
    rates = [learning_rate(config, progress) for progress in (0.5, 1, 6, 11)]
    assert rates == pytest.approx([0.5, 1, 0.55, 0.1], abs=1e-3)
    assert learning_rate(TrainConfig(), 17.3) == 1e-3


def test_learning_rate_rises_once_more_for_the_last_epochs() -> None:
    config = replace(COSINE, epochs=8, restart_fraction=0.25)
    rates = [learning_rate(config, progress) for progress in (0.5, 1, 6 - 1e-9, 6, 6.5, 7, 8)]
    assert rates == pytest.approx([0.5, 1.0, 0.1, 0.0, 0.5, 1.0, 0.1], abs=1e-3)


def test_a_share_of_less_than_half_an_epoch_restarts_nothing() -> None:
    once = replace(COSINE, epochs=3)
    for progress in (0, 1, 2.9):
        rate = learning_rate(replace(once, restart_fraction=0.1), progress)
        assert rate == learning_rate(once, progress)
