"""How long a training will take here, by doing a little of it.

Knows training and data; nothing of runs.
"""

import dataclasses
import time

from vae_model.data.mnist import DigitData, load_sample
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.training.trainer import Training

BATCHES = 10
"""Measured, after as many to warm up."""
TEST_IMAGES = 2000


def estimate(
    model: ModelConfig, train: TrainConfig, training_images: int, test_images: int = 0
) -> float:
    """Seconds that a training on so many images will take, with a test after each epoch.

    Measures two short epochs on images of the bundled sample with every penalty at work, which is
    what most of a training's epochs do; saving is not counted.
    """
    sample = load_sample()
    count = min(BATCHES * train.batch_size, len(sample.train))
    data = DigitData(
        sample.name, sample.train.part(0, count), sample.test.part(0, TEST_IMAGES), sample.checksum
    )
    config = dataclasses.replace(train, epochs=2, penalty_start_epoch=0.0, learning_rate=1e-6)
    training = Training(model, config, data)
    tested = 0.0
    seconds = 0.0
    last_batch = time.perf_counter()

    def on_batch() -> None:
        nonlocal last_batch
        last_batch = time.perf_counter()

    for report in training.epochs(on_batch=on_batch):
        # Of the second epoch, when everything is warm.
        seconds, tested = report.seconds, time.perf_counter() - last_batch
    per_epoch = seconds / count * training_images + tested / len(data.test) * test_images
    return train.epochs * per_epoch
