"""Each figure against models whose virtue or fault is planted and known."""

import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.support.planted import (
    JUDGE,
    TEMPLATES,
    Function,
    Z,
    blind,
    draws_label,
    planted,
    planted_data,
    planted_digits,
    reads_band,
    silent,
)
from vae_model.data.mnist import DigitData, Digits
from vae_model.evaluation import metrics, probes
from vae_model.evaluation.figures import Figures
from vae_model.evaluation.metrics import Sizes, evaluate, frechet_distance
from vae_model.model.config import DIGITS, PIXELS, ModelConfig
from vae_model.model.networks import ConditionalVAE, one_hot

# Reading


def test_reading_is_the_classifiers_and_augmented_images_are_always_the_same() -> None:
    test = planted_digits(400)
    first, again, other = (
        metrics.reading_figures(planted(classifier=classifier), test)
        for classifier in (reads_band, reads_band, blind)
    )
    assert first == again
    assert (first["test_accuracy"], other["test_accuracy"]) == (1.0, 0.1)
    # The bands are three rows high, so that many shifted by up to four are misread.
    assert 0.15 < first["augmented_accuracy"] < 0.9
    # Confidence is judged as the temperature makes it.
    sure, shy = (metrics.reading_figures(planted(), test, factor) for factor in (0.1, 1000.0))
    assert sure["test_accuracy"] == shy["test_accuracy"] == 1
    assert sure["calibration_error"] < 0.01
    assert shy["calibration_error"] > 0.5


def test_calibration_by_hand() -> None:
    # 0.9 sure and right three times of four; 0.5 sure (another bin) and right once of one: too
    # sure and too modest do not cancel. The thirteen other bins are left out.
    probs = torch.full((5, DIGITS), 0.1 / 9)
    probs[:, 0] = 0.9
    probs[4] = 0.5 / 9
    probs[4, 0] = 0.5
    error, (modest, sure) = metrics.calibration(probs, torch.tensor([0, 0, 0, 1, 0]))
    assert error == pytest.approx(4 / 5 * (0.9 - 0.75) + 1 / 5 * 0.5, abs=1e-6)
    assert modest == {"confidence": 0.5, "accuracy": 1.0, "count": 1}
    assert sure == {"confidence": pytest.approx(0.9), "accuracy": 0.75, "count": 4}


# The bound


def test_nelbo_and_kl_by_hand() -> None:
    mean, std = torch.tensor([0.5, -1.0, 0.0, 2.0]), 0.2
    # A Gaussian model, to see that the bound is Bernoulli all the same.
    model = planted(
        lambda x, y: mean.expand(len(x), Z), lambda z, y: torch.full((len(z), PIXELS), 0.3), std=std
    )
    test = planted_digits(20)
    figures = metrics.bound_figures(model, test, seed=0)
    kl = torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, std), torch.distributions.Normal(0.0, 1.0)
    )
    decoded = 1 / (1 + math.exp(-0.3))
    ink = test.images.sum(dim=1).mean().item()
    nll = -(ink * math.log(decoded) + (PIXELS - ink) * math.log(1 - decoded))
    assert figures["kl_per_dim"] == pytest.approx(kl.tolist(), rel=1e-5)
    assert figures["kl"] == pytest.approx(kl.sum().item(), rel=1e-5)
    assert figures["nelbo_bernoulli"] == pytest.approx(nll + kl.sum().item(), rel=1e-5)
    squares = (test.images - decoded).square().mean().item()
    assert figures["reconstruction_mse"] == pytest.approx(squares, rel=1e-4)


def test_the_bound_samples_the_style_and_the_error_does_not() -> None:
    model = planted(decoder=lambda z, y: z[:, :1].repeat(1, PIXELS))
    test = Digits(torch.zeros(1000, PIXELS), torch.arange(1000) % DIGITS)
    figures = metrics.bound_figures(model, test, seed=0)
    # E[softplus(z)] over N(0, 1) is 0.8061; at the mean it would be ln 2 = 0.693.
    assert figures["nelbo_bernoulli"] == pytest.approx(PIXELS * 0.8061, rel=0.04)
    assert figures["reconstruction_mse"] == pytest.approx(0.25)


