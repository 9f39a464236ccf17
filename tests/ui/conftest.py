"""An app on checkpoints of its own: tiny random models, which need no training."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.support.app import ROOT
from tests.support.models import AddModel, random_checkpoint
from tests.support.seen import open_page
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import save

os.environ.pop("VAE_CHECKPOINTS_DIR", None)  # which a developer may have set
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
def add_model(checkpoints: Path) -> AddModel:
    """Puts a small random model into the checkpoints folder."""

    def add(name: str = "studio", seed: int = 0, metrics: object = None) -> Path:
        save(checkpoints / name, random_checkpoint(seed, metrics, z_dim=Z_DIM, **WIDTHS))
        return checkpoints / name

    return add


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app, not yet run; a test fails wherever a page of it does."""
    app = AppTest.from_file(ROOT / "app.py", default_timeout=90)
    run = app._run

    def checked(*arguments: Any, **options: Any) -> AppTest:
        run(*arguments, **options)
        assert not app.exception
        return app

    monkeypatch.setattr(app, "_run", checked)
    return app


@pytest.fixture
def page(request: pytest.FixtureRequest, add_model: AddModel, app: AppTest) -> AppTest:
    """The page in whose folder the test lies, with one small model."""
    add_model()
    return open_page(app, request.path.parent.name)
