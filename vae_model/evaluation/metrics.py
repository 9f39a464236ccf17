"""Every figure a model is judged by.

Each function measures one thing and can be called alone; `evaluate` calls them all. Which digit
dims the encoder and decoder get is said at each figure, because it changes what the figure means:
"true one-hot" asks how good the model is of what it was shown, "image alone" (the classifier's
own probabilities) what the app does with a drawing. The encoder of a model without
`encoder_sees_digit` ignores them.

Everything runs on the CPU.
"""

import base64
import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vae_model.data import image_measures
from vae_model.data.augment import EVALUATION, augment
from vae_model.data.mnist import DigitData, Digits
from vae_model.evaluation.judge import Judge
from vae_model.evaluation.nearest import nearest
from vae_model.evaluation.probes import accuracy, linear_probe, mlp_probe
from vae_model.model.config import DIGITS, IMAGE_SIZE
from vae_model.model.losses import bernoulli_nll
from vae_model.model.networks import ConditionalVAE, Posterior, count_parameters

CALIBRATION_BINS = 15
ACTIVE_VARIANCE = 0.01
NEAREST_QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)

Figures = dict[str, Any]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """How much each figure rests on, at most; the data may hold less."""

    generated: int = 10_000
    """Images from prior styles that the judge reads, a tenth of them of each digit."""
    transferred: int = 1000
    """Test images whose style is decoded as each of the ten digits."""
    shared: int = 1000
    """Prior styles decoded as each of the ten digits, for slant and thickness."""
    probed: int = 60_000
    """Training images whose styles the probes learn from."""
    compared: int = 1000
    """Test images, and as many generated ones, whose nearest training image is looked for."""


FULL = Sizes()


def evaluate(
    model: ConditionalVAE,
    data: DigitData,
    judge: Judge,
    seed: int = 0,
    progress: Progress | None = None,
    sizes: Sizes = FULL,
    temperature: float = 1.0,
) -> Figures:
    """All figures of a model as plain JSON numbers, with the number of images that each rests on
    under `samples`. `temperature` is the calibration's: confidence is measured as it is stated.

    The same model, data, judge, seed and thread count give the same figures. The seed moves
    what is drawn (styles, the probes' initialisation), never the images tested on. Raises
    ValueError where a figure is not finite: the model has diverged.
    """
    test = data.test
    transferred = test.part(0, sizes.transferred)
    steps: list[tuple[str, Callable[[], Figures]]] = [
        ("reading digits", lambda: reading_figures(model, test, temperature)),
        ("rebuilding images", lambda: bound_figures(model, test, seed)),
        ("writing digits", lambda: generation_figures(model, judge, sizes.generated, seed)),
        ("lending styles", lambda: transfer_figures(model, judge, transferred)),
        ("comparing with real digits", lambda: frechet_figures(model, judge, data, seed)),
        ("looking for copies", lambda: copying_figures(model, data, sizes.compared, seed)),
        ("probing styles", lambda: leak_figures(model, data, sizes.probed, seed)),
        ("comparing slant and thickness", lambda: consistency_figures(model, sizes.shared, seed)),
    ]
    figures: Figures = {}
    samples: Figures = {}
    for number, (text, step) in enumerate(steps, start=1):
        if progress:
            progress(f"evaluate {number}/{len(steps)}: {text}")
        part = step()
        samples |= part.pop("samples")
        _check_finite(part)
        figures |= part
    figures["parameters"] = count_parameters(model)
    figures["decoder_parameters"] = count_parameters(model.decoder)
    return figures | {"samples": samples, "data": data.name, "seed": seed}


@torch.no_grad()
def reading_figures(model: ConditionalVAE, test: Digits, temperature: float = 1.0) -> Figures:
    """How well the classifier reads: `test_accuracy`, `augmented_accuracy` on moved, bent and
    thickened test images (always the same ones), `calibration_error` on the plain ones, and
    `calibration_bins`, which that error is made of."""
    moved = augment(test.images, EVALUATION, _stream("augmented test images", 0))
    logits: Tensor = model.classifier(test.images)
    probs = (logits / temperature).softmax(dim=1)
    return {
        "test_accuracy": accuracy(probs, test.labels),
        "augmented_accuracy": accuracy(model.classify(moved), test.labels),
        "calibration_error": calibration_error(probs, test.labels),
        "calibration_bins": calibration_bins(probs, test.labels),
        "samples": dict.fromkeys(
            ("test_accuracy", "augmented_accuracy", "calibration_error"), len(test)
        ),
    }


