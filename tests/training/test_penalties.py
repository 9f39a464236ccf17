import dataclasses

import pytest
import torch

from vae_model.data.mnist import DigitData, load_sample
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.losses import decorrelation, slant_and_thickness
from vae_model.training.epoch_report import measure
from vae_model.training.trainer import Training

SMALL = ModelConfig(z_dim=3, encoder_hidden=(16,), decoder_hidden=(16,), classifier_hidden=(16,))
QUICK = TrainConfig(epochs=2, batch_size=64)


@pytest.fixture(scope="module")
def digits() -> DigitData:
    sample = load_sample()
    return dataclasses.replace(
        sample, train=sample.train.part(0, 500), test=sample.test.part(0, 200)
    )


def test_recognition_penalty_teaches_the_decoder_and_not_the_classifier(digits: DigitData) -> None:
    config = dataclasses.replace(
        QUICK,
        decoder_condition="label",
        classification_weight=0.0,
        recognition_weight=5.0,
        penalty_start_epoch=0.0,
    )
    plain = Training(SMALL, dataclasses.replace(config, recognition_weight=1e-12), digits)
    taught = Training(SMALL, config, digits)
    for run in (plain, taught):
        list(run.epochs())
    assert torch.equal(
        plain.model.classifier.layers[0].weight, taught.model.classifier.layers[0].weight
    )
    assert not torch.equal(
        plain.model.decoder.layers[0].weight, taught.model.decoder.layers[0].weight
    )


def test_independence_penalty_pulls_the_styles_to_the_prior(digits: DigitData) -> None:
    def distance(weight: float) -> float:
        config = dataclasses.replace(
            QUICK,
            epochs=15,
            learning_rate=3e-3,
            beta=0.0,
            beta_start=0.0,
            density_ratio_weight=weight,
            penalty_start_epoch=0.0,
        )
        run = Training(SMALL, config, digits)
        list(run.epochs())
        _, kl_per_dim = measure(run.model, config, digits.test)
        return sum(kl_per_dim)

    assert distance(20.0) < 0.7 * distance(0.0)


def test_adversarial_penalty_takes_the_digit_out_of_the_style() -> None:
    model = dataclasses.replace(
        SMALL,
        activation="gelu",
        likelihood="bernoulli",
        encoder_hidden=(32,),
        decoder_hidden=(32,),
    )
    sample = load_sample()
    digits = dataclasses.replace(sample, train=sample.train.part(0, 1000))

    def read_from_styles(weight: float) -> float:
        """Accuracy of a sampled style's nearest neighbour; about 0.1 where it tells nothing."""
        config = dataclasses.replace(
            QUICK,
            epochs=10,
            learning_rate=3e-3,
            decoder_condition="label",
            adversarial_weight=weight,
            penalty_start_epoch=0.0,
        )
        run = Training(model, config, digits)
        list(run.epochs())
        with torch.no_grad():
            posterior = run.model.encode(digits.train.images)
            styles = posterior.sample(torch.Generator().manual_seed(0))
            nearest = torch.cdist(styles, styles).fill_diagonal_(torch.inf).argmin(1)
        labels = digits.train.labels
        return (labels[nearest] == labels).float().mean().item()

    assert read_from_styles(0.0) > 0.25
    assert read_from_styles(100.0) < 0.18


def test_constancy_penalty_makes_the_ten_digits_slant_and_thicken_together() -> None:
    model = dataclasses.replace(SMALL, activation="gelu", likelihood="bernoulli")
    sample = load_sample()
    digits = dataclasses.replace(sample, train=sample.train.part(0, 1000))

    def differences(weight: float) -> float:
        """Of slant and thickness between 3s and 8s in shared styles, summed."""
        config = dataclasses.replace(
            QUICK,
            epochs=6,
            learning_rate=3e-3,
            decoder_condition="label",
            style_consistency_weight=weight,
            penalty_start_epoch=0.0,
        )
        run = Training(model, config, digits)
        list(run.epochs())
        styles = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            first, second = (
                slant_and_thickness(run.model.decode(styles, torch.eye(10)[[digit] * 200]))
                for digit in (3, 8)
            )
        return decorrelation(first, second).sum().item()

    assert differences(50.0) < 0.3 * differences(0.0)
