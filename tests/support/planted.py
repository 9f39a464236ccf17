"""Models whose virtue or fault is planted and known: their networks are plain functions."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from vae_model.data.mnist import DigitData, Digits
from vae_model.evaluation.judge import Judge
from vae_model.model.config import DIGITS, PIXELS, ModelConfig
from vae_model.model.networks import ConditionalVAE, Posterior

Z = 4
TEMPLATES = torch.zeros(DIGITS, PIXELS)
"""Each digit is one bright band."""
for _digit in range(DIGITS):
    TEMPLATES[_digit, 78 * _digit : 78 * (_digit + 1)] = 1.0


def planted_digits(count: int, seed: int = 0) -> Digits:
    """The ten digits in turn, a little noisy."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % DIGITS
    noise = torch.rand((count, PIXELS), generator=generator)
    return Digits(0.8 * TEMPLATES[labels] + 0.1 * noise, labels)


def planted_data(train: int, test: int) -> DigitData:
    return DigitData("sample", planted_digits(train, 1), planted_digits(test, 2), "")


class PlantedJudge(Judge):
    """Reads the brightest band; its features are the ink of each band."""

    def features(self, images: Tensor) -> Tensor:
        return images.reshape(len(images), -1) @ TEMPLATES.T / 78

    def classify(self, images: Tensor) -> Tensor:
        return (50 * self.features(images)).softmax(dim=1)


JUDGE = PlantedJudge()


class Network(nn.Module):
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*inputs)


Function = Callable[[Tensor, Tensor], Tensor]


def silent(x: Tensor, y: Tensor) -> Tensor:
    """An encoder that tells nothing."""
    return torch.zeros(len(x), Z)


def draws_label(z: Tensor, y: Tensor) -> Tensor:
    return 8 * (y @ TEMPLATES) - 4


def reads_band(x: Tensor) -> Tensor:
    return x @ TEMPLATES.T


def blind(x: Tensor) -> Tensor:
    """A classifier that says 0 to everything."""
    return torch.eye(DIGITS)[torch.zeros(len(x), dtype=torch.int64)] * 9


def planted(
    encoder: Function = silent,
    decoder: Function = draws_label,
    classifier: Callable[[Tensor], Tensor] = reads_band,
    std: float = 1.0,
    z_dim: int = Z,
) -> ConditionalVAE:
    """Of functions of x and y to the posterior's mean, whose std is one for all, of z and y to
    pixel logits, and of x to digit logits. Its own likelihood is the Gaussian."""

    def posterior(x: Tensor, y: Tensor) -> Posterior:
        mean = encoder(x, y)
        return Posterior(mean, torch.full_like(mean, std))

    small = {"encoder_hidden": (4,), "decoder_hidden": (4,), "classifier_hidden": (4,)}
    model = ConditionalVAE(ModelConfig(z_dim=z_dim, **small))
    model.encoder = Network(posterior)
    model.decoder = Network(decoder)
    model.classifier = Network(classifier)
    return model
