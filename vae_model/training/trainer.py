"""The training loop: batches in, epoch reports out.

A `Training` can be stopped between any two batches and saved; resumed from what was saved it goes
on bit for bit. Plain configurations take `PlainStep`, all others autograd.
"""

import copy
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_model.data import synthetic_digits
from vae_model.data.augment import TRAINING, augment
from vae_model.data.mnist import DigitData, Digits
from vae_model.model.config import DIGITS, ModelConfig, TrainConfig, is_plain
from vae_model.model.losses import recon_nll
from vae_model.model.networks import ConditionalVAE, one_hot
from vae_model.model.streams import stream
from vae_model.training import state as training_state
from vae_model.training.epoch_report import EpochReport, Losses, measure
from vae_model.training.memory import give_back
from vae_model.training.penalties import Penalties
from vae_model.training.plain_step import PlainStep, pack
from vae_model.training.practice import practice_digits, practice_loss
from vae_model.training.schedule import beta, learning_rate, restart_epoch


class Diverged(Exception):
    """Loss or state are no longer finite numbers; what was saved before is unharmed."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"{found}: training went astray. A new one with a lower learning rate usually does not."
        )


class Training:
    """A model being trained."""

    def __init__(self, model_config: ModelConfig, config: TrainConfig, data: DigitData) -> None:
        self.config = config
        self.data = data
        self.generator = stream("noise", config.seed)
        self.plain_step: PlainStep | None = None
        """Set where the configuration is plain; `penalties` where it is not."""
        self.penalties: Penalties | None = None
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(stream("weights", config.seed).get_state())
            self.model = ConditionalVAE(model_config)
            self.parameters = self._trained(self.model)
            if is_plain(config):
                self.plain_step = PlainStep(self.model, self.parameters, config, self.generator)
            else:
                self.penalties = Penalties(self.model, config, self.generator)
        self.averaged_model, self.averages = self.model, list[Tensor]()
        """The model to report, save and use: of averaged weights where the config averages."""
        if config.ema_decay:
            self.averaged_model = copy.deepcopy(self.model)
            self.averages = [p.detach() for p in self._trained(self.averaged_model)]
        self._networks = nn.ModuleDict({"model": self.model})
        self._begin_to_learn()
        self.epoch = 0  # whole ones done
        self.batch = 0  # done of the current epoch
        self.batches = math.ceil(len(data.train) / config.batch_size)  # of each epoch
        self._sums = np.zeros(training_state.SUMS)
        """Of this epoch's losses, each times its images, and of these images."""
        self._seconds = 0.0

    def epochs(
        self,
        should_stop: Callable[[], bool] = lambda: False,
        on_batch: Callable[[], None] = lambda: None,
    ) -> Iterator[EpochReport]:
        """Train, yielding a report after each epoch, until the last one or until `should_stop`,
        which is asked between any two batches. Raises Diverged."""
        # Moments of rarely lit pixels decay into denormal numbers, which a CPU multiplies slowly.
        torch.set_flush_denormal(True)
        while self.epoch < self.config.epochs:
            start = time.perf_counter()
            order, synthetic = self._epoch_material()
            self._seconds += time.perf_counter() - start
            while self.batch < self.batches:
                if should_stop():
                    return
                start = time.perf_counter()
                self._train_batch(order, synthetic)
                self._seconds += time.perf_counter() - start
                on_batch()
            yield self._finish_epoch()

    def state(self) -> dict[str, np.ndarray]:
        """All that `resume` needs beside the configurations and the data."""
        state: dict[str, Tensor] = dict(self._networks.state_dict())
        for index, average in enumerate(self.averages):
            state[f"average.{index}"] = average
        for prefix, optimizer in self._optimizers.items():
            for index, moments in optimizer.state_dict()["state"].items():
                for name, tensor in moments.items():
                    if tensor is not None:
                        state[f"{prefix}.{index}.{name}"] = tensor
        state["generator"] = self.generator.get_state()
        state["sums"] = torch.from_numpy(self._sums)
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
        """A training that goes on where `state()` was taken. Raises ValueError where that does not
        belong to these configurations."""
        training = cls(model_config, config, data)
        try:
            state = training_state.check(state, model_config, config, len(data.train))
            training._restore({name: torch.tensor(array) for name, array in state.items()})
        except (ValueError, RuntimeError) as error:
            what = "this training state does not fit its configuration"
            raise ValueError(f"{what}: {error}") from error
        return training

    def _restore(self, state: dict[str, Tensor]) -> None:
        self._networks.load_state_dict({name: state[name] for name in self._networks.state_dict()})
        for index, average in enumerate(self.averages):
            average.copy_(state[f"average.{index}"])
        for prefix, optimizer in self._optimizers.items():
            moments: defaultdict[int, dict[str, Tensor]] = defaultdict(dict)
            for name, tensor in state.items():
                if name.startswith(f"{prefix}."):
                    _, parameter, moment = name.split(".")
                    moments[int(parameter)][moment] = tensor
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.generator.set_state(state["generator"])
        self._sums[:] = state["sums"]
        self.epoch, self.batch = state["position"].tolist()
        self._seconds = float(state["seconds"])

    def _trained(self, model: ConditionalVAE) -> list[Tensor]:
        """The tensors that the optimiser moves, which hold all weights of the model."""
        return pack(model) if is_plain(self.config) else list(model.parameters())

    def _epoch_material(self) -> tuple[Tensor, Digits]:
        """The order of this epoch's images, and its synthetic digits: drawn from seed and epoch
        alone, so that a training resumed in mid-epoch finds the same."""
        order = torch.randperm(len(self.data.train), generator=self._epoch_stream("order"))
        each = round(self.config.batch_size * self.config.synthetic_fraction)
        count = 0 if self._classifier_rests() else self.batches * each
        generator = self._epoch_stream("synthetic digits")
        labels = torch.randint(DIGITS, (count,), generator=generator)
        return order, Digits(synthetic_digits.draw(labels, generator), labels)

    def _epoch_stream(self, purpose: str) -> torch.Generator:
        return stream(f"{purpose} of epoch {self.epoch}", self.config.seed)

    def _train_batch(self, order: Tensor, synthetic: Digits) -> None:
        config, start = self.config, self.batch * self.config.batch_size
        progress = self.epoch + self.batch / self.batches
        if progress and progress == restart_epoch(config):
            self._restart()
        rows = order[start : start + config.batch_size]
        x = self.data.train.images.index_select(0, rows)
        labels = self.data.train.labels.index_select(0, rows)
        if self.plain_step:
            loss, losses = self.plain_step(x, labels, beta(config, progress))
        else:
            each = len(synthetic) // self.batches
            extra = synthetic.part(self.batch * each, (self.batch + 1) * each)
            loss, losses = self._autograd_step(x, labels, extra, progress)
        _check_finite(f"in epoch {self.epoch + 1}, batch {self.batch + 1}", loss)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(config, progress)
        self.optimizer.step()
        if self.averages:
            # Shorter memory at first, or the average would hold on to the untrained weights.
            step = self.epoch * self.batches + self.batch
            decay = min(config.ema_decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self.averages, self.parameters, 1 - decay)
        self._sums += np.array([*vars(losses).values(), 1.0]) * len(x)
        self.batch += 1

    def _classifier_rests(self) -> bool:
        return 0 < restart_epoch(self.config) <= self.epoch

    def _begin_to_learn(self) -> None:
        """With the weights that there are, new optimisers and the adversaries as they are."""
        self.optimizer = _optimizer(self.config, self.parameters)
        self._optimizers = {"optimizer": self.optimizer}
        if self.penalties:
            self._networks.update(self.penalties.adversaries)
            self._optimizers["adversary_optimizer"] = self.penalties.optimizer

    def _restart(self) -> None:
        """Begin anew with all but the averaged weights."""
        for parameter, average in zip(self.parameters, self.averages, strict=False):
            parameter.data.copy_(average)
        self.generator.set_state(self._epoch_stream("noise").get_state())
        if self.penalties:
            with torch.random.fork_rng(devices=[]):
                torch.set_rng_state(self._epoch_stream("weights").get_state())
                self.penalties = Penalties(self.model, self.config, self.generator)
        self._begin_to_learn()

    def _autograd_step(
        self, x: Tensor, labels: Tensor, extra: Digits, progress: float
    ) -> tuple[float, Losses]:
        """The loss of a batch and its parts; puts the gradients in the parameters' `grad`."""
        assert self.penalties is not None
        config, model = self.config, self.model
        true_digit = one_hot(labels)

        seen, seen_labels = x, labels
        resting = self._classifier_rests()
        if config.augment and not resting:
            plain = torch.cat([x.repeat(config.views, 1), extra.images])
            seen = augment(plain, TRAINING, self.generator)
            seen_labels = torch.cat([labels.repeat(config.views), extra.labels])
        with torch.set_grad_enabled(not resting):
            digit_logits = model.classifier(seen)
        classification = F.cross_entropy(
            digit_logits, seen_labels, label_smoothing=config.label_smoothing
        )

        posterior = model.encoder(x, true_digit)
        z = posterior.sample(self.generator)
        digit_probs = true_digit
        if config.decoder_condition == "softmax":
            plain_logits = digit_logits if seen is x else model.classifier(x)
            digit_probs = plain_logits.softmax(dim=1)
        reconstruction = recon_nll(model.config, model.decoder(z, digit_probs), x).mean()
        kl = posterior.kl_per_dim().sum(dim=1).mean()

        vae_loss = reconstruction + beta(config, progress) * kl
        loss = vae_loss + config.classification_weight * classification
        batch, practised = Digits(x, labels), 0
        if config.practice_fraction and progress >= restart_epoch(config):
            more = practice_digits(model, batch, config.practice_fraction, self.generator)
            costs = practice_loss(model, more, beta(config, progress), self.generator)
            loss, practised = loss + costs.sum() / len(x), len(more)
        loss = loss + self.penalties(batch, z, progress, practised)
        with torch.no_grad():
            accuracy = (digit_logits.argmax(dim=1) == seen_labels).float().mean()
            parts = torch.stack([vae_loss, reconstruction, kl, classification, accuracy])
        self.optimizer.zero_grad()
        loss.backward()
        return loss.item(), Losses(*parts.tolist())

    def _finish_epoch(self) -> EpochReport:
        self.epoch, self.batch = self.epoch + 1, 0
        train = Losses(*(self._sums[:-1] / self._sums[-1]).tolist())
        model = self.averaged_model
        test, kl_per_dim = measure(model, self.config, self.data.test)
        # The epoch's last step comes after the loss of its batch.
        _check_finite(f"on test after epoch {self.epoch}", *vars(test).values(), *kl_per_dim)
        style = torch.randn(1, model.config.z_dim, generator=self._epoch_stream("style"))
        with torch.no_grad():
            digits = model.decode(style.expand(DIGITS, -1), torch.eye(DIGITS))
        report = EpochReport(
            epoch=self.epoch,
            train=train,
            test=test,
            kl_per_dim=kl_per_dim,
            seconds=self._seconds,
            images_per_second=len(self.data.train) / self._seconds,
            digits=digits.numpy(),
        )
        self._sums[:] = 0
        self._seconds = 0.0
        give_back()
        return report


def _check_finite(where: str, *losses: float) -> None:
    """Raises Diverged."""
    for loss in losses:
        if not math.isfinite(loss):
            raise Diverged(f"the loss is {loss} {where}")


def _optimizer(config: TrainConfig, parameters: list[Tensor]) -> torch.optim.Optimizer:
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=config.learning_rate, fused=True)
    return torch.optim.SGD(
        parameters, lr=config.learning_rate, momentum=config.momentum, fused=True
    )
