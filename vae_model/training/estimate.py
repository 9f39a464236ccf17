"""How long a training will take here, by doing a little of it."""

import dataclasses
import time

from vae_model.data.mnist import load_sample
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.training.schedule import restart_epoch
from vae_model.training.trainer import Training

BATCHES = 10
TEST_IMAGES = 2000


def estimate(
    model: ModelConfig, train: TrainConfig, training_images: int, test_images: int
) -> float:
    """Seconds that a training on so many images will take, with a test after each epoch.

    Measures two short epochs on images of the bundled sample after a first, when everything is
    warm, with every penalty at work, as in most of a training's epochs: one as before a restart,
    where the training has one, and one as after it. Saving is not counted.
    """
    sample = load_sample()
    some = sample.train.part(0, BATCHES * train.batch_size)
    data = dataclasses.replace(sample, train=some, test=sample.test.part(0, TEST_IMAGES))
    first = restart_epoch(train)
    config = dataclasses.replace(
        train,
        epochs=3,
        restart_fraction=1 / 3 if first else 0.0,
        penalty_start_epoch=0.0,
        learning_rate=1e-6,
    )
    reports = Training(model, config, data).epochs()
    next(reports)
    start = time.perf_counter()
    before = next(reports).seconds
    tested = time.perf_counter() - start - before
    seconds = before * first + next(reports).seconds * (train.epochs - first)
    tests = train.epochs * tested / len(data.test) * test_images
    return seconds / len(some) * training_images + tests
