"""Every number of the model and of its training, as frozen dataclasses."""

# ruff: noqa: RUF009  (the calls in the dataclasses make fields)

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from vae_model.model.numbers import number

Activation = Literal["sigmoid", "tanh", "relu", "silu", "gelu"]
"""Each stands in torch (networks.py), as a derivative (plain_step.py), in NumPy (forward.py), in
JavaScript (network.js), and in words (texts.toml of Inside)."""

IMAGE_SIZE = 28
PIXELS = IMAGE_SIZE * IMAGE_SIZE
DIGITS = 10
DataName = Literal["mnist", "sample", "auto"]
TRAINING_IMAGES = {"mnist": 60_000, "sample": 10_000}
MAX_LAYERS = 4  # hidden layers of each network
MAX_EPOCHS = 10_000

Value = TypeVar("Value")


class ConfigError(ValueError):
    """A configuration value that cannot work; the message names the field and what it may be."""


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a number, or each in a tuple, may be."""

    low: float
    high: float

    def __str__(self) -> str:
        low, high = (f"{x:.0f}" if x == round(x) else f"{x:g}" for x in (self.low, self.high))
        return f"at least {low} and at most {high}"

    def allow(self, value: float) -> bool:
        return self.low <= value <= self.high


def _field(group: str, default: Value, help: str, *bounds: float) -> Value:
    """One of the hyperparameters shown together in a group; `help` is the line that people read."""
    metadata = {"group": group, "help": help, "bounds": Bounds(*bounds) if bounds else None}
    return dataclasses.field(default=default, metadata=metadata)


_network = partial(_field, "Networks")
_training = partial(_field, "Training")
_rate = partial(_field, "Learning rate")
_kl = partial(_field, "Weight of the KL")
_augmentation = partial(_field, "Augmentation")
_penalty = partial(_field, "Penalties")


def _check(config: "ModelConfig | TrainConfig") -> None:
    """Hold every field to its annotation and its bounds.

    Whole numbers pass for floats and lists for tuples, since that is what JSON makes of them.
    Raises ConfigError.
    """
    kinds = get_type_hints(type(config))
    for field in dataclasses.fields(config):
        kind, value = kinds[field.name], getattr(config, field.name)
        if kind is float and (found := number(value)) is not None:
            value = found
        elif isinstance(value, list):
            value = tuple(value)
        if wanted := _fault(kind, field.metadata["bounds"], value):
            raise ConfigError(f"{field.name} must be {wanted}, not {value!r}")
        object.__setattr__(config, field.name, value)


def _fault(kind: Any, bounds: Any, value: Any) -> str | None:
    """What a value with this annotation must be; None where it is."""
    if get_origin(kind) is Literal:
        return None if value in get_args(kind) else f"one of {', '.join(get_args(kind))}"
    if get_origin(kind) is tuple:
        fits = isinstance(value, tuple) and 1 <= len(value) <= MAX_LAYERS
        if fits and all(type(width) is int and bounds.allow(width) for width in value):
            return None
        return f"1 to {MAX_LAYERS} whole numbers, each {bounds}"
    if type(value) is not kind:
        return {bool: "true or false", int: "a whole number", float: "a finite number"}[kind]
    return None if bounds is None or bounds.allow(value) else str(bounds)


@dataclass(frozen=True)
class ModelConfig:
    """What the three networks are. The defaults are the article's (Zeldes 2018)."""

    z_dim: int = _network(
        10, "Number of style dims. More hold finer habits of the pen; some may stay asleep.", 1, 64
    )
    encoder_hidden: tuple[int, ...] = _network(
        (128,), "Widths of the encoder's hidden layers. Wider reads finer styles.", 1, 4096
    )
    decoder_hidden: tuple[int, ...] = _network(
        (128,), "Widths of the decoder's hidden layers. Wider draws sharper digits.", 1, 4096
    )
    classifier_hidden: tuple[int, ...] = _network(
        (128,), "Widths of the digit classifier's hidden layers.", 1, 4096
    )
    activation: Activation = _network(
        "sigmoid", "Of every hidden layer. GELU learns faster than the article's sigmoid."
    )
    likelihood: Literal["gaussian", "bernoulli"] = _network(
        "gaussian", "How a pixel may differ from the decoded one. Bernoulli gives crisper ink."
    )
    likelihood_std: float = _network(
        0.5, "Std of the Gaussian likelihood. Smaller asks for finer reconstructions.", 0.01, 10
    )
    min_variance: float = _network(
        1e-5, "Least variance of a posterior. It only guards against a zero width.", 0, 1
    )
    encoder_sees_digit: bool = _network(
        False, "Tells the encoder the digit, so that the style need not hold it."
    )
    """q(z|x) is then q(z|x, y) (Kingma et al. 2014, model M2): the true digit in training, the
    classifier's own probabilities afterwards, so that an image alone still has a latent."""
    digit_init_gain: float = _network(
        1.0, "How loud the decoder hears the digit at first. Loud, it uses it early.", 0, 100
    )
    """Multiplies the decoder's ten digit columns at initialisation."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def widths(self) -> dict[str, tuple[int, ...]]:
        """Of every layer of each network, from its input to its output."""
        seen = PIXELS + (DIGITS if self.encoder_sees_digit else 0)
        return {
            "encoder": (seen, *self.encoder_hidden, 2 * self.z_dim),
            "decoder": (self.z_dim + DIGITS, *self.decoder_hidden, PIXELS),
            "classifier": (PIXELS, *self.classifier_hidden, DIGITS),
        }


@dataclass(frozen=True)
class TrainConfig:
    """How the three networks are trained. The defaults are the article's (Zeldes 2018)."""

    epochs: int = _training(
        20, "Passes over the training images. More is slower and usually better.", 1, MAX_EPOCHS
    )
    batch_size: int = _training(
        100, "Images per step. Smaller learns more per epoch, larger runs faster.", 1, 10_000
    )
    seed: int = _training(
        0, "Of every random number. The same seed gives the same model.", 0, 2**31 - 1
    )
    decoder_condition: Literal["softmax", "label"] = _training(
        "softmax", "Digit dims of the decoder: the classifier's softmax, or the label."
    )
    classification_weight: float = _training(
        10.0, "Weight of the classification loss beside the VAE loss.", 0, 10_000
    )
    label_smoothing: float = _training(
        0.0, "Share of each label spread over all digits. Humbler confidence.", 0, 0.5
    )
    ema_decay: float = _training(
        0.0, "Decay per batch of the averaged weights that are the model; 0: none.", 0, 0.99999
    )

    optimizer: Literal["adam", "sgd"] = _rate(
        "adam", "Adam adapts each weight's step; SGD wants a rate of its own."
    )
    learning_rate: float = _rate(
        1e-3,
        "Size of a step. Far too high, the loss jumps or is nan; far too low, it crawls.",
        1e-9,
        1e6,
    )
    momentum: float = _rate(0.9, "Of SGD; Adam does not use it.", 0, 0.9999)
    schedule: Literal["constant", "cosine"] = _rate(
        "constant", "Constant, or falling along a cosine, which ends on a better model."
    )
    warmup_epochs: float = _rate(
        0.0, "Epochs in which the rate rises from 0. Calms the first steps.", 0, 1000
    )
    final_rate_fraction: float = _rate(
        0.02, "Where the cosine ends, as a share of the learning rate.", 0, 1
    )
    restart_fraction: float = _rate(
        0.0, "Share of the epochs, the last, in which all but the classifier learn anew.", 0, 0.9
    )
    """A warm restart (Loshchilov & Hutter 2017), from the averaged weights where there are such."""

    beta: float = _kl(
        1.0, "Weight of the KL. Above 1: smoother styles, less detail; below: the reverse.", 0, 1000
    )
    beta_start: float = _kl(
        1.0, "That weight at the first batch. High, the decoder learns the digit first.", 0, 1000
    )
    beta_epochs: float = _kl(
        0.0, "Epochs in which the weight moves from its start to its final value.", 0, 1000
    )

    augment: bool = _augmentation(
        False, "Shows the classifier moved, bent images. Slower; reads drawings better."
    )
    """Encoder and decoder always see the plain ones."""
    views: int = _augmentation(
        1, "Differently bent views of each image in a batch; more than one needs augment.", 1, 16
    )
    synthetic_fraction: float = _augmentation(
        0.0, "Digits drawn by a program, as a share of a batch; needs augment.", 0, 10
    )
    """By `data.synthetic_digits`, for the classifier alone."""
    practice_fraction: float = _augmentation(
        0.0, "Digits for the encoder to read that the decoder writes, as a share of a batch.", 0, 10
    )
    """From the restart on, if there is one, with as many bent: `vae_model.training.practice`."""

    # What each penalty is: `vae_model.training.penalties`.
    density_ratio_weight: float = _penalty(
        0.0, "Keeps the styles of all digits alike. Slower; cleaner styles.", 0, 1000
    )
    adversarial_weight: float = _penalty(
        0.0, "Punishes a style from which a network can read the digit. Slower.", 0, 1000
    )
    recognition_weight: float = _penalty(
        0.0, "Wants the classifier to read what the decoder writes. Slower.", 0, 1000
    )
    style_consistency_weight: float = _penalty(
        0.0, "All digits of a style must slant, and be thick, alike. Slower.", 0, 1000
    )
    image_discriminator_weight: float = _penalty(
        0.0, "Wants written digits that a network takes for real ones. Slower; crisper.", 0, 1000
    )
    """From the restart on, if there is one: it refines what the decoder writes."""
    penalty_start_epoch: float = _penalty(
        1.0, "When these penalties begin to rise; full weight an epoch later.", 0, 1000
    )

    def __post_init__(self) -> None:
        _check(self)
        for name, off in (("synthetic_fraction", 0), ("views", 1)):
            if getattr(self, name) != off and not self.augment:
                raise ConfigError(f"{name} of {getattr(self, name)} needs augment to be on")


