import json
import math
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_model import evaluation, probes, training
from vae_model.__main__ import main
from vae_model.checkpoint import load

ROOT = Path(__file__).parent.parent
QUICK = ["train", "--preset", "article", "--data", "sample", "--batch-size", "500"]
SMALL = ["--encoder-hidden", "8", "--decoder-hidden", "8", "--classifier-hidden", "8"]


def run(*arguments: object) -> int:
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as stop:  # argparse
        return int(stop.code or 0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "small"
    assert run(*QUICK, *SMALL, "--epochs", 2, "--z-dim", 3, "--seed", 5, "--out", out) == 0
    return out


def test_train_writes_a_checkpoint_with_its_history_and_provenance(trained: Path) -> None:
    checkpoint = load(trained)
    assert (checkpoint.model.z_dim, checkpoint.model.encoder_hidden) == (3, (8,))
    assert (checkpoint.train.epochs, checkpoint.train.seed) == (2, 5)
    assert [report["epoch"] for report in checkpoint.history] == [1, 2]
    assert checkpoint.provenance["preset"] == "article"
    assert checkpoint.provenance["data"] == "sample"
    assert len(checkpoint.provenance["data_checksum"]) == 64
    assert not checkpoint.training_state


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["fly"], "invalid choice"),
        (["train"], "--out DIR or --resume DIR"),
        (["train", "--preset", "stdio", "--out", "x"], "no preset 'stdio'"),
        (["train", "--data", "cifar", "--out", "x"], "no data 'cifar'"),
        (["train", "--z-dim", "many", "--out", "x"], "--z-dim must be N"),
        (["train", "--z-dim", "0", "--out", "x"], "z_dim must be at least 1"),
        (["train", "--augment", "yes", "--out", "x"], "{on,off}"),
        (["train", "--encoder-hidden", "8,,8", "--out", "x"], "--encoder-hidden"),
        (["train", "--hold-out", "99999", "--data", "sample", "--out", "x"], "--hold-out"),
        (["train", "--resume", "x", "--epochs", "3"], "as it was begun"),
        (["sample", "checkpoints/article", "--styles", "0", "--out", "x"], "--styles"),
    ],
)
def test_wrong_usage_is_said_in_a_line_with_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "nowhere"],
        ["read", "nowhere", "x.png"],
        ["sample", "nowhere", "--out", "x.png"],
        ["train", "--resume", "nowhere"],
    ],
)
def test_missing_checkpoint_is_said_with_code_1(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 1
    assert "there is no checkpoint folder nowhere" in capsys.readouterr().err


def test_finished_training_cannot_be_resumed(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "--resume", trained) == 1
    assert "no unfinished training" in capsys.readouterr().err


def test_diverged_training_saves_nothing_bad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wild"
    wild = ["--optimizer", "sgd", "--activation", "relu", "--learning-rate", "1e6"]
    assert run(*QUICK, *SMALL, *wild, "--out", out) == 1
    assert "lower learning rate" in capsys.readouterr().err
    assert not out.exists()


def test_diverged_training_keeps_the_last_good_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        training, "learning_rate", lambda _, progress: 1e-3 if progress < 2 else math.inf
    )
    out = tmp_path / "wild"
    assert run(*QUICK, *SMALL, "--epochs", 5, "--out", out) == 1
    assert "keeps the last whole epoch" in capsys.readouterr().err
    assert len(load(out).history) == 2


def start_training(out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "vae_model", *QUICK, *SMALL, "--epochs", "400", "--out", out]
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    deadline = time.monotonic() + 60
    while not (out / "config.json").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_training_saves_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "cut"
    process = start_training(out)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "go on with: python -m vae_model train --resume" in error
    assert "Traceback" not in error
    checkpoint = load(out)
    assert checkpoint.training_state and 1 <= len(checkpoint.history) < 400


def test_killed_training_keeps_its_last_whole_epoch(tmp_path: Path) -> None:
    out = tmp_path / "killed"
    process = start_training(out)
    process.kill()
    process.communicate(timeout=60)
    assert load(out).training_state


def test_sample_writes_a_sheet_of_digits(trained: Path, tmp_path: Path) -> None:
    for name, extra in (("all.png", []), ("sevens.png", ["--digit", 7])):
        path = tmp_path / name
        assert run("sample", trained, "--styles", 3, "--out", path, *extra) == 0
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((280, 84), "L")


def drawing(path: Path) -> Path:
    canvas = np.full((100, 100), 255, np.uint8)
    canvas[20:80, 45:55] = 0
    Image.fromarray(canvas).save(path)
    return path


def test_read_prints_what_it_reads(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("read", trained, drawing(tmp_path / "one.png"), "--json") == 0
    reading = json.loads(capsys.readouterr().out)
    assert reading["digit"] == int(np.argmax(reading["digit_probs"]))
    assert sum(reading["digit_probs"]) == pytest.approx(1, abs=1e-5)
    assert len(reading["style_mean"]) == len(reading["style_std"]) == 3


def test_shipped_checkpoint_reads_a_stick_as_a_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("read", ROOT / "checkpoints/studio", drawing(tmp_path / "one.png")) == 0
    assert capsys.readouterr().out.startswith("1 (")


@pytest.mark.parametrize("content", [None, b"hello", b""])
def test_read_of_no_image_is_said_with_code_1(
    trained: Path, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "note.png"
    if content is not None:
        path.write_bytes(content)
    assert run("read", trained, path) == 1
    assert "note.png" in capsys.readouterr().err


def test_evaluate_prints_and_stores_every_figure(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = evaluation.Sizes(generated=100, transferred=20, shared=20, probed=500)
    monkeypatch.setattr(probes, "MLP_STEPS", 20)
    monkeypatch.setattr(evaluation, "evaluate", partial(evaluation.evaluate, sizes=few))
    judge = ROOT / "checkpoints/judge"
    data = ["--data", "sample", "--hold-out", "9000"]
    assert run("evaluate", trained, "--json", "--save", "--judge", judge, *data) == 0
    figures = json.loads(capsys.readouterr().out)
    expected = {
        *("checkpoint", "data", "seed", "parameters", "test_accuracy", "augmented_accuracy"),
        *("calibration_error", "nelbo_bernoulli", "nelbo_binarised", "reconstruction_mse", "kl"),
        *("kl_per_dim", "active_dims", "generation_accuracy", "generation_accuracy_worst_digit"),
        *("style_transfer_accuracy", "frechet_distance", "digit_leak_linear", "digit_leak_mlp"),
        *("digit_leak_sampled", "slant_consistency", "thickness_consistency"),
    }
    assert expected <= figures.keys()
    assert figures["checkpoint"] == "small"
    assert load(trained).metrics == figures
