"""The one training (or evaluation) that runs in a runs folder: start it, pause it, stop it.

A job is a process of its own, `vae_model.commands.job`, that outlives whoever started it and writes
all it has to tell into the run's folder, where `run` reads it. It gives way to other processes and
uses one core.
"""

import contextlib
import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from vae_model.model.atomic import replacing
from vae_model.runs import folders
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import AVAILABLE, Busy, Job, JobKind, acquire
from vae_model.runs.run import create, load, prepare
from vae_model.runs.spec import TrainingSpec

NICENESS = 10
NO_LOCK = (
    "Training, and the evaluation of a run, need Linux or macOS. Everything else works here too."
)

_COMMAND = (sys.executable, "-m", "vae_model.commands.job")
_OFF = "Training is turned off on this server."
_estimating = threading.Lock()


def is_allowed() -> bool:
    return not why_not()


def why_not() -> str:
    """Why visitors may not train on this server, as a sentence; empty where they may."""
    if is_turned_off():
        return _OFF
    if not has_torch():
        return "Training needs PyTorch, which is not installed on this server."
    return "" if AVAILABLE else NO_LOCK


def is_turned_off() -> bool:
    """Whether the host lets visitors change nothing here: where VAE_TRAINING is anything but on (or
    1, yes, true), so that a slip of the pen opens nothing."""
    value = os.environ.get("VAE_TRAINING", "").strip().lower()
    return value not in ("", "on", "1", "yes", "true")


def check_not_turned_off() -> None:
    """Raises RunsError."""
    if is_turned_off():
        raise RunsError(_OFF)


def has_torch() -> bool:
    """Whether there is what training and measuring need beyond serving (`requirements.txt`)."""
    return all(importlib.util.find_spec(name) for name in ("torch", "torchvision", "tqdm"))


def start(root: Path, setup: TrainingSpec, name: str = "") -> str:
    """Begin a new run in the background; returns its id.

    Raises RunsError where training is off, another job runs, the folder or the disk is full, or
    the name is none.
    """
    _check_allowed()
    path = root / folders.fresh_id()
    with claimed(path, "training") as handle:
        create(root, setup, name, path.name)
        _spawn("training", path, handle)
    return path.name


def resume(root: Path, run_id: str) -> None:
    """Go on with a run that is paused, or in the background with one that was stopped,
    interrupted or failed, from its last whole epoch, or where it was stopped.

    Raises RunsError where training is off, there is no such run, it is finished, another runs, or
    the folder or the disk is full.
    """
    _check_allowed()
    run = load(root, run_id)
    if run.job == "training":
        _order(run.path, "run")
        return
    if run.state == "finished":
        raise RunsError("this run is finished: there is nothing to go on with")
    with claimed(run.path, "training") as handle:
        # As before its start: meanwhile others may have filled what it did not need yet.
        if (rest := run.setup.bytes_needed - folders.bytes_under(run.path)) > 0:
            folders.check_room(root, rest)
        _spawn("training", run.path, handle)


def pause(root: Path, run_id: str) -> None:
    """Let the run's training wait after the batch it is at, until `resume` or `stop`.

    Raises RunsError where it is not training.
    """
    run = load(root, run_id)
    if run.job != "training":
        raise RunsError("this run is not training")
    _order(run.path, "pause")


def stop(root: Path, run_id: str) -> None:
    """End the run's job, wherever it runs, and return at once: a training saves where it is after
    the batch it is at, where that does not take too long; an evaluation leaves nothing. Raises
    RunsError where it has no job."""
    run = load(root, run_id)
    if not run.job:
        raise RunsError("nothing works on this run now")
    _order(run.path, "stop")


def evaluate(root: Path, run_id: str) -> None:
    """Measure the run's model in the background, as `python -m vae_model evaluate` does; the
    figures become the run's `metrics`. Raises RunsError as `resume` does."""
    _check_allowed()
    run = load(root, run_id)
    if not run.checkpoint:
        raise RunsError("this run has no model yet")
    with claimed(run.path, "evaluation") as handle:
        _spawn("evaluation", run.path, handle)


def estimate(setup: TrainingSpec) -> float:
    """Seconds that a training will take on this machine as busy as it is now: runs a few of its
    batches in another process, which takes some seconds. Raises RunsError where training is off,
    another estimate is made, or it fails."""
    _check_allowed()
    if not _estimating.acquire(blocking=False):
        raise RunsError("another estimate is being made: try again in a moment")
    try:
        done = subprocess.run(
            [*_COMMAND, "estimate", json.dumps(dataclasses.asdict(setup))],
            env=_environment(),
            capture_output=True,
            check=True,
            timeout=120,
        )
        return float(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise RunsError("too slow to estimate: a few batches take minutes") from error
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise RunsError("the time could not be estimated") from error
    finally:
        _estimating.release()


@contextlib.contextmanager
def claimed(path: Path, kind: JobKind) -> Iterator[int]:
    """Hold the lock of the runs folder for a run, which is made ready where it is there, within the
    block and after it as long as a child has the lock's open file, which is yielded.

    Raises RunsError where another job runs, or none can.
    """
    if not AVAILABLE:
        raise RunsError(NO_LOCK)
    root = path.parent
    try:
        with folders.writing(root):
            root.mkdir(parents=True, exist_ok=True)
            handle = acquire(root, path.name, kind)
    except Busy as busy:
        raise RunsError(f"{_said(root, busy.job)} is running: only one can at a time") from busy
    try:
        if folders.holds_run(path):
            prepare(path)
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def measuring(path: Path) -> Iterator[Path | None]:
    """Hold that lock for the run whose own folder or checkpoint this is, as whoever stores anything
    with its model does, and yield its folder; None, and without a lock, where it is no run's.

    Raises RunsError as `claimed` does, and for a run that cannot be read.
    """
    run = folders.run_of(path)
    if run is None:
        yield None
        return
    load(run.parent, run.name)  # Says what is wrong before anything there is touched.
    with claimed(run, "evaluation"):
        yield run


def _said(root: Path, job: Job | None) -> str:
    if job is None:
        return "another training"
    try:
        name = f" of {load(root, job.run).name!r}"
    except RunsError:
        name = ""
    return f"a{'n' if job.kind == 'evaluation' else ''} {job.kind}{name}"


def _check_allowed() -> None:
    if reason := why_not():
        raise RunsError(reason)


def _order(path: Path, order: str) -> None:
    """Leave an order for the run's job. A stop stays one, whoever pauses or goes on right after it;
    `prepare` takes it away before the next job."""
    control = path / folders.CONTROL_FILE
    with folders.writing(path):
        if control.exists() and control.read_bytes() == b"stop":
            return
        with replacing(control) as file:
            file.write(order.encode())


def _spawn(kind: JobKind, path: Path, handle: int) -> None:
    """Start the job in a session of its own, so that neither a closed terminal nor the end of this
    process reaches it."""
    try:
        with (path / folders.LOG_FILE).open("ab") as log:
            process = subprocess.Popen(
                [*_COMMAND, kind, str(path), str(handle)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                pass_fds=(handle,),
                start_new_session=True,
            )
    except OSError as error:
        raise RunsError(f"cannot start a process: {error.strerror or error}") from error
    # Reap the child when it ends, or it stays a zombie.
    threading.Thread(target=process.wait, daemon=True).start()


def _environment() -> dict[str, str]:
    """This process's, with the package where it was found here, and one thread."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, os.environ.get("PYTHONPATH", "")]
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return os.environ | single | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
