from itertools import count

import numpy as np
import pytest

from tests.support.small_training import QUICK, SMALL
from vae_model.data.mnist import DigitData
from vae_model.model.checkpoint import Arrays
from vae_model.training.state import check
from vae_model.training.trainer import Training


@pytest.fixture(scope="module")
def state(digits: DigitData) -> Arrays:
    """After two of the five batches of the first of two epochs."""
    training, asked = Training(SMALL, QUICK, digits), count()
    list(training.epochs(should_stop=lambda: next(asked) == 2))
    return training.state()


def at(epoch: int, batch: int) -> Arrays:
    return {"position": np.array([epoch, batch])}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (at(99, 0), "stands at epoch 99, batch 0, and there are 2 epochs of 5 batches"),
        (at(1, -3), "batch -3"),
        (at(-1, 2), "epoch -1"),
        (at(2, 0), "epoch 2"),
        (at(0, 5), "batch 5"),
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
        ({"average.0": np.array(0, np.float32)}, "holds average.0"),
        ({"model.decoder.layers.0.bias": np.zeros(3, np.float32)}, "layers.0.bias is float32"),
    ],
)
def test_what_no_training_saves_is_named(state: Arrays, changes: Arrays, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check(state | changes, SMALL, QUICK, 300)


@pytest.mark.parametrize(
    "name", ["position", "generator", "model.encoder.layers.0.bias", "optimizer.1.exp_avg"]
)
def test_what_is_missing_is_named(state: Arrays, name: str) -> None:
    rest = {other: array for other, array in state.items() if other != name}
    with pytest.raises(ValueError, match=f"lacks {name}"):
        check(rest, SMALL, QUICK, 300)
