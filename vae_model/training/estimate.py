"""How long a training will take here, by doing a little of it."""

import dataclasses
import time

from vae_model.data.mnist import load_sample
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.training.trainer import Training

BATCHES = 10
TEST_IMAGES = 2000


def estimate(
    model: ModelConfig, train: TrainConfig, training_images: int, test_images: int = 0
) -> float:
    """Seconds that a training on so many images will take, with a test after each epoch.

    Measures the second of two short epochs on images of the bundled sample, when everything is
    warm, with every penalty at work, as in most of a training's epochs; saving is not counted.
    """
    sample = load_sample()
    some = sample.train.part(0, BATCHES * train.batch_size)
    data = dataclasses.replace(sample, train=some, test=sample.test.part(0, TEST_IMAGES))
    config = dataclasses.replace(train, epochs=2, penalty_start_epoch=0.0, learning_rate=1e-6)
    reports = Training(model, config, data).epochs()
    next(reports)
    start = time.perf_counter()
    seconds = next(reports).seconds
    tested = time.perf_counter() - start - seconds
    per_epoch = seconds / len(some) * training_images + tested / len(data.test) * test_images
    return train.epochs * per_epoch
