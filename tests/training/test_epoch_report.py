import pytest
import torch

from vae_model.data.mnist import load_sample
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.networks import ConditionalVAE
from vae_model.training import epoch_report
from vae_model.training.epoch_report import measure


def test_measuring_does_not_depend_on_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    test, config = load_sample().test.part(0, 200), TrainConfig()
    torch.manual_seed(0)
    model = ConditionalVAE(ModelConfig(z_dim=3))
    whole, kl_whole = measure(model, config, test)
    monkeypatch.setattr(epoch_report, "EVALUATION_BATCH", 64)
    parts, kl_parts = measure(model, config, test)
    assert whole.kl == pytest.approx(parts.kl)
    assert whole.accuracy == pytest.approx(parts.accuracy)
    assert kl_whole == pytest.approx(kl_parts, rel=1e-4)