def test_the_bound_is_of_the_true_digit_and_of_binarised_pixels_that_the_encoder_sees() -> None:
    test = planted_digits(50)
    seen: list[tuple[Tensor, Tensor]] = []

    def watched(x: Tensor, y: Tensor) -> Tensor:
        seen.append((x, y))
        return silent(x, y)

    model = planted(watched, classifier=blind)
    figures = metrics.bound_figures(model, test, seed=0)
    assert figures["reconstruction_mse"] < 0.02  # so the decoder had the true digit
    truth = one_hot(test.labels)
    assert all(torch.equal(digits, truth) for _, digits in seen)
    assert any(torch.equal(x, test.images) for x, _ in seen)
    (binary,) = [x for x, _ in seen if set(x.unique().tolist()) == {0.0, 1.0}]
    assert binary.mean().item() == pytest.approx(test.images.mean().item(), rel=0.05)
    nll = F.binary_cross_entropy_with_logits(draws_label(binary, truth), binary, reduction="sum")
    assert figures["nelbo_binarised"] == pytest.approx(nll.item() / 50, rel=1e-5)
    again = metrics.bound_figures(model, test, seed=1)
    assert again["nelbo_binarised"] == pytest.approx(figures["nelbo_binarised"])


def test_active_dims_are_those_whose_mean_moves() -> None:
    def encoder(x: Tensor, y: Tensor) -> Tensor:
        alternating = torch.arange(len(x)) % 2 * 2.0 - 1  # variance 1
        return alternating[:, None] * torch.tensor([1, 0.12, 0.08, 0]) + torch.tensor([0, 0, 0, 3])

    assert metrics.bound_figures(planted(encoder), planted_digits(100), 0)["active_dims"] == 2


# Writing


def test_generation_is_read_by_the_judge_in_styles_of_the_prior() -> None:
    styles: list[Tensor] = []

    def deaf(z: Tensor, y: Tensor) -> Tensor:
        styles.append(z)
        return draws_label(z, one_hot((z[:, 0] * 1000).long() % DIGITS))

    def muddled(z: Tensor, y: Tensor) -> Tensor:
        digits = y.argmax(dim=1)
        return draws_label(z, one_hot(torch.where(digits == 3, 8, digits)))

    good, bad, chance = (
        metrics.generation_figures(planted(decoder=decoder), JUDGE, 2000, seed=0)
        for decoder in (draws_label, muddled, deaf)
    )
    assert good["generation_accuracy"] == good["generation_accuracy_worst_digit"] == 1.0
    assert good["generation_confusion"] == (200 * np.eye(DIGITS, dtype=int)).tolist()
    assert bad["generation_accuracy"] == pytest.approx(0.9)
    assert bad["generation_accuracy_worst_digit"] == 0.0
    assert bad["generation_confusion"][3][8] == 200
    assert chance["generation_accuracy"] == pytest.approx(0.1, abs=0.03)
    (z,) = styles
    torch.testing.assert_close(z.mean(dim=0), torch.zeros(Z), atol=0.1, rtol=0)
    torch.testing.assert_close(z.T.cov(), torch.eye(Z), atol=0.15, rtol=0)


def test_style_transfer_of_a_style_that_holds_the_digit_is_chance() -> None:
    def writes_digit(x: Tensor, y: Tensor) -> Tensor:
        return y.argmax(dim=1, keepdim=True).float().expand(-1, Z)

    def reads_style(z: Tensor, y: Tensor) -> Tensor:
        return draws_label(z, one_hot(z[:, 0].round().long().clamp(0, 9)))

    test = planted_digits(50)
    good = metrics.transfer_figures(planted(writes_digit), JUDGE, test)
    bad = metrics.transfer_figures(planted(writes_digit, reads_style), JUDGE, test)
    assert good["style_transfer_accuracy"] == 1.0
    assert bad["style_transfer_accuracy"] == pytest.approx(0.1)


