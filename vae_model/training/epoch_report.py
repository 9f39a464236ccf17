"""What training tells after each epoch: losses in training and on the test set, and ten digits."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from vae_model.data.mnist import Digits
from vae_model.model.config import TrainConfig
from vae_model.model.losses import recon_nll
from vae_model.model.networks import ConditionalVAE, one_hot

EVALUATION_BATCH = 2000


@dataclass(frozen=True)
class Losses:
    """Averages over a set of images; nats per image."""

    vae_loss: float
    """recon_nll + β·kl, with the β of that moment in training and the final β on test."""
    recon_nll: float
    kl: float
    classification_loss: float
    accuracy: float
    """0-1; in training of the images as the classifier saw them (augmented or not)."""


@dataclass(frozen=True)
class EpochReport:
    """What one epoch gave."""

    epoch: int  # counted from 1
    train: Losses  # averaged over the epoch's batches, while the weights changed
    test: Losses  # of the weights at the epoch's end
    kl_per_dim: list[float]  # on test
    seconds: float  # of training alone
    images_per_second: float
    digits: np.ndarray  # (10, 784), of one random style, another each epoch as in the article

    def figures(self) -> dict[str, Any]:
        """Everything but the digits, for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "digits"}


def measure(
    model: ConditionalVAE, config: TrainConfig, digits: Digits
) -> tuple[Losses, list[float]]:
    """The losses of a model on digits, and the KL of each style dim in nats.

    The decoder is conditioned as in training; z is one sample by a fixed seed.
    """
    generator = torch.Generator().manual_seed(0)
    sums = torch.zeros(4)
    kl_per_dim = torch.zeros(model.config.z_dim)
    with torch.inference_mode():
        for start in range(0, len(digits), EVALUATION_BATCH):
            batch = digits.part(start, start + EVALUATION_BATCH)
            x, labels = batch.images, batch.labels
            true_digit = one_hot(labels)
            logits = model.classifier(x)
            posterior = model.encoder(x, true_digit)
            condition = (
                logits.softmax(dim=1) if config.decoder_condition == "softmax" else true_digit
            )
            image_logits = model.decoder(posterior.sample(generator), condition)
            kl = posterior.kl_per_dim()
            kl_per_dim += kl.sum(dim=0)
            nll = recon_nll(model.config, image_logits, x).sum()
            cross_entropy = F.cross_entropy(logits, labels, reduction="sum")
            right = (logits.argmax(dim=1) == labels).sum()
            sums += torch.stack([nll, kl.sum(), cross_entropy, right])
    recon, total_kl, classification, accuracy = (sums / len(digits)).tolist()
    losses = Losses(recon + config.beta * total_kl, recon, total_kl, classification, accuracy)
    return losses, (kl_per_dim / len(digits)).tolist()
