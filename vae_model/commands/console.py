"""What several commands of the command line share."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vae_model.model.config import ConfigError
from vae_model.runs.folders import RUN_FILE
from vae_model.runs.jobs import claimed
from vae_model.runs.lock import JobKind
from vae_model.runs.run import prepare

# torch is imported where a command needs it: --help and usage errors answer at once.
if TYPE_CHECKING:
    from vae_model.data.mnist import DigitData


class Failure(Exception):
    """Ends the command with exit code 1 and this line."""


def give_way(niceness: int) -> None:
    """To other processes, as far as the system knows of that."""
    if hasattr(os, "nice"):
        os.nice(niceness)


def say_error(message: str, code: int) -> int:
    """Say why a command ends; returns its exit code."""
    print(f"vae_model: {message}", file=sys.stderr)
    return code


def load_data(name: str, threads: int, held_out: int = 0) -> "DigitData":
    """The data of that name, told of on stderr. Raises Failure and ConfigError."""
    use_threads(threads)
    from vae_model.data.mnist import DataError
    from vae_model.training import resumable

    try:
        data = resumable.load_data(name, held_out)
    except DataError as error:
        if name in ("mnist", "sample", "auto"):
            raise Failure(" ".join(error.args)) from error
        raise ConfigError(str(error)) from error
    print(
        f"data: {data.name}, {len(data.train):,} training and {len(data.test):,} test digits",
        file=sys.stderr,
    )
    return data


def use_threads(count: int) -> None:
    """So many threads for torch, at least one."""
    import torch

    torch.set_num_threads(max(1, count))


@contextlib.contextmanager
def holding_lock(options: argparse.Namespace, path: Path, kind: JobKind) -> Iterator[None]:
    """Be the one job of a runs folder within the block: by a lock that this process was started
    with, or by its own. `path` is a run that was read, or is yet to be made."""
    if options.lock_fd is not None:
        try:
            yield
        finally:
            # Before the interpreter goes, which takes a while with torch.
            os.close(options.lock_fd)
        return
    with claimed(path.parent, path.name, kind):
        if (path / RUN_FILE).is_file():
            prepare(path)
        yield
