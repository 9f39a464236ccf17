import pytest
import torch
from torch.distributions import Normal

from vae_model.model.checkpoint import weight_shapes
from vae_model.model.config import ModelConfig
from vae_model.model.networks import ConditionalVAE, Posterior, count_parameters
from vae_model.model.presets import PRESETS, preset


def test_sizes_are_the_articles_and_what_a_browser_can_hold() -> None:
    assert count_parameters(ConditionalVAE(preset("article").model)) == 308_654
    assert count_parameters(ConditionalVAE(preset("studio").model).decoder) <= 600_000


@pytest.mark.parametrize("name", PRESETS)
def test_shapes_a_checkpoint_expects_are_those_of_the_networks(name: str) -> None:
    config = preset(name).model
    shapes = {name: tuple(w.shape) for name, w in ConditionalVAE(config).state_dict().items()}
    assert weight_shapes(config) == shapes


def test_kl_agrees_with_a_monte_carlo_estimate(generator: torch.Generator) -> None:
    posterior = Posterior(torch.tensor([[0.7, -1.5]]), torch.tensor([[0.3, 1.8]]))
    many = Posterior(posterior.mean.expand(400_000, -1), posterior.std.expand(400_000, -1))
    z = many.sample(generator)
    log_ratio = Normal(posterior.mean, posterior.std).log_prob(z) - Normal(0, 1).log_prob(z)
    torch.testing.assert_close(log_ratio.mean(0), posterior.kl_per_dim()[0], atol=0.01, rtol=0)


def test_an_image_alone_has_a_latent(generator: torch.Generator) -> None:
    model = ConditionalVAE(ModelConfig(z_dim=3, encoder_sees_digit=True))
    x = torch.rand(2, 784, generator=generator)
    alone, given = model.encode(x), model.encode(x, model.classify(x))
    assert torch.equal(alone.mean, given.mean)
    assert not torch.equal(alone.mean, model.encode(x, torch.eye(10)[[3, 4]]).mean)


def test_digit_init_gain_scales_the_digit_columns_alone() -> None:
    def first_weights(gain: float) -> torch.Tensor:
        torch.manual_seed(1)
        return ConditionalVAE(ModelConfig(digit_init_gain=gain)).decoder.layers[0].weight

    plain, scaled = first_weights(1.0), first_weights(4.0)
    assert torch.equal(scaled[:, :10], plain[:, :10])
    assert torch.equal(scaled[:, 10:], 4 * plain[:, 10:])


def test_weights_round_trip() -> None:
    model = ConditionalVAE(ModelConfig(z_dim=3, encoder_sees_digit=True))
    again = ConditionalVAE.from_weights(model.config, model.weights())
    for name, tensor in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)
