"""Real test digits that come with the repository, for pages that look at a model.

Reads the sample's file itself: `mnist` gives it as tensors, and would import torch.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import vae_model
from vae_model.engine.digit_engine import Floats

SAMPLE = Path(vae_model.__file__).parent / "data" / "mnist_sample.npz"


@lru_cache(maxsize=1)
def test_digits() -> tuple[Floats, NDArray[np.int64]]:
    """Images (2000, 28, 28) in [0, 1] that no model was trained on, and what they show (2000,)."""
    with np.load(SAMPLE, allow_pickle=False) as sample:
        images = sample["test_images"].astype(np.float32) / np.float32(255)
        digits = sample["test_labels"].astype(np.int64)
    images.flags.writeable = digits.flags.writeable = False
    return images, digits


def of_digit(digit: int) -> Floats:
    """One example (28, 28) of each digit 0-9: the first in the sample."""
    images, digits = test_digits()
    return images[int((digits == digit).argmax())]
