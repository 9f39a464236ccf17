"""One hand from several digits: against grids, finite differences and planted hands."""

import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch

from vae_model.engine.digit_engine import DigitEngine, one_hot
from vae_model.engine.writer_style import Objective, Style, combine, refine
from vae_model.model.checkpoint import Checkpoint
from vae_model.model.config import Activation, Likelihood, ModelConfig, TrainConfig
from vae_model.model.losses import recon_nll
from vae_model.model.networks import ConditionalVAE

GRID = np.linspace(-12, 12, 24001)


def style(mean: list[float], std: list[float]) -> Style:
    return Style(np.array(mean, np.float32), np.array(std, np.float32))


def normal(mean: float, std: float) -> np.ndarray:
    return np.exp(-0.5 * ((GRID - mean) / std) ** 2) / std


def moments(density: np.ndarray) -> tuple[float, float]:
    share = density / density.sum()
    mean = float((share * GRID).sum())
    return mean, float(np.sqrt((share * (GRID - mean) ** 2).sum()))


THREE = [(0.9, 0.5), (-0.3, 0.8), (1.4, 0.3)]


def test_posteriors_combine_as_on_a_grid() -> None:
    prior = normal(0, 1)
    density = prior * np.prod([normal(*each) / prior for each in THREE], axis=0)
    found = combine([style([mean], [std]) for mean, std in THREE])
    assert (found.mean[0], found.std[0]) == pytest.approx(moments(density), abs=1e-4)


def test_digits_that_scatter_about_their_hand_combine_as_on_a_grid() -> None:
    share = 0.6
    prior = normal(0, 1)
    hand = normal(0, share**0.5)
    for mean, std in THREE:
        # What an image says of its own style, blurred by how far that strays from the hand.
        evidence = normal(mean, std) / prior
        blurred = np.convolve(evidence, normal(0, (1 - share) ** 0.5), mode="same")
        hand = hand * blurred
    mean, std = moments(hand)
    found = combine([style([m], [s]) for m, s in THREE], np.array([share], np.float32))
    assert found.mean[0] == pytest.approx(mean, abs=2e-3)
    assert found.std[0] ** 2 == pytest.approx(std**2 + 1 - share, abs=2e-3)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_prior_is_counted_once(count: int) -> None:
    found = combine([style([0, 0], [1, 1])] * count)
    np.testing.assert_allclose((found.mean, found.std), ([0, 0], [1, 1]), atol=1e-6)


def test_a_dim_that_a_hand_keeps_whole_is_the_product_and_one_it_does_not_keep_the_prior() -> None:
    styles = [style([m, m], [s, s]) for m, s in THREE]
    found = combine(styles, np.array([1, 0], np.float32))
    product = combine(styles)
    assert found.mean[0] == pytest.approx(product.mean[0], abs=1e-6)
    assert found.std[0] == pytest.approx(product.std[0], abs=1e-6)
    assert (found.mean[1], found.std[1]) == (0, 1)


def test_one_digit_alone_is_its_own_style() -> None:
    one = style([0.3, -2], [1.4, 0.2])
    assert combine([one]) is one


def test_posteriors_wider_than_the_prior_leave_the_prior() -> None:
    found = combine([style([0.1], [3]), style([-0.1], [3]), style([0.05], [3])])
    assert found.std[0] == 1 and np.isfinite(found.mean).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: combine([]),
        lambda: combine([style([0], [1]), style([0, 0], [1, 1])]),
        lambda: combine([style([0], [1])], np.ones(2, np.float32)),
    ],
)
def test_styles_that_do_not_fit_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="style"):
        wrong()  # type: ignore[operator]


def small_engine(
    activation: Activation, likelihood: Likelihood
) -> tuple[DigitEngine, ConditionalVAE]:
    """Two hidden layers, and weights large enough for the activation to bend."""
    config = ModelConfig(
        z_dim=3,
        encoder_hidden=(4,),
        decoder_hidden=(6, 5),
        classifier_hidden=(4,),
        activation=activation,
        likelihood=likelihood,
    )
    torch.manual_seed(1)
    model = ConditionalVAE(config)
    weights = {name: 3 * array for name, array in model.weights().items()}
    model = ConditionalVAE.from_weights(config, weights)
    return DigitEngine(Checkpoint(config, TrainConfig(), weights)), model


IMAGES = np.random.default_rng(0).random((2, 28, 28), dtype=np.float32)
DIGITS = [3, 8]
NOISE = np.random.default_rng(1).standard_normal((4, 3), dtype=np.float32)
START = style([0.4, -0.7, 0.2], [0.5, 0.9, 0.3])


