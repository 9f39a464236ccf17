"""What a training shows its networks, by spies on them and by digits that cannot be misread."""

import dataclasses
from typing import Any
from unittest.mock import Mock

import pytest
import torch
from torch import Tensor

from tests.support.planted import TEMPLATES, planted_data
from tests.support.small_training import QUICK, SMALL_STUDIO, trained
from vae_model.data import synthetic_digits
from vae_model.data.mnist import DigitData
from vae_model.model.networks import ConditionalVAE, one_hot
from vae_model.training import trainer
from vae_model.training.epoch_report import measure
from vae_model.training.schedule import beta
from vae_model.training.trainer import Training

PLAIN = dataclasses.replace(QUICK, decoder_condition="label", adversarial_weight=1.0)
STUDIO = dataclasses.replace(PLAIN, augment=True, views=2, synthetic_fraction=0.25)


def shown(training: Training) -> dict[str, list[tuple[Tensor, ...]]]:
    """What each network is given in each step, as far as gradients flow; without the tests."""
    given: dict[str, list[tuple[Tensor, ...]]] = {"encoder": [], "decoder": [], "classifier": []}
    for name, inputs in given.items():

        def keep(_: Any, args: tuple[Tensor, ...], inputs: list[Any] = inputs) -> None:
            if torch.is_grad_enabled():
                inputs.append(tuple(part.detach() for part in args))

        getattr(training.model, name).register_forward_pre_hook(keep)
    list(training.epochs())
    return given


def rows(inputs: list[tuple[Tensor, ...]], place: int = 0) -> Tensor:
    return torch.cat([step[place] for step in inputs])


def places(images: Tensor, among: Tensor) -> list[int]:
    """Where each image stands among others, -1 where it does not."""
    known = {image.numpy().tobytes(): place for place, image in enumerate(among)}
    return [known.get(image.numpy().tobytes(), -1) for image in images]


def test_each_epoch_shows_every_image_once_and_in_another_order(digits: DigitData) -> None:
    given = shown(Training(SMALL_STUDIO, STUDIO, digits))["encoder"]
    found = places(rows(given), digits.train.images)
    first, second = found[:300], found[300:]
    assert sorted(first) == sorted(second) == list(range(300))
    assert first != second
    labels = one_hot(digits.train.labels)
    assert torch.equal(rows(given, 1), labels[found])


def test_the_decoder_is_given_the_true_digit_and_another_style_each_time(digits: DigitData) -> None:
    training = Training(SMALL_STUDIO, dataclasses.replace(STUDIO, learning_rate=1e-9), digits)
    given = shown(training)
    assert torch.equal(rows(given["decoder"], 1), rows(given["encoder"], 1))
    styles, images = rows(given["decoder"]), rows(given["encoder"])
    order = [
        torch.tensor(places(images[part], digits.train.images)).argsort()
        for part in (slice(300), slice(300, 600))
    ]
    first, second = styles[:300][order[0]], styles[300:][order[1]]
    # Hardly trained: what differs from epoch to epoch is the draw alone.
    assert not torch.isclose(first, second, atol=1e-3).all(dim=1).any()


def test_the_classifier_sees_each_image_anew_in_each_view_and_epoch(digits: DigitData) -> None:
    given = shown(Training(SMALL_STUDIO, STUDIO, digits))["classifier"]
    assert [len(step[0]) for step in given] == [2 * n + 16 for n in [64, 64, 64, 64, 44] * 2]
    assert set(places(rows(given), digits.train.images)) == {-1}
    assert len({image.numpy().tobytes() for image in rows(given)}) == 2 * (600 + 80)


def test_no_synthetic_digit_comes_twice(digits: DigitData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "augment", lambda images, *_: images)
    given = shown(Training(SMALL_STUDIO, STUDIO, digits))["classifier"]
    assert len({image.numpy().tobytes() for step in given for image in step[0][-16:]}) == 160


def test_without_augmentation_the_classifier_sees_the_images_themselves(digits: DigitData) -> None:
    given = shown(Training(SMALL_STUDIO, PLAIN, digits))
    assert torch.equal(rows(given["classifier"]), rows(given["encoder"]))


def test_the_encoder_practises_from_the_restart_on(
    digits: DigitData, monkeypatch: pytest.MonkeyPatch
) -> None:
    rising = {"beta_start": 0.5, "beta": 1.0, "beta_epochs": 2.0}
    config = dataclasses.replace(STUDIO, practice_fraction=0.5, restart_fraction=0.5, **rising)
    practice = Mock(wraps=trainer.practice_loss)
    monkeypatch.setattr(trainer, "practice_loss", practice)
    given = shown(Training(SMALL_STUDIO, config, digits))["encoder"]
    betas = [call.args[2] for call in practice.call_args_list]
    assert betas == [beta(config, 1 + batch / 5) for batch in range(5)]
    # Half as many written ones and half as many bent ones, beside the images in the second epoch.
    batches = [64, 64, 64, 64, 44]
    assert [len(step[0]) for step in given] == batches + [n for n in batches for _ in range(2)]


@pytest.fixture
def plain_to_read(monkeypatch: pytest.MonkeyPatch) -> DigitData:
    """Digits that are learnt at once, so that only one with a wrong label is misread."""
    monkeypatch.setattr(synthetic_digits, "draw", lambda labels, _: TEMPLATES[labels])
    monkeypatch.setattr(trainer, "augment", lambda images, *_: images)
    return planted_data(300, 100)


def test_every_view_and_synthetic_digit_has_its_images_label(plain_to_read: DigitData) -> None:
    config = dataclasses.replace(STUDIO, epochs=12, learning_rate=1e-2, synthetic_fraction=0.5)
    *_, last = Training(SMALL_STUDIO, config, plain_to_read).epochs()
    assert last.train.accuracy > 0.99


def test_label_smoothing_keeps_the_classifier_from_certainty(plain_to_read: DigitData) -> None:
    def confidence(smoothing: float) -> float:
        changes = {"epochs": 12, "learning_rate": 1e-2, "label_smoothing": smoothing}
        model = trained(SMALL_STUDIO, plain_to_read, **(vars(STUDIO) | changes)).model
        with torch.no_grad():
            probs = model.classify(plain_to_read.train.images)
        return probs.max(dim=1).values.mean().item()

    assert confidence(0.0) > 0.9
    assert confidence(0.4) < 0.75  # 0.64 at the optimum


def test_an_average_with_a_long_memory_soon_leaves_the_untrained_weights(digits: DigitData) -> None:
    config = dataclasses.replace(STUDIO, ema_decay=0.9999)
    untrained, training = (Training(SMALL_STUDIO, config, digits) for _ in range(2))
    list(training.epochs())
    start, last, average = (
        model.decoder.layers[2].bias
        for model in (untrained.model, training.model, training.averaged_model)
    )
    assert 0 < (average - last).norm() < 0.6 * (start - last).norm()


@pytest.mark.parametrize(("condition", "heard"), [("softmax", True), ("label", False)])
def test_an_epochs_figures_are_of_the_digit_that_training_gives_the_decoder(
    digits: DigitData, condition: Any, heard: bool
) -> None:
    config = dataclasses.replace(QUICK, decoder_condition=condition)
    model = ConditionalVAE(SMALL_STUDIO)
    before = measure(model, config, digits.test)[0].recon_nll
    with torch.no_grad():
        model.classifier.layers[-1].bias[3] += 20
    assert (measure(model, config, digits.test)[0].recon_nll != before) is heard
