"""One hand from several digits: their style posteriors combined."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vae_model.engine.forward import Floats


@dataclass(frozen=True)
class Style:
    """An independent Gaussian over each style dim."""

    mean: Floats  # (z_dim,)
    std: Floats  # (z_dim,), above 0


def combine(styles: Sequence[Style], share: Floats | None = None) -> Style:
    """The style of a hand, of which each of `styles` is the posterior by one image.

    Without `share`, one style for all that the hand writes: the product of the posteriors with the
    prior N(0, 1), which each of them holds, counted once; precision Σ 1/σᵢ² − (n − 1), mean
    (Σ μᵢ/σᵢ²) / precision. Where posteriors are wider than the prior, so that this falls below the
    prior's own precision 1, that takes its place.

    With `share` (z_dim,), in [0, 1]: how much of each dim's variance a hand keeps from digit to
    digit. Digits then scatter about their hand, zᵢ = h + eᵢ with h ~ N(0, share) and
    eᵢ ~ N(0, 1 − share), and what comes back is the style to expect of the hand's next digit. At 1
    that is the product, at 0 the prior: an image tells nothing of the next.
    Raises ValueError for no styles or for different numbers of dims.
    """
    if not styles or len({style.mean.shape for style in styles}) != 1:
        raise ValueError("combine needs one or more styles of one z_dim")
    if share is None and len(styles) == 1:
        return styles[0]
    precisions = np.stack([style.std for style in styles]).astype(np.float64) ** -2
    means = np.stack([style.mean for style in styles])
    kept = np.ones(means.shape[1]) if share is None else np.asarray(share, np.float64)
    if kept.shape != means.shape[1:]:
        raise ValueError(f"share must be {means.shape[1:]}, as the styles are, not {kept.shape}")
    # What an image adds to the prior's precision, and how much of that reaches the hand.
    evidence = precisions - 1
    reach = 1 / (1 + evidence * (1 - kept))
    precision = 1 + kept * np.maximum((evidence * reach).sum(axis=0), 0)
    mean = kept * (means * precisions * reach).sum(axis=0) / precision
    variance = kept / precision + (1 - kept)
    return Style(mean.astype(np.float32), np.sqrt(variance).astype(np.float32))