@pytest.mark.parametrize("likelihood", get_args(Likelihood))
@pytest.mark.parametrize("activation", get_args(Activation))
def test_the_elbo_and_its_gradient_are_those_of_torch(
    activation: Activation, likelihood: Likelihood
) -> None:
    engine, model = small_engine(activation, likelihood)
    mean = torch.tensor(START.mean, requires_grad=True)
    log_std = torch.tensor(np.log(START.std), requires_grad=True)
    z = mean + log_std.exp() * torch.tensor(NOISE)
    x = torch.tensor(IMAGES.reshape(2, 784))
    likelihoods = [
        recon_nll(model.config, model.decoder(z, torch.tensor(one_hot([digit] * 4))), x[[i] * 4])
        for i, digit in enumerate(DIGITS)
    ]
    kl = 0.5 * (mean**2 + (2 * log_std).exp() - 2 * log_std - 1).sum()
    elbo = -sum(nll.mean() for nll in likelihoods) - kl
    elbo.backward()
    value, by_mean, by_log_std = Objective(engine, IMAGES, DIGITS).gradient(START, NOISE)
    assert value == pytest.approx(elbo.item(), rel=1e-5)
    scale = float(mean.grad.abs().max())
    np.testing.assert_allclose(by_mean, mean.grad.numpy(), atol=2e-3 * scale)
    np.testing.assert_allclose(by_log_std, log_std.grad.numpy(), atol=2e-3 * scale)


@pytest.mark.parametrize("likelihood", get_args(Likelihood))
@pytest.mark.parametrize("activation", get_args(Activation))
def test_the_gradient_is_that_of_finite_differences(
    activation: Activation, likelihood: Likelihood
) -> None:
    engine, _ = small_engine(activation, likelihood)
    objective = Objective(engine, IMAGES, DIGITS)
    _, by_mean, by_log_std = objective.gradient(START, NOISE)
    step = 1e-2
    for dim in range(3):
        move = np.eye(3, dtype=np.float32)[dim] * np.float32(step)
        both = [
            (Style(START.mean + sign * move, START.std), Style(START.mean, START.std * grown))
            for sign, grown in ((1, np.exp(move)), (-1, np.exp(-move)))
        ]
        slopes = [
            (objective.value(up, NOISE) - objective.value(down, NOISE)) / (2 * step)
            for up, down in zip(*both, strict=True)
        ]
        allowed = 0.02 * max(1.0, *np.abs(by_mean), *np.abs(by_log_std))
        assert slopes == pytest.approx([by_mean[dim], by_log_std[dim]], abs=allowed)


@pytest.fixture(scope="module")
def studio() -> DigitEngine:
    return DigitEngine.load("checkpoints/studio")


def hand(engine: DigitEngine, digits: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """A style, and digits that the model itself writes in it."""
    planted = np.random.default_rng(5).standard_normal(engine.z_dim).astype(np.float32)
    return planted, engine.decode(np.repeat(planted[None], len(digits), 0), one_hot(digits))


def test_refinement_gains_and_comes_nearer_to_the_hand(studio: DigitEngine) -> None:
    planted, images = hand(studio, DIGITS)
    start = style([0.0] * studio.z_dim, [0.5] * studio.z_dim)
    found = refine(studio, images, DIGITS, start, steps=30)
    assert found.nats_after > found.nats_before + 50
    awake = np.flatnonzero(found.style.std < 0.7)
    far, near = (np.abs(each.mean - planted)[awake].mean() for each in (start, found.style))
    assert near < 0.7 * far


def test_refinement_tells_the_elbo_of_what_it_returns(studio: DigitEngine) -> None:
    _, images = hand(studio, DIGITS)
    readings = [studio.read(image) for image in images]
    start = combine([Style(each.style_mean, each.style_std) for each in readings])
    found = refine(studio, images, DIGITS, start)
    again = refine(studio, images, DIGITS, found.style, steps=0)
    assert found.nats_after == pytest.approx(again.nats_before, rel=1e-6)


@pytest.mark.parametrize("steps", [0, 1, 10])
def test_refinement_never_returns_something_worse(studio: DigitEngine, steps: int) -> None:
    _, images = hand(studio, DIGITS)
    best = refine(studio, images, DIGITS, style([0.0] * 16, [0.5] * 16), steps=150).style
    found = refine(studio, images, DIGITS, best, steps=steps)
    assert found.nats_after >= found.nats_before
    if steps == 0:
        assert found.style is best


def test_refinement_says_the_same_every_time(studio: DigitEngine) -> None:
    _, images = hand(studio, DIGITS)
    start = style([0.0] * 16, [0.5] * 16)
    first, again = (refine(studio, images, DIGITS, start) for _ in range(2))
    np.testing.assert_array_equal(first.style.mean, again.style.mean)


@pytest.mark.parametrize(
    ("images", "digits"),
    [
        (IMAGES, [3]),
        (IMAGES[:0], []),
        (IMAGES.reshape(2, 784), DIGITS),
        (np.full_like(IMAGES, np.nan), DIGITS),
    ],
)
def test_images_that_cannot_be_refined_on_are_refused(
    studio: DigitEngine, images: np.ndarray, digits: list[int]
) -> None:
    with pytest.raises(ValueError, match="images"):
        refine(studio, images, digits, style([0.0] * 16, [0.5] * 16))


def test_the_shipped_models_know_what_a_hand_keeps() -> None:
    for name in ("studio", "article"):
        engine = DigitEngine.load(f"checkpoints/{name}")
        assert engine.hand_share is not None and engine.hand_share.shape == (engine.z_dim,)
        assert 0.2 < engine.hand_share.max() < 1
        bare = DigitEngine(dataclasses.replace(engine.checkpoint, calibration=None))
        assert bare.hand_share is None
