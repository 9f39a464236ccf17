"""A model on disk: a folder with `weights.safetensors` and `config.json`.

Written whole or not at all, checked whole when read, never unpickled. Knows nothing of torch, so
that what only serves a model need not import it.
"""

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from vae_model.calibration import Calibration
from vae_model.calibration import parse as parse_calibration
from vae_model.config import (
    DIGITS,
    PIXELS,
    ConfigError,
    ModelConfig,
    TrainConfig,
    from_dict,
)

FORMAT_VERSION = 1
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
TRAINING_STATE_FILE = "training_state.safetensors"
MAX_FILE_BYTES = 512 * 2**20

Arrays = dict[str, np.ndarray]
Json = dict[str, Any]


class CheckpointError(Exception):
    """A checkpoint that cannot be read or written; the message names the file and the reason."""


@dataclass(frozen=True)
class Checkpoint:
    """A model, how it was trained and what was measured of it."""

    model: ModelConfig
    train: TrainConfig
    weights: Arrays
    """float32, by the names of `ConditionalVAE.state_dict()`."""
    metrics: Json = field(default_factory=dict)
    """What `python -m vae_model evaluate` printed; empty before that."""
    history: list[Json] = field(default_factory=list)
    """One report per epoch trained."""
    provenance: Json = field(default_factory=dict)
    """Preset, data and its checksum, library versions, date."""
    training_state: Arrays = field(default_factory=dict)
    """What an unfinished training needs to go on exactly; empty once it is finished."""
    calibration: Calibration | None = None
    """Fitted after the training; None before that."""
    name: str = ""
    """The folder's name."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint folder, replacing one that is there only once the new one is whole.

    Raises CheckpointError (disk full, no permission); what was there before is then untouched.
    """
    files = {WEIGHTS_FILE: checkpoint.weights}
    if checkpoint.training_state:
        files[TRAINING_STATE_FILE] = checkpoint.training_state
    config = {
        "model": dataclasses.asdict(checkpoint.model),
        "train": dataclasses.asdict(checkpoint.train),
        "metrics": checkpoint.metrics,
        "history": checkpoint.history,
        "provenance": checkpoint.provenance,
    }
    if checkpoint.calibration:
        config["calibration"] = checkpoint.calibration.to_json()
    write_folder(path, "conditional-vae", config, files)


def load(path: Path) -> Checkpoint:
    """Read and check a checkpoint folder.

    Raises CheckpointError, naming what is wrong and where: a missing folder or file, another
    format version, a hash that does not fit, fields, names, shapes or numbers that cannot be.
    """
    config, files = read_folder(path, "conditional-vae")
    source = path / CONFIG_FILE
    try:
        model = from_dict(ModelConfig, config.get("model"))
        train = from_dict(TrainConfig, config.get("train"))
    except ConfigError as error:
        raise CheckpointError(f"{source}: {error}") from error
    for key, kind in (("metrics", dict), ("history", list), ("provenance", dict)):
        if not isinstance(config.get(key), kind):
            raise CheckpointError(f"{source}: {key!r} is missing or no {kind.__name__}")
    calibration = None
    if config.get("calibration") is not None:
        try:
            calibration = parse_calibration(config["calibration"])
        except ValueError as error:
            raise CheckpointError(f"{source}: the calibration is damaged: {error}") from error
        share = calibration.hand_share
        if share is not None and len(share) != model.z_dim:
            raise CheckpointError(f"{source}: the calibration is of another z_dim")
    check_weights(path / WEIGHTS_FILE, files[WEIGHTS_FILE], weight_shapes(model))
    return Checkpoint(
        model=model,
        train=train,
        weights=files[WEIGHTS_FILE],
        metrics=config["metrics"],
        history=config["history"],
        provenance=config["provenance"],
        training_state=files.get(TRAINING_STATE_FILE, {}),
        calibration=calibration,
        name=path.resolve().name,
    )


def save_metrics(path: Path, metrics: Json) -> None:
    """Put freshly measured figures into the checkpoint at `path`, leaving all else as it is."""
    _save_part(path, "metrics", metrics)


def save_calibration(path: Path, calibration: Calibration) -> None:
    """Put a calibration into the checkpoint at `path`, leaving all else as it is."""
    _save_part(path, "calibration", calibration.to_json())


def _save_part(path: Path, name: str, part: Json) -> None:
    source = path / CONFIG_FILE
    config = _read_config(source)
    config[name] = part
    replace_file(source, _json_bytes(config))


def replace_file(path: Path, content: bytes) -> None:
    """Write one file of a folder that is there, whole or not at all.

    Raises CheckpointError.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                _write_synced(file, content)
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink()
            raise
    except OSError as error:
        raise CheckpointError(f"cannot write {path}: {error.strerror}") from error


def weight_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight that a model of this configuration has."""
    encoder_inputs = PIXELS + (DIGITS if config.encoder_sees_digit else 0)
    networks = {
        "encoder": (encoder_inputs, *config.encoder_hidden, 2 * config.z_dim),
        "decoder": (config.z_dim + DIGITS, *config.decoder_hidden, PIXELS),
        "classifier": (PIXELS, *config.classifier_hidden, DIGITS),
    }
    shapes: dict[str, tuple[int, ...]] = {}
    for network, widths in networks.items():
        for index, (width_in, width_out) in enumerate(pairwise(widths)):
            # Every second layer of the network is an activation, which has no weights.
            shapes[f"{network}.layers.{2 * index}.weight"] = (width_out, width_in)
            shapes[f"{network}.layers.{2 * index}.bias"] = (width_out,)
    return shapes


