"""What is added to the loss so that the style holds no digit, the ten digits share one style, and
written digits look like real ones.

The networks here are adversaries of encoder and decoder, part of training alone.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_model.data.mnist import Digits
from vae_model.model.config import DIGITS, TrainConfig, adversary_widths
from vae_model.model.losses import decorrelation, density_ratio_loss, slant_and_thickness
from vae_model.model.networks import ConditionalVAE, frozen, mlp, one_hot
from vae_model.training.schedule import restart_epoch

R1_WEIGHT = 1.0
"""Of the price that the image discriminator pays for being steep."""


class Penalties:
    """The five penalties, and the adversaries that three of them need."""

    def __init__(
        self, model: ConditionalVAE, config: TrainConfig, generator: torch.Generator
    ) -> None:
        """The adversaries' first weights come from torch's global generator, the rest from this."""
        self._model, self._config, self._generator = model, config, generator
        widths = adversary_widths(model.config, config)
        self.adversaries = {name: mlp(of, "relu") for name, of in widths.items()}
        self.discriminator = self.adversaries["discriminator"]
        """Tells posterior styles from prior ones, given the digit."""
        self.digit_reader = self.adversaries["digit_reader"]
        """Reads the digit out of a style."""
        self.image_discriminator = self.adversaries.get("image_discriminator")
        """Tells real images from written ones, where its penalty has a weight."""
        parameters = nn.ModuleDict(self.adversaries).parameters()
        self.optimizer = torch.optim.Adam(parameters, lr=1e-3, betas=(0.5, 0.99), fused=True)

    def __call__(self, batch: Digits, z: Tensor, progress: float, practised: int = 0) -> Tensor:
        """The weighted sum of the penalties, a scalar, for a batch and its styles (n, z_dim) after
        `progress` epochs. The adversaries take a step of their own first.

        Where the encoder learns from `practised` digits beside these, what keeps the digit out of
        the style weighs as much more. Their own styles are not judged: those of written digits
        hold none, and would hide what the others hold.
        """
        config = self._config
        ramp = min(max(progress - config.penalty_start_epoch, 0.0), 1.0)
        beside_practice = ramp * (1 + practised / len(z))
        loss = z.new_zeros(())
        labels, true_digit = batch.labels, one_hot(batch.labels)
        if config.density_ratio_weight or config.adversarial_weight:
            self._train_style_adversaries(z.detach(), labels, true_digit)
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
        refines = self.image_discriminator and progress >= restart_epoch(config)
        if ramp and (config.recognition_weight or refines):
            written = self._write(z.detach())
            if config.recognition_weight:
                with frozen(self._model.classifier):
                    read = self._model.classifier(written.images)
                recognition = F.cross_entropy(read, written.labels)
                loss = loss + config.recognition_weight * ramp * recognition
            if refines:
                unlikeness = self._unlikeness(batch, written)
                loss = loss + config.image_discriminator_weight * ramp * unlikeness
        if config.style_consistency_weight and ramp:
            loss = loss + config.style_consistency_weight * ramp * self._style_consistency(len(z))
        return loss

    def _train_style_adversaries(self, z: Tensor, labels: Tensor, true_digit: Tensor) -> None:
        """One step of the discriminator and of the digit reader on this batch's styles."""
        prior = torch.empty_like(z).normal_(generator=self._generator)
        loss = density_ratio_loss(
            self.discriminator(torch.cat([z, true_digit], dim=1)),
            self.discriminator(torch.cat([prior, true_digit], dim=1)),
        )
        self._step(loss + F.cross_entropy(self.digit_reader(z), labels))

    def _step(self, loss: Tensor) -> None:
        """Of those adversaries on which the loss depends."""
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def _write(self, z: Tensor) -> Digits:
        """Random digits decoded in random styles: half from the prior, half of those of a batch."""
        styles = z.clone()
        half = len(z) // 2
        styles[:half].normal_(generator=self._generator)
        asked = torch.randint(DIGITS, (len(z),), generator=self._generator)
        return Digits(self._model.decode(styles, one_hot(asked)), asked)

    def _unlikeness(self, real: Digits, written: Digits) -> Tensor:
        """How sure the image discriminator is that written digits are not real ones (Goodfellow et
        al. 2014), after a step of its own. It sees the digit, and of an image what the classifier's
        hidden layers make of it (Sauer et al. 2021)."""
        discriminator = self.image_discriminator
        assert discriminator
        with frozen(self._model.classifier):
            seen = self._model.classifier.hidden(written.images)
            seen_real = self._model.classifier.hidden(real.images).requires_grad_()
        digit, real_digit = one_hot(written.labels), one_hot(real.labels)
        logits = discriminator(torch.cat([seen_real, real_digit], dim=1))
        # R1 (Mescheder et al. 2018): not steep where images are real.
        (slopes,) = torch.autograd.grad(logits.sum(), seen_real, create_graph=True)
        written_logits = discriminator(torch.cat([seen.detach(), digit], dim=1))
        self._step(
            density_ratio_loss(logits, written_logits)
            + R1_WEIGHT / 2 * slopes.square().sum(dim=1).mean()
        )
        with frozen(discriminator):
            return F.softplus(-discriminator(torch.cat([seen, digit], dim=1))).mean()

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
