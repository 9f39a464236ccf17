"""Every number of the model and of its training, as frozen dataclasses, and the named presets."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args, get_origin, get_type_hints

from vae_model.model.numbers import number

Activation = Literal["sigmoid", "tanh", "relu", "silu", "gelu"]
Likelihood = Literal["gaussian", "bernoulli"]
DecoderCondition = Literal["softmax", "label"]
Optimizer = Literal["adam", "sgd"]
Schedule = Literal["constant", "cosine"]

IMAGE_SIZE = 28
PIXELS = IMAGE_SIZE * IMAGE_SIZE
DIGITS = 10
TRAINING_IMAGES = {"mnist": 60_000, "sample": 10_000}
"""By the name of the data."""
ADVERSARY_WIDTH = 256
"""Of the hidden layers of the two networks that train against the encoder."""


class ConfigError(ValueError):
    """A configuration value that cannot work; the message names the field and what it may be."""


def _coerce(config: object) -> None:
    """Check every field of a config dataclass against its annotation.

    Whole numbers pass for floats and lists for tuples, since that is what JSON makes of them.
    Raises ConfigError.
    """
    for name, kind in get_type_hints(type(config)).items():
        value = getattr(config, name)
        if get_origin(kind) is Literal:
            if value not in get_args(kind):
                raise ConfigError(
                    f"{name} must be one of {', '.join(get_args(kind))}, not {value!r}"
                )
        elif get_origin(kind) is tuple:
            if not isinstance(value, list | tuple) or any(type(item) is not int for item in value):
                raise ConfigError(f"{name} must be a list of whole numbers, not {value!r}")
            object.__setattr__(config, name, tuple(value))
        elif kind is float:
            if (found := number(value)) is None:
                raise ConfigError(f"{name} must be a finite number, not {value!r}")
            object.__setattr__(config, name, found)
        elif type(value) is not kind:
            raise ConfigError(f"{name} must be {kind.__name__}, not {value!r}")


@dataclass(frozen=True)
class Bounds:
    """The numbers that a field may hold; of a list of widths, each of them."""

    low: float
    high: float
    open_low: bool = False
    """Whether `low` itself is excluded."""

    def __str__(self) -> str:
        above = "above" if self.open_low else "at least"
        return f"{above} {self.low:g} and at most {self.high:g}"

    def allow(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.open_low and value == self.low)


MAX_LAYERS = 4
"""Hidden layers of each network, at most."""

_WIDTHS = Bounds(1, 4096)
_WEIGHT = Bounds(0, 1000)

BOUNDS: Mapping[str, Bounds] = {
    "z_dim": Bounds(1, 64),
    "encoder_hidden": _WIDTHS,
    "decoder_hidden": _WIDTHS,
    "classifier_hidden": _WIDTHS,
    "likelihood_std": Bounds(0.01, 10),
    "min_variance": Bounds(0, 1),
    "digit_init_gain": Bounds(0, 100),
    "epochs": Bounds(1, 10_000),
    "batch_size": Bounds(1, 10_000),
    "seed": Bounds(0, 2**31 - 1),
    "learning_rate": Bounds(0, 1e6, open_low=True),
    "momentum": Bounds(0, 0.9999),
    "warmup_epochs": Bounds(0, 1000),
    "final_rate_fraction": Bounds(0, 1),
    "ema_decay": Bounds(0, 0.99999),
    "classification_weight": Bounds(0, 10_000),
    "label_smoothing": Bounds(0, 0.5),
    "beta": _WEIGHT,
    "beta_start": _WEIGHT,
    "beta_epochs": Bounds(0, 1000),
    "views": Bounds(1, 16),
    "synthetic_fraction": Bounds(0, 10),
    "density_ratio_weight": _WEIGHT,
    "adversarial_weight": _WEIGHT,
    "recognition_weight": _WEIGHT,
    "style_consistency_weight": _WEIGHT,
    "penalty_start_epoch": Bounds(0, 1000),
}
"""Of every numeric field of the two configurations."""


def _check(config: object) -> None:
    """Coerce every field, and hold it to its bounds. Raises ConfigError."""
    _coerce(config)
    for name in get_type_hints(type(config)):
        value, bounds = getattr(config, name), BOUNDS.get(name)
        if isinstance(value, tuple):
            if not 1 <= len(value) <= MAX_LAYERS or not all(map(_WIDTHS.allow, value)):
                raise ConfigError(
                    f"{name} must be 1 to {MAX_LAYERS} widths of {_WIDTHS.low:g} to "
                    f"{_WIDTHS.high:g}, not {value!r}"
                )
        elif bounds and not bounds.allow(value):
            raise ConfigError(f"{name} must be {bounds}, not {value!r}")


@dataclass(frozen=True)
class ModelConfig:
    """What the three networks are. The defaults are the article's (Zeldes 2018)."""

    z_dim: int = 10
    """Number of style dims, 1-64."""
    encoder_hidden: tuple[int, ...] = (128,)
    decoder_hidden: tuple[int, ...] = (128,)
    classifier_hidden: tuple[int, ...] = (128,)
    """Widths of the hidden layers, first to last; 1-4 layers of 1-4096 units each."""
    activation: Activation = "sigmoid"
    """Of every hidden layer."""
    likelihood: Likelihood = "gaussian"
    """p(x|z, y): a Gaussian of fixed std around the decoded image, or a Bernoulli per pixel."""
    likelihood_std: float = 0.5
    """Of the Gaussian likelihood; unused by the Bernoulli."""
    min_variance: float = 1e-5
    """Added to exp(log variance) in the encoder, so that no posterior has zero width."""
    encoder_sees_digit: bool = False
    """Whether q(z|x) is q(z|x, y) (Kingma et al. 2014, model M2): the true digit in training, the
    classifier's own probabilities afterwards, so that an image alone still has a latent."""
    digit_init_gain: float = 1.0
    """Multiplies the decoder's ten digit columns at initialisation: above 1, the decoder learns
    to use the digit before it learns to use the style."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True)
class TrainConfig:
    """How the three networks are trained. The defaults are the article's (Zeldes 2018)."""

    epochs: int = 20
    batch_size: int = 100
    seed: int = 0
    optimizer: Optimizer = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    """Of SGD; unused by Adam."""
    schedule: Schedule = "constant"
    """Of the learning rate; cosine ends at `final_rate_fraction` of it."""
    warmup_epochs: float = 0.0
    """Epochs, or a part of one, in which the learning rate rises from 0 to its full value."""
    final_rate_fraction: float = 0.02
    ema_decay: float = 0.0
    """Decay per batch of an exponential moving average of the weights; 0 keeps none. Where there
    is one, it is what every report and checkpoint holds."""
    decoder_condition: DecoderCondition = "softmax"
    """The ten digit dims that the decoder gets in training: the classifier's softmax (the
    article) or the true label as a one-hot."""
    classification_weight: float = 10.0
    label_smoothing: float = 0.0
    beta: float = 1.0
    """Weight of the KL divergence."""
    beta_start: float = 1.0
    """β at the first batch; it moves to `beta` in a straight line over `beta_epochs`."""
    beta_epochs: float = 0.0
    augment: bool = False
    """Whether the classifier sees augmented images (encoder and decoder always see plain ones)."""
    views: int = 1
    """Differently augmented views of each image that the classifier sees in a batch; more than
    one needs `augment`."""
    synthetic_fraction: float = 0.0
    """Digits drawn by `data.synthetic_digits`, which knows the habits that MNIST barely holds, that
    the classifier sees beside each batch, as a share of it; needs `augment`."""
    density_ratio_weight: float = 0.0
    """Weight of the density-ratio penalty that keeps the style from holding the digit."""
    adversarial_weight: float = 0.0
    """Weight of the mutual information of style and digit, as far as a network that is trained
    beside them can read the digit out of the style."""
    recognition_weight: float = 0.0
    """Weight of the classifier's cross-entropy on what the decoder makes of random styles."""
    style_consistency_weight: float = 0.0
    """Weight of how differently two digits slant, and differ in thickness, in the same styles: 1
    minus the correlation, of each."""
    penalty_start_epoch: float = 1.0
    """When these four penalties begin to rise, reaching full weight one epoch later."""

    def __post_init__(self) -> None:
        _check(self)
        for name, off in (("synthetic_fraction", 0), ("views", 1)):
            if getattr(self, name) != off and not self.augment:
                raise ConfigError(f"{name} of {getattr(self, name)} needs augment to be on")


