import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Before numpy or torch are imported: at these sizes a second thread costs more than it gives.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from tests.support.app import serve
from vae_model.runs import run, worker
from vae_model.runs.spec import TrainingSpec

if TYPE_CHECKING:
    import torch


@pytest.fixture
def generator() -> "torch.Generator":
    """Random numbers that are the same in every run."""
    import torch  # not for the browser's tests, which need none

    return torch.Generator().manual_seed(0)


TINY = {"encoder_hidden": (8,), "decoder_hidden": (8,), "classifier_hidden": (8,), "z_dim": 3}


@pytest.fixture(scope="session")
def tiny() -> TrainingSpec:
    """A training of three epochs on 300 images, over in less than a second."""
    return TrainingSpec.of("quick", TINY | {"epochs": 3}, "sample", held_out=9700)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory, tiny: TrainingSpec) -> Path:
    """A runs folder that no test may change; see `root`."""
    folder = tmp_path_factory.mktemp("trained")
    assert worker.train_run(run.create(folder, tiny, "first", "done"))
    return folder


@pytest.fixture
def root(trained_once: Path, tmp_path: Path) -> Path:
    """A runs folder with one finished run, `done`, of the tiny setup."""
    return Path(shutil.copytree(trained_once, tmp_path / "runs"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the app with the shipped checkpoints."""
    with serve() as address:
        yield address
