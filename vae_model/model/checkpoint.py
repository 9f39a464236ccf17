"""A model on disk: a folder with `weights.safetensors` and `config.json`.

Written whole or not at all, checked whole when read, never unpickled.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from vae_model.model import marked, swap
from vae_model.model.atomic import replacing
from vae_model.model.calibration import Calibration
from vae_model.model.calibration import parse as parse_calibration
from vae_model.model.config import ModelConfig, TrainConfig, from_dict

FORMAT_VERSION = 1  # of checkpoints, and of runs
KIND = "conditional-vae"
"""Of the folders that `save` writes; there are others, such as the judge's."""
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
TRAINING_STATE_FILE = "training_state.safetensors"
MAX_FILE_BYTES = 4 * 2**30
"""More than the state of any training that can be configured."""

_FILES = {CONFIG_FILE, WEIGHTS_FILE, TRAINING_STATE_FILE}

Arrays = dict[str, np.ndarray]
Shape = tuple[int, ...]
Json = dict[str, Any]


class CheckpointError(Exception):
    """A checkpoint that cannot be read or written; the message names the file and the reason."""


@dataclass(frozen=True)
class Checkpoint:
    """A model, how it was trained and what was measured of it."""

    model: ModelConfig
    train: TrainConfig
    weights: Arrays  # float32, by the names of `ConditionalVAE.state_dict()`
    metrics: Json = field(default_factory=dict)  # by `python -m vae_model evaluate`
    history: list[Json] = field(default_factory=list)  # one report per epoch trained
    provenance: Json = field(default_factory=dict)  # preset, data, its checksum, versions, date
    training_state: Arrays = field(default_factory=dict)
    """What an unfinished training needs to go on exactly; empty once it is finished."""
    calibration: Calibration | None = None
    name: str = ""  # of the folder
    identity: Json = field(default_factory=dict, compare=False, repr=False)
    """By what of its configuration `update` knows it again."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint folder, replacing one that is there only once the new one is whole.

    Raises CheckpointError; what was there before is then untouched.
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
        config["calibration"] = dataclasses.asdict(checkpoint.calibration)
    write_folder(path, KIND, config, files)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint folder, all of it checked. Raises CheckpointError, naming what is wrong."""
    config, files = read_folder(path, KIND)
    source = path / CONFIG_FILE
    try:
        model = from_dict(ModelConfig, config.get("model"))
        train = from_dict(TrainConfig, config.get("train"))
        given = config.get("calibration")
        calibration = None if given is None else parse_calibration(given, model.z_dim)
    except ValueError as error:  # such as a ConfigError
        raise CheckpointError(f"{source}: {error}") from error
    for key, kind in (("metrics", dict), ("history", list), ("provenance", dict)):
        if not isinstance(config.get(key), kind):
            raise CheckpointError(f"{source}: {key!r} is missing or no {kind.__name__}")
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
        identity=_identity(config),
    )


def update(path: Path, of: Checkpoint, **parts: Json) -> None:
    """Put `metrics` or a `calibration` into the checkpoint at `path`, leaving all else as it is.

    Raises CheckpointError, also where that is no longer the one they are of, which was loaded from
    there: what took minutes to measure says nothing of another model or calibration.
    """
    mend(path)
    source = path / CONFIG_FILE
    config = read_json(source)
    if _identity(config) != of.identity:
        raise CheckpointError(
            f"{path} is another model by now, or calibrated anew: nothing is stored with it"
        )
    replace_file(source, _json_bytes(config | parts))


def _identity(config: Json) -> Json:
    return {key: config.get(key) for key in ("sha256", "calibration")}


def replace_file(path: Path, content: bytes) -> None:
    """Write one file of a folder that is there, whole or not at all. Raises CheckpointError."""
    with _oserrors("write", path), replacing(path) as file:
        file.write(content)


def weight_shapes(config: ModelConfig) -> dict[str, Shape]:
    """Of every weight, by its name in the state dict of the model."""
    return layer_shapes({f"{network}.layers": of for network, of in config.widths.items()})


def layer_shapes(networks: Mapping[str, Sequence[int]]) -> dict[str, Shape]:
    """Of the weights of `networks.mlp`s of these widths, by their names in a state dict."""
    shapes: dict[str, Shape] = {}
    for network, widths in networks.items():
        for index, (width_in, width_out) in enumerate(pairwise(widths)):
            # Every second layer of the network is an activation, which has no weights.
            shapes[f"{network}.{2 * index}.weight"] = (width_out, width_in)
            shapes[f"{network}.{2 * index}.bias"] = (width_out,)
    return shapes


def check_weights(source: Path, weights: Arrays, shapes: Mapping[str, Shape]) -> None:
    """Raise CheckpointError unless the arrays have just these names and shapes, are float32 and
    finite."""
    try:
        check_arrays(weights, {name: (shape, "float32") for name, shape in shapes.items()})
    except ValueError as error:
        raise CheckpointError(f"{source}: {error}") from error


def check_arrays(arrays: Arrays, needed: Mapping[str, tuple[Shape, str]]) -> None:
    """Raise ValueError, naming what is wrong, unless there are arrays of just these names, shapes
    and types, all finite."""
    if missing := sorted(needed.keys() - arrays.keys()):
        raise ValueError(f"it lacks {', '.join(missing[:3])}")
    if unknown := sorted(arrays.keys() - needed.keys()):
        raise ValueError(f"it holds {', '.join(unknown[:3])[:100]}, which do not belong there")
    for name, (shape, kind) in needed.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != kind:
            raise ValueError(f"{name} is {array.dtype} {array.shape} and should be {kind} {shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite")


