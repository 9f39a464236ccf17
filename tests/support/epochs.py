"""Epochs of a run for tests of what shows them."""

from numpy.typing import NDArray

from vae_model.runs.events import Epoch, encode_digits


def epoch(number: int, digits: NDArray) -> Epoch:
    """One whose digits in its own style and in the shared one are these, (2, 7840) in [0, 1]."""
    own, fixed = map(encode_digits, digits)
    return Epoch(number, {}, {}, (), own, fixed)
