"""States of a runs folder that a test cannot wait for."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vae_model.runs.lock import JobKind, acquire


@contextlib.contextmanager
def working(root: Path, run_id: str = "done", kind: JobKind = "training") -> Iterator[None]:
    """Within the block a job works on the run."""
    handle = acquire(root, run_id, kind)
    try:
        yield
    finally:
        os.close(handle)


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing more goes onto the disk."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