def adversary_widths(model: ModelConfig, train: TrainConfig) -> dict[str, tuple[int, ...]]:
    """Like `ModelConfig.widths`, of the networks that train against encoder and decoder."""
    widths: dict[str, tuple[int, ...]] = {
        "discriminator": (model.z_dim + DIGITS, 256, 256, 1),
        "digit_reader": (model.z_dim, 256, 256, DIGITS),
    }
    if train.image_discriminator_weight:
        widths["image_discriminator"] = (sum(model.classifier_hidden) + DIGITS, 512, 256, 1)
    return widths


def is_plain(config: TrainConfig) -> bool:
    """Whether all networks always learn, no digit is made for training, and nothing penalised: then
    all gradients go by formula. A field that autograd's step alone knows of must be named here."""
    return not (
        config.restart_fraction
        or config.augment
        or config.practice_fraction
        or is_penalised(config)
    )


def is_penalised(config: TrainConfig) -> bool:
    """Whether anything is penalised beside the VAE's and the classifier's own losses."""
    return bool(
        config.density_ratio_weight
        or config.adversarial_weight
        or config.recognition_weight
        or config.style_consistency_weight
        or config.image_discriminator_weight
    )


Config = TypeVar("Config", ModelConfig, TrainConfig)

# Of fields, in configurations that were stored before they were renamed.
_OLD_NAMES: Mapping[str, str] = {
    "averaging": "ema_decay",
    "pen_fraction": "synthetic_fraction",
    "independence_weight": "density_ratio_weight",
    "secrecy_weight": "adversarial_weight",
    "legibility_weight": "recognition_weight",
    "constancy_weight": "style_consistency_weight",
}


def from_dict(kind: type[Config], values: object) -> Config:
    """The configuration that `dataclasses.asdict` and JSON made `values` of.

    A field that a TrainConfig lacks gets its default, which means the training that was usual
    before there was such a field. A ModelConfig may lack none. Raises ConfigError.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"{kind.__name__} must be an object, not {type(values).__name__}")
    if kind is TrainConfig:
        values = {_OLD_NAMES.get(name, name): value for name, value in values.items()}
    names = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(map(str, values.keys() - names)):
        raise ConfigError(f"{kind.__name__} has no field {', '.join(unknown)}")
    if kind is ModelConfig and (missing := sorted(names - values.keys())):
        raise ConfigError(f"{kind.__name__} lacks {', '.join(missing)}")
    return kind(**values)
