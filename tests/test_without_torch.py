"""Where PyTorch is not installed all is served, and what needs it says so in one line."""

import asyncio
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.app import ROOT, serve_process
from tests.support.processes import python
from tests.support.visits import errors_on_pages
from vae_model.__main__ import COMMANDS, WITHOUT_TORCH, main
from vae_model.data.mnist import SAMPLE_FILE

BEYOND_SERVING = ("torch", "torchvision", "tqdm")


@pytest.fixture
def environment(tmp_path: Path, root: Path) -> dict[str, str]:
    """Of a Python that cannot import them, with a runs folder that holds one run."""
    folder = tmp_path / "startup"
    folder.mkdir()
    lines = ["import sys", *(f"sys.modules[{name!r}] = None" for name in BEYOND_SERVING)]
    (folder / "sitecustomize.py").write_text("\n".join(lines))
    return {"PYTHONPATH": str(folder), "VAE_RUNS_DIR": str(root)}


def test_the_packages_that_are_missing_here_are_those_that_serving_leaves_out() -> None:
    names = {
        file: set(re.findall(r"^([a-z]+)==", (ROOT / file).read_text(), re.MULTILINE))
        for file in ("requirements.txt", "requirements-serve.txt")
    }
    assert names["requirements.txt"] == set(BEYOND_SERVING)
    assert not names["requirements-serve.txt"] & set(BEYOND_SERVING)
    assert "-r requirements-serve.txt\n" in (ROOT / "requirements.txt").read_text()


def test_every_page_is_served(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serve_process(log=log, environment=environment) as (address, _):
        assert asyncio.run(errors_on_pages(address)) == 0
    assert '"error"' not in log.read_text()


def test_digits_are_read_and_written_and_runs_taken_along_and_brought_back(
    environment: dict[str, str], root: Path, tmp_path: Path
) -> None:
    with np.load(SAMPLE_FILE) as sample:
        Image.fromarray(sample["test_images"][0]).save(tmp_path / "digit.png")
        label = sample["test_labels"][0]
    commands = [
        ["read", "checkpoints/studio", str(tmp_path / "digit.png")],
        ["sample", "checkpoints/studio", "--out", str(tmp_path / "sheet.png")],
    ]
    assert {command for command, *_ in commands} == WITHOUT_TORCH
    code = f"""
import io
from pathlib import Path
from vae_model.__main__ import main
from vae_model.runs import archive
print([main(command) for command in {commands!r}])
exported = archive.export_run(Path({str(root)!r}), "done")
archive.import_run(Path({str(root)!r}), io.BytesIO(exported))
"""
    printed = python(code, **environment)
    assert printed.splitlines()[-1] == "[0, 0]"
    assert printed.startswith(f"{label} (")
    assert len([path for path in root.iterdir() if (path / "run.json").exists()]) == 2


NEEDS = {
    "train": ["--data=sample"],
    "evaluate": ["checkpoints/studio"],
    "calibrate": ["checkpoints/studio", "--by=checkpoints/studio"],
    "layout": ["checkpoints/studio"],
    "data": [],
    "judge": ["--out=judge"],
}


def test_every_command_is_tried_here() -> None:
    assert NEEDS.keys() == COMMANDS.keys() - WITHOUT_TORCH


@pytest.mark.parametrize("command", NEEDS)
def test_what_needs_them_says_so_in_one_line(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main([command, *NEEDS[command]]) == 1
    assert capsys.readouterr().err == (
        f"vae_model: {command} needs PyTorch, which is not installed: "
        "pip install -r requirements.txt\n"
    )
