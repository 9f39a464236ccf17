import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.support.small_training import QUICK as PLAIN
from tests.support.small_training import SMALL, SMALL_STUDIO
from vae_model.data.mnist import DigitData
from vae_model.model.config import Activation, ModelConfig, TrainConfig, is_plain
from vae_model.model.losses import recon_nll
from vae_model.model.networks import ConditionalVAE
from vae_model.training import trainer
from vae_model.training.plain_step import PlainStep, pack
from vae_model.training.trainer import Training

DEEP = dataclasses.replace(
    SMALL, encoder_hidden=(12, 9, 8), decoder_hidden=(7, 11), classifier_hidden=(10, 6)
)
LABEL = dataclasses.replace(PLAIN, decoder_condition="label")

CASES = {
    "article": (SMALL, PLAIN),
    "deep": (DEEP, PLAIN),
    **{each: (dataclasses.replace(DEEP, activation=each), PLAIN) for each in get_args(Activation)},
    "bernoulli": (dataclasses.replace(SMALL, likelihood="bernoulli"), PLAIN),
    "other deviation": (dataclasses.replace(SMALL, likelihood_std=0.2, min_variance=0.1), PLAIN),
    "label": (DEEP, LABEL),
    "encoder sees the digit": (dataclasses.replace(SMALL, encoder_sees_digit=True), PLAIN),
    "studio": (SMALL_STUDIO, LABEL),
    "smoothed labels": (SMALL_STUDIO, dataclasses.replace(LABEL, label_smoothing=0.1)),
    "smoothed labels and softmax": (SMALL, dataclasses.replace(PLAIN, label_smoothing=0.2)),
    "no classification": (SMALL, dataclasses.replace(PLAIN, classification_weight=0.0)),
}


def autograd_losses(
    model: ConditionalVAE, config: TrainConfig, x: torch.Tensor, labels: torch.Tensor, beta: float
) -> list[torch.Tensor]:
    """The whole loss, and its parts in the order of `Losses`."""
    true_digit = F.one_hot(labels, 10).to(x.dtype)
    logits = model.classifier(x)
    posterior = model.encoder(x, true_digit)
    condition = logits.softmax(1) if config.decoder_condition == "softmax" else true_digit
    z = posterior.sample(torch.Generator().manual_seed(7))
    recon = recon_nll(model.config, model.decoder(z, condition), x).mean()
    kl = posterior.kl_per_dim().sum(1).mean()
    classification = F.cross_entropy(logits, labels, label_smoothing=config.label_smoothing)
    vae_loss = recon + beta * kl
    accuracy = (logits.argmax(1) == labels).double().mean()
    loss = vae_loss + config.classification_weight * classification
    return [loss, vae_loss, recon, kl, classification, accuracy]


@pytest.mark.parametrize("count", [64, 5], ids=["whole batch", "part of a batch"])
@pytest.mark.parametrize(("model_config", "config"), CASES.values(), ids=CASES)
def test_losses_and_gradients_are_autograds(
    digits: DigitData, model_config: ModelConfig, config: TrainConfig, count: int
) -> None:
    torch.manual_seed(0)
    expected = ConditionalVAE(model_config).double()
    model = ConditionalVAE(model_config).double()
    model.load_state_dict(expected.state_dict())
    packed = pack(model)
    step = PlainStep(model, packed, config, torch.Generator().manual_seed(7))
    x, labels = digits.train.images[:count].double(), digits.train.labels[:count]
    x[1] = 0  # an image without ink

    loss, losses = step(x, labels, 1.7)
    expected_loss, *expected_losses = autograd_losses(expected, config, x, labels, 1.7)
    assert loss == pytest.approx(expected_loss.item())
    assert list(vars(losses).values()) == pytest.approx([part.item() for part in expected_losses])

    # Where every weight has moved by its gradient, the views show which is which.
    expected_loss.backward()
    with torch.no_grad():
        for parameter in (*packed, *expected.parameters()):
            parameter -= parameter.grad
    torch.testing.assert_close(model.state_dict(), expected.state_dict(), rtol=1e-9, atol=1e-11)


def test_packing_changes_no_weight_and_loading_reaches_the_packed_ones() -> None:
    model, other = ConditionalVAE(SMALL_STUDIO), ConditionalVAE(SMALL_STUDIO)
    before = model.weights()
    packed = pack(model)
    assert sum(tensor.numel() for tensor in packed) == (
        sum(array.size for array in before.values()) + 10 * SMALL_STUDIO.classifier_hidden[0]
    )
    np.testing.assert_equal(model.weights(), before)
    assert all(array.flags.c_contiguous for array in model.weights().values())
    model.load_state_dict(other.state_dict())
    torch.testing.assert_close(packed, pack(other), rtol=0, atol=0)


def test_a_plain_training_is_the_one_that_autograd_would_do(
    digits: DigitData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the table's unused rows, schedules, an average of the weights, and part batches."""
    rates = {"schedule": "cosine", "warmup_epochs": 0.5, "beta_start": 3.0, "beta_epochs": 2.0}
    config = dataclasses.replace(LABEL, epochs=3, ema_decay=0.9, **rates)
    plain = Training(SMALL_STUDIO, config, digits)
    assert plain.plain_step
    reports = list(plain.epochs())
    table, averaged = plain.parameters[0], plain.averaged_model.state_dict()
    assert table[784:, :12].any() and not table[784:, 12:].any()
    monkeypatch.setattr(trainer, "is_plain", lambda _: False)
    slow = Training(SMALL_STUDIO, config, digits)
    assert not slow.plain_step
    for report, expected in zip(reports, slow.epochs(), strict=True):
        for part, value in vars(report.train).items():
            assert value == pytest.approx(getattr(expected.train, part), rel=1e-5), part
    torch.testing.assert_close(slow.averaged_model.state_dict(), averaged, rtol=1e-4, atol=2e-5)


def test_what_has_no_formula_here_is_left_to_autograd() -> None:
    assert is_plain(TrainConfig())
    fractions = ("restart_fraction", "practice_fraction")
    styles = ("density_ratio_weight", "adversarial_weight")
    written = ("recognition_weight", "style_consistency_weight", "image_discriminator_weight")
    for changes in ({"augment": True}, *({name: 0.5} for name in fractions + styles + written)):
        assert not is_plain(TrainConfig(**changes)), changes
