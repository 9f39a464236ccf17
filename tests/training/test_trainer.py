import dataclasses
from itertools import count

import numpy as np
import pytest
import torch

from vae_model.data.mnist import DigitData, load_sample
from vae_model.model.config import ModelConfig, TrainConfig, preset
from vae_model.model.networks import ConditionalVAE
from vae_model.training.trainer import Diverged, Training, beta, learning_rate

SMALL = ModelConfig(z_dim=3, encoder_hidden=(16,), decoder_hidden=(16,), classifier_hidden=(16,))
SMALL_STUDIO = dataclasses.replace(
    preset("studio").model,
    z_dim=3,
    encoder_hidden=(16, 8),
    decoder_hidden=(8, 16),
    classifier_hidden=(16, 8),
)
QUICK = TrainConfig(epochs=2, batch_size=64)
QUICK_STUDIO = dataclasses.replace(
    preset("studio").train,
    epochs=2,
    batch_size=64,
    warmup_epochs=0.1,
    penalty_start_epoch=0.0,
    ema_decay=0.99,
    views=2,
    synthetic_fraction=0.25,
    adversarial_weight=1.0,
    style_consistency_weight=1.0,
)


@pytest.fixture(scope="module")
def digits() -> DigitData:
    sample = load_sample()
    return dataclasses.replace(
        sample, train=sample.train.part(0, 500), test=sample.test.part(0, 200)
    )


def assert_same_weights(first: ConditionalVAE, second: ConditionalVAE) -> None:
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


def test_both_losses_fall(digits: DigitData) -> None:
    config = dataclasses.replace(QUICK, epochs=6, learning_rate=3e-3)
    reports = list(Training(SMALL, config, digits).epochs())
    assert [report.epoch for report in reports] == [1, 2, 3, 4, 5, 6]
    first, last = reports[0], reports[-1]
    assert last.train.recon_nll < first.train.recon_nll
    assert last.train.classification_loss < first.train.classification_loss
    assert last.test.accuracy > first.test.accuracy > 0.05


def test_report_holds_one_style_decoded_as_the_ten_digits(digits: DigitData) -> None:
    run = Training(SMALL, QUICK, digits)
    first, second = run.epochs()
    assert first.digits.shape == (10, 784)
    assert not np.array_equal(first.style, second.style)
    expected = run.model.decode(torch.tensor(second.style).expand(10, -1), torch.eye(10))
    np.testing.assert_array_equal(second.digits, expected.detach().numpy())


def test_report_splits_the_loss_into_its_parts(digits: DigitData) -> None:
    config = dataclasses.replace(QUICK, epochs=1, beta=3.0, beta_start=3.0)
    (report,) = Training(SMALL, config, digits).epochs()
    for losses in (report.train, report.test):
        assert losses.vae_loss == pytest.approx(losses.recon_nll + 3 * losses.kl)
    assert sum(report.kl_per_dim) == pytest.approx(report.test.kl, rel=1e-4)
    assert report.images_per_second == pytest.approx(500 / report.seconds)


@pytest.mark.parametrize(
    ("model", "config"), [(SMALL, QUICK), (SMALL_STUDIO, QUICK_STUDIO)], ids=["article", "studio"]
)
def test_same_seed_gives_the_same_weights(
    digits: DigitData, model: ModelConfig, config: TrainConfig
) -> None:
    runs = [Training(model, config, digits) for _ in range(2)]
    other = Training(model, dataclasses.replace(config, seed=1), digits)
    for run in (*runs, other):
        list(run.epochs())
    assert_same_weights(runs[0].model, runs[1].model)
    assert not torch.equal(
        runs[0].model.decoder.layers[0].weight, other.model.decoder.layers[0].weight
    )


@pytest.mark.parametrize("batches", [0, 3, 8, 13])
@pytest.mark.parametrize(
    ("model", "config"),
    [
        (SMALL, QUICK),
        (SMALL, dataclasses.replace(QUICK, optimizer="sgd", learning_rate=1e-4)),
        (SMALL_STUDIO, QUICK_STUDIO),
    ],
    ids=["adam", "sgd", "studio"],
)
def test_resumed_run_equals_the_unbroken_one_bit_for_bit(
    digits: DigitData, model: ModelConfig, config: TrainConfig, batches: int
) -> None:
    unbroken = Training(model, config, digits)
    unbroken_reports = list(unbroken.epochs())

    broken, asked = Training(model, config, digits), count()
    before = list(broken.epochs(should_stop=lambda: next(asked) == batches))
    assert broken.epoch * broken.batches + broken.batch == batches
    resumed = Training.resume(model, config, digits, broken.state())
    after = list(resumed.epochs())

    assert_same_weights(resumed.model, unbroken.model)
    assert_same_weights(resumed.averaged_model(), unbroken.averaged_model())
    assert len(before) + len(after) == len(unbroken_reports)
    assert after[-1].train == unbroken_reports[-1].train
    assert after[-1].test == unbroken_reports[-1].test


def test_state_of_another_model_is_refused(digits: DigitData) -> None:
    state = Training(SMALL, QUICK, digits).state()
    no_numbers = np.zeros_like(state["generator"])
    for wrong in ({}, state | {"position": np.array([1, -3])}, state | {"generator": no_numbers}):
        with pytest.raises(ValueError, match="does not fit"):
            Training.resume(SMALL, QUICK, digits, wrong)
    with pytest.raises(ValueError, match="does not fit"):
        Training.resume(dataclasses.replace(SMALL, z_dim=4), QUICK, digits, state)


def test_absurd_learning_rate_stops_with_advice(digits: DigitData) -> None:
    config = dataclasses.replace(QUICK, optimizer="sgd", learning_rate=1e6, epochs=50)
    model = dataclasses.replace(SMALL, activation="relu")
    with pytest.raises(Diverged, match="lower learning rate"):
        list(Training(model, config, digits).epochs())


def test_training_on_the_true_label_leaves_the_classifier_to_its_own_loss(
    digits: DigitData,
) -> None:
    # With the softmax the decoder's loss reaches the classifier; with the label it must not.
    for condition, reached in (("softmax", True), ("label", False)):
        config = dataclasses.replace(QUICK, decoder_condition=condition, classification_weight=0.0)
        run = Training(SMALL, config, digits)
        before = run.model.classifier.layers[0].weight.detach().clone()
        list(run.epochs())
        assert torch.equal(before, run.model.classifier.layers[0].weight) is not reached


def test_averaged_weights_lag_behind_the_trained_ones(digits: DigitData) -> None:
    run = Training(SMALL, dataclasses.replace(QUICK, ema_decay=0.9), digits)
    list(run.epochs())
    start = Training(SMALL, QUICK, digits).model.decoder.layers[2].bias
    trained = run.model.decoder.layers[2].bias
    averaged = run.averaged_model().decoder.layers[2].bias
    assert 0 < (averaged - start).norm() < (trained - start).norm()


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
