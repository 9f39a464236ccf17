"""Every field of the two configurations as people meet it: its group, a line on what it does, what
it may be, and how it is typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args, get_origin, get_type_hints

from vae_model.model.config import BOUNDS, Bounds, ConfigError, ModelConfig, TrainConfig, preset


@dataclass(frozen=True)
class Field:
    """One field of a ModelConfig or a TrainConfig."""

    name: str
    group: str
    help: str
    """One line: what it does and what to expect."""
    of_model: bool
    """Whether it is a field of ModelConfig; otherwise of TrainConfig."""
    kind: type
    """bool, int, float, str or tuple (of ints)."""
    choices: tuple[str, ...]
    """Of a str; empty for the others."""
    bounds: Bounds | None
    """Of a number, or of each in a tuple; None for the others."""
    default: Any

    @property
    def flag(self) -> str:
        """Its option on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def form(self) -> str:
        """What its text looks like, for a usage line."""
        if self.choices:
            return "{" + ",".join(self.choices) + "}"
        return {int: "N", float: "X", bool: "{on,off}", tuple: "W[,W...]"}[self.kind]

    def parse(self, text: str) -> Any:
        """The value that a text stands for, its bounds unchecked. Raises ConfigError."""
        text = text.strip()
        try:
            if self.kind is tuple:
                return tuple(int(part) for part in text.split(","))
            if self.kind is bool:
                return {"on": True, "off": False}[text]
            return self.kind(text)
        except (ValueError, KeyError):
            raise ConfigError(f"{self.flag} must be {self.form}, not {text!r}") from None

    def text(self, value: Any) -> str:
        """What `parse` would read as this value."""
        if self.kind is tuple:
            return ",".join(map(str, value))
        if self.kind is bool:
            return "on" if value else "off"
        return str(value)


_HELP: Mapping[str, Mapping[str, str]] = {
    "Networks": {
        "z_dim": "Number of style dims. More hold finer habits of the pen; some may stay asleep.",
        "encoder_hidden": "Widths of the encoder's hidden layers. Wider reads finer styles.",
        "decoder_hidden": "Widths of the decoder's hidden layers. Wider draws sharper digits.",
        "classifier_hidden": "Widths of the digit classifier's hidden layers.",
        "activation": "Of every hidden layer. GELU learns faster than the article's sigmoid.",
        "likelihood": "How a pixel may differ from the decoded one. Bernoulli gives crisper ink.",
        "likelihood_std": "Std of the Gaussian likelihood. Smaller asks for finer reconstructions.",
        "min_variance": "Least variance of a posterior. It only guards against a zero width.",
        "encoder_sees_digit": "Tells the encoder the digit, so that the style need not hold it.",
        "digit_init_gain": "How loud the decoder hears the digit at first. Loud, it uses it early.",
    },
    "Training": {
        "epochs": "Passes over the training images. More is slower and usually better.",
        "batch_size": "Images per step. Smaller learns more per epoch, larger runs faster.",
        "seed": "Of every random number. The same seed gives the same model.",
        "decoder_condition": "Digit dims of the decoder: the classifier's softmax, or the label.",
        "classification_weight": "Weight of the classification loss beside the VAE loss.",
        "label_smoothing": "Share of each label spread over all digits. Humbler confidence.",
        "ema_decay": "Decay per batch of the averaged weights that are the model; 0: none.",
    },
    "Learning rate": {
        "optimizer": "Adam adapts each weight's step; SGD wants a rate of its own.",
        "learning_rate": "Size of a step. Ten times too high diverges, ten times too low crawls.",
        "momentum": "Of SGD; Adam does not use it.",
        "schedule": "Constant, or falling along a cosine, which ends on a better model.",
        "warmup_epochs": "Epochs in which the rate rises from 0. Calms the first steps.",
        "final_rate_fraction": "Where the cosine ends, as a share of the learning rate.",
    },
    "Weight of the KL": {
        "beta": "Weight of the KL. Above 1: smoother styles and less detail; below 1: the reverse.",
        "beta_start": "That weight at the first batch. High, the decoder learns the digit first.",
        "beta_epochs": "Epochs in which the weight moves from its start to its final value.",
    },
    "Augmentation": {
        "augment": "Shows the classifier moved, bent images. Slower; reads drawings better.",
        "views": "Differently bent views of each image in a batch; more than one needs augment.",
        "synthetic_fraction": "Digits drawn by a program, as a share of a batch; needs augment.",
    },
    "Penalties": {
        "density_ratio_weight": "Keeps the styles of all digits alike. Slower; cleaner styles.",
        "adversarial_weight": "Punishes a style from which a network can read the digit. Slower.",
        "recognition_weight": "Wants the classifier to read what the decoder writes. Slower.",
        "style_consistency_weight": "All digits of a style must slant, and be thick, alike. Slower.",
        "penalty_start_epoch": "When these penalties begin to rise; full weight an epoch later.",
    },
}


def _fields() -> dict[str, Field]:
    found = {}
    hints = get_type_hints(ModelConfig) | get_type_hints(TrainConfig)
    defaults = {field.name: field.default for kind in _KINDS for field in fields(kind)}
    of_model = get_type_hints(ModelConfig)
    for group, helps in _HELP.items():
        for name, line in helps.items():
            hint = hints[name]
            kind, choices = hint, ()
            if get_origin(hint) is tuple:
                kind = tuple
            elif get_origin(hint) is not None:
                kind, choices = str, get_args(hint)
            found[name] = Field(
                name=name,
                group=group,
                help=line,
                of_model=name in of_model,
                kind=kind,
                choices=choices,
                bounds=BOUNDS.get(name),
                default=defaults[name],
            )
    return found


_KINDS = (ModelConfig, TrainConfig)

FIELDS: Mapping[str, Field] = _fields()
"""By name, in the order to show them, group by group."""


def configured(preset_name: str, changes: Mapping[str, Any]) -> tuple[ModelConfig, TrainConfig]:
    """The preset with some fields changed, by name. Raises ConfigError."""
    chosen = preset(preset_name)
    if unknown := sorted(changes.keys() - FIELDS.keys()):
        raise ConfigError(f"there is no field {', '.join(unknown)}")
    of_model = {name: value for name, value in changes.items() if FIELDS[name].of_model}
    of_training = {name: value for name, value in changes.items() if not FIELDS[name].of_model}
    return replace(chosen.model, **of_model), replace(chosen.train, **of_training)


def changed(preset_name: str, model: ModelConfig, train: TrainConfig) -> dict[str, Any]:
    """The fields in which configurations differ from the preset, with their values.

    Raises ConfigError where there is no such preset.
    """
    chosen = preset(preset_name)
    pairs = (
        (field, model, chosen.model) if field.of_model else (field, train, chosen.train)
        for field in FIELDS.values()
    )
    return {
        field.name: getattr(config, field.name)
        for field, config, usual in pairs
        if getattr(config, field.name) != getattr(usual, field.name)
    }
