"""Where runs lie on disk: their ids and paths, how much room they take, and the trash.

An id from outside is checked before it becomes a path. `run` reads what is in a run.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from vae_model.model import checkpoint, marked, swap
from vae_model.model.marked import entries
from vae_model.runs.lock import holder

CAP_VARIABLE = "VAE_RUNS_MAX_MB"

RUN_FILE = "run.json"
EVENTS_FILE = "events.jsonl"
PROGRESS_FILE = "progress.json"
CONTROL_FILE = "control"
LOG_FILE = "log.txt"
CHECKPOINT_FOLDER = "checkpoint"
EPOCHS_FOLDER = "epochs"
TRASH_PREFIX = f"{marked.PREFIX}trash-"
"""Of the marked folder that each deleted run lies in until it is gone for good."""

TRASH_SECONDS = 24 * 60 * 60

_ID = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z_.-]{0,63}")
_ID_HOLDS = "up to 64 letters, digits, and - _ . within"


class RunsError(Exception):
    """Something that cannot be done with a run; the message says why, for people. `advice` is the
    end of it that only the host can follow; `reason` is the rest."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason + advice)
        self.reason, self.advice = reason, advice


def folder() -> Path:
    """The runs folder: `runs` where the program is started, or what the environment names."""
    return Path(os.environ.get("VAE_RUNS_DIR") or "runs")


def cap_bytes() -> int:
    """How much the runs folder may hold. Raises RunsError where the environment names no number."""
    text = os.environ.get(CAP_VARIABLE) or "4000"
    if not text.strip().isdecimal():
        raise RunsError(
            "how much the runs may hold is not set rightly",
            f": {CAP_VARIABLE} must be a whole number of megabytes, not {text!r}",
        )
    return int(text) * 1_000_000


def used_bytes(root: Path) -> int:
    """How much the runs take, what was deleted and may yet be undone included, and what is half
    made. What else lies in the folder does not count."""
    ours = [*run_paths(root), *filter(marked.is_marked, entries(root))]
    return sum(map(bytes_under, ours))


def check_room(root: Path, needed: int, otherwise: str = "") -> None:
    """Raise RunsError, which says what would also help, where so many bytes more would exceed the
    cap. What was deleted makes room, the oldest first, as far as the cap or the disk asks for it.
    """
    cap, used = cap_bytes(), used_bytes(root)
    trash = {place: bytes_under(place) for place in _trash(root)}
    kept = used - sum(trash.values())
    if kept + needed > cap:
        raise RunsError(
            f"this needs up to {needed / 1e6:,.0f} MB, and the runs hold {kept / 1e6:,.0f} MB of "
            f"{cap / 1e6:,.0f} MB already: delete some{otherwise}",
            f", or raise {CAP_VARIABLE}",
        )
    for place, size in trash.items():
        if used + needed <= cap and shutil.disk_usage(root).free >= needed:
            break
        _discard(place)
        used -= size


def run_folder(root: Path, run_id: str, exists: bool = True) -> Path:
    """The folder of an id, which may come from anywhere. Raises RunsError where it is no id, or
    where there is no such run (or, with `exists=False`, where anything is)."""
    if not isinstance(run_id, str) or not _ID.fullmatch(run_id):
        raise RunsError(f"a run's id is a folder's name: {_ID_HOLDS}")
    path = root / run_id
    if exists and not holds_run(path):
        raise RunsError(f"there is no run {run_id}")
    if not exists and os.access(path, os.F_OK):
        raise RunsError(f"{path} is there already")
    return path


def epoch_folder(path: Path, number: int) -> Path:
    """Of the model after an epoch, counted from 1."""
    return path / EPOCHS_FOLDER / f"{number:04d}"


def place(model: Path) -> Path:
    """Where the model that belongs in a folder is: aside, if a kill left it so in its save."""
    with contextlib.suppress(OSError):
        return swap.place(model, checkpoint.CONFIG_FILE)
    return model


def run_paths(root: Path) -> list[Path]:
    """The folders of all runs, by id."""
    return [path for path in entries(root) if _ID.fullmatch(path.name) and holds_run(path)]


def misnamed(root: Path) -> dict[str, str]:
    """Name of each folder that holds a run and is no id, such as a file manager's copy -> the
    reason why it is not among the runs."""
    names = [path.name for path in entries(root) if holds_run(path)]
    others = [readable(name) for name in names if name[0] != "." and not _ID.fullmatch(name)]
    return dict.fromkeys(others, f"a run's folder has a name of {_ID_HOLDS}")


def readable(name: str) -> str:
    """A folder's name as a page can show it: what is no UTF-8 in it, as numbers."""
    return os.fsencode(name).decode(errors="backslashreplace")


