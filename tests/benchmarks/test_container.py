"""The files that the image takes are all that the app needs; no engine is needed to see it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.app import serve_process
from tests.support.image import image_files, lay_out
from tests.support.visitor import Visitor
from ui.shared.pages import EXPLORE, PAGES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's work folder, as the Dockerfile and .dockerignore would make it."""
    folder = tmp_path_factory.mktemp("image")
    lay_out(image_files(ROOT), folder)
    return folder


def test_the_image_has_no_data_set_no_tests_and_no_trainings() -> None:
    folders = {place.parts[0] for place in image_files(ROOT)}
    assert folders == {".streamlit", "app.py", "checkpoints", "ui", "vae_model"}


def test_every_page_is_served_by_the_images_files_alone(image_folder: Path, tmp_path: Path) -> None:
    log, runs = tmp_path / "log", str(tmp_path / "runs")
    elsewhere = ("env", f"--chdir={image_folder}", "--unset=PYTHONPATH")

    async def visit(address: str) -> dict[str, int]:
        async with Visitor(address) as visitor:
            await visitor.open()
            return {name: await visitor.open(name) for name in names}

    names = [page.address for page in PAGES if page is not EXPLORE]
    environment = {"VAE_RUNS_DIR": runs}
    with serve_process(log=log, environment=environment, wrapper=elsewhere) as (address, _):
        assert asyncio.run(visit(address)) == dict.fromkeys(names, 0)
    assert '"error"' not in log.read_text()
    ready = log.read_text().splitlines()[0]
    assert "studio" in ready and "article" in ready


def test_a_model_is_trained_by_the_images_files_alone(image_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vae_model", "train", "--preset=quick", "--data=sample"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [*command, "--epochs=1", "--out", str(tmp_path / "model")],
        cwd=image_folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model" / "weights.safetensors").exists()
