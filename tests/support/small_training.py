"""Trainings that are over in a second or two."""

import dataclasses
from typing import Any

from vae_model.data.mnist import DigitData, load_sample
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.model.presets import preset
from vae_model.training.trainer import Training

SMALL = ModelConfig(z_dim=3, encoder_hidden=(16,), decoder_hidden=(16,), classifier_hidden=(12,))
SMALL_STUDIO = dataclasses.replace(
    preset("studio").model,
    z_dim=3,
    encoder_hidden=(12, 8),
    decoder_hidden=(7, 11),
    classifier_hidden=(10, 6),
)
QUICK = TrainConfig(epochs=2, batch_size=64)


def part_of_sample(train: int, test: int) -> DigitData:
    """The first digits of both sets."""
    sample = load_sample()
    return dataclasses.replace(
        sample, train=sample.train.part(0, train), test=sample.test.part(0, test)
    )


def trained(model: ModelConfig, data: DigitData, **changes: Any) -> Training:
    """A whole training, as QUICK but for these changes."""
    training = Training(model, dataclasses.replace(QUICK, **changes), data)
    list(training.epochs())
    return training
