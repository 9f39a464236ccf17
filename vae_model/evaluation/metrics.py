"""The figures that a model is judged by; `evaluate` measures them all, on the CPU.

Which digit dims the networks get changes what a figure means: the true one-hot asks how good the
model is of what it was shown, the classifier's own probabilities ("image alone") what the app does
with a drawing. The encoder of a model without `encoder_sees_digit` ignores them.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vae_model.data import image_measures
from vae_model.data.augment import EVALUATION, augment
from vae_model.data.mnist import DigitData, Digits
from vae_model.engine.style_names import standardized
from vae_model.evaluation.copying import copying_figures
from vae_model.evaluation.figures import Figures, prior_styles, resting_on
from vae_model.evaluation.judge import Judge
from vae_model.evaluation.probes import accuracy, leak_figures
from vae_model.model.config import DIGITS, IMAGE_SIZE
from vae_model.model.losses import bernoulli_nll
from vae_model.model.networks import ConditionalVAE, count_parameters, one_hot
from vae_model.model.streams import stream

CALIBRATION_BINS = 15
ACTIVE_VARIANCE = 0.01


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
    progress: Callable[[int, int, str], None] = lambda step, steps, doing: None,
    sizes: Sizes = FULL,
    temperature: float = 1.0,
    learned: Digits | None = None,
) -> Figures:
    """All figures of a model as plain JSON, with the number of images that each rests on under
    `samples`. `temperature` is the calibration's: confidence is measured as it is stated. Copies
    are looked for among the digits that it learned from: the data's where no others are given.

    The same model, data, judge, seed and thread count give the same figures, to rounding. The seed
    moves what is drawn (styles, the probes' initialisation), never the images tested on. Raises
    ValueError where a figure is not finite: the model has diverged.
    """
    test, train = data.test, data.train if learned is None else learned
    transferred = test.part(0, sizes.transferred)
    steps: list[tuple[str, Callable[[], Figures]]] = [
        ("reading digits", lambda: reading_figures(model, test, temperature)),
        ("rebuilding images", lambda: bound_figures(model, test, seed)),
        ("writing digits", lambda: generation_figures(model, judge, sizes.generated, seed)),
        ("lending styles", lambda: transfer_figures(model, judge, transferred)),
        ("comparing with real digits", lambda: frechet_figures(model, judge, data, seed)),
        ("looking for copies", lambda: copying_figures(model, train, test, sizes.compared, seed)),
        ("probing styles", lambda: leak_figures(model, data, sizes.probed, seed)),
        ("comparing slant and thickness", lambda: consistency_figures(model, sizes.shared, seed)),
    ]
    figures: Figures = {}
    samples: Figures = {}
    for number, (text, step) in enumerate(steps, start=1):
        progress(number, len(steps), text)
        found = step()
        samples |= found.pop("samples")
        for name, value in found.items():
            try:
                json.dumps(value, allow_nan=False)
            except ValueError as error:
                raise ValueError(f"{name} is not finite: the model has diverged") from error
        figures |= found
    return figures | {
        "parameters": count_parameters(model),
        "decoder_parameters": count_parameters(model.decoder),
        "samples": samples,
        "data": data.name,
        "seed": seed,
    }


@torch.no_grad()
def reading_figures(model: ConditionalVAE, test: Digits, temperature: float = 1.0) -> Figures:
    """How well the classifier reads: `test_accuracy`, `augmented_accuracy` on test images moved,
    bent and thickened by the program that augments in training (always the same ones),
    `calibration_error` on the plain ones, and the `calibration_bins` which that error is made of.
    """
    moved = augment(test.images, EVALUATION, stream("augmented test images", 0))
    probs = (model.classifier(test.images) / temperature).softmax(dim=1)
    error, bins = calibration(probs, test.labels)
    figures = {
        "test_accuracy": accuracy(probs, test.labels),
        "augmented_accuracy": accuracy(model.classify(moved), test.labels),
        "calibration_error": error,
        "calibration_bins": bins,
    }
    return resting_on(len(test), figures)


def calibration(probs: Tensor, labels: Tensor) -> tuple[float, list[dict[str, float]]]:
    """Expected calibration error, 0-1, of probabilities (n, 10) for labels (n,): the mean gap
    between confidence and accuracy within equal bins of confidence, weighted by how many images
    fall into each (Naeini et al. 2015; Guo et al. 2017).

    And the bins that hold images, by rising confidence: mean `confidence`, `accuracy` and `count`.
    """
    confidence, read = probs.double().max(dim=1)
    bin_of = (confidence * CALIBRATION_BINS).ceil().long().clamp(1, CALIBRATION_BINS) - 1
    counts, sure, right = (
        bin_of.bincount(values, CALIBRATION_BINS)
        for values in (torch.ones_like(confidence), confidence, (read == labels).double())
    )
    error = float((sure - right).abs().sum() / counts.sum())
    bins = [
        {"confidence": total / count, "accuracy": hits / count, "count": int(count)}
        for count, total, hits in torch.stack([counts, sure, right], dim=1).tolist()
        if count
    ]
    return error, bins


@torch.no_grad()
def bound_figures(model: ConditionalVAE, test: Digits, seed: int) -> Figures:
    """How well the model explains test images, with the true one-hot in encoder and decoder.

    `nelbo_bernoulli` and `nelbo_binarised` in nats: −log Bernoulli(x | decoded image) + KL with
    one style sample per image, whatever the model's own likelihood, so that models compare. The
    first on grey pixels, of which a Bernoulli is no density; the second on pixels drawn as 0 or 1
    by their grey value (Salakhutdinov & Murray 2008; always the same draw), which the encoder sees
    as well: a bound on −log p(x|y). The rest is on grey pixels: `reconstruction_mse` per pixel from
    the mean style, `kl` and `kl_per_dim` in nats, `active_dims` by the variance of the posterior
    mean (Burda et al. 2015).
    """
    truth = one_hot(test.labels)
    binary = torch.bernoulli(test.images, generator=stream("binarised test images", 0))
    posterior = model.encode(test.images, truth)
    kl_per_dim = posterior.kl_per_dim().double().mean(dim=0)
    rebuilt = model.decode(posterior.mean, truth)
    figures = {
        "nelbo_bernoulli": bernoulli_nelbo(model, test.images, truth, seed),
        "nelbo_binarised": bernoulli_nelbo(model, binary, truth, seed),
        "reconstruction_mse": float((rebuilt - test.images).square().double().mean()),
        "kl": float(kl_per_dim.sum()),
        "kl_per_dim": kl_per_dim.tolist(),
        "active_dims": int((posterior.mean.var(dim=0) > ACTIVE_VARIANCE).sum()),
    }
    return resting_on(len(test), figures)


def bernoulli_nelbo(model: ConditionalVAE, images: Tensor, digit_probs: Tensor, seed: int) -> float:
    """−log Bernoulli(x | z, y) + KL(q(z|x, y) ‖ p(z)) in nats, averaged over images (n, 784) with
    digit dims (n, 10), one style sample each."""
    posterior = model.encode(images, digit_probs)
    z = posterior.sample(stream("styles of the bound", seed))
    nll = bernoulli_nll(model.decoder(z, digit_probs), images)
    return float((nll + posterior.kl_per_dim().sum(dim=1)).double().mean())


@torch.no_grad()
def generation_figures(model: ConditionalVAE, judge: Judge, count: int, seed: int) -> Figures:
    """Whether the judge reads the digit that was asked for, in `count` images from prior styles,
    as many of each digit: `generation_accuracy`, that of the worst digit, and the 10x10 counts
    asked x read as `generation_confusion`."""
    each = max(count // DIGITS, 1)
    asked = torch.arange(DIGITS).repeat_interleave(each)
    z = prior_styles(len(asked), model.config.z_dim, "generated images", seed)
    read = judge.classify(model.decode(z, one_hot(asked))).argmax(dim=1)
    confusion = torch.bincount(DIGITS * asked + read, minlength=DIGITS**2).reshape(DIGITS, DIGITS)
    right = confusion.diagonal().double() / each
    figures = {
        "generation_accuracy": float((read == asked).double().mean()),
        "generation_accuracy_worst_digit": float(right.min()),
        "generation_confusion": confusion.tolist(),
    }
    return resting_on(len(asked), figures, generation_accuracy_worst_digit=each)


@torch.no_grad()
def transfer_figures(model: ConditionalVAE, judge: Judge, digits: Digits) -> Figures:
    """`style_transfer_accuracy`: whether the judge reads the asked digit where the mean style of
    each image (by its true one-hot) is decoded as each of the ten digits."""
    styles = model.encode(digits.images, one_hot(digits.labels)).mean
    asked = torch.arange(DIGITS).repeat(len(styles))
    images = model.decode(styles.repeat_interleave(DIGITS, dim=0), one_hot(asked))
    right = accuracy(judge.classify(images), asked)
    return resting_on(len(asked), {"style_transfer_accuracy": right})


@torch.no_grad()
def frechet_figures(model: ConditionalVAE, judge: Judge, data: DigitData, seed: int) -> Figures:
    """`frechet_distance` on judge features between the test images and as many generated ones of
    the same digits from prior styles; and `frechet_real`, what as many training images get, to
    read it by: most of that is how few they are. Both shrink as the test set grows, and both are in
    squared units of the judge's features: compare them under one judge and one size only."""
    test, train = data.test, data.train
    z = prior_styles(len(test), model.config.z_dim, "images for the Fréchet distance", seed)
    generated = model.decode(z, one_hot(test.labels))
    chosen = torch.randperm(len(train), generator=stream("real images", 0))[: len(test)]
    real = judge.features(test.images)
    figures = {
        "frechet_distance": frechet_distance(judge.features(generated), real),
        "frechet_real": frechet_distance(judge.features(train.images[chosen]), real),
    }
    return resting_on(len(test), figures, frechet_real=len(chosen))


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
def consistency_figures(model: ConditionalVAE, styles: int, seed: int) -> Figures:
    """Whether a style means the same for every digit: `slant_consistency` and
    `thickness_consistency`, for that many prior styles decoded as each of the ten digits."""
    z = prior_styles(styles, model.config.z_dim, "shared styles", seed)
    written = [model.decode(z, one_hot(torch.full((styles,), digit))) for digit in range(DIGITS)]
    images = [part.reshape(-1, IMAGE_SIZE, IMAGE_SIZE).numpy() for part in written]
    figures = {
        "slant_consistency": mean_correlation(map(image_measures.slant, images)),
        "thickness_consistency": mean_correlation(map(image_measures.thickness, images)),
    }
    return resting_on(styles, figures)


def mean_correlation(rows: Iterable[image_measures.Floats]) -> float:
    """Mean Pearson correlation, −1 to 1, over all pairs of rows, (n,) each.

    A row that does not vary agrees with none: its correlations count as 0.
    """
    columns = standardized(np.stack([*rows]).T)
    correlations = columns.T @ columns / len(columns)
    return float(correlations[np.triu_indices(len(correlations), k=1)].mean())
