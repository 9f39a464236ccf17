"""The runs folder: every training that was begun, and what it gave so far.

A run is a folder, named by its id:

    run.json      name, preset, configurations, data; written once, then only for another name
    events.jsonl  what happened, and every epoch's figures and digits (vae_model.runs.events)
    checkpoint/   the model after the last whole epoch, or where it was stopped; while it is
                  unfinished also all that it needs to go on exactly
    epochs/0007/  the model after that epoch
    progress.json, control, log.txt   of the job that trains it now, or did last

Any process may read at any time: what is written appears whole or not at all. `folders` deletes,
`jobs` starts.
"""

import dataclasses
import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Literal, get_args

from vae_model.model import marked
from vae_model.model.atomic import replacing
from vae_model.model.checkpoint import CONFIG_FILE, FORMAT_VERSION, CheckpointError, read_json
from vae_model.model.config import DataName
from vae_model.runs import events, folders
from vae_model.runs.events import Epoch, Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import JobKind, holder
from vae_model.runs.spec import TrainingSpec

MAX_NAME = 60
MAX_RUN_FILE_BYTES = 64 * 1024

State = Literal["starting", "training", "paused", "stopped", "failed", "finished", "interrupted"]


@dataclass(frozen=True)
class Run:
    """A run as it was when it was read."""

    path: Path
    id: str
    name: str
    setup: TrainingSpec
    created: datetime
    """In UTC."""
    state: State
    message: str
    """Why it failed; empty otherwise."""
    epochs: tuple[Epoch, ...]
    """The whole ones, first to last."""
    job: JobKind | None
    """What works on this run now: its training, or an evaluation of it."""
    progress: Progress | None
    """Of that job."""
    data: str
    """mnist or sample, once it was found out what `auto` is; until then as asked for."""
    metrics: dict[str, Any]
    """What `evaluate` measured of its checkpoint; empty before that."""
    unevaluated: str
    """Why the last evaluation failed; empty where none did."""

    @property
    def model(self) -> Path | None:
        """The folder of its model as it is now, for `DigitEngine.load`; None before the end of the
        first epoch, or before a stop. While it trains that is the last epoch's, which is never
        replaced."""
        if self.job != "training" and self.checkpoint:
            return self.checkpoint
        return self.epoch_model(len(self.epochs)) if self.epochs else None

    @property
    def checkpoint(self) -> Path | None:
        """The folder that is evaluated, and that a training goes on from; None before it was saved
        once, which comes after the epoch's model."""
        path = self.path / folders.CHECKPOINT_FOLDER
        return path if (folders.place(path) / CONFIG_FILE).is_file() else None

    def epoch_model(self, number: int) -> Path:
        """The folder of the model after an epoch, counted from 1."""
        return folders.epoch_folder(self.path, number)

    @property
    def kept_epochs(self) -> list[int]:
        """The numbers of the epochs whose model is there, first to last: all of them, but for a
        run that was imported without some."""
        numbers = [epoch.number for epoch in self.epochs]
        places = {n: folders.place(self.epoch_model(n)) for n in numbers}
        return [n for n in numbers if (places[n] / CONFIG_FILE).is_file()]

    @property
    def can_resume(self) -> bool:
        """Whether a job could go on with it."""
        return self.job is None and self.state != "finished"


@dataclass(frozen=True)
class Listing:
    """What a runs folder holds."""

    runs: list[Run]
    """The newest first."""
    broken: dict[str, str]
    """Name of the folder of a run that cannot be read -> the reason."""


def list_runs(root: Path) -> Listing:
    """Every run in the folder, the newest first; empty where there is no such folder."""
    folders.purge(root)
    runs: list[Run] = []
    broken = folders.misnamed(root)
    for path in folders.run_paths(root):
        try:
            runs.append(load(root, path.name))
        except RunsError as error:
            # One that was deleted a moment ago is not broken.
            if path.exists():
                broken[path.name] = str(error)
    runs.sort(key=lambda run: (run.created, run.id), reverse=True)
    return Listing(runs, broken)


def load(root: Path, run_id: str) -> Run:
    """The run of that id. Raises RunsError."""
    path = folders.run_folder(root, run_id)
    # The lock first: a job leaves its last event before it lets go of it.
    held = holder(root)
    job = held.kind if held and held.run == run_id else None
    described = path / folders.RUN_FILE
    name, created, setup = read_run_file(described, folders.stamp(described))
    log = path / folders.EVENTS_FILE
    config = folders.place(path / folders.CHECKPOINT_FOLDER) / CONFIG_FILE
    progress = events.read_progress(path / folders.PROGRESS_FILE) if job else None
    try:
        status, told = _story(log, folders.stamp(log), setup.model.z_dim, setup.train.epochs)
    except (OSError, ValueError) as error:
        raise RunsError(f"{log}: is not readable: {error}") from error
    return Run(
        path=path,
        id=path.name,
        name=name,
        setup=setup,
        created=created,
        state=_state(status, job, progress),
        job=job,
        progress=progress,
        metrics=_metrics(config, folders.stamp(config)),
        **{"data": setup.data} | told,
    )


