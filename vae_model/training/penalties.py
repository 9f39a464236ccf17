"""What is added to the loss so that the style holds no digit, and the ten digits share one style.

The two networks here are adversaries of the encoder, part of training alone.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_model.model.config import DIGITS, TrainConfig
from vae_model.model.losses import decorrelation, density_ratio_loss, slant_and_thickness
from vae_model.model.networks import ConditionalVAE, frozen, mlp, one_hot


class Penalties:
    """The four penalties, and the adversaries that two of them need."""

    def __init__(
        self, model: ConditionalVAE, config: TrainConfig, generator: torch.Generator
    ) -> None:
        """The adversaries' first weights come from torch's global generator, the rest from this."""
        self._model, self._config, self._generator = model, config, generator
        widths = model.config.adversary_widths
        self.discriminator = mlp(widths["discriminator"], "relu")
        """Tells posterior styles from prior ones, given the digit."""
        self.digit_reader = mlp(widths["digit_reader"], "relu")
        """Reads the digit out of a style."""
        self.optimizer = torch.optim.Adam(
            [*self.discriminator.parameters(), *self.digit_reader.parameters()],
            lr=1e-3,
            betas=(0.5, 0.99),
            fused=True,
        )

    def __call__(self, z: Tensor, labels: Tensor, progress: float, practised: int = 0) -> Tensor:
        """The weighted sum of the penalties, a scalar, for a batch's styles (n, z_dim) with labels
        (n,) after `progress` epochs. The adversaries take a step of their own first.

        Where the encoder learns from `practised` digits beside these, what keeps the digit out of
        the style weighs as much more. Their own styles are not judged: those of written digits
        hold none, and would hide what the others hold.
        """
        config = self._config
        ramp = min(max(progress - config.penalty_start_epoch, 0.0), 1.0)
        beside_practice = ramp * (1 + practised / len(z))
        loss = z.new_zeros(())
        true_digit = one_hot(labels)
        if config.density_ratio_weight or config.adversarial_weight:
            self._train_adversaries(z.detach(), labels, true_digit)
        if config.density_ratio_weight:
            with frozen(self.discriminator):
                # Estimates log q(z|y) − log p(z): 0 once each digit's styles are spread like the
                # prior, so that z holds no digit.
                log_ratio = self.discriminator(torch.cat([z, true_digit], dim=1)).mean()
            loss = loss + config.density_ratio_weight * beside_practice * log_ratio
        if config.adversarial_weight:
            with frozen(self.digit_reader):
                # A lower bound of the mutual information of style and digit, in nats (Barber &
                # Agakov 2003). No reward below 0: it would teach z to mislead, which informs too.
                information = math.log(DIGITS) - F.cross_entropy(self.digit_reader(z), labels)
            loss = loss + config.adversarial_weight * beside_practice * information.clamp(min=0)
        if config.recognition_weight and ramp:
            loss = loss + config.recognition_weight * ramp * self._recognition(z.detach())
        if config.style_consistency_weight and ramp:
            loss = loss + config.style_consistency_weight * ramp * self._style_consistency(len(z))
        return loss

    def _train_adversaries(self, z: Tensor, labels: Tensor, true_digit: Tensor) -> None:
        """One step of the discriminator and of the digit reader on this batch's styles."""
        prior = torch.empty_like(z).normal_(generator=self._generator)
        loss = density_ratio_loss(
            self.discriminator(torch.cat([z, true_digit], dim=1)),
            self.discriminator(torch.cat([prior, true_digit], dim=1)),
        )
        loss = loss + F.cross_entropy(self.digit_reader(z), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def _recognition(self, z: Tensor) -> Tensor:
        """Cross-entropy of the classifier, which does not learn from it, on random digits decoded
        in random styles: half from the prior, half from this batch's posteriors."""
        styles = z.clone()
        half = len(z) // 2
        styles[:half].normal_(generator=self._generator)
        asked = torch.randint(DIGITS, (len(z),), generator=self._generator)
        images = self._model.decode(styles, one_hot(asked))
        with frozen(self._model.classifier):
            return F.cross_entropy(self._model.classifier(images), asked)

    def _style_consistency(self, count: int) -> Tensor:
        """How differently two random digits slant, and differ in thickness, when the same random
        styles are decoded as both."""
        one, other = torch.randperm(DIGITS, generator=self._generator)[:2].tolist()
        styles = torch.empty(max(2, count // 2), self._model.config.z_dim)
        styles.normal_(generator=self._generator)
        asked = torch.tensor([one, other]).repeat_interleave(len(styles))
        images = self._model.decode(styles.repeat(2, 1), one_hot(asked))
        first, second = slant_and_thickness(images).chunk(2, dim=1)
        return decorrelation(first, second).sum()
