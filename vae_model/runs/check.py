"""Whether the files of an imported run are those of one run, none of them forged or out of bounds.

The models, the epochs that were told and the state to go on from must be of one training, and no
larger than it could give. Imports no torch.
"""

from pathlib import Path
from typing import Any

from vae_model.model.checkpoint import CONFIG_FILE, Checkpoint, CheckpointError
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.model.config import TRAINING_IMAGES
from vae_model.runs import events, folders
from vae_model.runs.events import Epoch
from vae_model.runs.folders import CHECKPOINT_FOLDER, EVENTS_FILE, RUN_FILE, RunsError
from vae_model.runs.run import read_run_file
from vae_model.runs.spec import TrainingSpec
from vae_model.training import state as training_state

CONFIG_BYTES = 256 * 1024
"""Of a checkpoint's config.json without its history, at most."""
HISTORY_BYTES = 4 * 1024
"""Of each epoch in that."""
MAX_DEPTH = 8
"""Of lists and objects within one another in it."""


def check(path: Path) -> None:
    """Raise RunsError unless the folder is a run through and through."""
    _, _, setup = read_run_file(path / RUN_FILE, folders.stamp(path / RUN_FILE))
    epochs = _epochs(path, setup)
    told = [folders.epoch_folder(path, epoch.number) for epoch in epochs]
    kept = sorted((path / folders.EPOCHS_FOLDER).glob("*"))
    # Some may have been left out to save room, but not the last one.
    if not set(told[-1:]) <= set(kept) <= set(told):
        raise RunsError(f"{folders.EPOCHS_FOLDER}: are not those that {EVENTS_FILE} tells of")
    for folder in kept:
        _model(folder, setup, CONFIG_BYTES + HISTORY_BYTES)
    done = 0
    checkpoint = path / CHECKPOINT_FOLDER
    if checkpoint.exists():
        limit = CONFIG_BYTES + setup.train.epochs * HISTORY_BYTES
        done = _epochs_done(_model(checkpoint, setup, limit), setup)
    # An epoch is told before the checkpoint is saved, and a process may be killed in between.
    if not done <= len(epochs) <= min(done + 1, setup.train.epochs):
        raise RunsError(
            f"{CHECKPOINT_FOLDER}: stands after {done} epochs, and {EVENTS_FILE} tells of "
            f"{len(epochs)}"
        )


def _epochs(path: Path, setup: TrainingSpec) -> list[Epoch]:
    try:
        log = events.read(path / EVENTS_FILE, setup.train.epochs)
        epochs = events.epochs(log, setup.model.z_dim)
        for epoch in epochs:
            epoch.digits()
            epoch.digits(fixed_style=True)
        return epochs
    except ValueError as error:
        raise RunsError(f"{EVENTS_FILE}: {error}") from error


def _model(folder: Path, setup: TrainingSpec, config_bytes: int) -> Checkpoint:
    if folders.stamp(folder / CONFIG_FILE)[1] > config_bytes:
        raise RunsError(
            f"{folder.name}/{CONFIG_FILE}: is larger than {config_bytes >> 10} KiB, more than "
            f"{setup.train.epochs} epochs give"
        )
    try:
        checkpoint = load_checkpoint(folder)
    except CheckpointError as error:
        raise RunsError(str(error)) from error
    if (checkpoint.model, checkpoint.train) != (setup.model, setup.train):
        raise RunsError(f"{folder.name}: is not the model that {RUN_FILE} describes")
    if not _is_flat([checkpoint.metrics, checkpoint.history, checkpoint.provenance], MAX_DEPTH):
        raise RunsError(f"{folder.name}/{CONFIG_FILE}: nests too deep")
    return checkpoint


def _epochs_done(checkpoint: Checkpoint, setup: TrainingSpec) -> int:
    """Whole epochs at which the training stands. Raises RunsError where it cannot go on there."""
    done = setup.train.epochs
    if state := checkpoint.training_state:
        try:
            training_state.check(state, setup.model, setup.train, _images(checkpoint, setup))
        except ValueError as error:
            raise RunsError(f"{CHECKPOINT_FOLDER}: it cannot go on: {error}") from error
        done = int(state["position"][0])
    if len(checkpoint.history) != done or not all(isinstance(e, dict) for e in checkpoint.history):
        raise RunsError(
            f"{CHECKPOINT_FOLDER}: stands after {done} epochs, and its history tells of "
            f"{len(checkpoint.history)}"
        )
    return done


def _images(checkpoint: Checkpoint, setup: TrainingSpec) -> int:
    """How many it trains on. Raises ValueError where that is not what the run was set up for."""
    origin = checkpoint.provenance
    names = [*TRAINING_IMAGES] if setup.data == "auto" else [setup.data]
    if origin.get("data") not in names:
        raise ValueError(f"it was not begun on the data that {RUN_FILE} names")
    images = TRAINING_IMAGES[origin["data"]] - setup.held_out
    if origin.get("held_out_training_images", 0) != setup.held_out or images <= 0:
        raise ValueError(f"it does not hold out as many digits as {RUN_FILE} says")
    return images


def _is_flat(value: Any, depth: int) -> bool:
    """Whether no more than so many lists and objects lie within one another."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(depth and _is_flat(part, depth - 1) for part in parts)