def create(root: Path, setup: TrainingSpec, name: str = "", run_id: str = "") -> Run:
    """A new run, not yet begun, under a fresh id where none is given.

    Raises RunsError for a bad name or id, one that is there already, a full folder or disk.
    """
    run_id = run_id or folders.fresh_id()
    path = folders.run_folder(root, run_id, exists=False)
    folders.check_room(root, setup.bytes_needed, ", or train for fewer epochs")
    name = check_name(name) if name.strip() else _fresh_name(root, setup.preset)
    with folders.writing(path):
        root.mkdir(parents=True, exist_ok=True)
        with marked.temporary(root) as place:
            new = place / run_id
            new.mkdir()
            with marked.synced(new / folders.RUN_FILE) as file:
                file.write(_described(name, datetime.now(UTC), setup))
            new.rename(path)
    return load(root, run_id)


def rename(root: Path, run_id: str, name: str) -> None:
    """Give a run another name; several may have the same. Raises RunsError."""
    run, name = load(root, run_id), check_name(name)
    # Half made it lies beside the run, within which a job sweeps: where a link leads, if it is one.
    place = run.path.resolve() / folders.RUN_FILE
    with folders.writing(run.path), replacing(place, beside=place.parents[1]) as file:
        file.write(_described(name, run.created, run.setup))


def check_name(name: object) -> str:
    """A name for people, without what cannot be seen at its ends. Raises RunsError."""
    if not isinstance(name, str):
        raise RunsError("a name must be text")
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise RunsError(f"a name must have 1 to {MAX_NAME} characters")
    if not name.isprintable():
        raise RunsError("a name must be one line of characters that can be seen")
    return name


def prepare(path: Path) -> None:
    """Make a run's folder ready for a job; for the holder of the lock. Raises RunsError."""
    with folders.writing(path):
        for name in (folders.CONTROL_FILE, folders.PROGRESS_FILE):
            (path / name).unlink(missing_ok=True)
        events.mend(path / folders.EVENTS_FILE)
        folders.sweep(path)


@lru_cache(maxsize=256)
def read_run_file(path: Path, stamp: tuple[int, int]) -> tuple[str, datetime, TrainingSpec]:
    """Name, time of creation and setup out of a `run.json`. Raises RunsError. Read and checked once
    while its `folders.stamp` is the same: pages that name one run number those of its name, and so
    look at all."""
    try:
        values = read_json(path, MAX_RUN_FILE_BYTES)
    except CheckpointError as error:
        raise RunsError(str(error)) from error
    if values.get("kind") != "run":
        raise RunsError(f"{path}: describes no run")
    try:
        setup = TrainingSpec.from_json(values)
        created = datetime.fromisoformat(str(values.get("created"))).astimezone(UTC)
        return check_name(values.get("name")), created, setup
    except (ValueError, OverflowError, RunsError) as error:
        raise RunsError(f"{path}: {error}") from error


def _state(status: str, job: JobKind | None, progress: Progress | None) -> State:
    """By the last event and, where a process trains the run now, by the progress of that one."""
    if job == "training":
        # What the files tell is of an earlier process, until this one has begun to train.
        if progress is None or progress.phase == "data":
            return "starting"
        return "paused" if status == "paused" else _AT_REST.get(status, "training")
    return _AT_REST.get(status, "interrupted")


_AT_REST: dict[str, State] = {"stopped": "stopped", "failed": "failed", "finished": "finished"}


@lru_cache(maxsize=256)
def _story(
    path: Path, stamp: tuple[int, int], z_dim: int, epochs: int
) -> tuple[str, dict[str, Any]]:
    """What the events come to: the last one of the training itself, if any, and fields of `Run`."""
    log = events.read(path, epochs)
    statuses = [event for event in log if event["event"] in get_args(events.StatusName)]
    evaluations = [event for event in log if event["event"] in ("evaluated", "unevaluated")]
    last = statuses[-1] if statuses else {"event": ""}
    named = [event["data"] for event in statuses if event.get("data") in get_args(DataName)]
    return last["event"], {
        "message": events.message(last) if last["event"] == "failed" else "",
        "unevaluated": events.message(evaluations[-1]) if evaluations else "",
        "epochs": tuple(events.epochs(log, z_dim)),
        **({"data": named[-1]} if named else {}),
    }


@lru_cache(maxsize=256)
def _metrics(path: Path, stamp: tuple[int, int]) -> dict[str, Any]:
    try:
        metrics = read_json(path).get("metrics")
    except CheckpointError:
        return {}
    return metrics if isinstance(metrics, dict) else {}


def _described(name: str, created: datetime, setup: TrainingSpec) -> bytes:
    head = {"kind": "run", "format_version": FORMAT_VERSION}
    head |= {"name": name, "created": created.isoformat()}
    return (json.dumps(head | dataclasses.asdict(setup), indent=1) + "\n").encode()


def _fresh_name(root: Path, preset_name: str) -> str:
    taken = {run.name for run in list_runs(root).runs}
    return next(name for n in count(1) if (name := f"{preset_name} {n}") not in taken)
