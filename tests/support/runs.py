"""States of a runs folder that a test cannot wait for."""

import contextlib
import errno
import os
import resource
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


@contextlib.contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Within the block the disk has no room for a file of more bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing more goes onto the disk."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
