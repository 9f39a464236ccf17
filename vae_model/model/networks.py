"""The three feed-forward networks and the model they form.

Images are (n, 784), ink in [0, 1] on 0; digit dims (n, 10) are probabilities or one-hots.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from vae_model.model.config import DIGITS, Activation, ModelConfig

ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": partial(nn.GELU, approximate="tanh"),
}
"""The tanh form of GELU is the one that numpy and JavaScript can compute as well."""


@dataclass(frozen=True)
class Posterior:
    """q(z|x): an independent Gaussian over each style dim of each image."""

    mean: Tensor  # (n, z_dim)
    std: Tensor  # (n, z_dim), above 0

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """One draw per image, (n, z_dim), differentiable by the reparameterisation
        z = mean + std · ε (Kingma & Welling 2013)."""
        noise = torch.empty_like(self.mean).normal_(generator=generator)
        return torch.addcmul(self.mean, self.std, noise)

    def kl_per_dim(self) -> Tensor:
        """KL(q(z|x) ‖ N(0, 1)) of each image and dim in nats, (n, z_dim): Kingma & Welling 2013,
        appendix B."""
        variance = self.std.square()
        return 0.5 * (self.mean.square() + variance - variance.log() - 1.0)


def mlp(widths: Sequence[int], activation: Activation) -> nn.Sequential:
    """Linear layers of those widths with the activation between them, none after the last."""
    layers: list[nn.Module] = []
    for width_in, width_out in pairwise(widths):
        layers += [nn.Linear(width_in, width_out), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


class Encoder(nn.Module):
    """q(z|x), or q(z|x, y) where the config lets it see the digit dims."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = mlp(config.widths["encoder"], config.activation)

    def forward(self, x: Tensor, digit_probs: Tensor) -> Posterior:
        """`digit_probs` are unused where the config does not let the encoder see them."""
        if self.config.encoder_sees_digit:
            x = torch.cat([x, digit_probs], dim=1)
        mean, log_variance = self.layers(x).chunk(2, dim=1)
        return Posterior(mean, (log_variance.exp() + self.config.min_variance).sqrt())


class Decoder(nn.Module):
    """The image of a style and digit dims."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.layers = mlp(config.widths["decoder"], config.activation)
        first = self.layers[0]
        assert isinstance(first, nn.Linear)
        with torch.no_grad():
            first.weight[:, config.z_dim :] *= config.digit_init_gain

    def forward(self, z: Tensor, digit_probs: Tensor) -> Tensor:
        """Pixel logits (n, 784) of styles (n, z_dim); their sigmoid is the image under both
        likelihoods."""
        return self.layers(torch.cat([z, digit_probs], dim=1))


class DigitClassifier(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.layers = mlp(config.widths["classifier"], config.activation)

    def forward(self, x: Tensor) -> Tensor:
        """Digit logits (n, 10)."""
        return self.layers(x)

    def hidden(self, x: Tensor) -> Tensor:
        """What the units of all hidden layers give, side by side, (n, sum of their widths)."""
        outputs = []
        for linear, activation in zip(self.layers[:-1:2], self.layers[1::2], strict=True):
            x = activation(linear(x))
            outputs.append(x)
        return torch.cat(outputs, dim=1)


class ConditionalVAE(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.classifier = DigitClassifier(config)

    @classmethod
    def from_weights(cls, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> Self:
        """The model of a checkpoint's configuration and weights (copied)."""
        model = cls(config)
        model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
        return model

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of every weight, by the name it has in a checkpoint."""
        return {name: tensor.numpy(force=True).copy() for name, tensor in self.state_dict().items()}

    def classify(self, x: Tensor) -> Tensor:
        """Probabilities (n, 10) of the ten digits."""
        return self.classifier(x).softmax(dim=1)

    def encode(self, x: Tensor, digit_probs: Tensor | None = None) -> Posterior:
        """The style posterior, by the classifier's own digit probabilities where none are given:
        an image alone has a latent."""
        return self.encoder(x, self.classify(x) if digit_probs is None else digit_probs)

    def decode(self, z: Tensor, digit_probs: Tensor) -> Tensor:
        """Images in [0, 1] of styles (n, z_dim)."""
        return self.decoder(z, digit_probs).sigmoid()


def count_parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def one_hot(digits: Tensor) -> Tensor:
    """Digits (n,) in 0-9 as digit dims (n, 10), float32."""
    return nn.functional.one_hot(digits, DIGITS).float()


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Within the block, gradients pass through the network but not into its weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
