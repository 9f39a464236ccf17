"""One batch of a plain configuration (`config.is_plain`): its losses and gradients by formula.

Beside autograd's bookkeeping this saves most of the work of the first layers. Those of encoder and
classifier see the same image and form one table with a row per pixel, of which only the rows of
pixels that are not blank take part (`SparseMatrix`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_model.model.config import DIGITS, PIXELS, Activation, ModelConfig, TrainConfig
from vae_model.model.networks import ACTIVATIONS, ConditionalVAE
from vae_model.training.epoch_report import Losses


def pack(model: ConditionalVAE) -> list[Tensor]:
    """Move all weights of a model into two tensors, of which its parameters become views.

    The first is the table of the first layers: a row per input (784, or 794 where the encoder sees
    the digit), a column per unit of the encoder, then of the classifier. The classifier has no
    digit rows; theirs stay 0. The second holds the rest in one line and has a `grad`, of which
    those of the parameters are views; the table gets a new `grad` with each batch.
    """
    encoder, classifier = _linear(model.encoder.layers)[0], _linear(model.classifier.layers)[0]
    split = encoder.out_features
    table = encoder.weight.new_zeros(encoder.in_features, split + classifier.out_features)
    # The biases of these two layers come first in the line, side by side as their columns are.
    others: list[Tensor] = [encoder.bias, classifier.bias]
    apart = {id(p) for p in (encoder.weight, classifier.weight, *others)}
    others += [p for p in model.parameters() if id(p) not in apart]
    line = torch.cat([p.detach().flatten() for p in others])
    line.grad = torch.zeros_like(line)

    places = [table[:, :split].t(), table[:PIXELS, split:].t()]
    for weight, place in zip((encoder.weight, classifier.weight), places, strict=True):
        weight.data = place.copy_(weight.detach())
    sizes = [p.numel() for p in others]
    for p, place, gradient in zip(others, line.split(sizes), line.grad.split(sizes), strict=True):
        p.data, p.grad = place.view_as(p), gradient.view_as(p)
    return [table, line]


class PlainStep:
    """The losses and gradients of a packed model."""

    def __init__(
        self,
        model: ConditionalVAE,
        packed: Sequence[Tensor],
        config: TrainConfig,
        generator: torch.Generator,
    ) -> None:
        """`packed` is what `pack` made of the model; the generator gives the noise of z."""
        self._model_config, self._config, self._generator = model.config, config, generator
        self._table, line = packed
        assert line.grad is not None
        first = self._table.shape[1]
        self._first_bias, self._first_bias_gradient = line[:first], line.grad[:first]
        activation = model.config.activation
        self._encoder = _Layers(_linear(model.encoder.layers)[1:], activation)
        self._classifier = _Layers(_linear(model.classifier.layers)[1:], activation)
        self._decoder = _Layers(_linear(model.decoder.layers), activation)
        self._activate, self._derive = ACTIVATIONS[activation](), DERIVATIVES[activation]
        self._one_hots = torch.eye(DIGITS, dtype=line.dtype)
        # Large results are written in place batch after batch: fetching memory anew takes longer
        # than computing them.
        self._image, self._error = line.new_empty(2, config.batch_size, PIXELS)

    @torch.inference_mode()
    def __call__(self, x: Tensor, labels: Tensor, beta: float) -> tuple[float, Losses]:
        """The loss of images (n, 784) with labels (n,), at most a batch, and its parts. Puts the
        gradients in `grad` of the two packed tensors, which inference mode alone may change."""
        n, z_dim, split = len(x), self._model_config.z_dim, self._model_config.encoder_hidden[0]
        softmax = self._config.decoder_condition == "softmax"
        true_digit = self._one_hots.index_select(0, labels)

        sees_digit = self._model_config.encoder_sees_digit
        lit = SparseMatrix(torch.cat([x, true_digit], dim=1) if sees_digit else x)
        before = lit.times(self._table).add_(self._first_bias)
        after = self._activate(before)
        digit_logits = self._classifier.forward(after[:, split:])
        posterior = _Posterior.of(self._encoder.forward(after[:, :split]), self._model_config)
        noise = x.new_empty(n, z_dim).normal_(generator=self._generator)
        z = torch.addcmul(posterior.mean, posterior.std, noise)

        log_probs = digit_logits.log_softmax(dim=1)
        probs = log_probs.exp()
        target = true_digit
        if smoothing := self._config.label_smoothing:
            target = true_digit.mul(1 - smoothing).add_(smoothing / DIGITS)
        classification = -torch.dot(log_probs.view(-1), target.view(-1)).item() / n
        correct = np.count_nonzero(digit_logits.numpy().argmax(axis=1) == labels.numpy())

        style_and_digit = torch.cat([z, probs if softmax else true_digit], dim=1)
        image_logits = self._decoder.forward(style_and_digit, out=self._image[:n])
        recon_nll, gradient = self._reconstruction(image_logits, x)

        by_style_and_digit = self._decoder.backward(gradient)
        by_z, by_probs = by_style_and_digit[:, :z_dim], by_style_and_digit[:, z_dim:]
        by_digit_logits = (probs - target).mul_(self._config.classification_weight / n)
        if softmax:
            weighted = by_probs * probs
            total = weighted.sum(dim=1, keepdim=True)
            by_digit_logits += weighted.addcmul_(probs, total, value=-1)
        by_first = torch.empty_like(before)
        self._encoder.backward(posterior.gradient(by_z, noise, beta / n), out=by_first[:, :split])
        self._classifier.backward(by_digit_logits, out=by_first[:, split:])
        by_first = self._derive(by_first, before, after)
        torch.sum(by_first, dim=0, out=self._first_bias_gradient)
        table_gradient = lit.transposed_times(by_first)
        if sees_digit:
            table_gradient[PIXELS:, split:] = 0
        self._table.grad = table_gradient

        kl = posterior.kl() / n
        vae_loss = recon_nll + beta * kl
        losses = Losses(vae_loss, recon_nll, kl, classification, correct / n)
        return vae_loss + self._config.classification_weight * classification, losses

    def _reconstruction(self, logits: Tensor, x: Tensor) -> tuple[float, Tensor]:
        """The mean of `losses.recon_nll`, and its gradient by the logits, which it overwrites."""
        n, config = len(x), self._model_config
        if config.likelihood == "bernoulli":
            nll = F.binary_cross_entropy_with_logits(logits, x, reduction="sum").item() / n
            return nll, logits.sigmoid_().sub_(x).div_(n)
        image, precision = logits.sigmoid_(), 1 / config.likelihood_std**2
        error = torch.sub(image, x, out=self._error[:n])
        squares = torch.dot(error.view(-1), error.view(-1)).item() / n
        constant = PIXELS * (math.log(config.likelihood_std) + 0.5 * math.log(2 * math.pi))
        aten.sigmoid_backward.grad_input(error, image, grad_input=error)
        return 0.5 * precision * squares + constant, error.mul_(precision / n)


@dataclass(frozen=True)
class _Posterior:
    """q(z|x) of a batch, from the encoder's outputs; (n, z_dim) each."""

    mean: Tensor
    exp_log_variance: Tensor
    variance: Tensor
    std: Tensor

    @classmethod
    def of(cls, outputs: Tensor, config: ModelConfig) -> "_Posterior":
        mean, log_variance = outputs.chunk(2, dim=1)
        exp_log_variance = log_variance.exp()
        variance = exp_log_variance + config.min_variance
        return cls(mean, exp_log_variance, variance, variance.sqrt())

    def kl(self) -> float:
        """KL(q(z|x) ‖ N(0, I)), summed over the batch."""
        terms = torch.addcmul(self.variance, self.mean, self.mean).sub_(self.variance.log())
        return 0.5 * (terms.sum().item() - terms.numel())

    def gradient(self, by_z: Tensor, noise: Tensor, weight: float) -> Tensor:
        """By the encoder's outputs, of what z = mean + std · noise leads to, and weight · KL."""
        by_mean = torch.add(by_z, self.mean, alpha=weight)
        # d std / d variance = 1 / (2 std), d KL / d variance = (1 - 1 / variance) / 2.
        by_variance = (by_z * noise).div_(self.std).add_(weight)
        by_variance.sub_(self.variance.reciprocal(), alpha=weight).mul_(0.5)
        return torch.cat([by_mean, by_variance.mul_(self.exp_log_variance)], dim=1)


