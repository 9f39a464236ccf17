import torch

from vae_model.model.config import ModelConfig
from vae_model.model.networks import ConditionalVAE, count_parameters
from vae_model.model.presets import preset


def test_sizes_are_the_articles_and_what_a_browser_can_hold() -> None:
    assert count_parameters(ConditionalVAE(preset("article").model)) == 308_654
    assert count_parameters(ConditionalVAE(preset("studio").model).decoder) <= 600_000


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
    torch.testing.assert_close(again.state_dict(), model.state_dict(), rtol=0, atol=0)
