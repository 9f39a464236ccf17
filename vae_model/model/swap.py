"""A new folder in the place of an old one of the same name, while others read.

A folder cannot be renamed onto a full one, so the old one steps aside for a moment: whoever reads
looks there too (`place`). What a kill in between leaves is mended by the next writer (`mend`).
Files of other names that lay in the old folder are nobody's to remove: they come along.
"""

import contextlib
import os
from collections.abc import Set
from pathlib import Path

from vae_model.model import marked


def aside(path: Path) -> Path:
    """Where the folder at `path` is while another takes its place."""
    return path.with_name(f".{path.name}.previous")


def place(path: Path, name: str) -> Path:
    """Where to read the folder that belongs at `path` and holds a file of this name: there, or
    where it has stepped aside to; `path` where it is at neither. Raises OSError."""
    # The last look is for what came back since the first.
    for found in (path, aside(path.resolve()), path):
        if (found / name).is_file():
            return found
    return path


def replace(new: Path, path: Path, own: Set[str]) -> None:
    """Put the folder `new`, which lies in a marked one, at `path`; of the folder that was there,
    the files named `own` go. After `mend`. Raises OSError; what was there before then is there
    still."""
    old = aside(path)
    if marked.entries(path):
        path.rename(old)
    try:
        new.rename(path)
    except OSError:
        mend(path, own)
        raise
    marked.sync_folder(path.parent)
    # The new one is in its place: the next writer may see to what is left.
    with contextlib.suppress(OSError):
        _dismiss(old, path, own, new.parent)


def mend(path: Path, own: Set[str]) -> None:
    """End what a killed `replace` had begun: put the old folder back where there is no other, or
    see it off. For the one writer alone. Raises OSError."""
    old = aside(path)
    if old.is_dir() and not path.exists():
        old.rename(path)
    elif old.is_dir():
        with marked.temporary(path.parent) as dump:
            _dismiss(old, path, own, dump)


def _dismiss(old: Path, path: Path, own: Set[str], dump: Path) -> None:
    """Bring to `path` what in the old folder is not `own`, and the rest into the marked folder
    `dump`, in one step: so it is never half removed where readers look."""
    others = [
        entry
        for entry in marked.entries(old)
        if entry.name not in own and not marked.is_marked(entry)
    ]
    for entry in others:
        if not os.path.lexists(path / entry.name):
            entry.rename(path / entry.name)
    if not any(map(os.path.lexists, others)) and old.is_dir():
        old.rename(dump / old.name)