# Fréchet distance


def test_frechet_distance_to_itself_and_to_a_shifted_set(generator: torch.Generator) -> None:
    features = torch.rand(300, 8, generator=generator)
    features[:, 1] = 0  # one that is dead
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(features, features + 1) == pytest.approx(8.0, rel=1e-5)
    with pytest.raises(ValueError, match="two rows"):
        frechet_distance(features[:1], features)


def test_frechet_distance_of_known_gaussians(generator: torch.Generator) -> None:
    first, second = torch.tensor([[2.0, 0.6], [0.6, 1.0]]), torch.tensor([[0.5, -0.3], [-0.3, 3.0]])

    def rows(mean: list[float], covariance: Tensor) -> Tensor:
        """500 with exactly that mean and covariance."""
        drawn = torch.randn((500, 2), generator=generator, dtype=torch.float64)
        drawn -= drawn.mean(dim=0)
        white = torch.linalg.inv(torch.linalg.cholesky(drawn.T.cov()))
        root = torch.linalg.cholesky(covariance.double())
        return drawn @ (root @ white).T + torch.tensor(mean)

    # The trace of the root of a 2x2 matrix M is √(tr M + 2 √det M).
    product = first @ second
    root = math.sqrt(product.trace().item() + 2 * math.sqrt(product.det().item()))
    expected = 13.0 + first.trace().item() + second.trace().item() - 2 * root
    found = frechet_distance(rows([0.0, 1.0], first), rows([3.0, -1.0], second))
    assert found == pytest.approx(expected, rel=1e-6)


def test_frechet_figures_tell_a_poor_decoder_from_real_digits() -> None:
    good, poor = (
        metrics.frechet_figures(planted(decoder=decoder), JUDGE, planted_data(600, 400), 0)
        for decoder in (draws_label, lambda z, y: y @ TEMPLATES - 3)
    )
    assert good["frechet_real"] == poor["frechet_real"] < good["frechet_distance"]
    assert good["frechet_distance"] < poor["frechet_distance"]


def test_frechet_generates_the_digits_of_the_test_set() -> None:
    # Every test digit is a 7; writing all ten digits would put the distance far off.
    sevens = Digits(TEMPLATES[7].repeat(50, 1), torch.full((50,), 7))
    model = planted(decoder=lambda z, y: 60 * (y @ TEMPLATES) - 30)
    data = DigitData("sample", sevens, sevens, "")
    figures = metrics.frechet_figures(model, JUDGE, data, 0)
    assert figures["frechet_distance"] == pytest.approx(0, abs=1e-6)


# Consistency


def shared(z: Tensor, digit: Tensor) -> Tensor:
    return z[:, 0].clamp(-2, 2)


def of_its_own(z: Tensor, digit: Tensor) -> Tensor:
    return z.gather(1, digit[:, None])[:, 0].clamp(-2, 2)


def bars(slant_of: Function, width_of: Function) -> Function:
    """A decoder that draws a bar of that slant and stroke width, functions of z and the digit."""
    line = torch.arange(28.0) - 13.5

    def decoder(z: Tensor, y: Tensor) -> Tensor:
        digit = y.argmax(dim=1)
        slant = 0.2 * slant_of(z, digit)[:, None, None]
        width = 4 + width_of(z.flip(1), digit)[:, None, None]
        across = (line[None, None, :] + slant * line[None, :, None]).abs()
        ink = (width / 2 - across + 0.5).clamp(0, 1) * (line.abs() < 9)[None, :, None]
        return ink.clamp(1e-6, 1 - 1e-6).logit().flatten(1)

    return decoder


