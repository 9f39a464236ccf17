"""Folders of our own that may be removed again: half made ones, and the trash.

What takes long is made in a folder beside its place and put there by a rename, so that it appears
whole or not at all. Such a folder carries a mark, a file that nobody else makes; what a killed
process left behind is known by that alone, never by its name.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MARK_FILE = ".made-by-vae-model"
PREFIX = ".vae-"


def begin(parent: Path, prefix: str = PREFIX) -> Path:
    """A fresh marked folder in `parent`, for `discard` when all is done. Raises OSError."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        folder.chmod(0o755)
        (folder / MARK_FILE).touch()
    except OSError:
        folder.rmdir()
        raise
    return folder


@contextlib.contextmanager
def temporary(parent: Path) -> Iterator[Path]:
    """A marked folder in `parent`, gone when the block is over. Raises OSError."""
    folder = begin(parent)
    try:
        yield folder
    finally:
        discard(folder)


def can_begin(parent: Path) -> bool:
    """Whether a folder could be made in `parent`, or in the nearest one above it that there is."""
    parent = parent.absolute()
    there = next(path for path in (parent, *parent.parents) if os.access(path, os.F_OK))
    return os.access(there, os.W_OK | os.X_OK)


def can_replace(folder: Path) -> bool:
    """Whether a folder that is there could be read and moved, as far as can be told before."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return False
    above = folder.parent.stat()
    # In a sticky one, such as /tmp, only who owns an entry may move it.
    owners = (0, above.st_uid, folder.stat().st_uid)
    return not above.st_mode & stat.S_ISVTX or os.geteuid() in owners


def is_marked(path: Path) -> bool:
    """Whether this is a folder that `begin` made, and no link to one. A kill at its very beginning
    or end leaves one without a mark, with nothing in it but the prefix in its name."""
    if path.is_symlink():
        return False
    with contextlib.suppress(OSError):
        if (path / MARK_FILE).is_file():
            return True
        return path.name.startswith(PREFIX) and not any(path.iterdir())
    return False


def discard(folder: Path) -> None:
    """Remove a marked folder as far as it can be. The mark goes last, so that what a kill leaves
    of it still carries one."""
    others = [entry for entry in entries(folder) if entry.name != MARK_FILE]
    for entry in others:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                entry.unlink()
    if not any(map(os.path.lexists, others)):
        with contextlib.suppress(OSError):
            (folder / MARK_FILE).unlink(missing_ok=True)
            folder.rmdir()


@contextlib.contextmanager
def synced(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, all of it on disk once the block is over. Raises OSError."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Have on disk which entries a folder holds. Raises OSError."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows, where no folder can be opened.
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def entries(path: Path) -> list[Path]:
    """What is in a folder, by name; nothing where it is none."""
    try:
        return sorted(path.iterdir())
    except OSError:
        return []
