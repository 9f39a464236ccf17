"""Where runs lie on disk: their ids and paths, how much room they take, and the trash.

Knows folders and their names, nothing of what is in a run (see `vae_model.runs`). An id from
outside is checked before it becomes a path.
"""

import contextlib
import os
import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from vae_model import checkpoint, marked
from vae_model.lock import holder
from vae_model.marked import entries

FOLDER_VARIABLE = "VAE_RUNS_DIR"
DEFAULT_FOLDER = Path("runs")
CAP_VARIABLE = "VAE_RUNS_MAX_MB"
DEFAULT_CAP_MB = 4000

RUN_FILE = "run.json"
EVENTS_FILE = "events.jsonl"
PROGRESS_FILE = "progress.json"
CONTROL_FILE = "control"
LOG_FILE = "log.txt"
CHECKPOINT_FOLDER = "checkpoint"
EPOCHS_FOLDER = "epochs"
TRASH_FOLDER = f"{marked.PREFIX}trash"

TRASH_SECONDS = 24 * 60 * 60

_ID = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z_.-]{0,63}")


class RunsError(Exception):
    """Something that cannot be done with a run; the message says why, for people."""


def folder() -> Path:
    """The runs folder: `runs` where the program is started, or what the environment names."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def cap_bytes() -> int:
    """How much the runs folder may hold. Raises RunsError where the environment names no number."""
    text = os.environ.get(CAP_VARIABLE) or str(DEFAULT_CAP_MB)
    try:
        megabytes = int(text)
    except ValueError:
        megabytes = -1
    if megabytes < 0:
        raise RunsError(f"{CAP_VARIABLE} must be a whole number of megabytes, not {text!r}")
    return megabytes * 1_000_000


def used_bytes(root: Path) -> int:
    """How much the runs take, what was deleted and may yet be undone included, and what is half
    made. What else lies in the folder does not count."""
    ours = [*run_paths(root), *filter(marked.is_marked, entries(root))]
    return sum(map(bytes_under, ours))


def check_room(root: Path, needed: int) -> None:
    """Raise RunsError where so many bytes more would exceed the cap."""
    cap, used = cap_bytes(), used_bytes(root)
    if used + needed > cap:
        raise RunsError(
            f"this needs up to {_megabytes(needed)}, and the runs hold {_megabytes(used)} of "
            f"{_megabytes(cap)} already: delete some, train for fewer epochs, or raise "
            f"{CAP_VARIABLE}"
        )


def run_folder(root: Path, run_id: str, exists: bool = True) -> Path:
    """The folder of an id, which may come from anywhere.

    Raises RunsError where it is no id, or where there is no such run (or, with `exists=False`,
    where there is one).
    """
    if not isinstance(run_id, str) or not _ID.fullmatch(run_id):
        raise RunsError("a run's id is letters, digits, and - _ . within")
    path = root / run_id
    if exists and not (path / RUN_FILE).is_file():
        raise RunsError(f"there is no run {run_id}")
    if not exists:
        if path.exists():
            raise RunsError(f"{path} is there already")
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(root, error) from error
    return path


def epoch_folder(path: Path, number: int) -> Path:
    """Where a run keeps the model after an epoch, counted from 1."""
    return path / EPOCHS_FOLDER / f"{number:04d}"


def run_paths(root: Path) -> list[Path]:
    """The folders of all runs, by id."""
    return [
        path for path in entries(root) if _ID.fullmatch(path.name) and (path / RUN_FILE).is_file()
    ]


def fresh_id() -> str:
    """An id that no run has: its time in UTC to the microsecond, so that later ones sort behind,
    and something random."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.token_hex(2)}"


def delete(root: Path, run_id: str) -> None:
    """Put a run into the trash, from where `undo_delete` brings it back until another is deleted
    or a day has passed. One that is being worked on must be stopped first. Raises RunsError."""
    path = run_folder(root, run_id)
    job = holder(root)
    if job and job.run == run_id:
        raise RunsError("this run is being worked on: stop it first")
    try:
        _empty_trash(root)
        path.rename(_trash(root) / run_id)
    except OSError as error:
        raise unwritable(path, error) from error


def deleted(root: Path) -> str | None:
    """The id of the run in the trash, if there is one."""
    purge(root)
    return next((path.name for path in run_paths(root / TRASH_FOLDER)), None)


def undo_delete(root: Path) -> str:
    """Bring the run in the trash back; returns its id. Raises RunsError."""
    run_id = deleted(root)
    if run_id is None:
        raise RunsError("there is nothing left to bring back")
    path = run_folder(root, run_id, exists=False)
    try:
        (root / TRASH_FOLDER / run_id).rename(path)
    except OSError as error:
        raise unwritable(path, error) from error
    return run_id


def sweep(path: Path) -> None:
    """Remove what a killed process left half written within a run, and put back what it had just
    put aside. For the holder of the lock. Raises CheckpointError."""
    for parent in (path, path / EPOCHS_FOLDER):
        for entry in entries(parent):
            if entry.name.startswith(".") and entry.name.endswith(".previous"):
                checkpoint.mend(parent / entry.name[1:].removesuffix(".previous"))
            elif marked.is_marked(entry):
                marked.discard(entry)


def purge(root: Path) -> None:
    """Remove what was deleted, or left half made by a killed process, more than a day ago: of all
    that lies in the folder, only what carries our mark."""
    for path in entries(root):
        if marked.is_marked(path) and _age(path) > TRASH_SECONDS:
            # Another process may be doing the same.
            with contextlib.suppress(OSError):
                if path.name == TRASH_FOLDER:
                    _empty_trash(root)
                else:
                    marked.discard(path)


def _trash(root: Path) -> Path:
    """The trash, made where there is none. Raises OSError, RunsError for one that is not ours."""
    trash = root / TRASH_FOLDER
    if not trash.exists():
        marked.begin(root).rename(trash)
    if not marked.is_marked(trash):
        raise RunsError(f"{trash} is not the trash of this program: move it away")
    return trash


def _empty_trash(root: Path) -> None:
    """Under another name first, so that nothing half deleted is ever brought back."""
    trash = root / TRASH_FOLDER
    if marked.is_marked(trash):
        marked.discard(trash.rename(f"{trash}-{secrets.token_hex(4)}"))


def _age(path: Path) -> float:
    """Seconds since a file was written, or since a folder gained or lost an entry."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def bytes_under(path: Path) -> int:
    """What the files in a folder hold together."""
    total = 0
    for parent, _, names in os.walk(path):
        for name in names:
            # What has gone meanwhile takes no room.
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).lstat().st_size
    return total


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def unwritable(path: Path, error: OSError) -> RunsError:
    """What to raise of a folder that cannot be written, such as a full disk."""
    return RunsError(f"cannot write {path}: {error.strerror or error}")
