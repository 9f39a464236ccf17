"""A training and its checkpoint folder: begun or gone on with, saved after each epoch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy
import torch

from vae_model.data import mnist
from vae_model.data.mnist import DigitData
from vae_model.engine.style_names import turned
from vae_model.model.checkpoint import Checkpoint, CheckpointError, load, save
from vae_model.model.config import ModelConfig, TrainConfig
from vae_model.training.epoch_report import EpochReport
from vae_model.training.trainer import Diverged, Training


@dataclass
class ResumableTraining:
    """A training, and the folder that it is saved to."""

    out: Path
    training: Training
    provenance: dict[str, Any]
    history: list[dict[str, Any]] = field(default_factory=list)
    """`EpochReport.figures()` of every epoch so far."""
    is_saved: bool = False
    """Whether the folder holds this training yet."""

    @classmethod
    def begin(
        cls,
        out: Path,
        preset: str,
        model: ModelConfig,
        train: TrainConfig,
        data: DigitData,
        held_out: int = 0,
    ) -> Self:
        """A new training, which writes nothing yet."""
        provenance = {
            "preset": preset,
            "data": data.name,
            "data_checksum": data.checksum,
            "training_images": len(data.train),
            "held_out_training_images": held_out,
            "torch": torch.__version__,
            "numpy": numpy.__version__,
            "date": date.today().isoformat(),
        }
        return cls(out, Training(model, train, data), provenance)

    @classmethod
    def resume(cls, out: Path) -> Self:
        """The unfinished training that was saved to a folder. Raises CheckpointError where there
        is none or its data is no longer what it was, DataError where the data is missing."""
        checkpoint = load(out)
        if not checkpoint.training_state:
            raise CheckpointError(f"{out} holds no unfinished training")
        began, history = checkpoint.provenance, checkpoint.history
        try:
            held_out = int(began.get("held_out_training_images", 0))
            data = mnist.load(str(began.get("data")), held_out)
            if data.checksum != began.get("data_checksum"):
                raise ValueError(f"it was begun on other data than {data.name!r} is now")
            training = Training.resume(
                checkpoint.model, checkpoint.train, data, checkpoint.training_state
            )
            if (told := len(history)) != (done := training.epoch):
                raise ValueError(f"its history tells of {told} epochs, and it stands after {done}")
        except (ValueError, TypeError, OverflowError) as error:
            raise CheckpointError(f"{out}: {error}") from error
        return cls(out, training, began, history, is_saved=True)

    def run(
        self,
        should_stop: Callable[[], bool],
        on_batch: Callable[[], None],
        on_epoch: Callable[[EpochReport, Checkpoint], None],
        on_saved: Callable[[EpochReport], None] = lambda report: None,
    ) -> bool:
        """Train to the end, or until `should_stop`; says whether it is the end.

        After each epoch `on_epoch` gets its report and model, then the folder is replaced, then
        `on_saved` gets the report; where it stops, the folder is replaced once more. Raises
        Diverged and CheckpointError; the folder then is as it was saved last.
        """
        training = self.training
        for report in training.epochs(should_stop, on_batch):
            self.history.append(report.figures())
            checkpoint = self._checkpoint()
            on_epoch(report, checkpoint)
            # Turned at the end alone: in the film of the epochs one style stays the same style.
            save(self.out, checkpoint if checkpoint.training_state else turned(checkpoint))
            self.is_saved = True
            on_saved(report)
        if training.epoch == training.config.epochs:
            return True
        save(self.out, self._checkpoint())
        return False

    def _checkpoint(self) -> Checkpoint:
        """Raises Diverged rather than give what could not be read again."""
        training = self.training
        finished = training.epoch == training.config.epochs
        weights, state = training.averaged_model.weights(), {} if finished else training.state()
        # A step may leave them so while the loss is still finite.
        if not all(numpy.isfinite(array).all() for array in [*weights.values(), *state.values()]):
            raise Diverged(
                "weights, or what the optimiser keeps of them, are no longer finite in epoch "
                f"{training.epoch + bool(training.batch)}"
            )
        return Checkpoint(
            model=training.model.config,
            train=training.config,
            weights=weights,
            history=self.history,
            provenance=self.provenance,
            training_state=state,
        )