def is_plain(config: TrainConfig) -> bool:
    """Whether nothing is augmented or drawn by the pen, and there are no penalties: then every
    gradient goes by formula (`vae_model.training.plain_step`)."""
    return not (
        config.augment
        or config.density_ratio_weight
        or config.adversarial_weight
        or config.recognition_weight
        or config.style_consistency_weight
    )


@dataclass(frozen=True)
class Preset:
    """A named pair of configurations."""

    name: str
    model: ModelConfig
    train: TrainConfig


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("article", ModelConfig(), TrainConfig()),
        Preset(
            "studio",
            ModelConfig(
                z_dim=16,
                encoder_hidden=(768, 512),
                decoder_hidden=(256, 512),
                classifier_hidden=(1024, 512),
                activation="gelu",
                likelihood="bernoulli",
                encoder_sees_digit=True,
                digit_init_gain=4.0,
            ),
            TrainConfig(
                epochs=28,
                batch_size=128,
                learning_rate=1.5e-3,
                schedule="cosine",
                warmup_epochs=0.5,
                ema_decay=0.999,
                decoder_condition="label",
                beta_start=2.0,
                beta_epochs=2.0,
                augment=True,
                views=2,
                synthetic_fraction=0.15,
                density_ratio_weight=4.0,
                adversarial_weight=10.0,
                recognition_weight=6.0,
                style_consistency_weight=15.0,
            ),
        ),
        # Seconds on the bundled sample: no penalty and nothing augmented, so that every gradient
        # goes by formula; a steep β and a loud digit make up for that.
        Preset(
            "quick",
            ModelConfig(
                z_dim=8,
                encoder_hidden=(256,),
                decoder_hidden=(256,),
                classifier_hidden=(256,),
                activation="gelu",
                likelihood="bernoulli",
                encoder_sees_digit=True,
                digit_init_gain=8.0,
            ),
            TrainConfig(
                epochs=5,
                batch_size=50,
                learning_rate=3e-3,
                schedule="cosine",
                warmup_epochs=0.5,
                decoder_condition="label",
                beta_start=6.0,
                beta_epochs=4.0,
            ),
        ),
    )
}


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises ConfigError, naming the presets there are.
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[name]