def calibration_error(probs: Tensor, labels: Tensor, bins: int = CALIBRATION_BINS) -> float:
    """Expected calibration error, 0-1, of probabilities (n, 10) for labels (n,): the mean gap
    between confidence and accuracy within equal bins of confidence, weighted by how many images
    fall into each (Naeini et al. 2015; Guo et al. 2017)."""
    counts, confidence, right = _calibration_sums(probs, labels, bins)
    return float((confidence - right).abs().sum() / counts.sum())


def calibration_bins(
    probs: Tensor, labels: Tensor, bins: int = CALIBRATION_BINS
) -> list[dict[str, float]]:
    """The bins of `calibration_error` that hold images, by rising confidence: mean `confidence`,
    `accuracy` (the share read rightly) and `count`."""
    sums = zip(*(part.tolist() for part in _calibration_sums(probs, labels, bins)), strict=True)
    return [
        {"confidence": confidence / count, "accuracy": right / count, "count": int(count)}
        for count, confidence, right in sums
        if count
    ]


def _calibration_sums(probs: Tensor, labels: Tensor, bins: int) -> tuple[Tensor, Tensor, Tensor]:
    """Within each bin, (bins,) float64: the images, their confidences added up, and those read
    rightly."""
    confidence, read = probs.double().max(dim=1)
    bin_of = (confidence * bins).ceil().long().clamp(1, bins) - 1

    def added(values: Tensor) -> Tensor:
        return torch.zeros(bins, dtype=torch.float64).index_add_(0, bin_of, values)

    right = (read == labels).double()
    return added(torch.ones_like(confidence)), added(confidence), added(right)


@torch.no_grad()
def bound_figures(model: ConditionalVAE, test: Digits, seed: int) -> Figures:
    """How well the model explains test images, with the true one-hot in encoder and decoder.

    `nelbo_bernoulli` and `nelbo_binarised` in nats: −log Bernoulli(x | decoded image) + KL with
    one style sample per image, whatever the model's own likelihood, so that models compare. The
    first on grey pixels; the second on pixels drawn as 0 or 1 by their grey value (Salakhutdinov
    & Murray 2008; always the same draw), which the encoder sees as well: a true bound. The rest
    is on grey pixels: `reconstruction_mse` per pixel from the mean style, `kl` and `kl_per_dim`
    in nats, `active_dims` by the variance of the posterior mean (Burda et al. 2015).
    """
    truth = one_hot(test.labels)
    binary = torch.bernoulli(test.images, generator=_stream("binarised test images", 0))
    posterior = model.encode(test.images, truth)
    kl_per_dim = posterior.kl_per_dim().double().mean(dim=0)
    rebuilt = model.decode(posterior.mean, truth)
    return {
        "nelbo_bernoulli": bernoulli_nelbo(model, test.images, truth, seed),
        "nelbo_binarised": bernoulli_nelbo(model, binary, truth, seed),
        "reconstruction_mse": float((rebuilt - test.images).square().double().mean()),
        "kl": float(kl_per_dim.sum()),
        "kl_per_dim": kl_per_dim.tolist(),
        "active_dims": int((posterior.mean.var(dim=0) > ACTIVE_VARIANCE).sum()),
        "samples": dict.fromkeys(
            ("nelbo_bernoulli", "nelbo_binarised", "reconstruction_mse", "kl", "active_dims"),
            len(test),
        ),
    }


@torch.no_grad()
def bernoulli_nelbo(
    model: ConditionalVAE, images: Tensor, digit_probs: Tensor, seed: int = 0
) -> float:
    """−log Bernoulli(x | z, y) + KL(q(z|x, y) ‖ p(z)) in nats, averaged over images (n, 784) with
    digit dims (n, 10), one style sample each."""
    posterior = model.encode(images, digit_probs)
    z = posterior.sample(_stream("styles of the bound", seed))
    nll = bernoulli_nll(model.decoder(z, digit_probs), images)
    return float((nll + posterior.kl_per_dim().sum(dim=1)).double().mean())


