"""An app on checkpoints of its own: tiny random models, which need no training."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.support.models import random_checkpoint
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import save

ROOT = Path(__file__).resolve().parents[2]
Z_DIM = 4
WIDTHS = {"encoder_hidden": (8,), "decoder_hidden": (8,), "classifier_hidden": (8,)}


# What is installed stays as it is, and to look through it takes half of the time of such a test.
@pytest.fixture(scope="session", autouse=True)
def _components_of_packages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="module", params=["studio", "article"])
def shipped(request: pytest.FixtureRequest) -> DigitEngine:
    """Each model that comes with the app."""
    return DigitEngine.load(ROOT / "checkpoints" / request.param)


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the app takes for its checkpoints; empty."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    monkeypatch.setenv("VAE_CHECKPOINTS_DIR", str(folder))
    return folder


@pytest.fixture
def add_model(checkpoints: Path) -> Callable[..., Path]:
    """Puts a small random model into the checkpoints folder."""

    def add(name: str = "studio", seed: int = 0, metrics: object = None) -> Path:
        save(checkpoints / name, random_checkpoint(seed, metrics, z_dim=Z_DIM, **WIDTHS))
        return checkpoints / name

    return add


@pytest.fixture
def app() -> AppTest:
    """The app, not yet run."""
    return AppTest.from_file(ROOT / "app.py", default_timeout=90)
