import pytest

from vae_model.data.mnist import DigitData
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.networks import ConditionalVAE
from vae_model.training import epoch_report
from vae_model.training.epoch_report import measure


def test_any_batch_measures_alike(digits: DigitData, monkeypatch: pytest.MonkeyPatch) -> None:
    config, model = TrainConfig(), ConditionalVAE(ModelConfig(z_dim=3))
    whole, kl_whole = measure(model, config, digits.test)
    monkeypatch.setattr(epoch_report, "EVALUATION_BATCH", 64)
    parts, kl_parts = measure(model, config, digits.test)
    assert (whole.kl, whole.accuracy) == pytest.approx((parts.kl, parts.accuracy))
    assert sum(kl_whole) == pytest.approx(whole.kl, rel=1e-4)
    assert kl_whole == pytest.approx(kl_parts, rel=1e-4)
