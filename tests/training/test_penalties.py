from typing import Any

import pytest
import torch

from tests.support.small_training import SMALL, part_of_sample, trained
from vae_model.data.mnist import DigitData, Digits
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


@pytest.mark.parametrize("penalty", ["recognition", "image_discriminator"])
def test_what_is_written_teaches_the_decoder_and_not_the_classifier(
    digits: DigitData, penalty: str
) -> None:
    plain, taught = (
        penalised(SMALL, digits, classification_weight=0.0, **{f"{penalty}_weight": weight})
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


def test_image_discriminator_penalty_makes_written_digits_like_real_ones() -> None:
    styles = torch.randn(1000, 3, generator=torch.Generator().manual_seed(0))
    real = THOUSAND.train

    def difference(weight: float) -> float:
        """Between what the classifier's hidden units give for both, on average."""
        model = penalised(BERNOULLI, THOUSAND, epochs=8, image_discriminator_weight=weight)
        with torch.no_grad():
            written = model.decode(styles, torch.eye(10)[real.labels])
            seen = [model.classifier.hidden(images) for images in (real.images, written)]
        return (seen[0].mean(dim=0) - seen[1].mean(dim=0)).norm().item()

    assert difference(60.0) < 0.75 * difference(0.0)


def some_penalties(config: TrainConfig) -> tuple[Penalties, Digits, torch.Tensor]:
    """With a batch and its styles, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        penalties = Penalties(ConditionalVAE(SMALL), config, torch.Generator().manual_seed(0))
        images, z = torch.rand(200, 784), torch.randn(200, 3)
    return penalties, Digits(images, torch.arange(200) % 10), z


def test_the_image_discriminator_begins_with_the_restart() -> None:
    config = TrainConfig(epochs=8, restart_fraction=0.5, image_discriminator_weight=2.0)
    penalties, batch, z = some_penalties(config)
    assert penalties(batch, z, 3.99).item() == 0.0
    assert penalties(batch, z, 4.0).item() > 0.1


def test_the_image_discriminator_is_kept_from_being_steep(monkeypatch: pytest.MonkeyPatch) -> None:
    def steepness(weight: float) -> float:
        monkeypatch.setattr("vae_model.training.penalties.R1_WEIGHT", weight)
        penalties, batch, z = some_penalties(TrainConfig(image_discriminator_weight=1.0))
        for _ in range(30):
            penalties(batch, z, 2.0)
        seen = penalties._model.classifier.hidden(batch.images).detach().requires_grad_()
        assert penalties.image_discriminator
        logits = penalties.image_discriminator(torch.cat([seen, torch.eye(10)[batch.labels]], 1))
        (slopes,) = torch.autograd.grad(logits.sum(), seen)
        return slopes.square().sum(dim=1).mean().item()

    assert steepness(1.0) < 0.5 * steepness(0.0)


def test_where_the_encoder_practises_the_style_is_held_to_the_prior_as_much_more() -> None:
    config = TrainConfig(density_ratio_weight=1.0, penalty_start_epoch=0.0)
    penalties, batch, z = some_penalties(config)
    penalties.optimizer.param_groups[0]["lr"] = 0.0
    once, threefold = (penalties(batch, z, 2.0, practised).item() for practised in (0, 400))
    assert once != 0 and threefold == pytest.approx(3 * once, rel=1e-5)


@pytest.mark.parametrize(
    "penalty",
    ["density_ratio", "adversarial", "recognition", "style_consistency", "image_discriminator"],
)
def test_a_penalty_rises_within_an_epoch_from_where_it_starts(penalty: str) -> None:
    config = TrainConfig(**{f"{penalty}_weight": 2.0}, penalty_start_epoch=3.0)  # type: ignore[arg-type]

    def penalised_after(epochs: float) -> float:
        penalties, batch, _ = some_penalties(config)
        # Styles that tell their digit, far from the prior: no penalty is zero.
        z = 5 * torch.eye(10)[batch.labels][:, :3] + 3
        # Until the digit reader knows the digits, it has no penalty to give.
        for _ in range(30):
            penalties(batch, z, 0.0)
        penalties._generator.manual_seed(1)
        return penalties(batch, z, epochs).item()

    early, half, whole, later = (penalised_after(epochs) for epochs in (2.9, 3.5, 4.0, 9.0))
    assert (early, later) == (0.0, pytest.approx(whole))
    assert half == pytest.approx(whole / 2)
    assert whole != 0


def penalties_of(**weights: float) -> Penalties:
    config = TrainConfig(penalty_start_epoch=0.0, restart_fraction=0.5, **weights)
    torch.manual_seed(0)
    return Penalties(ConditionalVAE(BERNOULLI), config, torch.Generator().manual_seed(0))


def test_a_reader_of_the_style_that_is_misled_rewards_nothing() -> None:
    penalties = penalties_of(adversarial_weight=5.0)
    bias = penalties.digit_reader[-1].bias
    assert isinstance(bias, torch.Tensor)
    bias.data[9] = 50
    batch = Digits(torch.rand(8, 784), torch.zeros(8, dtype=torch.int64))
    assert penalties(batch, torch.randn(8, 3), progress=1.0) == 0


def test_the_image_discriminator_is_told_which_digit_each_image_is() -> None:
    penalties = penalties_of(image_discriminator_weight=1.0)
    real = Digits(torch.rand(8, 784), torch.arange(8))
    written = Digits(torch.rand(8, 784), torch.arange(8).flip(0))
    told: list[list[int]] = []
    assert penalties.image_discriminator
    penalties.image_discriminator.register_forward_hook(
        lambda _, given, __: told.append(given[0][:, -10:].argmax(dim=1).tolist())
    )
    penalties._unlikeness(real, written)
    assert told == [each.labels.tolist() for each in (real, written, written)]
