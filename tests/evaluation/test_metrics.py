"""Each figure against models whose virtue or fault is planted and known."""

import base64
import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_model.data.mnist import DigitData, Digits
from vae_model.evaluation import metrics, probes
from vae_model.evaluation.judge import Judge
from vae_model.evaluation.metrics import (
    Sizes,
    evaluate,
    frechet_distance,
    mean_correlation,
    one_hot,
)
from vae_model.model.config import DIGITS, PIXELS, ModelConfig
from vae_model.model.networks import ConditionalVAE, Posterior

torch.set_num_threads(1)

Z = 4
TEMPLATES = torch.zeros(DIGITS, PIXELS)
for _digit in range(DIGITS):
    TEMPLATES[_digit, 78 * _digit : 78 * (_digit + 1)] = 1.0


def planted_digits(count: int, seed: int = 0) -> Digits:
    """Digits that are one bright band each, a little noisy."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % DIGITS
    noise = torch.rand((count, PIXELS), generator=generator)
    return Digits(0.8 * TEMPLATES[labels] + 0.1 * noise, labels)


class PlantedJudge(Judge):
    """Reads the brightest band; its features are the ink of each band."""

    def features(self, images: Tensor) -> Tensor:
        return images.reshape(len(images), -1) @ TEMPLATES.T / 78

    def classify(self, images: Tensor) -> Tensor:
        return (50 * self.features(images)).softmax(dim=1)


class Reader(nn.Module):
    """A classifier that reads the brightest band."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ TEMPLATES.T


