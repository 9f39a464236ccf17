"""All that decides a training, and how much it will take."""

from dataclasses import dataclass
from math import prod
from typing import Any, get_args

from vae_model.model.checkpoint import layer_shapes, weight_shapes
from vae_model.model.config import (
    ConfigError,
    DataName,
    ModelConfig,
    TrainConfig,
    adversary_widths,
    from_dict,
    is_plain,
)
from vae_model.model.fields import changed, configured
from vae_model.model.presets import preset


@dataclass(frozen=True)
class TrainingSpec:
    """All that decides a training."""

    preset: str
    """It was configured from."""
    model: ModelConfig
    train: TrainConfig
    data: DataName = "auto"
    held_out: int = 0
    """Training digits to test on instead of the test set, from the last on."""

    def __post_init__(self) -> None:
        """Raises ConfigError."""
        preset(self.preset)
        if self.data not in get_args(DataName):
            raise ConfigError(f"data must be one of {', '.join(get_args(DataName))}")
        if type(self.held_out) is not int or self.held_out < 0:
            raise ConfigError(f"held_out must be a whole number from 0, not {self.held_out!r}")

    @classmethod
    def of(
        cls, preset_name: str, changes: dict[str, Any], data: str = "auto", held_out: int = 0
    ) -> "TrainingSpec":
        """A preset with some fields changed, by name. Raises ConfigError."""
        model, train = configured(preset_name, changes)
        return cls(preset_name, model, train, data, held_out)  # type: ignore[arg-type]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingSpec":
        """What JSON gives back of `dataclasses.asdict`. Raises ConfigError."""
        return cls(
            preset=str(values.get("preset")),
            model=from_dict(ModelConfig, values.get("model")),
            train=from_dict(TrainConfig, values.get("train")),
            data=values.get("data"),  # type: ignore[arg-type]
            held_out=values.get("held_out"),  # type: ignore[arg-type]
        )

    @property
    def changed(self) -> dict[str, Any]:
        """The fields in which it differs from its preset."""
        return changed(self.preset, self.model, self.train)

    @property
    def parameters(self) -> int:
        return sum(map(prod, weight_shapes(self.model).values()))

    @property
    def bytes_needed(self) -> int:
        """On disk, at most: a model for every epoch, and two checkpoints while one replaces the
        other. An unfinished one holds the weights twice, their average, two moments of the
        optimiser, and the adversaries of the penalties with as many."""
        model = 4 * self.parameters + 64 * 1024
        against = layer_shapes(adversary_widths(self.model, self.train)).values()
        adversaries = 0 if is_plain(self.train) else 4 * sum(map(prod, against))
        unfinished = (4 + bool(self.train.ema_decay)) * model + 3 * adversaries + 64 * 1024
        return self.train.epochs * model + 2 * unfinished
