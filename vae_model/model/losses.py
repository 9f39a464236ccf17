"""The terms of the loss, in nats per image: summed over pixels or style dims, not yet averaged over
the batch. Logits and images are (n, 784)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_model.model.config import IMAGE_SIZE, ModelConfig


def recon_nll(config: ModelConfig, logits: Tensor, x: Tensor) -> Tensor:
    """−log p(x | z, y), (n,): of N(x | sigmoid(logits), std²), which is the article's, or of a
    Bernoulli."""
    if config.likelihood == "bernoulli":
        return bernoulli_nll(logits, x)
    std = config.likelihood_std
    squares = (logits.sigmoid() - x).square().sum(dim=1)
    constant = x.shape[1] * (math.log(std) + 0.5 * math.log(2 * math.pi))
    return squares * (0.5 / std**2) + constant


def bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """−log Bernoulli(x | sigmoid(logits)), (n,). For grey x this is the cross-entropy, which is no
    density but has its minimum at the same image."""
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


def density_ratio_loss(posterior_logits: Tensor, prior_logits: Tensor) -> Tensor:
    """Loss of the discriminator that tells posterior styles (logit high) from prior ones, a scalar.

    At its optimum the logit is log q(z, y) − log p(z) p(y) (Sugiyama et al. 2012; on latents:
    Mescheder et al. 2017). Both arguments are (n,) or (n, 1).
    """
    return F.softplus(-posterior_logits).mean() + F.softplus(prior_logits).mean()


def slant_and_thickness(images: Tensor) -> Tensor:
    """`image_measures.slant` and `thickness` of images (n, 784) that hold some ink, so that a
    gradient can pass: (2, n)."""
    x = images.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    line = torch.arange(IMAGE_SIZE, dtype=x.dtype)
    mass = x.sum(dim=(1, 2))
    rows, columns = x.sum(dim=2), x.sum(dim=1)
    middle_y, middle_x = rows @ line / mass, columns @ line / mass
    vertical = rows @ line.square() / mass - middle_y.square()
    mixed = (x @ line) @ line / mass - middle_x * middle_y
    padded = F.pad(x, (1, 1, 1, 1))
    falling = padded[:, 1:, 1:] - padded[:, :-1, :-1]
    rising = padded[:, 1:, :-1] - padded[:, :-1, 1:]
    # The small number keeps the gradient of the root finite on bare ground.
    outline = ((falling.square() + rising.square()) / 2 + 1e-8).sqrt().sum(dim=(1, 2))
    return torch.stack([-mixed / (vertical + 1e-6), 2 * mass / outline])


def decorrelation(first: Tensor, second: Tensor) -> Tensor:
    """1 − Pearson's correlation along the last axis, (m,), of two (m, n): 0 where they rise and
    fall together, 1 where they have nothing in common."""
    a, b = (F.normalize(v - v.mean(dim=-1, keepdim=True), dim=-1) for v in (first, second))
    return 1 - (a * b).sum(dim=-1)
