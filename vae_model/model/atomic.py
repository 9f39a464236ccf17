"""A file that is written whole or not at all."""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from vae_model.model import marked


@contextlib.contextmanager
def replacing(path: Path, beside: Path | None = None) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of the one at `path` once the block is over and all
    of it is on disk. Where the block fails, what was there stays as it was. It is written in a
    marked folder in `beside`, of the same disk, or in the file's own folder.

    Raises OSError.
    """
    mode = stat.S_IFREG | 0o644
    with contextlib.suppress(FileNotFoundError):
        mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        # A device or a pipe has nothing that could be lost; a folder is refused.
        with path.open("wb") as file:
            yield file
        return
    path = path.resolve()  # A link stays one; /dev/stdout, a link to no path, never comes here.
    with marked.temporary(beside or path.parent) as folder:
        whole = folder / path.name
        with marked.synced(whole) as file:
            yield file
        whole.chmod(stat.S_IMODE(mode))
        whole.replace(path)
