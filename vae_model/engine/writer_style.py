"""One hand from several digits: their style posteriors combined."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vae_model.engine.forward import Floats
from vae_model.model.calibration import Habits

LEAST_VARIANCE = 1e-3  # where a share is 1, or was rounded, a Gaussian must be left


@dataclass(frozen=True)
class Style:
    """An independent Gaussian over each style dim."""

    mean: Floats  # (z_dim,)
    std: Floats  # (z_dim,), above 0


def combine(styles: Sequence[Style], habits: Habits | None = None) -> Style:
    """The style of a hand, of which each of `styles` is the posterior by one image.

    Without `habits`, one style for all that the hand writes: the product of the posteriors with the
    prior N(0, 1), which each of them holds, counted once; precision Σ 1/σᵢ² − (n − 1), mean
    (Σ μᵢ/σᵢ²) / precision. Where posteriors are wider than the prior, so that this falls below the
    prior's own precision 1, that takes its place.

    With `habits`, the style to expect of the hand's next digit: digits scatter about their hand,
    and each habit, read from the mean of n digits, counts for n·share / (1 + (n − 1)·share) of what
    is read there (Spearman 1910, Brown 1910). How wide the posteriors are does not count; the
    variance is the prior's less what is known. With none the prior: an image tells nothing of the
    next. Raises ValueError for no styles.
    """
    if habits is None:
        return _product(styles)
    mean = np.stack([style.mean for style in styles]).mean(axis=0, dtype=np.float64)
    shape = (len(habits.share), len(mean))
    reading, writing = (np.reshape(rows, shape) for rows in (habits.reading, habits.writing))
    share = np.array(habits.share)
    trust = len(styles) * share / (1 + (len(styles) - 1) * share)
    variance = 1 - (trust * share) @ writing**2
    return Style(
        ((trust * (reading @ mean)) @ writing).astype(np.float32),
        np.sqrt(np.maximum(variance, LEAST_VARIANCE)).astype(np.float32),
    )


def _product(styles: Sequence[Style]) -> Style:
    if len(styles) == 1:
        return styles[0]
    precisions = np.stack([style.std for style in styles]).astype(np.float64) ** -2
    means = np.stack([style.mean for style in styles])
    precision = np.maximum((precisions - 1).sum(axis=0), 0) + 1
    mean = (means * precisions).sum(axis=0) / precision
    return Style(mean.astype(np.float32), (precision**-0.5).astype(np.float32))
