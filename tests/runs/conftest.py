import dataclasses
import shutil
from pathlib import Path

import pytest

from vae_model.runs import worker
from vae_model.runs.run import Run, create, load
from vae_model.runs.spec import TrainingSpec


@pytest.fixture(scope="session")
def stopped_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stopped")
    run = create(root, load(trained_once, "done").setup, run_id="cut")
    asked = iter([False] * 8 + [True])  # of six batches an epoch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker.Desk, "waits_to_stop", lambda _: next(asked))
        assert not worker.train_run(run)
    return run.path


@pytest.fixture
def cut(root: Path, stopped_once: Path) -> Run:
    """A run like `done`, and beside it, but stopped in its second epoch of three."""
    shutil.copytree(stopped_once, root / "cut")
    return load(root, "cut")


@pytest.fixture
def long(tiny: TrainingSpec) -> TrainingSpec:
    """A training that ends only when it is told to."""
    return dataclasses.replace(tiny, train=dataclasses.replace(tiny.train, epochs=10_000))
