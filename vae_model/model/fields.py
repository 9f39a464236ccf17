"""Every field of the two configurations as the command line and the form show and read it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from vae_model.model.config import Bounds, ConfigError, ModelConfig, TrainConfig
from vae_model.model.presets import preset


@dataclass(frozen=True)
class Field:
    """One field of a ModelConfig or a TrainConfig."""

    name: str
    group: str
    help: str  # one line: what it does and what to expect
    of_model: bool  # of ModelConfig; otherwise of TrainConfig
    kind: type  # bool, int, float, str or tuple (of ints)
    choices: tuple[str, ...]  # of a str; empty for the others
    bounds: Bounds | None  # of a number, or of each in a tuple; None for the others

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
            wanted = {int: "a whole number", float: "a number", tuple: "whole numbers: 256,128"}
            said = wanted.get(self.kind, self.form)
            raise ConfigError(f"{self.flag} must be {said}, not {text[:40]!r}") from None

    def text(self, value: Any) -> str:
        """What `parse` would read as this value."""
        if self.kind is tuple:
            return ",".join(map(str, value))
        if self.kind is bool:
            return "on" if value else "off"
        return str(value)


def _field(config: type[ModelConfig] | type[TrainConfig], field: dataclasses.Field[Any]) -> Field:
    hint = get_type_hints(config)[field.name]
    origin = get_origin(hint)
    return Field(
        name=field.name,
        **field.metadata,
        of_model=config is ModelConfig,
        kind=str if origin is Literal else origin or hint,
        choices=get_args(hint) if origin is Literal else (),
    )


FIELDS: Mapping[str, Field] = {
    field.name: _field(config, field)
    for config in (ModelConfig, TrainConfig)
    for field in dataclasses.fields(config)
}
"""By name, in the order to show them, group by group."""


def configured(preset_name: str, changes: Mapping[str, Any]) -> tuple[ModelConfig, TrainConfig]:
    """The preset with some of FIELDS changed, by name. Raises ConfigError."""
    chosen = preset(preset_name)
    of_model = {name: value for name, value in changes.items() if FIELDS[name].of_model}
    of_training = {name: value for name, value in changes.items() if not FIELDS[name].of_model}
    return replace(chosen.model, **of_model), replace(chosen.train, **of_training)


def changed(preset_name: str, model: ModelConfig, train: TrainConfig) -> dict[str, Any]:
    """The fields in which configurations differ from the preset, with their values.

    Raises ConfigError where there is no such preset.
    """
    chosen = preset(preset_name)
    usual, now = vars(chosen.model) | vars(chosen.train), vars(model) | vars(train)
    return {name: value for name, value in now.items() if value != usual[name]}
