"""Probes: classifiers that read the digit out of the style, trained on the styles of some images
and scored on those of others.

A weak probe flatters a leaky model, so both run until nothing more is gained.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_model.data.mnist import DigitData
from vae_model.evaluation.figures import Figures, resting_on
from vae_model.model.config import DIGITS
from vae_model.model.networks import ConditionalVAE, Posterior, mlp
from vae_model.model.streams import stream

MLP_WIDTH = 128
MLP_STEPS = 6000
MLP_BATCH = 256
MLP_RATE = 4e-3
_RIDGE = 1e-5
"""Of the linear probe: enough that separable digits leave a finite optimum to converge to."""


def leak_figures(model: ConditionalVAE, data: DigitData, fit: int, seed: int) -> Figures:
    """How well a probe reads the digit from the style of an image alone, having learned from up to
    `fit` training images. Chance is the share of the commonest digit: 0.114 on MNIST's test set.

    `digit_leak_linear` and `digit_leak_mlp` read posterior means, `digit_leak_sampled` one sample
    per image. A sample is what the decoder learns from, so the last is the fair figure: means are
    standardised for the probe, which then also reads dims that move far less than their noise.
    """
    source, target = data.train.part(0, fit), data.test
    with torch.no_grad():
        learned, asked = model.encode(source.images), model.encode(target.images)
        sampled = asked.sample(stream("probed styles", seed))
    means = Posterior(learned.mean, torch.zeros_like(learned.std))
    y, truth = source.labels, target.labels
    figures = {
        "digit_leak_linear": linear_probe(learned.mean, y, asked.mean, truth),
        "digit_leak_mlp": mlp_probe(means, y, asked.mean, truth, seed),
        "digit_leak_sampled": mlp_probe(learned, y, sampled, truth, seed),
    }
    return resting_on(len(target), figures, digit_leak_fit=len(source))


def linear_probe(fit: Tensor, fit_digits: Tensor, score: Tensor, score_digits: Tensor) -> float:
    """Accuracy, 0-1, with which multinomial logistic regression on `fit` styles (n, z_dim) and
    their digits (n,) reads the digits of the `score` styles.

    The loss is convex and full-batch L-BFGS runs to its minimum, so there is nothing to tune.
    """
    centre, spread = _scale(Posterior(fit, torch.zeros_like(fit)))
    weight = torch.zeros(fit.shape[1], DIGITS, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(DIGITS, dtype=torch.float64, requires_grad=True)
    inputs = ((fit - centre) / spread).double()
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=300, tolerance_grad=1e-5, line_search_fn="strong_wolfe"
    )

    def closure() -> float:
        optimizer.zero_grad()
        loss = F.cross_entropy(inputs @ weight + bias, fit_digits)
        loss = loss + _RIDGE * weight.square().sum()
        loss.backward()
        return float(loss.detach())

    with torch.enable_grad():
        optimizer.step(closure)
    with torch.no_grad():
        return accuracy(((score - centre) / spread).double() @ weight + bias, score_digits)


def mlp_probe(
    fit: Posterior, fit_digits: Tensor, score: Tensor, score_digits: Tensor, seed: int
) -> float:
    """Accuracy, 0-1, with which a network of two hidden layers, trained on samples of the `fit`
    posteriors (n, z_dim) and their digits (n,), reads the digits of the `score` styles.

    Each use of a posterior is a fresh sample, so that the probe cannot learn the noise by heart.
    Style dims are standardised, so that small but telling ones count.
    """
    centre, spread = _scale(fit)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # the layers' initialisation takes no generator
        network = mlp((fit.mean.shape[1], MLP_WIDTH, MLP_WIDTH, DIGITS), "relu")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=MLP_RATE, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, MLP_STEPS)
    with torch.enable_grad():
        for _ in range(MLP_STEPS):
            rows = torch.randint(len(fit_digits), (MLP_BATCH,), generator=generator)
            styles = Posterior(fit.mean[rows], fit.std[rows]).sample(generator)
            loss = F.cross_entropy(network((styles - centre) / spread), fit_digits[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        return accuracy(network((score - centre) / spread), score_digits)


def accuracy(scores: Tensor, digits: Tensor) -> float:
    """The share of rows of (n, 10) scores whose largest is at the digit, 0-1."""
    return float((scores.argmax(dim=1) == digits).double().mean())


def _scale(styles: Posterior) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each style dim over all samples of all posteriors."""
    variance = styles.mean.var(dim=0) + styles.std.square().mean(dim=0)
    return styles.mean.mean(dim=0), variance.sqrt().clamp(min=1e-8)