@torch.no_grad()
def generation_figures(model: ConditionalVAE, judge: Judge, count: int, seed: int) -> Figures:
    """Whether the judge reads the digit that was asked for, in `count` images from prior styles,
    as many of each digit: `generation_accuracy`, that of the worst digit, and the 10x10 counts
    asked x read as `generation_confusion`."""
    asked = torch.arange(DIGITS).repeat_interleave(max(count // DIGITS, 1))
    z = _prior_styles(model, len(asked), "generated images", seed)
    read = judge.classify(model.decode(z, one_hot(asked))).argmax(dim=1)
    confusion = torch.bincount(DIGITS * asked + read, minlength=DIGITS**2)
    confusion = confusion.reshape(DIGITS, DIGITS)
    per_digit = confusion.diagonal().double() / confusion.sum(dim=1)
    return {
        "generation_accuracy": float((read == asked).double().mean()),
        "generation_accuracy_worst_digit": float(per_digit.min()),
        "generation_confusion": confusion.tolist(),
        "samples": {
            "generation_accuracy": len(asked),
            "generation_accuracy_worst_digit": len(asked) // DIGITS,
        },
    }


@torch.no_grad()
def transfer_figures(model: ConditionalVAE, judge: Judge, digits: Digits) -> Figures:
    """`style_transfer_accuracy`: whether the judge reads the asked digit where the mean style of
    each image (by its true one-hot) is decoded as each of the ten digits."""
    styles = model.encode(digits.images, one_hot(digits.labels)).mean
    asked = torch.arange(DIGITS).repeat(len(styles))
    images = model.decode(styles.repeat_interleave(DIGITS, dim=0), one_hot(asked))
    return {
        "style_transfer_accuracy": accuracy(judge.classify(images), asked),
        "samples": {"style_transfer_accuracy": len(asked)},
    }


@torch.no_grad()
def frechet_figures(model: ConditionalVAE, judge: Judge, data: DigitData, seed: int) -> Figures:
    """`frechet_distance` on judge features between the test images and as many generated ones of
    the same digits from prior styles; and `frechet_real`, what as many training images get, to
    read it by: no model can be asked for less. Both shrink as the test set grows, and both are in
    squared units of the judge's features: compare them under one judge and one size only."""
    test, train = data.test, data.train
    z = _prior_styles(model, len(test), "images for the Fréchet distance", seed)
    generated = model.decode(z, one_hot(test.labels))
    chosen = torch.randperm(len(train), generator=_stream("real images", 0))[: len(test)]
    real = judge.features(test.images)
    return {
        "frechet_distance": frechet_distance(judge.features(generated), real),
        "frechet_real": frechet_distance(judge.features(train.images[chosen]), real),
        "samples": {"frechet_distance": len(test), "frechet_real": len(chosen)},
    }


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """Squared Fréchet distance between Gaussians fitted to two sets of features, (n, d) and
    (m, d): |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½) (Dowson & Landau 1982; for judging
    generated images Heusel et al. 2017).

    At least 0; in the squared units of the features. Raises ValueError for fewer than two rows.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError("a Fréchet distance needs at least two rows of features in each set")
    first, second = first.double(), second.double()
    covariance, other = first.T.cov(), second.T.cov()
    values, vectors = torch.linalg.eigh(covariance)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    # The trace of a symmetric square root is the sum of the roots of the eigenvalues.
    cross = torch.linalg.eigvalsh(root @ other @ root).clamp(min=0).sqrt().sum()
    shift = (first.mean(dim=0) - second.mean(dim=0)).square().sum()
    # Rounding may leave equal sets a hair below zero.
    return max(0.0, float(shift + covariance.trace() + other.trace() - 2 * cross))


@torch.no_grad()
def copying_figures(model: ConditionalVAE, data: DigitData, count: int, seed: int) -> Figures:
    """Whether what the model writes is copied from its training images, by the nearest of them.

    `nearest_distance` is the median over `count` images from prior styles. Two others to read it
    by: `nearest_distance_unseen` of as many test images of the same digits (as in Meehan et al.
    2020), and `nearest_distance_rewritten` of these once the model has redrawn them from their
    mean style, by their true one-hot. Those are as smooth as what the model writes, and smoothness
    alone brings an image nearer to all others. `nearest_quantiles` has more of all three.

    A copy is near to what it was copied from and to little else, however smooth it is. So
    `nearest_is_training` asks whether the nearest of all real images is one of the training set;
    where nothing is copied, that is as likely as `nearest_is_training_chance`, the training images'
    share of all. `nearest_pairs` holds the first generated image of each digit, as its style, and
    its nearest training image, as 784 bytes in base64.
    """
    train, test = data.train, data.test
    chosen = torch.randperm(len(test), generator=_stream("unseen images", 0))[:count]
    images, asked = test.images[chosen], test.labels[chosen]
    # Styles of so few decimals are the same in JSON.
    z = _prior_styles(model, len(asked), "images that may be copies", seed).round(decimals=4)
    truth = one_hot(asked)
    made = model.decode(z, truth)
    rewritten = model.decode(model.encode(images, truth).mean, truth)
    distances, places = nearest(made, train.images)
    quantiles = {
        name: part.quantile(torch.tensor(NEAREST_QUANTILES)).tolist()
        for name, part in (
            ("generated", distances),
            ("unseen", nearest(images, train.images)[0]),
            ("rewritten", nearest(rewritten, train.images)[0]),
        )
    }
    median = NEAREST_QUANTILES.index(0.5)
    scalars = {
        "nearest_distance": quantiles["generated"][median],
        "nearest_distance_unseen": quantiles["unseen"][median],
        "nearest_distance_rewritten": quantiles["rewritten"][median],
        "nearest_is_training": float((distances < nearest(made, test.images)[0]).double().mean()),
    }
    firsts = [int(place) for digit in range(DIGITS) for place in (asked == digit).nonzero()[:1]]
    pairs = [
        {
            "digit": int(asked[place]),
            "style": [round(value, 4) for value in z[place].tolist()],
            "label": int(train.labels[places[place]]),
            "distance": float(distances[place]),
            "image": _packed(train.images[places[place]]),
        }
        for place in firsts
    ]
    return scalars | {
        "nearest_is_training_chance": len(train) / (len(train) + len(test)),
        "nearest_quantiles": quantiles,
        "nearest_pairs": pairs,
        "samples": dict.fromkeys(scalars, len(asked)) | {"nearest_among": len(train)},
    }


def _packed(image: Tensor) -> str:
    """An image (784,) in [0, 1] as bytes in base64."""
    return base64.b64encode((image * 255).round().byte().numpy().tobytes()).decode()


def leak_figures(model: ConditionalVAE, data: DigitData, fit: int, seed: int) -> Figures:
    """How well a probe reads the digit from the style alone. Chance is the share of the commonest
    digit: 0.1 where all are as frequent, 0.114 on MNIST's test set.

    The styles are those of an image alone, the ones that the app and anybody else can get; with
    the true one-hot the question would be what the encoder does with the answer. Probes learn
    from up to `fit` training images and are scored on the whole test set.

    `digit_leak_linear` and `digit_leak_mlp` read posterior means, `digit_leak_sampled` one sample
    per image. A sample is what the decoder learns from, so the last is the fair figure: means are
    standardised for the probe, which then also reads dims that whisper far below their noise.
    """
    source, target = data.train.part(0, fit), data.test
    with torch.no_grad():
        learned, asked = model.encode(source.images), model.encode(target.images)
        sampled = asked.sample(_stream("probed styles", seed))
    means = Posterior(learned.mean, torch.zeros_like(learned.std))
    y, truth = source.labels, target.labels
    return {
        "digit_leak_linear": linear_probe(learned.mean, y, asked.mean, truth),
        "digit_leak_mlp": mlp_probe(means, y, asked.mean, truth, seed),
        "digit_leak_sampled": mlp_probe(learned, y, sampled, truth, seed),
        "samples": dict.fromkeys(
            ("digit_leak_linear", "digit_leak_mlp", "digit_leak_sampled"), len(target)
        )
        | {"digit_leak_fit": len(source)},
    }


@torch.no_grad()
def consistency_figures(model: ConditionalVAE, styles: int, seed: int) -> Figures:
    """Whether a style means the same for every digit: `slant_consistency` and
    `thickness_consistency`, for that many prior styles decoded as each of the ten digits."""
    z = _prior_styles(model, styles, "shared styles", seed)
    images = [
        model.decode(z, one_hot(torch.full((styles,), digit))).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
        for digit in range(DIGITS)
    ]
    slants = np.stack([image_measures.slant(part.numpy()) for part in images])
    widths = np.stack([image_measures.thickness(part.numpy()) for part in images])
    return {
        "slant_consistency": mean_correlation(slants),
        "thickness_consistency": mean_correlation(widths),
        "samples": dict.fromkeys(("slant_consistency", "thickness_consistency"), styles),
    }


def mean_correlation(rows: image_measures.Floats) -> float:
    """Mean Pearson correlation, −1 to 1, over all pairs of rows of (k, n).

    A row that does not vary agrees with none: its correlations count as 0.
    """
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    units = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 1e-9)
    pairs = np.triu_indices(len(rows), k=1)
    return float((units @ units.T)[pairs].mean())


def one_hot(digits: Tensor) -> Tensor:
    """Digits (n,) in 0-9 as digit dims (n, 10), float32."""
    return F.one_hot(digits, DIGITS).float()


def _prior_styles(model: ConditionalVAE, count: int, purpose: str, seed: int) -> Tensor:
    return torch.randn(count, model.config.z_dim, generator=_stream(purpose, seed))


def _stream(purpose: str, seed: int) -> torch.Generator:
    """Random numbers of their own for each purpose, so that no figure moves another."""
    digest = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7]))


def _check_finite(figures: Figures) -> None:
    for name, value in figures.items():
        if not all(map(math.isfinite, _numbers(value))):
            raise ValueError(f"{name} is not finite: the model has diverged")


def _numbers(value: Any) -> Iterator[float]:
    """Every number in plain JSON."""
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
