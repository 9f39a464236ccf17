from typing import Any

import pytest
import torch

from tests.support.small_training import SMALL, part_of_sample, trained
from vae_model.data.mnist import DigitData
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.losses import decorrelation, slant_and_thickness
from vae_model.model.networks import ConditionalVAE
from vae_model.training.epoch_report import measure
from vae_model.training.penalties import Penalties

WIDTHS = {"encoder_hidden": (32,), "decoder_hidden": (32,), "classifier_hidden": (16,)}
BERNOULLI = ModelConfig(z_dim=3, activation="gelu", likelihood="bernoulli", **WIDTHS)
THOUSAND = part_of_sample(1000, 100)


def penalised(model: ModelConfig, data: DigitData, **changes: Any) -> ConditionalVAE:
    whole = {"penalty_start_epoch": 0.0, "decoder_condition": "label", "learning_rate": 3e-3}
    return trained(model, data, **(whole | changes)).model


def test_recognition_penalty_teaches_the_decoder_and_not_the_classifier(digits: DigitData) -> None:
    plain, taught = (
        penalised(SMALL, digits, classification_weight=0.0, recognition_weight=weight)
        for weight in (1e-12, 5.0)
    )
    assert torch.equal(plain.classifier.layers[0].weight, taught.classifier.layers[0].weight)
    assert not torch.equal(plain.decoder.layers[0].weight, taught.decoder.layers[0].weight)


def test_density_ratio_penalty_pulls_the_styles_to_the_prior(digits: DigitData) -> None:
    def kl(weight: float) -> float:
        changes = {"epochs": 15, "beta": 0.0, "beta_start": 0.0, "density_ratio_weight": weight}
        run = trained(SMALL, digits, learning_rate=3e-3, penalty_start_epoch=0.0, **changes)
        return measure(run.model, run.config, digits.test)[0].kl

    assert kl(20.0) < 0.7 * kl(0.0)


def test_adversarial_penalty_takes_the_digit_out_of_the_style() -> None:
    images, labels = THOUSAND.train.images, THOUSAND.train.labels

    def read_from_styles(weight: float) -> float:
        """Accuracy of a sampled style's nearest neighbour; about 0.1 where it tells nothing."""
        model = penalised(BERNOULLI, THOUSAND, epochs=10, adversarial_weight=weight)
        with torch.no_grad():
            styles = model.encode(images).sample(torch.Generator().manual_seed(0))
        nearest = torch.cdist(styles, styles).fill_diagonal_(torch.inf).argmin(1)
        return (labels[nearest] == labels).float().mean().item()

    assert read_from_styles(0.0) > 0.25
    assert read_from_styles(100.0) < 0.18


def test_style_consistency_penalty_makes_the_digits_slant_and_thicken_together() -> None:
    styles = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))

    def differences(weight: float) -> float:
        """Of slant and thickness between 3s and 8s in shared styles, summed."""
        model = penalised(BERNOULLI, THOUSAND, epochs=6, style_consistency_weight=weight)
        with torch.no_grad():
            threes, eights = (
                model.decode(styles, torch.eye(10)[[digit] * 200]) for digit in (3, 8)
            )
        return decorrelation(*map(slant_and_thickness, (threes, eights))).sum().item()

    assert differences(50.0) < 0.3 * differences(0.0)


def test_where_the_encoder_practises_the_style_is_held_to_the_prior_as_much_more() -> None:
    torch.manual_seed(0)
    config = TrainConfig(density_ratio_weight=1.0, penalty_start_epoch=0.0)
    penalties = Penalties(ConditionalVAE(SMALL), config, torch.Generator().manual_seed(0))
    penalties.optimizer.param_groups[0]["lr"] = 0.0
    z, labels = torch.randn(20, 3), torch.arange(10).repeat(2)
    once, threefold = (penalties(z, labels, 2.0, practised).item() for practised in (0, 40))
    assert once != 0 and threefold == pytest.approx(3 * once, rel=1e-5)


@pytest.mark.parametrize(
    "penalty", ["density_ratio", "adversarial", "recognition", "style_consistency"]
)
def test_a_penalty_rises_within_an_epoch_from_where_it_starts(penalty: str) -> None:
    config = TrainConfig(**{f"{penalty}_weight": 2.0}, penalty_start_epoch=3.0)  # type: ignore[arg-type]
    labels = torch.arange(200) % 10
    # Styles that tell their digit, far from the prior: no penalty is zero.
    z = 5 * torch.eye(10)[labels][:, :3] + 3

    def penalised_after(epochs: float) -> float:
        generator = torch.Generator().manual_seed(0)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            penalties = Penalties(ConditionalVAE(SMALL), config, generator)
        # Until the digit reader knows the digits, it has no penalty to give.
        for _ in range(30):
            penalties(z, labels, 0.0)
        generator.manual_seed(1)
        return penalties(z, labels, epochs).item()

    early, half, whole, later = (penalised_after(epochs) for epochs in (2.9, 3.5, 4.0, 9.0))
    assert (early, later) == (0.0, pytest.approx(whole))
    assert half == pytest.approx(whole / 2)
    assert whole != 0