def check_weights(source: Path, weights: Arrays, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise CheckpointError unless the arrays have just these names and shapes, are float32 and
    finite."""
    if missing := sorted(shapes.keys() - weights.keys()):
        raise CheckpointError(f"{source}: lacks {', '.join(missing)}")
    if unknown := sorted(weights.keys() - shapes.keys()):
        raise CheckpointError(f"{source}: holds {', '.join(unknown)}, which the model has not")
    for name, shape in shapes.items():
        array = weights[name]
        if array.shape != shape:
            raise CheckpointError(f"{source}: {name} is {array.shape} and should be {shape}")
        if array.dtype != np.float32:
            raise CheckpointError(f"{source}: {name} is {array.dtype} and should be float32")
        if not np.isfinite(array).all():
            raise CheckpointError(f"{source}: {name} holds numbers that are not finite")


def write_folder(path: Path, kind: str, config: Json, files: Mapping[str, Arrays]) -> None:
    """Write `config` and tensor files as one folder, whole or not at all.

    Raises CheckpointError.
    """
    contents = {name: save_tensors(arrays) for name, arrays in files.items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    head = {"format_version": FORMAT_VERSION, "kind": kind, "sha256": hashes}
    contents[CONFIG_FILE] = _json_bytes(head | config)
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _restore_previous(path)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            temporary.chmod(0o755)
            for name, content in contents.items():
                with (temporary / name).open("wb") as file:
                    _write_synced(file, content)
            _sync_folder(temporary)
            _replace_folder(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise CheckpointError(f"cannot write {path}: {error.strerror or error}") from error


def read_folder(path: Path, kind: str) -> tuple[Json, dict[str, Arrays]]:
    """The configuration and the tensor files of a folder, by file name, hashes checked.

    Raises CheckpointError.
    """
    try:
        _restore_previous(path.absolute())
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror or error}") from error
    if not path.is_dir():
        raise CheckpointError(f"there is no checkpoint folder {path}")
    source = path / CONFIG_FILE
    config = _read_config(source)
    if config.get("kind") != kind:
        raise CheckpointError(f"{source}: is of kind {config.get('kind')!r}, not {kind!r}")
    hashes = config.get("sha256")
    if not isinstance(hashes, dict) or WEIGHTS_FILE not in hashes:
        raise CheckpointError(f"{source}: names no sha256 of {WEIGHTS_FILE}")
    files: dict[str, Arrays] = {}
    for name in (WEIGHTS_FILE, TRAINING_STATE_FILE):
        if name in hashes:
            content = _read_bytes(path / name)
            if hashlib.sha256(content).hexdigest() != hashes[name]:
                raise CheckpointError(
                    f"{path / name}: is damaged or incomplete (its sha256 is not the one in "
                    f"{CONFIG_FILE})"
                )
            try:
                files[name] = load_tensors(content)
            except (SafetensorError, ValueError, KeyError) as error:
                raise CheckpointError(f"{path / name}: is no safetensors file: {error}") from error
    return config, files


def _read_config(source: Path) -> Json:
    try:
        config = json.loads(_read_bytes(source))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{source}: is not readable as JSON: {error}") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{source}: is no JSON object")
    version = config.get("format_version")
    if type(version) is int and version > FORMAT_VERSION:
        raise CheckpointError(
            f"{source}: has format version {version}, this program reads up to {FORMAT_VERSION}: "
            "update the program"
        )
    if version != FORMAT_VERSION:
        raise CheckpointError(f"{source}: has no format version that this program knows")
    return config


def _read_bytes(source: Path) -> bytes:
    try:
        if source.stat().st_size > MAX_FILE_BYTES:
            raise CheckpointError(f"{source}: is larger than {MAX_FILE_BYTES >> 20} MiB")
        return source.read_bytes()
    except OSError as error:
        raise CheckpointError(f"cannot read {source}: {error.strerror or error}") from error


def _json_bytes(config: Json) -> bytes:
    return (json.dumps(config, indent=1, allow_nan=False) + "\n").encode()


def _write_synced(file: Any, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _previous(path: Path) -> Path:
    return path.with_name(f".{path.name}.previous")


def _replace_folder(new: Path, path: Path) -> None:
    """Put `new` at `path`. A folder cannot be renamed onto a full one, so the old one steps aside
    first; a crash in between is mended by `_restore_previous`."""
    previous = _previous(path)
    if path.exists():
        shutil.rmtree(previous, ignore_errors=True)
        path.rename(previous)
    try:
        new.rename(path)
    except OSError:
        _restore_previous(path)
        raise
    _sync_folder(path.parent)
    shutil.rmtree(previous, ignore_errors=True)


def _restore_previous(path: Path) -> None:
    previous = _previous(path)
    if previous.is_dir() and not path.exists():
        previous.rename(path)
