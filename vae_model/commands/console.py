"""What several commands share. torch is imported late: usage errors answer at once."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vae_model.model.checkpoint import Checkpoint, load
from vae_model.runs.folders import CHECKPOINT_FOLDER, holds_run, run_of

if TYPE_CHECKING:
    from vae_model.data.mnist import DigitData


class Failure(Exception):
    """Ends the command with exit code 1 and this line."""


def say_error(message: str, code: int) -> int:
    """Say why a command ends; returns its exit code."""
    print(f"vae_model: {message}", file=sys.stderr)
    return code


def model_folder(path: Path) -> Path:
    """The checkpoint of a folder that may be a run's."""
    return path / CHECKPOINT_FOLDER if holds_run(path) else path


def load_model(path: Path) -> Checkpoint:
    """The checkpoint of a folder that may be a run's, by the name of that. Raises
    CheckpointError."""
    checkpoint, run = load(model_folder(path)), run_of(path)
    return replace(checkpoint, name=run.name) if run else checkpoint


def check_unseen(checkpoint: Checkpoint, data: str, held_out: int) -> None:
    """Raises Failure where a checkpoint learned from some of the last `held_out` training digits of
    this data."""
    origin = checkpoint.provenance
    aside = origin.get("held_out_training_images")
    if type(aside) is not int or aside < held_out or origin.get("data") != data:
        raise Failure(
            f"{checkpoint.name} has learned from some of the last {held_out} training digits of "
            f"{data}: train one with --data {data} --hold-out {held_out}"
        )


def load_data(name: str, held_out: int = 0) -> "DigitData":
    """The data of that name, told of on stderr. Raises DataError and ConfigError."""
    from vae_model.data import mnist

    data = mnist.load(name, held_out)
    counts = f"{len(data.train):,} training and {len(data.test):,} test digits"
    print(f"data: {data.name}, {counts}", file=sys.stderr)
    return data
