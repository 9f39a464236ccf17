"""The files that the image takes are all that the app needs; no engine is needed to see it."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.support.app import ROOT, serve_process
from tests.support.image import image_files, lay_out
from tests.support.processes import output
from tests.support.visits import errors_on_pages


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Runs a command in the image's work folder, as the Dockerfile and .dockerignore make it."""
    folder = tmp_path_factory.mktemp("image")
    lay_out(image_files(ROOT), folder)
    return "env", f"--chdir={folder}", "--unset=PYTHONPATH"


def test_the_image_has_no_data_set_no_tests_and_no_trainings() -> None:
    folders = {place.parts[0] for place in image_files(ROOT)}
    assert folders == {".streamlit", "app.py", "checkpoints", "ui", "vae_model"}


def test_every_page_is_served_by_the_images_files_alone(
    elsewhere: tuple[str, ...], tmp_path: Path
) -> None:
    log, environment = tmp_path / "log", {"VAE_RUNS_DIR": str(tmp_path / "runs")}
    with serve_process(log=log, environment=environment, wrapper=elsewhere) as (address, _):
        assert asyncio.run(errors_on_pages(address)) == 0
    assert '"error"' not in log.read_text()
    ready = log.read_text().splitlines()[0]
    assert "studio" in ready and "article" in ready


def test_a_model_is_trained_by_the_images_files_alone(
    elsewhere: tuple[str, ...], tmp_path: Path
) -> None:
    command = (*elsewhere, sys.executable, "-m", "vae_model", "train", "--out", tmp_path / "model")
    output(*command, "--preset=quick", "--data=sample", "--epochs=1")
    assert (tmp_path / "model" / "weights.safetensors").exists()
