import numpy as np
import pytest
import torch
from torch.distributions import Normal

from vae_model.model.checkpoint import weight_shapes
from vae_model.model.config import ModelConfig, preset
from vae_model.model.losses import bernoulli_nll, recon_nll
from vae_model.model.networks import ConditionalVAE, Posterior, count_parameters


@pytest.fixture
def model() -> ConditionalVAE:
    torch.manual_seed(0)
    return ConditionalVAE(
        ModelConfig(
            z_dim=3,
            encoder_hidden=(16, 8),
            decoder_hidden=(8,),
            classifier_hidden=(8,),
            encoder_sees_digit=True,
        )
    )


def test_article_has_the_articles_parameter_count() -> None:
    assert count_parameters(ConditionalVAE(preset("article").model)) == 308_654


def test_studio_decoder_is_small_enough_for_a_browser() -> None:
    assert count_parameters(ConditionalVAE(preset("studio").model).decoder) <= 600_000


@pytest.mark.parametrize("name", ["article", "studio"])
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


def test_kl_of_the_prior_itself_is_zero() -> None:
    prior = Posterior(torch.zeros(1, 4), torch.ones(1, 4))
    torch.testing.assert_close(prior.kl_per_dim(), torch.zeros(1, 4))


def test_samples_have_the_posteriors_mean_and_std(generator: torch.Generator) -> None:
    mean, std = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 2.0])
    z = Posterior(mean.expand(200_000, -1), std.expand(200_000, -1)).sample(generator)
    torch.testing.assert_close(z.mean(0), mean, atol=0.02, rtol=0)
    torch.testing.assert_close(z.std(0), std, atol=0.02, rtol=0)


def test_posterior_is_never_narrower_than_the_least_variance() -> None:
    config = ModelConfig(z_dim=1, min_variance=0.25)
    model = ConditionalVAE(config)
    with torch.no_grad():
        model.encoder.layers[-1].bias.fill_(-100.0)
        posterior = model.encode(torch.zeros(1, 784))
    assert posterior.std.item() == pytest.approx(0.5)


def test_elbo_is_below_the_importance_sampled_likelihood(
    model: ConditionalVAE, generator: torch.Generator
) -> None:
    # log p(x) >= IWAE_k >= ELBO (Burda et al. 2015); a sign or constant that is wrong in either
    # the likelihood, the KL or the posterior breaks the order or makes the gap absurd.
    x = (torch.rand(6, 784, generator=generator) > 0.8).float()
    y = torch.eye(10)[torch.arange(6)]
    with torch.no_grad():
        posterior = model.encoder(x, y)
        log_weights, elbos = [], []
        for _ in range(2000):
            z = posterior.sample(generator)
            log_likelihood = -bernoulli_nll(model.decoder(z, y), x)
            log_prior = Normal(0, 1).log_prob(z).sum(1)
            log_posterior = Normal(posterior.mean, posterior.std).log_prob(z).sum(1)
            log_weights.append(log_likelihood + log_prior - log_posterior)
            elbos.append(log_likelihood - posterior.kl_per_dim().sum(1))
    importance = torch.stack(log_weights).logsumexp(0) - np.log(2000)
    elbo = torch.stack(elbos).mean(0)
    assert (elbo <= importance + 0.01).all()
    assert (importance - elbo < 20).all()
    assert (importance - elbo > 0.01).any()


def test_every_network_gets_a_gradient(model: ConditionalVAE, generator: torch.Generator) -> None:
    x = torch.rand(4, 784, generator=generator)
    probs = model.classify(x)
    posterior = model.encode(x, probs)
    loss = recon_nll(model.config, model.decoder(posterior.sample(generator), probs), x).sum()
    (loss + posterior.kl_per_dim().sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_an_image_alone_has_a_latent(model: ConditionalVAE, generator: torch.Generator) -> None:
    x = torch.rand(2, 784, generator=generator)
    alone, given = model.encode(x), model.encode(x, model.classify(x))
    assert torch.equal(alone.mean, given.mean)
    assert not torch.equal(alone.mean, model.encode(x, torch.eye(10)[[3, 4]]).mean)


def test_one_hot_generation_uses_the_decoder_input_of_training(model: ConditionalVAE) -> None:
    z, digit = torch.randn(1, 3), torch.eye(10)[[7]]
    first = model.decoder.layers[0]
    by_hand = first.weight[:, :3] @ z[0] + first.weight[:, 3 + 7] + first.bias
    torch.testing.assert_close(first(torch.cat([z, digit], 1))[0], by_hand)
    torch.testing.assert_close(model.decode(z, digit), model.decoder(z, digit).sigmoid())


def test_digit_init_gain_scales_the_digit_columns_alone() -> None:
    def first_weights(gain: float) -> torch.Tensor:
        torch.manual_seed(1)
        return ConditionalVAE(ModelConfig(digit_init_gain=gain)).decoder.layers[0].weight

    plain, scaled = first_weights(1.0), first_weights(4.0)
    assert torch.equal(scaled[:, :10], plain[:, :10])
    assert torch.equal(scaled[:, 10:], 4 * plain[:, 10:])


def test_weights_round_trip(model: ConditionalVAE) -> None:
    again = ConditionalVAE.from_weights(model.config, model.weights())
    for name, tensor in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)
