"""The training loop: batches in, epoch reports out.

A `Training` can be stopped between any two batches and saved; resumed from what was saved it goes
on bit for bit as if it had never stopped. Knows nothing of files, bars or pages.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_model import pen
from vae_model.augment import TRAINING, augment
from vae_model.config import DIGITS, PIXELS, ModelConfig, TrainConfig
from vae_model.data import DigitData, Digits
from vae_model.losses import (
    decorrelation,
    density_ratio_loss,
    recon_nll,
    slant_and_thickness,
)
from vae_model.networks import ConditionalVAE, mlp

EVALUATION_BATCH = 2000
RIVAL_WIDTH = 256
PARTS = ("recon_nll", "kl", "classification_loss", "accuracy")


class Diverged(Exception):
    """The loss is no longer a finite number; what was saved before is unharmed."""


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

    epoch: int
    """Counted from 1."""
    train: Losses
    """Averaged over the epoch's batches, while the weights changed."""
    test: Losses
    """Of the weights at the epoch's end."""
    kl_per_dim: list[float]
    """On test."""
    seconds: float
    """Of training alone, without the test set."""
    images_per_second: float
    style: np.ndarray
    """(z_dim,): one draw of the prior, another one each epoch as in the article."""
    digits: np.ndarray
    """(10, 784): that style decoded as each digit."""

    def figures(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON."""
        return {
            "epoch": self.epoch,
            "train": asdict(self.train),
            "test": asdict(self.test),
            "kl_per_dim": self.kl_per_dim,
            "seconds": self.seconds,
            "images_per_second": self.images_per_second,
        }


class Training:
    """A model being trained."""

    def __init__(self, model_config: ModelConfig, config: TrainConfig, data: DigitData) -> None:
        self.config = config
        self.data = data
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.model = ConditionalVAE(model_config)
            # Two rivals of the encoder, part of training alone: one tells posterior styles from
            # prior ones, given the digit; the other reads the digit out of a style.
            z_dim = model_config.z_dim
            self.discriminator = mlp((z_dim + DIGITS, RIVAL_WIDTH, RIVAL_WIDTH, 1), "relu")
            self.digit_reader = mlp((z_dim, RIVAL_WIDTH, RIVAL_WIDTH, DIGITS), "relu")
        self.generator = torch.Generator().manual_seed(config.seed)
        self.parameters: list[Tensor] = list(self.model.parameters())
        self.averages = [p.detach().clone() for p in self.parameters] if config.averaging else []
        self.optimizer = _optimizer(config, self.parameters)
        self.rival_optimizer = torch.optim.Adam(
            [*self.discriminator.parameters(), *self.digit_reader.parameters()],
            lr=1e-3,
            betas=(0.5, 0.99),
            fused=True,
        )
        self.epoch = 0
        """Whole epochs done."""
        self.batch = 0
        """Batches done of the current epoch."""
        self.batches = math.ceil(len(data.train) / config.batch_size)
        """Per epoch."""
        self._sums = torch.zeros(len(PARTS) + 1)
        self._seconds = 0.0

    def epochs(
        self,
        should_stop: Callable[[], bool] = lambda: False,
        on_batch: Callable[[], None] = lambda: None,
    ) -> Iterator[EpochReport]:
        """Train, yielding a report after each epoch, until the last one or until `should_stop`,
        which is asked between any two batches.

        Raises Diverged.
        """
        # Moments of rarely lit pixels decay into denormal numbers, which a CPU multiplies slowly.
        torch.set_flush_denormal(True)
        while self.epoch < self.config.epochs:
            order, pen_images, pen_labels = self._epoch_material()
            while self.batch < self.batches:
                if should_stop():
                    return
                start = time.perf_counter()
                self._train_batch(order, pen_images, pen_labels)
                self._seconds += time.perf_counter() - start
                on_batch()
            yield self._finish_epoch()

    def progress(self) -> float:
        """Share of the whole training that is done, 0-1."""
        return (self.epoch + self.batch / self.batches) / self.config.epochs

    def averaged_model(self) -> ConditionalVAE:
        """The model to report, save and use: the averaged weights where the config averages."""
        if not self.averages:
            return self.model
        model = ConditionalVAE(self.model.config)
        with torch.no_grad():
            for target, average in zip(model.parameters(), self.averages, strict=True):
                target.copy_(average)
        return model

    def state(self) -> dict[str, np.ndarray]:
        """All that `resume` needs beside the configurations and the data."""
        state = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for prefix, rival in self._rivals():
            state |= {f"{prefix}.{name}": tensor for name, tensor in rival.state_dict().items()}
        for index, average in enumerate(self.averages):
            state[f"average.{index}"] = average
        for prefix, optimizer in self._optimizers():
            for index, moments in optimizer.state_dict()["state"].items():
                for name, tensor in moments.items():
                    if tensor is not None:
                        state[f"{prefix}.{index}.{name}"] = tensor
        state["generator"] = self.generator.get_state()
        state["sums"] = self._sums
        state["position"] = torch.tensor([self.epoch, self.batch])
        state["seconds"] = torch.tensor(self._seconds, dtype=torch.float64)
        return {name: tensor.numpy(force=True).copy() for name, tensor in state.items()}

    @classmethod
    def resume(
        cls,
        model_config: ModelConfig,
        config: TrainConfig,
        data: DigitData,
        state: dict[str, np.ndarray],
    ) -> Self:
        """A training that goes on where `state()` was taken.

        Raises ValueError where the state does not belong to these configurations.
        """
        training = cls(model_config, config, data)
        try:
            training._restore({name: torch.tensor(array) for name, array in state.items()})
        except (KeyError, IndexError, ValueError, RuntimeError) as error:
            raise ValueError(f"this training state does not fit its configuration: {error}") from (
                error
            )
        return training

    def _restore(self, state: dict[str, Tensor]) -> None:
        self.model.load_state_dict(_under("model", state))
        for prefix, rival in self._rivals():
            rival.load_state_dict(_under(prefix, state))
        for index, average in enumerate(self.averages):
            average.copy_(state[f"average.{index}"])
        for prefix, optimizer in self._optimizers():
            moments: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _under(prefix, state).items():
                index_text, _, moment = name.partition(".")
                moments.setdefault(int(index_text), {})[moment] = tensor
            optimizer.load_state_dict(
                {"state": moments, "param_groups": optimizer.state_dict()["param_groups"]}
            )
        self.generator.set_state(state["generator"])
        self._sums.copy_(state["sums"])
        self.epoch, self.batch = (int(value) for value in state["position"])
        self._seconds = float(state["seconds"])

    def _optimizers(self) -> list[tuple[str, torch.optim.Optimizer]]:
        return [
            ("optimizer", self.optimizer),
            ("rival_optimizer", self.rival_optimizer),
        ]

    def _rivals(self) -> list[tuple[str, nn.Module]]:
        return [("discriminator", self.discriminator), ("digit_reader", self.digit_reader)]

    def _epoch_material(self) -> tuple[Tensor, Tensor, Tensor]:
        """The order of this epoch's images, and its pen-drawn images with their labels: drawn
        from seed and epoch alone, so that a training resumed in mid-epoch finds the same."""
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(self.data.train), generator=generator)
        count = self.batches * round(self.config.batch_size * self.config.pen_fraction)
        labels = torch.randint(DIGITS, (count,), generator=generator)
        images = pen.draw(labels, generator) if count else torch.empty(0, PIXELS)
        return order, images, labels

    def _train_batch(self, order: Tensor, pen_images: Tensor, pen_labels: Tensor) -> None:
        config, start = self.config, self.batch * self.config.batch_size
        rows = order[start : start + config.batch_size]
        x, labels = self.data.train.images[rows], self.data.train.labels[rows]
        pens = slice(
            self.batch * len(pen_labels) // self.batches,
            (self.batch + 1) * len(pen_labels) // self.batches,
        )
        loss, parts = self._loss(x, labels, pen_images[pens], pen_labels[pens])
        if not math.isfinite(loss.item()):
            raise Diverged(
                f"the loss is {loss.item()} in epoch {self.epoch + 1}, batch {self.batch + 1}: "
                "training went astray. A lower learning rate usually mends this."
            )
        self.optimizer.zero_grad()
        loss.backward()
        rate = learning_rate(config, self.epoch + self.batch / self.batches)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        if self.averages:
            # Shorter memory at first, or the average would hold on to the untrained weights.
            step = self.epoch * self.batches + self.batch
            decay = min(config.averaging, (1 + step) / (10 + step))
            torch._foreach_lerp_(self.averages, self.parameters, 1 - decay)
        self._sums[:-1] += parts * len(x)
        self._sums[-1] += len(x)
        self.batch += 1

    def _loss(
        self, x: Tensor, labels: Tensor, pen_images: Tensor, pen_labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The loss of a batch, and its PARTS for the report."""
        config, model = self.config, self.model
        progress = self.epoch + self.batch / self.batches
        true_digit = F.one_hot(labels, DIGITS).float()

        seen, seen_labels = x, labels
        if config.augment:
            plain = torch.cat([x.repeat(config.views, 1), pen_images])
            seen = augment(plain, TRAINING, self.generator)
            seen_labels = torch.cat([labels.repeat(config.views), pen_labels])
        digit_logits = model.classifier(seen)
        classification = F.cross_entropy(
            digit_logits, seen_labels, label_smoothing=config.label_smoothing
        )

        posterior = model.encoder(x, true_digit)
        z = posterior.sample(self.generator)
        digit_probs = true_digit
        if config.decoder_condition == "softmax":
            plain_logits = model.classifier(x) if config.augment else digit_logits
            digit_probs = plain_logits.softmax(dim=1)
        reconstruction = recon_nll(model.config, model.decoder(z, digit_probs), x).mean()
        kl = posterior.kl_per_dim().sum(dim=1).mean()

        loss = reconstruction + beta(config, progress) * kl
        loss = loss + config.classification_weight * classification
        ramp = min(max(progress - config.penalty_start_epoch, 0.0), 1.0)
        if config.independence_weight or config.secrecy_weight:
            self._train_rivals(z.detach(), labels, true_digit)
        if config.independence_weight:
            with _frozen(self.discriminator):
                # Estimates log q(z|y) − log p(z): 0 once each digit's styles are spread like the
                # prior, so that z holds no digit.
                log_ratio = self.discriminator(torch.cat([z, true_digit], dim=1)).mean()
            loss = loss + config.independence_weight * ramp * log_ratio
        if config.secrecy_weight:
            with _frozen(self.digit_reader):
                # A lower bound of the mutual information of style and digit, in nats (Barber &
                # Agakov 2003). No reward below 0: it would teach z to mislead, which informs too.
                information = math.log(DIGITS) - F.cross_entropy(self.digit_reader(z), labels)
            loss = loss + config.secrecy_weight * ramp * information.clamp(min=0)
        if config.legibility_weight and ramp:
            loss = loss + config.legibility_weight * ramp * self._legibility_penalty(z.detach())
        if config.constancy_weight and ramp:
            loss = loss + config.constancy_weight * ramp * self._constancy_penalty(len(x))
        with torch.no_grad():
            accuracy = (digit_logits.argmax(dim=1) == seen_labels).float().mean()
            parts = torch.stack([reconstruction, kl, classification, accuracy])
        return loss, parts

    def _train_rivals(self, z: Tensor, labels: Tensor, true_digit: Tensor) -> None:
        """One step of the discriminator and of the digit reader on this batch's styles."""
        prior = torch.empty_like(z).normal_(generator=self.generator)
        loss = density_ratio_loss(
            self.discriminator(torch.cat([z, true_digit], dim=1)),
            self.discriminator(torch.cat([prior, true_digit], dim=1)),
        )
        loss = loss + F.cross_entropy(self.digit_reader(z), labels)
        self.rival_optimizer.zero_grad()
        loss.backward()
        self.rival_optimizer.step()

    def _legibility_penalty(self, z: Tensor) -> Tensor:
        """Cross-entropy of the classifier, which does not learn from it, on random digits decoded
        in random styles: half from the prior, half from this batch's posteriors."""
        styles = z.clone()
        half = len(z) // 2
        styles[:half].normal_(generator=self.generator)
        asked = torch.randint(DIGITS, (len(z),), generator=self.generator)
        images = self.model.decode(styles, F.one_hot(asked, DIGITS).float())
        with _frozen(self.model.classifier):
            return F.cross_entropy(self.model.classifier(images), asked)

    def _constancy_penalty(self, count: int) -> Tensor:
        """How differently two random digits slant, and differ in thickness, when the same random
        styles are decoded as both."""
        one, other = torch.randperm(DIGITS, generator=self.generator)[:2].tolist()
        styles = torch.empty(max(2, count // 2), self.model.config.z_dim)
        styles.normal_(generator=self.generator)
        asked = torch.tensor([one, other]).repeat_interleave(len(styles))
        images = self.model.decode(styles.repeat(2, 1), F.one_hot(asked, DIGITS).float())
        first, second = slant_and_thickness(images).chunk(2, dim=1)
        return decorrelation(first, second).sum()

    def _finish_epoch(self) -> EpochReport:
        self.epoch, self.batch = self.epoch + 1, 0
        recon, kl, classification, accuracy = (self._sums[:-1] / self._sums[-1]).tolist()
        trained_beta = beta(self.config, self.epoch - 0.5)
        train = Losses(recon + trained_beta * kl, recon, kl, classification, accuracy)
        model = self.averaged_model()
        test, kl_per_dim = measure(model, self.config, self.data.test)
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.epoch)
        style = torch.randn(1, model.config.z_dim, generator=generator)
        with torch.no_grad():
            digits = model.decode(style.expand(DIGITS, -1), torch.eye(DIGITS))
        report = EpochReport(
            epoch=self.epoch,
            train=train,
            test=test,
            kl_per_dim=kl_per_dim,
            seconds=self._seconds,
            images_per_second=len(self.data.train) / self._seconds,
            style=style[0].numpy(),
            digits=digits.numpy(),
        )
        self._sums.zero_()
        self._seconds = 0.0
        return report


def measure(
    model: ConditionalVAE, config: TrainConfig, digits: Digits
) -> tuple[Losses, list[float]]:
    """The losses of a model on digits, and the KL of each style dim in nats.

    The decoder is conditioned as in training; z is one sample by a fixed seed.
    """
    generator = torch.Generator().manual_seed(0)
    sums = torch.zeros(len(PARTS))
    kl_per_dim = torch.zeros(model.config.z_dim)
    with torch.inference_mode():
        for start in range(0, len(digits), EVALUATION_BATCH):
            batch = digits.part(start, start + EVALUATION_BATCH)
            x, labels = batch.images, batch.labels
            true_digit = F.one_hot(labels, DIGITS).float()
            logits = model.classifier(x)
            posterior = model.encoder(x, true_digit)
            condition = (
                logits.softmax(dim=1) if config.decoder_condition == "softmax" else true_digit
            )
            image_logits = model.decoder(posterior.sample(generator), condition)
            kl = posterior.kl_per_dim()
            kl_per_dim += kl.sum(dim=0)
            sums += torch.stack(
                [
                    recon_nll(model.config, image_logits, x).sum(),
                    kl.sum(),
                    F.cross_entropy(logits, labels, reduction="sum"),
                    (logits.argmax(dim=1) == labels).sum(),
                ]
            )
    recon, total_kl, classification, accuracy = (sums / len(digits)).tolist()
    losses = Losses(recon + config.beta * total_kl, recon, total_kl, classification, accuracy)
    return losses, (kl_per_dim / len(digits)).tolist()


def beta(config: TrainConfig, progress: float) -> float:
    """β after `progress` epochs."""
    if progress >= config.beta_epochs:
        return config.beta
    return config.beta_start + (config.beta - config.beta_start) * progress / config.beta_epochs


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The learning rate after `progress` epochs."""
    rate = config.learning_rate
    if progress < config.warmup_epochs:
        # Half a thousandth of an epoch ahead, so that the first batch moves the weights too.
        return rate * min(1.0, (progress + 5e-4) / config.warmup_epochs)
    if config.schedule == "constant":
        return rate
    length = max(config.epochs - config.warmup_epochs, 1e-9)
    falling = 0.5 * (1 + math.cos(math.pi * (progress - config.warmup_epochs) / length))
    return rate * (config.final_rate_fraction + (1 - config.final_rate_fraction) * falling)


def _optimizer(config: TrainConfig, parameters: list[Tensor]) -> torch.optim.Optimizer:
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=config.learning_rate, fused=True)
    return torch.optim.SGD(
        parameters, lr=config.learning_rate, momentum=config.momentum, fused=True
    )


class _frozen:
    """Within the block, gradients pass through the network but not into its weights."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def __enter__(self) -> None:
        self.network.requires_grad_(False)

    def __exit__(self, *_: object) -> None:
        self.network.requires_grad_(True)


def _under(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "."
    return {
        name.removeprefix(start): tensor for name, tensor in state.items() if name.startswith(start)
    }
