"""What commands say where the system lets them not read, write or print."""

import contextlib
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.support.app import ROOT
from vae_model.__main__ import main
from vae_model.data import mnist
from vae_model.evaluation import metrics
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.runs.run import load

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("model", ["checkpoints/article", "done"])
def test_figures_that_cannot_be_told_are_stored_all_the_same(
    root: Path, model: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    path = root / "done" if model == "done" else shutil.copytree(ROOT / model, root / "copy")
    monkeypatch.setattr(metrics, "evaluate", lambda *_, **__: {"kl": 1.5})
    with Path("/dev/full").open("w", buffering=1) as full, contextlib.redirect_stdout(full):
        assert main(["evaluate", str(path), "--json", "--save", "--data", "sample"]) == 1
    assert capsys.readouterr().err.endswith("vae_model: No space left on device\n")
    checkpoint = path / "checkpoint" if model == "done" else path
    assert load_checkpoint(checkpoint).metrics["kl"] == 1.5
    assert load(root, "done").unevaluated == ""


@pytest.mark.parametrize("place", ["--run", "--out"])
def test_a_training_whose_lines_cannot_be_written_goes_on_to_its_end(
    root: Path, place: str, capsys: Captured
) -> None:
    path = root / "new"
    command = ["train", "--preset=quick", "--data=sample", "--hold-out=9700", "--epochs=2"]
    with Path("/dev/full").open("w", buffering=1) as full, contextlib.redirect_stdout(full):
        assert main([*command, f"{place}={path}"]) == 1
    assert capsys.readouterr().err.endswith("vae_model: No space left on device\n")
    model = load_checkpoint(path / "checkpoint" if place == "--run" else path)
    assert len(model.history) == 2 and not model.training_state
    assert place == "--out" or load(root, "new").state == "finished"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("listens", [True, False])
def test_what_cannot_be_printed_ends_a_command_without_a_traceback(
    tmp_path: Path, unbuffered: str, listens: bool
) -> None:
    picture = tmp_path / "sheet.png"
    reader, writer = os.pipe()
    os.close(reader)
    with Path("/dev/full").open("wb") as full, os.fdopen(writer, "wb") as unheard:
        done = subprocess.run(
            [sys.executable, "-m", "vae_model", "sample", "checkpoints/article", "--out", picture],
            cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": unbuffered}, check=False,
            stdout=full if listens else unheard, stderr=subprocess.PIPE,
        )  # fmt: skip
    said = b"vae_model: No space left on device\n" if listens else b""
    assert (done.returncode, done.stderr) == (1, said)


TAKING = ("sample {} --out x", "read {} x", "evaluate {}", "train --resume {}")


@pytest.mark.parametrize(
    ("path", "command", "said"),
    [
        *(("nowhere", command, "there is no checkpoint folder nowhere") for command in TAKING),
        *(("n" * 256, command, "File name too long") for command in TAKING),
        ("n" * 256, "sample checkpoints/studio --out {}", "File name too long"),
        ("n" * 256, "train --run {}/run", "File name too long"),
    ],
)
def test_a_path_that_is_not_there_or_none_is_said_with_code_1(
    path: str, command: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(command.format(path).split()) == 1
    assert said in capsys.readouterr().err


def test_a_sample_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(mnist, "load", lambda *_: mnist.load_sample())
    monkeypatch.setattr(mnist, "write_sample", partial(mnist.write_sample, path=tmp_path / "no/x"))
    assert main(["data", "--write-sample"]) == 1
    assert "No such file or directory" in capsys.readouterr().err