def holds_run(path: Path) -> bool:
    # Unlike Path's own questions, this one fails on no folder that may not be looked into.
    return os.access(path / RUN_FILE, os.F_OK)


def run_of(path: Path) -> Path | None:
    """The folder of the run whose own folder or checkpoint this is; None where it is no run's."""
    path = path.absolute()
    if holds_run(path):
        return path
    # A link to a checkpoint is that too; a run's folder that is a link stays where it is.
    models = (each for each in (path, path.resolve()) if each.name == CHECKPOINT_FOLDER)
    return next((each.parent for each in models if holds_run(each.parent)), None)


def within(path: Path, reason: str) -> str:
    """The reason without the path of a folder, which tells visitors nothing but where it lies."""
    inside = reason.replace(f"{path.absolute()}{os.sep}", "").replace(f"{path}{os.sep}", "")
    return inside.replace(str(path.absolute()), path.name)


def fresh_id() -> str:
    """An id that no run has: its time in UTC to the microsecond, so that later ones sort behind,
    and something random."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.token_hex(2)}"


def delete(root: Path, run_id: str) -> str:
    """Put a run into a place of its own in the trash, whose name is returned: from there
    `undo_delete` brings it back until a day has passed, or its room is needed. Raises RunsError,
    also of a run that is being worked on."""
    path = run_folder(root, run_id)
    if (job := holder(root)) and job.run == run_id:
        raise RunsError("this run is being worked on: stop it first")
    with writing(path):
        place = marked.begin(root, f"{TRASH_PREFIX}{fresh_id()}-")
        try:
            path.rename(place / run_id)
        except OSError:
            marked.discard(place)
            raise
    return place.name


def deleted(root: Path, place: str) -> str | None:
    """The id of the run in a place in the trash, if it is still there."""
    purge(root)
    found = run_paths(root / place) if root / place in _trash(root) else []
    return found[0].name if found else None


def undo_delete(root: Path, place: str) -> None:
    """Bring the run in a place in the trash back.

    Raises RunsError where it is gone for good, or where there is another run of its id by now.
    """
    run_id = deleted(root, place)
    if run_id is None:
        raise RunsError("this run cannot be brought back: it is gone for good")
    path = root / run_id
    if path.exists():
        raise RunsError(f"there is another {run_id} by now: delete that one first")
    with writing(path):
        (root / place / run_id).rename(path)
        marked.discard(root / place)


def sweep(path: Path) -> None:
    """Remove what a killed process left half written within a run, and put back what it had just
    put aside. For the holder of the lock. Raises RunsError."""
    for parent in (path, path / EPOCHS_FOLDER):
        for entry in entries(parent):
            if entry.name.startswith(".") and entry.name.endswith(".previous"):
                try:
                    checkpoint.mend(parent / entry.name[1:].removesuffix(".previous"))
                except checkpoint.CheckpointError as error:
                    raise RunsError(str(error)) from error
            elif marked.is_marked(entry):
                marked.discard(entry)


def purge(root: Path) -> None:
    """Remove what was deleted, or left half made by a killed process, more than a day ago: of all
    that lies in the folder, only what carries our mark."""
    for path in filter(marked.is_marked, entries(root)):
        if time.time() - stamp(path)[0] / 1e9 > TRASH_SECONDS:
            _discard(path)


def _trash(root: Path) -> list[Path]:
    """The places of deleted runs, the oldest first."""
    places = [path for path in entries(root) if path.name.startswith(TRASH_PREFIX)]
    return list(filter(marked.is_marked, places))


def _discard(place: Path) -> None:
    """Under another name first, so that nothing half deleted is ever brought back."""
    # Another process may be doing the same.
    with contextlib.suppress(OSError):
        marked.discard(place.rename(place.with_name(f"{marked.PREFIX}{secrets.token_hex(4)}")))


def stamp(file: Path) -> tuple[int, int]:
    """Another one means that the file has changed."""
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def bytes_under(path: Path) -> int:
    """What the files in a folder hold together."""
    total = 0
    for parent, _, names in os.walk(path):
        for name in names:
            # What has gone meanwhile takes no room.
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).lstat().st_size
    return total


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise RunsError where an OSError would be, such as of a full disk; of a folder that is
    another user's, with what gives it to this one."""
    try:
        yield
    except OSError as error:
        reason, advice = error.strerror or str(error), ""
        if error.errno in (errno.EACCES, errno.EPERM) and hasattr(os, "geteuid"):
            user = os.geteuid()
            there = next(p for p in (path, *path.absolute().parents) if os.access(p, os.F_OK))
            reason = f"this program runs as user {user}, who may not write there"
            advice = (
                f". Give that user the folder by: chown -R {user} {there} (for a container, on the "
                "machine it runs on, the folder that is mounted there)"
            )
        raise RunsError(f"cannot write {path}: {reason}", advice) from error
