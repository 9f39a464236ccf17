import dataclasses
from itertools import count
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.small_training import QUICK, SMALL, SMALL_STUDIO, trained
from vae_model.data.mnist import DigitData
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.presets import preset
from vae_model.training.schedule import learning_rate
from vae_model.training.trainer import Training

QUICK_STUDIO = dataclasses.replace(
    preset("studio").train,
    epochs=2,
    batch_size=64,
    warmup_epochs=0.1,
    penalty_start_epoch=0.0,
    ema_decay=0.99,
    synthetic_fraction=0.25,
    restart_fraction=0.5,
    practice_fraction=0.25,
)


def test_both_losses_fall_and_are_split_into_their_parts(digits: DigitData) -> None:
    config = dataclasses.replace(QUICK, epochs=6, learning_rate=3e-3, beta=3.0, beta_start=3.0)
    reports = list(Training(SMALL, config, digits).epochs())
    assert [report.epoch for report in reports] == [1, 2, 3, 4, 5, 6]
    first, last = reports[0], reports[-1]
    assert last.train.recon_nll < first.train.recon_nll
    assert last.train.classification_loss < first.train.classification_loss
    assert last.test.accuracy > first.test.accuracy > 0.05
    for losses in (first.train, first.test):
        assert losses.vae_loss == pytest.approx(losses.recon_nll + 3 * losses.kl)
    assert first.images_per_second == pytest.approx(300 / first.seconds)


def test_each_step_is_taken_at_the_rate_of_its_moment(digits: DigitData) -> None:
    training = Training(SMALL_STUDIO, QUICK_STUDIO, digits)
    rates: list[float] = []
    list(training.epochs(on_batch=lambda: rates.append(training.optimizer.param_groups[0]["lr"])))
    moments = [epoch + batch / 5 for epoch in range(2) for batch in range(5)]
    assert rates == [learning_rate(QUICK_STUDIO, moment) for moment in moments]
    assert len(set(rates)) > 5


def test_report_holds_one_style_decoded_as_the_ten_digits(
    digits: DigitData, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Training(SMALL, QUICK, digits)
    styles: list[torch.Tensor] = []
    decode = run.model.decode
    monkeypatch.setattr(run.model, "decode", lambda z, y: styles.append(z) or decode(z, y))
    first, second = run.epochs()
    assert first.digits.shape == (10, 784)
    one, other = styles
    assert not torch.equal(one, other)
    expected = decode(other[:1].expand(10, -1), torch.eye(10))
    np.testing.assert_array_equal(second.digits, expected.detach().numpy())


def test_another_seed_gives_other_weights(digits: DigitData) -> None:
    first, other = (trained(SMALL, digits, seed=seed).model for seed in (0, 1))
    assert not torch.equal(first.decoder.layers[0].weight, other.decoder.layers[0].weight)


@pytest.mark.parametrize("batches", [0, 3, 5, 8])
@pytest.mark.parametrize(
    ("model", "config"),
    [
        (SMALL, QUICK),
        (SMALL, dataclasses.replace(QUICK, optimizer="sgd", learning_rate=1e-4)),
        (SMALL, dataclasses.replace(QUICK, augment=True, ema_decay=0.9)),
        (SMALL, dataclasses.replace(QUICK, ema_decay=0.9, restart_fraction=0.5)),
        (SMALL_STUDIO, QUICK_STUDIO),
    ],
    ids=["adam", "sgd", "augmented and averaged", "restarted", "studio"],
)
def test_resumed_run_equals_the_unbroken_one_bit_for_bit(
    digits: DigitData, model: ModelConfig, config: TrainConfig, batches: int
) -> None:
    unbroken = Training(model, config, digits)
    unbroken_reports = list(unbroken.epochs())

    broken, asked = Training(model, config, digits), count()
    before = list(broken.epochs(should_stop=lambda: next(asked) == batches))
    assert broken.epoch * broken.batches + broken.batch == batches
    # Also one that was saved when the adversaries' optimiser had another name.
    state = {name.replace("adversary_", "rival_"): part for name, part in broken.state().items()}
    resumed = Training.resume(model, config, digits, state)
    after = list(resumed.epochs())

    np.testing.assert_equal(resumed.model.weights(), unbroken.model.weights())
    np.testing.assert_equal(resumed.averaged_model.weights(), unbroken.averaged_model.weights())
    assert len(before) + len(after) == len(unbroken_reports)
    assert after[-1].train == unbroken_reports[-1].train
    assert after[-1].test == unbroken_reports[-1].test


def test_state_that_does_not_fit_is_refused(digits: DigitData) -> None:
    state = Training(SMALL, QUICK, digits).state()
    for changes in ({"more": np.eye(2)}, {"generator": np.zeros(5056, np.uint8)}):
        with pytest.raises(ValueError, match="does not fit"):
            Training.resume(SMALL, QUICK, digits, state | changes)


def test_a_restart_begins_anew_with_all_but_the_averages(digits: DigitData) -> None:
    config = dataclasses.replace(QUICK_STUDIO, learning_rate=1e-9)
    training = Training(SMALL_STUDIO, config, digits)
    next(training.epochs())
    assert training.penalties
    before = training.penalties.digit_reader[0].weight
    for average in training.averages:
        average += 0.01
    asked = count()
    list(training.epochs(should_stop=lambda: next(asked) == 1))
    torch.testing.assert_close([p.detach() for p in training.parameters], training.averages)
    for optimizer in (training.optimizer, training.penalties.optimizer):
        moments = optimizer.state_dict()["state"].values()
        assert {moment["step"].item() for moment in moments} == {1}
    assert not torch.isclose(training.penalties.digit_reader[0].weight, before, atol=0.01).all()


@pytest.mark.parametrize("condition", ["label", "softmax"])
def test_after_a_restart_the_classifier_stays_as_it_is(digits: DigitData, condition: Any) -> None:
    config = dataclasses.replace(QUICK_STUDIO, decoder_condition=condition)
    training = Training(SMALL_STUDIO, config, digits)
    reports = training.epochs()
    next(reports)
    before = {name: part.clone() for name, part in training.averaged_model.state_dict().items()}
    next(reports)
    after = training.averaged_model.state_dict()
    changed = {
        name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])
    }
    assert changed == {"encoder", "decoder"}