def consistency(decoder: Function) -> tuple[float, float]:
    figures = metrics.consistency_figures(planted(decoder=decoder, z_dim=12), 300, seed=0)
    return figures["slant_consistency"], figures["thickness_consistency"]


def test_slant_and_thickness_are_consistent_where_all_digits_share_them() -> None:
    assert min(consistency(bars(shared, shared))) > 0.97
    assert max(map(abs, consistency(bars(of_its_own, of_its_own)))) < 0.12
    slant, thickness = consistency(bars(shared, of_its_own))
    assert slant > 0.97
    assert abs(thickness) < 0.25
    # Digits that ignore the style agree on nothing.
    assert consistency(draws_label) == (0.0, 0.0)


# All together

DATA = planted_data(300, 100)


@pytest.fixture
def small_model() -> ConditionalVAE:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ConditionalVAE(ModelConfig(z_dim=3, encoder_sees_digit=True))


def evaluated(model: ConditionalVAE, seed: int) -> tuple[Figures, list[tuple[int, int, str]]]:
    """The figures, and the steps that were told."""
    few = Sizes(generated=200, transferred=20, shared=20, probed=200, compared=50)
    steps: list[tuple[int, int, str]] = []
    return evaluate(model, DATA, JUDGE, seed, lambda *step: steps.append(step), few), steps


def test_evaluate_gives_every_figure_as_plain_json_by_the_seed_alone(
    small_model: ConditionalVAE, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "MLP_STEPS", 50)
    before, random_state = small_model.weights(), torch.get_rng_state()
    figures, steps = evaluated(small_model, 0)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert (figures["data"], figures["seed"], len(figures["kl_per_dim"])) == ("sample", 0, 3)
    decoder = 13 * 128 + 128 + 128 * 784 + 784
    assert figures["decoder_parameters"] == decoder
    assert (
        figures["parameters"] == 784 * 128 * 2 + 10 * 128 + 2 * 128 + 128 * 6 + 6 + 1290 + decoder
    )
    counts = {
        20: "generation_accuracy_worst_digit slant_consistency thickness_consistency",
        50: "nearest_is_training nearest_distance nearest_distance_unseen"
            " nearest_distance_rewritten",
        100: "test_accuracy augmented_accuracy calibration_error nelbo_bernoulli nelbo_binarised"
            " reconstruction_mse kl active_dims frechet_distance frechet_real"
            " digit_leak_linear digit_leak_mlp digit_leak_sampled",
        200: "generation_accuracy style_transfer_accuracy digit_leak_fit",
        300: "nearest_among",
    }  # fmt: skip
    samples = {name: count for count, names in counts.items() for name in names.split()}
    assert figures["samples"] == samples
    assert figures.keys() == (samples.keys() - {"nearest_among", "digit_leak_fit"}) | {
        *("calibration_bins", "kl_per_dim", "generation_confusion", "nearest_is_training_chance"),
        *("nearest_quantiles", "nearest_pairs", "parameters", "decoder_parameters"),
        *("samples", "data", "seed"),
    }
    assert len(steps) == 8 and steps[2] == (3, 8, "writing digits")

    torch.rand(5)  # what others draw makes no difference
    (again, _), (other, _) = evaluated(small_model, 0), evaluated(small_model, 1)
    assert figures == again
    for moved in ("frechet_distance", "nelbo_bernoulli"):
        assert figures[moved] != other[moved]
    for same in ("test_accuracy", "augmented_accuracy", "frechet_real", "kl"):
        assert figures[same] == other[same]
    np.testing.assert_equal(small_model.weights(), before)
    assert all(parameter.grad is None for parameter in small_model.parameters())


def test_a_diverged_model_is_refused_by_name(small_model: ConditionalVAE) -> None:
    with torch.no_grad():
        next(small_model.encoder.parameters()).fill_(torch.nan)
    with pytest.raises(ValueError, match="nelbo_bernoulli is not finite"):
        evaluated(small_model, 0)
