from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal

from vae_model.data import image_measures
from vae_model.data.augment import EVALUATION, augment
from vae_model.data.mnist import load_sample
from vae_model.model.config import ModelConfig
from vae_model.model.losses import decorrelation, density_ratio_loss, recon_nll, slant_and_thickness
from vae_model.model.networks import mlp


@pytest.mark.parametrize(
    ("likelihood", "distribution"),
    [
        ("gaussian", lambda logits: Normal(logits.sigmoid(), 0.5)),
        ("bernoulli", lambda logits: Bernoulli(logits=logits)),
    ],
)
def test_likelihoods_are_those_of_torch_distributions(
    generator: torch.Generator, likelihood: str, distribution: Callable[[torch.Tensor], object]
) -> None:
    logits = torch.randn(5, 784, generator=generator)
    x = (torch.rand(5, 784, generator=generator) > 0.5).float()
    expected = -Independent(distribution(logits), 1).log_prob(x)
    torch.testing.assert_close(recon_nll(ModelConfig(likelihood=likelihood), logits, x), expected)


def test_discriminator_at_its_optimum_gives_the_log_ratio(generator: torch.Generator) -> None:
    # Two Gaussians of unit width, one apart: log q/p = z - 1/2.
    linear = mlp((1, 1), "relu")
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=50)
    q = torch.randn(20_000, 1, generator=generator) + 1
    p = torch.randn(20_000, 1, generator=generator)

    def closure() -> float:
        optimizer.zero_grad()
        loss = density_ratio_loss(linear(q), linear(p))
        loss.backward()
        return float(loss.detach())

    optimizer.step(closure)
    assert linear[0].weight.item() == pytest.approx(1.0, abs=0.05)
    assert linear[0].bias.item() == pytest.approx(-0.5, abs=0.05)


def test_differentiable_measures_are_those_of_the_evaluation(generator: torch.Generator) -> None:
    images = augment(load_sample().test.images[:200], EVALUATION, generator)
    slant, thickness = slant_and_thickness(images)
    squares = images.reshape(-1, 28, 28).numpy()
    np.testing.assert_allclose(slant, image_measures.slant(squares), atol=1e-3)
    np.testing.assert_allclose(thickness, image_measures.thickness(squares), rtol=0.02)


def test_measures_have_a_finite_gradient_on_bare_ground() -> None:
    image = torch.zeros(1, 784)
    image[:, 400] = 1
    image.requires_grad_()
    slant_and_thickness(image)[1].sum().backward()
    assert torch.isfinite(image.grad).all()


def test_decorrelation_is_one_minus_pearsons_correlation(generator: torch.Generator) -> None:
    first, second = torch.randn(2, 3, 50, generator=generator)
    pairs = torch.stack([first, second], dim=1)
    expected = torch.stack([1 - torch.corrcoef(pair)[0, 1] for pair in pairs])
    torch.testing.assert_close(decorrelation(first, second), expected)
    assert decorrelation(first, 3 * first + 2).abs().max() < 1e-6
