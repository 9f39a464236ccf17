"""One job at a time in a runs folder.

The job's process holds an advisory lock (flock) on a file in the folder, which the kernel releases
however the process ends: there is no stale lock, and no process id is written or trusted. What the
file says of the job counts only while the lock is held.
"""

import contextlib
import errno
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

AVAILABLE = fcntl is not None
"""Whether this system has such locks; where it has none, there are no jobs."""
LOCK_FILE = ".lock"
PATIENCE_S = 0.5
"""How long `acquire` tries: a reader who looks at the lock holds it for a moment too."""

_SIZE = 256

JobKind = Literal["training", "evaluation"]


@dataclass(frozen=True)
class Job:
    """What runs in a runs folder."""

    run: str
    """Its id."""
    kind: JobKind


class Busy(Exception):
    """Another job holds the lock; `job` says which, where it has said so itself."""

    def __init__(self, job: Job | None) -> None:
        super().__init__("another training or evaluation is running")
        self.job = job


def acquire(folder: Path, run: str, kind: JobKind) -> int:
    """Take the folder's lock for a job; returns the open file that holds it, in whatever process.

    Raises Busy, or OSError where the file cannot be written or is somebody else's. Only where
    locks are AVAILABLE.
    """
    handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy(_read(handle)) from None
                time.sleep(0.01)
        if os.fstat(handle).st_size and _read(handle) is None:
            raise OSError(errno.EEXIST, f"its {LOCK_FILE} is not of this program: move it away")
        # One write of one size, so that no reader sees half of it.
        os.pwrite(handle, json.dumps(asdict(Job(run, kind))).encode().ljust(_SIZE), 0)
    except BaseException:
        os.close(handle)
        raise
    return handle


def holder(folder: Path) -> Job | None:
    """The job that runs in the folder now, if any."""
    if not AVAILABLE:
        return None
    # Some network disks have no locks: there, `acquire` lets no job begin.
    with contextlib.suppress(OSError), (folder / LOCK_FILE).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(file.fileno())
    return None


def _read(handle: int) -> Job | None:
    try:
        values = json.loads(os.pread(handle, _SIZE, 0))
        job = Job(values["run"], values["kind"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return job if job.kind in get_args(JobKind) else None
