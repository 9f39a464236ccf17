import pytest

from vae_model.model.config import TrainConfig
from vae_model.training.schedules import beta, learning_rate


def test_beta_moves_in_a_straight_line_to_its_final_value() -> None:
    config = TrainConfig(beta=1.0, beta_start=5.0, beta_epochs=2.0)
    assert [beta(config, progress) for progress in (0, 1, 2, 9)] == [5.0, 3.0, 1.0, 1.0]
    assert beta(TrainConfig(beta=4.0), 0) == 4.0


def test_learning_rate_warms_up_and_falls_to_its_fraction() -> None:
    config = TrainConfig(
        learning_rate=1.0, schedule="cosine", warmup_epochs=1.0, epochs=11, final_rate_fraction=0.1
    )
    assert 0 < learning_rate(config, 0.0) < 0.01
    assert learning_rate(config, 0.5) == pytest.approx(0.5, abs=1e-3)
    assert learning_rate(config, 1.0) == pytest.approx(1.0)
    assert learning_rate(config, 6.0) == pytest.approx(0.55)
    assert learning_rate(config, 11.0) == pytest.approx(0.1)
    assert learning_rate(TrainConfig(), 17.3) == 1e-3
