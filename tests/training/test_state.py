import dataclasses
from itertools import count

import numpy as np
import pytest

from vae_model.data.mnist import DigitData, load_sample
from vae_model.model.checkpoint import Arrays
from vae_model.model.config import ModelConfig, TrainConfig, preset
from vae_model.training.state import _moments, _needed, check
from vae_model.training.trainer import Training

WIDTHS = {"z_dim": 3, "encoder_hidden": (9,), "decoder_hidden": (8,), "classifier_hidden": (7,)}
PLAIN, STUDIO = preset("article"), preset("studio")
KINDS = {
    "plain": (PLAIN, {}),
    "sgd": (PLAIN, {"optimizer": "sgd", "learning_rate": 1e-4}),
    "plain and averaged": (preset("quick"), {"ema_decay": 0.9}),
    "penalties": (STUDIO, {"penalty_start_epoch": 0.0}),
    "augmented alone": (PLAIN, {"augment": True, "ema_decay": 0.9}),
}
IMAGES = 150


@pytest.fixture(scope="module")
def digits() -> DigitData:
    sample = load_sample()
    return dataclasses.replace(
        sample, train=sample.train.part(0, IMAGES), test=sample.test.part(0, 20)
    )


def configured(kind: str) -> tuple[ModelConfig, TrainConfig]:
    chosen, changes = KINDS[kind]
    train = dataclasses.replace(chosen.train, epochs=3, batch_size=64, **changes)
    return dataclasses.replace(chosen.model, **WIDTHS), train


def stopped_after(batches: int, kind: str, digits: DigitData) -> Arrays:
    training, asked = Training(*configured(kind), digits), count()
    list(training.epochs(should_stop=lambda: next(asked) == batches))
    return training.state()


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_training_saves_is_let_through(kind: str, digits: DigitData) -> None:
    """At its very beginning, within an epoch, and between two."""
    model, train = configured(kind)
    for batches in (0, 2, 3, 4):
        state = stopped_after(batches, kind, digits)
        check(state, model, train, IMAGES)
    # And each name that is allowed is one that is used.
    adversaries = kind == "augmented alone"
    moments = [n for n in _moments(model, train) if not (adversaries and n.startswith("rival_"))]
    assert state.keys() == {*_needed(model, train), *moments}


def at(epoch: int, batch: int) -> Arrays:
    return {"position": np.array([epoch, batch])}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (at(99, 0), "stands at epoch 99, batch 0, and there are 3 epochs of 3 batches"),
        (at(1, -3), "batch -3"),
        (at(-1, 2), "epoch -1"),
        (at(3, 0), "epoch 3"),
        (at(0, 3), "batch 3"),
        (at(0, 1), "sums"),
        ({"position": np.zeros(5, np.int64)}, r"position is int64 \(5,\)"),
        ({"position": np.zeros(2)}, "position is float64"),
        ({"sums": np.full(6, np.nan)}, "sums holds numbers that are not finite"),
        ({"seconds": np.array(-1.0)}, "seconds is less than 0"),
        ({"generator": np.zeros(7, np.uint8)}, "generator is uint8"),
        ({"optimizer.0.exp_avg": np.zeros(1, np.float32)}, "optimizer.0.exp_avg is float32"),
        ({"optimizer.0.step": np.array(-1, np.float32)}, "optimizer.0.step is less than 0"),
        ({"optimizer.7.step": np.array(1, np.float32)}, "holds optimizer.7.step"),
        ({"model.evil": np.zeros(1)}, "holds model.evil"),
        ({"average.0": np.array(0, np.float32)}, r"average.0 is float32 \(\)"),
    ],
)
def test_what_no_training_saves_is_named(changes: Arrays, said: str, digits: DigitData) -> None:
    kind = "plain and averaged"
    state = stopped_after(2, kind, digits)
    with pytest.raises(ValueError, match=said):
        check(state | changes, *configured(kind), IMAGES)


@pytest.mark.parametrize(
    "name", ["position", "generator", "model.encoder.layers.0.bias", "optimizer.1.exp_avg"]
)
def test_what_is_missing_is_named(name: str, digits: DigitData) -> None:
    state = stopped_after(2, "plain", digits)
    del state[name]
    with pytest.raises(ValueError, match=f"lacks {name}"):
        check(state, *configured("plain"), IMAGES)