def write_folder(path: Path, kind: str, config: Json, files: Mapping[str, Arrays]) -> None:
    """Write `config` and tensor files as one folder, whole or not at all. Whoever reads it
    meanwhile gets the old one or the new one, and is in nobody's way. In a folder that is replaced,
    files that are no part of a checkpoint stay.

    Raises CheckpointError, also where `check_place` does.
    """
    contents = {name: save_tensors(arrays) for name, arrays in files.items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    head = {"format_version": FORMAT_VERSION, "kind": kind, "sha256": hashes}
    contents[CONFIG_FILE] = _json_bytes(head | config)
    check_place(path, kind)
    mend(path)
    path = path.resolve()
    with _oserrors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with marked.temporary(path.parent) as place:
            new = place / path.name
            new.mkdir()
            for name, content in contents.items():
                with marked.synced(new / name) as file:
                    file.write(content)
            marked.sync_folder(new)
            swap.replace(new, path, _FILES)


def check_place(path: Path, kind: str = KIND) -> None:
    """Raise CheckpointError unless a checkpoint of this kind may be written to `path`: where
    nothing is, or an empty folder, or another one of that kind; and that this and what is above it
    can be written to, as far as can be told before."""
    here = path.resolve()
    with _oserrors("write", path):
        for place in (here, swap.aside(here)):
            if place.exists() and not place.is_dir():
                raise CheckpointError(f"{place} is a file: choose a folder")
            if place.exists() and not marked.can_replace(place):
                raise CheckpointError(f"cannot write {path}: {place} may not be read or replaced")
            if marked.entries(place) and _kind(place) != kind:
                raise CheckpointError(
                    f"{place} holds something else already: choose a folder that is not there yet, "
                    f"is empty or holds a checkpoint of kind {kind!r}"
                )
    if not marked.can_begin(here.parent):
        raise CheckpointError(f"cannot write {path}: {here.parent} cannot be written to")


def mend(path: Path) -> None:
    """Put back what a killed writer of the checkpoint at `path` had put aside, or see it off where
    there is another. For who writes there next. Raises CheckpointError."""
    path = path.resolve()
    if _kind(swap.aside(path)) is not None and (not path.exists() or _kind(path) is not None):
        with _oserrors("write", path):
            swap.mend(path, _FILES)


def _kind(path: Path) -> str | None:
    """Of which kind the checkpoint in a folder is; None where there is none."""
    try:
        config = read_json(path / CONFIG_FILE)
        return str(config["kind"]) if WEIGHTS_FILE in config["sha256"] else None
    except (CheckpointError, KeyError, TypeError):
        return None


def read_folder(path: Path, kind: str) -> tuple[Json, dict[str, Arrays]]:
    """The configuration and the tensor files of a folder, by file name, hashes checked. Where it is
    being replaced, all of the old one or all of the new one.

    Raises CheckpointError.
    """
    last: tuple[Path, bytes] | None = None
    while True:
        config = b""
        with _oserrors("read", path):
            place = swap.place(path, CONFIG_FILE)
        try:
            there = os.access(place / CONFIG_FILE, os.F_OK)
            # Of a folder that may not be looked into, the reading says so.
            if not place.is_dir() or (os.access(place, os.X_OK) and not there):
                raise CheckpointError(
                    f"there is no checkpoint folder {path} (it would hold {CONFIG_FILE})"
                )
            config = _read_bytes(place / CONFIG_FILE)
            return _read_files(place, config, kind)
        except CheckpointError:
            # Either another folder came there between two looks, or it is as bad as it looks.
            if last == (place, config):
                raise
            last = (place, config)


def _read_files(path: Path, content: bytes, kind: str) -> tuple[Json, dict[str, Arrays]]:
    """What a folder holds whose configuration has this content."""
    source = path / CONFIG_FILE
    config = _parsed(source, content)
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


def read_json(source: Path, most_bytes: int = MAX_FILE_BYTES) -> Json:
    """The object of a file that says its format version. Raises CheckpointError, also where that is
    not the one of this program."""
    return _parsed(source, _read_bytes(source, most_bytes))


def _parsed(source: Path, content: bytes) -> Json:
    try:
        # JSON can hold half of a surrogate pair, which is no text that a page could show.
        whole = json.dumps(json.loads(content), ensure_ascii=False).encode(errors="replace")
        config = json.loads(whole)
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


def _read_bytes(source: Path, most_bytes: int = MAX_FILE_BYTES) -> bytes:
    with _oserrors("read", source):
        if source.stat().st_size > most_bytes:
            raise CheckpointError(f"{source}: is larger than {most_bytes:,} bytes")
        return source.read_bytes()


@contextlib.contextmanager
def _oserrors(doing: str, path: Path) -> Iterator[None]:
    """Raise CheckpointError where an OSError would be."""
    try:
        yield
    except OSError as error:
        raise CheckpointError(f"cannot {doing} {path}: {error.strerror or error}") from error


def _json_bytes(config: Json) -> bytes:
    return (json.dumps(config, indent=1, allow_nan=False) + "\n").encode()