class Blind(nn.Module):
    """A classifier that says 0 to everything."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.eye(DIGITS)[torch.zeros(len(x), dtype=torch.int64)] * 9


class Encoding(nn.Module):
    """q(z|x, y) by a function of x and y, of one width; keeps what it was given."""

    def __init__(self, mean: object, std: float = 1.0) -> None:
        super().__init__()
        self.mean, self.std = mean, std
        self.seen: list[tuple[Tensor, Tensor]] = []

    def forward(self, x: Tensor, digit_probs: Tensor) -> Posterior:
        self.seen.append((x, digit_probs))
        mean = self.mean(x, digit_probs)  # type: ignore[operator]
        return Posterior(mean, torch.full_like(mean, self.std))


class Decoding(nn.Module):
    """Pixel logits by a function of z and y."""

    def __init__(self, logits: object) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, z: Tensor, digit_probs: Tensor) -> Tensor:
        logits: Tensor = self.logits(z, digit_probs)  # type: ignore[operator]
        return logits


def silent(x: Tensor, y: Tensor) -> Tensor:
    return torch.zeros(len(x), Z)


def draws_label(z: Tensor, y: Tensor) -> Tensor:
    return 8 * (y @ TEMPLATES) - 4


def planted(
    encoder: object = silent,
    decoder: object = draws_label,
    classifier: type[nn.Module] = Reader,
    std: float = 1.0,
    **config: object,
) -> ConditionalVAE:
    small = {"z_dim": Z, "encoder_hidden": (4,), "decoder_hidden": (4,), "classifier_hidden": (4,)}
    model = ConditionalVAE(ModelConfig(**(small | config)))  # type: ignore[arg-type]
    model.encoder = Encoding(encoder, std)  # type: ignore[assignment]
    model.decoder = Decoding(decoder)  # type: ignore[assignment]
    model.classifier = classifier()  # type: ignore[assignment]
    return model


# Reading


def test_accuracy_is_the_classifiers() -> None:
    test = planted_digits(200)
    assert metrics.reading_figures(planted(), test)["test_accuracy"] == 1.0
    assert metrics.reading_figures(planted(classifier=Blind), test)["test_accuracy"] == 0.1


def test_augmented_accuracy_is_on_other_images_and_always_the_same() -> None:
    test = planted_digits(400)
    first, again = (metrics.reading_figures(planted(), test) for _ in range(2))
    # The bands are three rows high, so that many shifted by up to four are misread.
    assert 0.15 < first["augmented_accuracy"] < 0.9
    assert first == again


def test_calibration_error_of_an_honest_and_of_an_overconfident_classifier() -> None:
    generator = torch.Generator().manual_seed(0)
    probs = (2 * torch.randn((20_000, DIGITS), generator=generator)).softmax(dim=1)
    labels = torch.multinomial(probs, 1, generator=generator)[:, 0]
    assert metrics.calibration_error(probs, labels) < 0.015
    sharpened = (3 * probs.log()).softmax(dim=1)
    assert metrics.calibration_error(sharpened, labels) > 0.1


def test_confidence_is_judged_as_the_temperature_makes_it() -> None:
    digits = planted_digits(100)
    model = planted()
    sure, shy = (
        metrics.reading_figures(model, digits, temperature) for temperature in (0.1, 1000.0)
    )
    assert sure["test_accuracy"] == shy["test_accuracy"] == 1
    assert sure["calibration_error"] < 0.01
    assert shy["calibration_error"] > 0.5


def test_calibration_error_by_hand() -> None:
    # 0.9 sure and right three times of four; 0.5 sure (another bin) and right once of one: too
    # sure and too modest do not cancel.
    probs = torch.full((5, DIGITS), 0.1 / 9)
    probs[:, 0] = 0.9
    probs[4] = 0.5 / 9
    probs[4, 0] = 0.5
    labels = torch.tensor([0, 0, 0, 1, 0])
    expected = 4 / 5 * (0.9 - 0.75) + 1 / 5 * 0.5
    assert metrics.calibration_error(probs, labels) == pytest.approx(expected, abs=1e-6)


def test_calibration_bins_by_hand() -> None:
    # As above: two bins, and the thirteen others are left out.
    probs = torch.full((5, DIGITS), 0.1 / 9)
    probs[:, 0] = 0.9
    probs[4] = 0.5 / 9
    probs[4, 0] = 0.5
    modest, sure = metrics.calibration_bins(probs, torch.tensor([0, 0, 0, 1, 0]))
    assert modest == {"confidence": 0.5, "accuracy": 1.0, "count": 1}
    assert sure == {"confidence": pytest.approx(0.9), "accuracy": 0.75, "count": 4}


def test_calibration_bins_are_what_the_error_is_made_of(generator: torch.Generator) -> None:
    probs = (2 * torch.randn((5000, DIGITS), generator=generator)).softmax(dim=1)
    labels = torch.randint(DIGITS, (5000,), generator=generator)
    bins = metrics.calibration_bins(probs, labels)
    error = sum(b["count"] * abs(b["confidence"] - b["accuracy"]) for b in bins) / 5000
    assert sum(b["count"] for b in bins) == 5000
    assert error == pytest.approx(metrics.calibration_error(probs, labels), abs=1e-12)
    # Each mean confidence lies in its own bin.
    places = [math.ceil(15 * b["confidence"]) for b in bins]
    assert places == sorted(set(places))


# The bound


def test_nelbo_and_kl_by_hand() -> None:
    def encoder(x: Tensor, y: Tensor) -> Tensor:
        return torch.tensor([0.5, -1.0, 0.0, 2.0]).expand(len(x), Z)

    def decoder(z: Tensor, y: Tensor) -> Tensor:
        return torch.full((len(z), PIXELS), 0.3)

    # A Gaussian model, to see that the bound is Bernoulli all the same.
    model = planted(encoder, decoder, std=0.2, likelihood="gaussian")
    test = planted_digits(20)
    figures = metrics.bound_figures(model, test, seed=0)
    mean, std = torch.tensor([0.5, -1.0, 0.0, 2.0]), torch.full((Z,), 0.2)
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
    def decoder(z: Tensor, y: Tensor) -> Tensor:
        return z[:, :1].repeat(1, PIXELS)

    test = Digits(torch.zeros(1000, PIXELS), torch.arange(1000) % DIGITS)
    figures = metrics.bound_figures(planted(decoder=decoder), test, seed=0)
    # E[softplus(z)] over N(0, 1) is 0.8061; at the mean it would be ln 2 = 0.693.
    assert figures["nelbo_bernoulli"] == pytest.approx(PIXELS * 0.8061, rel=0.04)
    assert figures["reconstruction_mse"] == pytest.approx(0.25)


def test_the_bound_gives_the_true_digit_to_both_networks() -> None:
    test = planted_digits(50)
    model = planted(classifier=Blind)
    assert metrics.bound_figures(model, test, seed=0)["reconstruction_mse"] < 0.02
    for _, given in model.encoder.seen:  # type: ignore[union-attr]
        assert torch.equal(given, one_hot(test.labels))


def test_the_binarised_bound_is_of_pixels_that_the_encoder_sees() -> None:
    test = planted_digits(50)
    model = planted()
    figures = metrics.bound_figures(model, test, seed=0)
    seen = [x for x, _ in model.encoder.seen]  # type: ignore[union-attr]
    assert any(torch.equal(x, test.images) for x in seen)
    (binary,) = [x for x in seen if set(x.unique().tolist()) == {0.0, 1.0}]
    assert binary.mean().item() == pytest.approx(test.images.mean().item(), rel=0.05)
    nll = F.binary_cross_entropy_with_logits(
        draws_label(silent(binary, binary), one_hot(test.labels)), binary, reduction="sum"
    )
    assert figures["nelbo_binarised"] == pytest.approx(nll.item() / 50, rel=1e-5)
    assert metrics.bound_figures(model, test, 1)["nelbo_binarised"] == pytest.approx(
        figures["nelbo_binarised"]
    )


def test_active_dims_are_those_whose_mean_moves() -> None:
    def encoder(x: Tensor, y: Tensor) -> Tensor:
        alternating = torch.arange(len(x)) % 2 * 2.0 - 1  # variance 1
        return torch.stack(
            [alternating, 0.12 * alternating, 0.08 * alternating, 3 + 0 * alternating], dim=1
        )

    assert metrics.bound_figures(planted(encoder), planted_digits(100), 0)["active_dims"] == 2


# Writing


def generation(decoder: object) -> metrics.Figures:
    return metrics.generation_figures(planted(decoder=decoder), PlantedJudge(), 2000, seed=0)


def test_generation_of_a_decoder_that_writes_what_is_asked() -> None:
    figures = generation(draws_label)
    assert figures["generation_accuracy"] == 1.0
    assert figures["generation_accuracy_worst_digit"] == 1.0
    assert figures["generation_confusion"] == (200 * np.eye(DIGITS, dtype=int)).tolist()


def test_generation_of_a_decoder_that_ignores_the_label_is_chance() -> None:
    def deaf(z: Tensor, y: Tensor) -> Tensor:
        return draws_label(z, one_hot((z[:, 0] * 1000).long() % DIGITS))

    assert generation(deaf)["generation_accuracy"] == pytest.approx(0.1, abs=0.03)


def test_the_worst_digit_is_found_and_named_by_the_confusion() -> None:
    def muddled(z: Tensor, y: Tensor) -> Tensor:
        digits = y.argmax(dim=1)
        return draws_label(z, one_hot(torch.where(digits == 3, 8, digits)))

    figures = generation(muddled)
    assert figures["generation_accuracy"] == pytest.approx(0.9)
    assert figures["generation_accuracy_worst_digit"] == 0.0
    assert figures["generation_confusion"][3][8] == 200


def test_generation_draws_styles_from_the_prior() -> None:
    seen: list[Tensor] = []

    def watched(z: Tensor, y: Tensor) -> Tensor:
        seen.append(z)
        return draws_label(z, y)

    generation(watched)
    (z,) = seen
    torch.testing.assert_close(z.mean(dim=0), torch.zeros(Z), atol=0.1, rtol=0)
    torch.testing.assert_close(z.T.cov(), torch.eye(Z), atol=0.15, rtol=0)


def test_style_transfer_of_a_style_that_holds_the_digit_is_chance() -> None:
    def writes_digit(x: Tensor, y: Tensor) -> Tensor:
        return y.argmax(dim=1, keepdim=True).float().expand(-1, Z)

    def reads_style(z: Tensor, y: Tensor) -> Tensor:
        return draws_label(z, one_hot(z[:, 0].round().long().clamp(0, 9)))

    test = planted_digits(50)
    good = metrics.transfer_figures(planted(writes_digit), PlantedJudge(), test)
    bad = metrics.transfer_figures(planted(writes_digit, reads_style), PlantedJudge(), test)
    assert good["style_transfer_accuracy"] == 1.0
    assert bad["style_transfer_accuracy"] == pytest.approx(0.1)
    assert good["samples"]["style_transfer_accuracy"] == 500


# Fréchet distance


def gaussian_set(mean: Tensor, covariance: Tensor, seed: int = 0) -> Tensor:
    """500 rows with exactly that mean and covariance."""
    rows = torch.randn(
        (500, len(mean)), generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )
    rows = rows - rows.mean(dim=0)
    white: Tensor = torch.linalg.solve_triangular(
        torch.linalg.cholesky(rows.T.cov()), rows.T, upper=False
    ).T
    root: Tensor = torch.linalg.cholesky(covariance.double())
    return white @ root.T + mean


def test_frechet_distance_of_a_set_to_itself_and_to_shifted_copies() -> None:
    features = torch.rand(300, 8, generator=torch.Generator().manual_seed(0))
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)
    distances = [frechet_distance(features, features + shift) for shift in (0.0, 0.5, 1.0, 2.0)]
    assert all(near < far for near, far in pairwise(distances))
    assert distances[2] == pytest.approx(8.0, rel=1e-5)  # 8 dims moved by 1


def test_frechet_distance_of_known_gaussians() -> None:
    first, second = torch.tensor([[2.0, 0.6], [0.6, 1.0]]), torch.tensor([[0.5, -0.3], [-0.3, 3.0]])
    centre, other = torch.tensor([0.0, 1.0]), torch.tensor([3.0, -1.0])
    a, b = gaussian_set(centre, first, 1), gaussian_set(other, second, 2)
    # The trace of the root of a 2x2 matrix M is √(tr M + 2 √det M).
    product = first @ second
    root = math.sqrt(product.trace().item() + 2 * math.sqrt(product.det().item()))
    expected = 13.0 + first.trace().item() + second.trace().item() - 2 * root
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_bears_dead_features_and_refuses_single_rows() -> None:
    features = torch.rand(50, 3, generator=torch.Generator().manual_seed(0))
    features[:, 1] = 0
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="two rows"):
        frechet_distance(features[:1], features)


def test_frechet_figures_tell_a_poor_decoder_from_real_digits() -> None:
    def faint(z: Tensor, y: Tensor) -> Tensor:
        return y @ TEMPLATES - 3

    data = DigitData("sample", planted_digits(600, 1), planted_digits(400, 2), "")

    def figures(decoder: object) -> metrics.Figures:
        return metrics.frechet_figures(planted(decoder=decoder), PlantedJudge(), data, 0)

    good, poor = figures(draws_label), figures(faint)
    assert good["frechet_real"] == poor["frechet_real"] < good["frechet_distance"]
    assert good["frechet_distance"] < poor["frechet_distance"]


def test_frechet_generates_the_digits_of_the_test_set() -> None:
    # Every test digit is a 7; writing all ten digits would put the distance far off.
    sevens = Digits(TEMPLATES[7].repeat(50, 1), torch.full((50,), 7))
    data = DigitData("sample", sevens, sevens, "")

    def exact(z: Tensor, y: Tensor) -> Tensor:
        return 60 * (y @ TEMPLATES) - 30

    figures = metrics.frechet_figures(planted(decoder=exact), PlantedJudge(), data, 0)
    assert figures["frechet_distance"] == pytest.approx(0, abs=1e-6)


# Copies

COPY_DATA = DigitData("sample", planted_digits(600, 1), planted_digits(200, 2), "")


def as_logits(images: Tensor) -> Tensor:
    return images.clamp(1e-7, 1 - 1e-7).logit()


def copies(z: Tensor, y: Tensor) -> Tensor:
    """A training image of the asked digit, which one by the style."""
    train = COPY_DATA.train
    of_digit = [(train.labels == digit).nonzero()[:, 0] for digit in range(DIGITS)]
    chosen = [
        of_digit[digit][int(style * 1e4) % len(of_digit[digit])]
        for digit, style in zip(y.argmax(dim=1).tolist(), z[:, 0].tolist(), strict=True)
    ]
    return as_logits(train.images[torch.stack(chosen)])


def writes_afresh(z: Tensor, y: Tensor) -> Tensor:
    """What the training images were drawn from, drawn again."""
    noise = torch.rand((len(z), PIXELS), generator=torch.Generator().manual_seed(99))
    return as_logits(0.8 * (y @ TEMPLATES) + 0.1 * noise)


def copying(decoder: object, data: DigitData = COPY_DATA, count: int = 200) -> metrics.Figures:
    return metrics.copying_figures(planted(decoder=decoder), data, count, seed=0)


def test_a_decoder_that_copies_its_training_images_is_caught() -> None:
    figures = copying(copies)
    assert figures["nearest_distance"] < 1e-3 < 1 < figures["nearest_distance_unseen"]
    assert figures["nearest_is_training"] == 1.0
    assert figures["nearest_is_training_chance"] == 0.75
    assert max(figures["nearest_quantiles"]["generated"]) < 1e-3


def test_a_decoder_that_writes_as_people_do_is_not() -> None:
    figures = copying(writes_afresh)
    assert figures["nearest_distance"] == pytest.approx(
        figures["nearest_distance_unseen"], rel=0.02
    )
    assert figures["nearest_is_training"] == pytest.approx(0.75, abs=0.12)
    assert figures["nearest_quantiles"]["generated"][2] == figures["nearest_distance"]
    assert figures["samples"]["nearest_distance"] == 200
    assert figures["samples"]["nearest_among"] == 600


def test_smooth_writing_is_nearer_and_so_is_what_was_rewritten() -> None:
    # Without the noise of any single image: no copy, yet nearer than unseen images are.
    figures = copying(lambda z, y: as_logits(0.8 * (y @ TEMPLATES) + 0.05))
    assert figures["nearest_distance"] < 0.9 * figures["nearest_distance_unseen"]
    assert figures["nearest_distance_rewritten"] == pytest.approx(figures["nearest_distance"])
    assert figures["nearest_is_training"] < 0.9


def test_pairs_hold_the_first_of_each_digit_and_its_nearest_training_image() -> None:
    seen: list[tuple[Tensor, Tensor]] = []

    def watched(z: Tensor, y: Tensor) -> Tensor:
        seen.append((z, y))
        return copies(z, y)

    pairs = copying(watched)["nearest_pairs"]
    styles, asked = seen[0][0], seen[0][1].argmax(dim=1).tolist()
    assert [pair["digit"] for pair in pairs] == list(range(DIGITS))
    firsts = styles[[asked.index(digit) for digit in range(DIGITS)]]
    assert torch.equal(torch.tensor([pair["style"] for pair in pairs]), firsts)
    train = COPY_DATA.train
    for pair in pairs:
        assert pair["label"] == pair["digit"]
        stored = torch.tensor(list(base64.b64decode(pair["image"]))) / 255
        style = torch.tensor([pair["style"]])
        made = copies(style, one_hot(torch.tensor([pair["digit"]]))).sigmoid()[0]
        # To a 255th in each pixel, what the style decodes to.
        torch.testing.assert_close(stored, made, atol=0.5 / 255 + 1e-5, rtol=0)
        distance = torch.linalg.vector_norm(train.images - made, dim=1).min()
        assert pair["distance"] == pytest.approx(distance.item(), abs=1e-4)
    sevens = Digits(TEMPLATES[7].repeat(30, 1), torch.full((30,), 7))
    only = copying(draws_label, DigitData("sample", COPY_DATA.train, sevens, ""))["nearest_pairs"]
    assert [pair["digit"] for pair in only] == [7]


# Leaks


@pytest.fixture
def quick_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "MLP_STEPS", 300)


LEAK_DATA = DigitData("sample", planted_digits(2000, 1), planted_digits(1000, 2), "")


def leaks(encoder: object, std: float = 1.0, **parts: object) -> tuple[float, float, float]:
    model = planted(encoder, std=std, **parts)  # type: ignore[arg-type]
    figures = metrics.leak_figures(model, LEAK_DATA, 2000, seed=0)
    return tuple(figures[f"digit_leak_{kind}"] for kind in ("linear", "mlp", "sampled"))


def digit_of(x: Tensor) -> Tensor:
    return (x @ TEMPLATES.T).argmax(dim=1)


@pytest.mark.usefixtures("quick_probes")
def test_every_probe_catches_a_digit_written_into_the_style() -> None:
    circle = torch.arange(DIGITS) * 2 * math.pi / DIGITS
    spots = torch.stack([circle.cos(), circle.sin(), circle.cos(), circle.sin()], dim=1)
    assert min(leaks(lambda x, y: spots[digit_of(x)], std=0.05)) > 0.98


@pytest.mark.usefixtures("quick_probes")
def test_a_style_without_the_digit_is_read_by_chance() -> None:
    def unrelated(x: Tensor, y: Tensor) -> Tensor:
        return torch.randn((len(x), Z), generator=torch.Generator().manual_seed(len(x)))

    for accuracy in leaks(unrelated):
        assert accuracy == pytest.approx(0.1, abs=0.045)


@pytest.mark.usefixtures("quick_probes")
def test_a_crooked_leak_escapes_the_linear_probe_alone() -> None:
    def mirrored(x: Tensor, y: Tensor) -> Tensor:
        sign = 2.0 * (torch.arange(len(x)) // DIGITS % 2) - 1
        place = sign * (1 + digit_of(x))
        return torch.stack([place, *[torch.zeros(len(x))] * (Z - 1)], dim=1)

    linear, mlp, sampled = leaks(mirrored, std=0.1)
    assert linear < 0.3
    assert min(mlp, sampled) > 0.95


@pytest.mark.usefixtures("quick_probes")
def test_a_whisper_below_the_noise_shows_in_the_means_only() -> None:
    _, mlp, sampled = leaks(lambda x, y: 1e-3 * one_hot(digit_of(x))[:, :Z] + 1e-3 * x[:, :Z])
    assert mlp > 0.35
    assert sampled == pytest.approx(0.1, abs=0.045)


@pytest.mark.usefixtures("quick_probes")
def test_probes_read_as_much_as_there_is() -> None:
    spots = torch.randn(DIGITS, Z, generator=torch.Generator().manual_seed(5))
    generator = torch.Generator().manual_seed(6)
    digits = torch.arange(20_000) % DIGITS
    z = spots[digits] + torch.randn((20_000, Z), generator=generator)
    best = (torch.cdist(z, spots).argmin(dim=1) == digits).double().mean().item()  # Bayes' rule
    linear = probes.linear_probe(z[:10_000], digits[:10_000], z[10_000:], digits[10_000:])
    posterior = Posterior(spots[digits], torch.ones(20_000, Z))
    mlp = probes.mlp_probe(posterior, digits, z, digits, seed=0)
    assert 0.3 < best < 0.8
    assert linear == pytest.approx(best, abs=0.02)
    assert mlp == pytest.approx(best, abs=0.02)


@pytest.mark.usefixtures("quick_probes")
def test_probes_get_the_style_of_an_image_alone() -> None:
    # An encoder that copies the digit it is given can only copy what the classifier says.
    assert max(leaks(lambda x, y: y[:, :Z], std=0.01, classifier=Blind)) < 0.15
    assert leaks(lambda x, y: y @ torch.arange(40.0).reshape(DIGITS, Z), std=0.01)[1] > 0.95


# Consistency


def bars(slant_of: object, width_of: object) -> object:
    """A decoder that draws a bar of that slant and stroke width, functions of z and the digit."""
    line = torch.arange(28.0) - 13.5

    def decoder(z: Tensor, y: Tensor) -> Tensor:
        digit = y.argmax(dim=1)
        slant = slant_of(z, digit)[:, None, None]  # type: ignore[operator]
        width = width_of(z, digit)[:, None, None]  # type: ignore[operator]
        across = (line[None, None, :] + slant * line[None, :, None]).abs()
        ink = (width / 2 - across + 0.5).clamp(0, 1) * (line.abs() < 9)[None, :, None]
        logits: Tensor = ink.clamp(1e-6, 1 - 1e-6).logit().flatten(1)
        return logits

    return decoder


def own_style(z: Tensor, digit: Tensor) -> Tensor:
    return z.gather(1, digit[:, None])[:, 0]


def consistency(decoder: object) -> tuple[float, float]:
    model = planted(decoder=decoder, z_dim=12)
    figures = metrics.consistency_figures(model, 300, seed=0)
    return figures["slant_consistency"], figures["thickness_consistency"]


def test_styles_that_all_digits_share_are_consistent() -> None:
    shared = bars(lambda z, d: 0.2 * z[:, 0].clamp(-2, 2), lambda z, d: 4 + z[:, 1].clamp(-2, 2))
    assert min(consistency(shared)) > 0.97


def test_styles_of_each_digits_own_are_not_consistent() -> None:
    own = bars(
        lambda z, d: 0.2 * own_style(z, d).clamp(-2, 2),
        lambda z, d: 4 + own_style(z.flip(1), d).clamp(-2, 2),
    )
    assert max(map(abs, consistency(own))) < 0.12


def test_slant_and_thickness_are_told_apart() -> None:
    mixed = bars(
        lambda z, d: 0.2 * z[:, 0].clamp(-2, 2), lambda z, d: 4 + own_style(z, d).clamp(-2, 2)
    )
    slant, thickness = consistency(mixed)
    assert slant > 0.97
    assert abs(thickness) < 0.25


def test_digits_that_ignore_the_style_agree_on_nothing() -> None:
    assert consistency(lambda z, y: draws_label(z, y)) == (0.0, 0.0)


def test_mean_correlation_by_hand() -> None:
    rows = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 2.0, 1.0]])
    assert mean_correlation(rows) == pytest.approx((1 - 1 - 1) / 3)


# All together

KEYS = {
    *("test_accuracy", "augmented_accuracy", "calibration_error", "calibration_bins"),
    *("nelbo_bernoulli", "nelbo_binarised", "reconstruction_mse", "kl", "kl_per_dim"),
    *("active_dims", "generation_accuracy", "generation_accuracy_worst_digit"),
    *("generation_confusion", "style_transfer_accuracy", "frechet_distance", "frechet_real"),
    *("nearest_distance", "nearest_distance_unseen", "nearest_distance_rewritten"),
    *("nearest_is_training", "nearest_is_training_chance", "nearest_quantiles", "nearest_pairs"),
    *("digit_leak_linear", "digit_leak_mlp", "digit_leak_sampled"),
    *("slant_consistency", "thickness_consistency", "parameters", "decoder_parameters"),
    *("samples", "data", "seed"),
}
SMALL = Sizes(generated=200, transferred=20, shared=20, probed=200, compared=50)
DATA = DigitData("sample", planted_digits(300, 1), planted_digits(100, 2), "")


def small_model() -> ConditionalVAE:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ConditionalVAE(ModelConfig(z_dim=3, encoder_sees_digit=True))


@pytest.mark.usefixtures("quick_probes")
def test_evaluate_gives_every_figure_as_plain_json() -> None:
    lines: list[str] = []
    figures = evaluate(small_model(), DATA, PlantedJudge(), 7, lines.append, SMALL)
    assert figures.keys() == KEYS
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert (figures["data"], figures["seed"]) == ("sample", 7)
    assert len(figures["kl_per_dim"]) == 3
    assert (
        figures["parameters"]
        == 784 * 128 * 2 + 10 * 128 + 2 * 128 + 128 * 6 + 6 + 1290 + (figures["decoder_parameters"])
    )
    assert figures["decoder_parameters"] == 13 * 128 + 128 + 128 * 784 + 784
    samples = figures["samples"]
    assert samples["test_accuracy"] == 100
    assert samples["generation_accuracy"] == 200
    assert samples["style_transfer_accuracy"] == 200
    assert samples["digit_leak_fit"] == 200
    assert samples["slant_consistency"] == 20
    assert samples["nearest_distance"] == 50
    assert len(lines) == 8


@pytest.mark.usefixtures("quick_probes")
def test_the_seed_alone_decides() -> None:
    model, judge = small_model(), PlantedJudge()
    before = model.weights()
    stream = torch.get_rng_state()
    first = evaluate(model, DATA, judge, 0, None, SMALL)
    assert torch.equal(torch.get_rng_state(), stream)
    torch.rand(5)  # what others draw makes no difference
    again = evaluate(model, DATA, judge, 0, None, SMALL)
    other = evaluate(model, DATA, judge, 1, None, SMALL)
    assert first == again
    assert first["frechet_distance"] != other["frechet_distance"]
    assert first["nelbo_bernoulli"] != other["nelbo_bernoulli"]
    for same in ("test_accuracy", "augmented_accuracy", "frechet_real", "kl"):
        assert first[same] == other[same]
    for name, array in model.weights().items():
        assert np.array_equal(array, before[name])
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_diverged_model_is_refused_by_name() -> None:
    model = small_model()
    with torch.no_grad():
        next(model.encoder.parameters()).fill_(torch.nan)
    with pytest.raises(ValueError, match="not finite"):
        evaluate(model, DATA, PlantedJudge(), sizes=SMALL)