class _Layers:
    """Linear layers with the activation between them, and the gradients of their weights."""

    def __init__(self, layers: Sequence[nn.Linear], activation: Activation) -> None:
        self._weights = [(layer.weight.detach(), layer.bias.detach()) for layer in layers]
        self._gradients = [(layer.weight.grad, layer.bias.grad) for layer in layers]
        self._activate, self._derive = ACTIVATIONS[activation](), DERIVATIVES[activation]
        self._before: list[Tensor] = []
        self._inputs: list[Tensor] = []

    def forward(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        self._before, self._inputs = [], [x]
        *hidden, (last_weight, last_bias) = self._weights
        for weight, bias in hidden:
            before = torch.addmm(bias, self._inputs[-1], weight.t())
            self._before.append(before)
            self._inputs.append(self._activate(before))
        return torch.addmm(last_bias, self._inputs[-1], last_weight.t(), out=out)

    def backward(self, gradient: Tensor, out: Tensor | None = None) -> Tensor:
        """The gradient by what `forward` was last given; those of the weights are put in place."""
        for index in reversed(range(len(self._weights))):
            weight, _ = self._weights[index]
            by_weight, by_bias = self._gradients[index]
            torch.mm(gradient.t(), self._inputs[index], out=by_weight)
            torch.sum(gradient, dim=0, out=by_bias)
            gradient = torch.mm(gradient, weight, out=None if index else out)
            if index:
                gradient = self._derive(gradient, self._before[index - 1], self._inputs[index])
        return gradient


def _linear(layers: nn.Sequential) -> list[nn.Linear]:
    return [layer for layer in layers if isinstance(layer, nn.Linear)]


aten = torch.ops.aten

DERIVATIVES: dict[Activation, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "sigmoid": lambda gradient, _, after: aten.sigmoid_backward(gradient, after),
    "tanh": lambda gradient, _, after: aten.tanh_backward(gradient, after),
    "relu": lambda gradient, _, after: aten.threshold_backward(gradient, after, 0),
    "silu": lambda gradient, before, _: aten.silu_backward(gradient, before),
    "gelu": lambda gradient, before, _: aten.gelu_backward(gradient, before, approximate="tanh"),
}
"""Of each activation: the gradient before it, by the gradient after it and its values before and
after."""


class SparseMatrix:
    """The entries of a matrix (n, m) on the CPU that are not 0, row by row: for products with a
    batch of images, of whose pixels four in five are blank. m < 2¹⁶. Nothing is approximated."""

    def __init__(self, matrix: Tensor) -> None:
        dense = matrix.numpy()
        self._width = dense.shape[1]
        flat = np.flatnonzero(dense != 0)
        # numpy has a fast whole division, but no fast remainder.
        self._rows = flat // self._width
        self._columns = flat - self._rows * self._width
        self._values = dense.reshape(-1).take(flat)
        self._starts = np.searchsorted(flat, np.arange(0, dense.size, self._width))

    def times(self, table: Tensor) -> Tensor:
        """matrix @ table, (n, k), of a table (m, k)."""
        return _weighted_sums(table, self._columns, self._starts, self._values)

    def transposed_times(self, table: Tensor) -> Tensor:
        """matrix.T @ table, (m, k), of a table (n, k)."""
        # numpy sorts 16-bit numbers by radix, three times as fast as wider ones by comparison.
        order = np.argsort(self._columns.astype(np.uint16), kind="stable")
        counts = np.bincount(self._columns, minlength=self._width)
        starts = np.cumsum(counts) - counts
        return _weighted_sums(table, self._rows.take(order), starts, self._values.take(order))


def _weighted_sums(
    table: Tensor, rows: np.ndarray, starts: np.ndarray, weights: np.ndarray
) -> Tensor:
    """For each start up to the next: the sum of those rows of the table, times their weights."""
    at, bags, each = map(torch.from_numpy, (rows, starts, weights))
    return torch.embedding_bag(table, at, bags, mode=0, per_sample_weights=each)[0]  # 0: sum
