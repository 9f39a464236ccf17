"""Fits a `Calibration` on digits that the networks have not seen, on digits of our own pens, and on
drawings of no digits."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vae_model.data import non_digits, synthetic_digits
from vae_model.engine.digit_engine import DigitEngine, Floats
from vae_model.engine.forward import Nats, logsumexp, sigmoid
from vae_model.model.calibration import Calibration, Habits, terms
from vae_model.model.config import IMAGE_SIZE
from vae_model.preprocessing import EmptyDrawing, normalize

FALSE_ALARMS = 0.008
"""Share of unseen digits that are said to be unlike any, less than the 1 % that is promised."""
PEN_FALSE_ALARMS = 0.017
"""The same of digits by pens of our own, less than 2 %."""
PEN_DIGITS = 1500
DRAWINGS = 400
"""Of each kind."""
PENALTY = 1e-3
REACH = 8
"""Digits of one writer that stand at most this far apart are compared."""
LEAST_SHARE = 0.03
"""Of a habit's variance: what a hand keeps less of is chance."""
ASLEEP = 1e-3
"""Variance of the mean styles below which a direction says nothing of an image."""
_NEWTON_STEPS = 50


def fit(
    engine: DigitEngine, images: Floats, labels: NDArray[np.integer], about: dict[str, Any]
) -> Calibration:
    """The calibration of `engine` by digits (n, 28, 28) that it was not trained on, and their
    labels (n,). The digits pass through `normalize` first, as every drawing does.

    Those of pens are digits too. By MNIST's alone, whose strokes are soft, a crisp one counts as
    strange: of letters, which differ from digits in more than that, fewer are found.
    """
    digits = engine.statistics(normalized(255 * images))
    mean, std = digits.mean(axis=0), np.maximum(digits.std(axis=0), 1e-3)
    drawn = [
        normalized(non_digits.drawings(kind, DRAWINGS, tuning=True))
        for kind in non_digits.ALL_KINDS
    ]
    others = [terms((engine.statistics(kind) - mean) / std) for kind in drawn if len(kind)]
    within = terms((digits - mean) / std)
    by_pen = terms((engine.statistics(normalized(255 * pen_digits(PEN_DIGITS, 0))) - mean) / std)
    weights = _logistic(np.concatenate([within, by_pen]), others)
    return Calibration(
        temperature=temperature(engine.see(images).digit_logits, labels),
        mean=tuple(mean.tolist()),
        std=tuple(std.tolist()),
        weights=tuple(weights.tolist()),
        limit=max(
            float(np.quantile(within @ weights, 1 - FALSE_ALARMS)),
            float(np.quantile(by_pen @ weights, 1 - PEN_FALSE_ALARMS)),
        ),
        about=about | {"images": len(images), "drawings_of_each_kind": DRAWINGS},
    )


def hand_habits(engine: DigitEngine, images: Floats, labels: NDArray[np.integer]) -> Habits:
    """What the styles of different digits (n, 28, 28) that one hand wrote have in common.

    With T the covariance of all mean styles, and B that of the mean styles of two different digits
    of one hand, the habits are the directions v that B v = share · T v, of variance 1: along them a
    hand differs most from other hands, measured by how its digits differ.

    The digits must be in the order of their writers: see `in_order_of_writers`.
    """
    seen = [engine.see(images[start : start + 2000]) for start in range(0, len(images), 2000)]
    mean = np.concatenate([part.style_mean for part in seen]).astype(np.float64)
    mean -= mean.mean(axis=0)
    both, pairs = np.zeros((engine.z_dim, engine.z_dim)), 0
    for apart in range(1, REACH + 1):
        unlike = labels[apart:] != labels[:-apart]
        products = mean[apart:][unlike].T @ mean[:-apart][unlike]
        both += products + products.T
        pairs += 2 * int(unlike.sum())
    total = mean.T @ mean / len(mean)
    # By the root of T, so that the eigenvectors to be found are those of a symmetric matrix. A dim
    # that sleeps has next to no variance, and no habit.
    sizes, axes = np.linalg.eigh(total)
    awake = sizes > ASLEEP
    white = axes[:, awake] / np.sqrt(sizes[awake])
    share, turns = np.linalg.eigh(white.T @ (both / max(pairs, 1)) @ white)
    kept = np.flatnonzero(share > LEAST_SHARE)[::-1]
    reading = (white @ turns[:, kept]).T
    return Habits(
        tuple(np.round(np.minimum(share[kept], 1), 4).tolist()),
        tuple(map(tuple, np.round(reading, 4).tolist())),
        tuple(map(tuple, np.round(reading @ total, 4).tolist())),
    )


def in_order_of_writers(training: NDArray[Any]) -> NDArray[Any]:
    """Those of MNIST's training digits, or of their labels, that stand in the order of their
    writers: every second one.

    MNIST names no writers; that the order holds them was measured. Stroke thickness of the first
    10,000 correlates by 0.60 from one of these digits to the next, and by 0.00 among the others.
    """
    return training[1::2]


def pen_digits(count: int, seed: int) -> Floats:
    """So many digits by pens of our own, (count, 28, 28) in [0, 1]."""
    drawn = synthetic_digits.draw(torch.arange(count) % 10, torch.Generator().manual_seed(seed))
    return drawn.numpy().reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def normalized(drawings: Sequence[NDArray[Any]] | NDArray[Any]) -> Floats:
    """Drawings as the networks see them, (m, 28, 28), without those that hold nothing."""
    kept = []
    for drawing in drawings:
        with contextlib.suppress(EmptyDrawing):
            kept.append(normalize(np.asarray(drawing).round().astype(np.uint8)))
    return np.stack(kept) if kept else np.empty((0, IMAGE_SIZE, IMAGE_SIZE), np.float32)


def temperature(logits: Floats, labels: NDArray[np.integer]) -> float:
    """What to divide logits (n, 10) by, so that their softmax makes the labels likeliest (Guo et
    al. 2017); found within 0.1-10 to a thousandth by golden section in its logarithm."""

    def cost(log_temperature: float) -> float:
        cooled = logits.astype(np.float64) / np.exp(log_temperature)
        return float((logsumexp(cooled) - cooled[np.arange(len(labels)), labels]).mean())

    low, high = np.log(0.1), np.log(10.0)
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-3:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if cost(left) < cost(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _logistic(negative: Nats, positive: list[Nats]) -> Nats:
    """Weights (terms,) of a logistic regression that tells digits from the kinds of drawings, all
    kinds counting alike and together as much as the digits; by Newton's method, ridge-penalised.
    Its intercept is left out: the limit takes its place."""
    x = np.concatenate([negative, *positive])
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    y = np.concatenate([np.zeros(len(negative)), np.ones(len(x) - len(negative))])
    share = np.concatenate(
        [np.full(len(negative), 1 / len(negative))]
        + [np.full(len(part), 1 / len(part) / len(positive)) for part in positive]
    )
    ridge = np.full(x.shape[1], 2 * PENALTY)
    ridge[-1] = 1e-9
    weights = np.zeros(x.shape[1])
    for _ in range(_NEWTON_STEPS):
        odds = sigmoid(x @ weights)
        gradient = x.T @ (share * (odds - y)) + ridge * weights
        curvature = (x * (share * odds * (1 - odds))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(weights)), gradient)
        weights -= step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return weights[:-1]