Config = TypeVar("Config", ModelConfig, TrainConfig)

_OLD_NAMES: Mapping[str, str] = {
    "averaging": "ema_decay",
    "pen_fraction": "synthetic_fraction",
    "independence_weight": "density_ratio_weight",
    "secrecy_weight": "adversarial_weight",
    "legibility_weight": "recognition_weight",
    "constancy_weight": "style_consistency_weight",
}
"""Of fields, in configurations that were stored before they were renamed."""


def from_dict(kind: type[Config], values: object) -> Config:
    """The configuration that `dataclasses.asdict` (by way of JSON) made `values` of.

    Missing fields of a TrainConfig get their defaults, which mean the training that was usual
    before there was such a field, so that older checkpoints stay readable. A model is another one
    with another field, so none of a ModelConfig may be missing.
    Raises ConfigError for anything else: an unknown field, a wrong type, a value out of its bounds.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"{kind.__name__} must be an object, not {type(values).__name__}")
    if kind is TrainConfig:
        values = {_OLD_NAMES.get(name, name): value for name, value in values.items()}
    names = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(map(str, values.keys() - names)):
        raise ConfigError(f"{kind.__name__} has no field {', '.join(unknown)}")
    missing = sorted(names - values.keys())
    if missing and kind is ModelConfig:
        raise ConfigError(f"{kind.__name__} lacks {', '.join(missing)}")
    return kind(**values)
