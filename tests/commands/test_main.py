import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.waiting import PATIENCE_S, until
from vae_model.__main__ import main
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.writer_style import Style, combine
from vae_model.evaluation import metrics, probes
from vae_model.model.checkpoint import load
from vae_model.runs import run as runs
from vae_model.runs.lock import acquire
from vae_model.training import trainer

ROOT = Path(__file__).parents[2]
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
        (["train", "--out", "x", "--run", "y"], "one of --run DIR, --out DIR and --resume DIR"),
        (["train", "--resume", "x", "--name", "mine"], "--name is for a new run"),
        (["train", "--preset", "stdio", "--out", "x"], "no preset 'stdio'"),
        (["train", "--data", "cifar", "--out", "x"], "no data 'cifar'"),
        (["train", "--z-dim", "many", "--out", "x"], "--z-dim must be N"),
        (["train", "--z-dim", "0", "--out", "x"], "z_dim must be at least 1"),
        (["train", "--augment", "yes", "--out", "x"], "{on,off}"),
        (["train", "--encoder-hidden", "8,,8", "--out", "x"], "--encoder-hidden"),
        (["train", "--hold-out", "99999", "--data", "sample", "--out", "x"], "--hold-out"),
        (["train", "--resume", "x", "--epochs", "3"], "as it was begun"),
        (["train", "--data", "cifar"], "data must be one of"),
        (["estimate", "--epochs", "0"], "epochs must be at least 1"),
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
        trainer, "learning_rate", lambda _, progress: 1e-3 if progress < 2 else math.inf
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
    until((out / "config.json").exists, going=lambda: process.poll() is None)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_training_saves_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "cut"
    process = start_training(out)
    process.send_signal(number)
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "go on with: python -m vae_model train --resume" in error
    assert "Traceback" not in error
    checkpoint = load(out)
    assert checkpoint.training_state and 1 <= len(checkpoint.history) < 400


def test_killed_training_keeps_its_last_whole_epoch(tmp_path: Path) -> None:
    out = tmp_path / "killed"
    process = start_training(out)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert load(out).training_state


def test_sample_writes_a_sheet_of_digits(trained: Path, tmp_path: Path) -> None:
    for name, extra in (("all.png", []), ("sevens.png", ["--digit", 7])):
        path = tmp_path / name
        assert run("sample", trained, "--styles", 3, "--out", path, *extra) == 0
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((280, 84), "L")


@pytest.mark.parametrize("command", [["sample"], ["export"]])
def test_a_file_that_cannot_be_written_whole_leaves_the_one_before(
    command: list[str],
    runs_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "kept" / "out"
    out.parent.mkdir()
    out.write_bytes(b"somebody's own")
    monkeypatch.setattr(os, "fsync", full)
    assert run(*command, runs_folder / "done", "--out", out) == 1
    assert "No space left" in capsys.readouterr().err
    assert out.read_bytes() == b"somebody's own" and list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("name", ["checkpoints/experiments", "checkpoints/article"])
def test_a_judge_is_put_in_no_folder_of_something_else(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("vae_model.__main__.load_data", lambda *_: pytest.fail("it has begun"))
    assert run("judge", "--out", ROOT / name) == 1
    assert f"{ROOT / name} holds something else already: choose a folder" in capsys.readouterr().err


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
    # Nothing is known of what a hand keeps.
    assert reading["hand_mean"] == reading["style_mean"]
    assert reading["hand_std"] == reading["style_std"]


def test_read_tells_the_hand_to_expect_of_one_digit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ROOT / "checkpoints/studio"
    assert run("read", path, drawing(tmp_path / "one.png"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    style = Style(*(np.array(told[f"style_{key}"], np.float32) for key in ("mean", "std")))
    hand = combine([style], DigitEngine.load(path).hand_share)
    assert told["hand_mean"] == pytest.approx(hand.mean.tolist(), abs=1e-6)
    assert told["hand_std"] == pytest.approx(hand.std.tolist(), abs=1e-6)
    assert np.abs(told["hand_mean"]).sum() < 0.9 * np.abs(told["style_mean"]).sum()


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
    quick_evaluation(monkeypatch)
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


@pytest.fixture
def runs_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `train` without a folder puts its runs; `done` is there."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    return root


TINY_RUN = ["train", "--preset", "quick", "--data", "sample", "--hold-out", "9700", *SMALL]


def test_train_without_a_folder_makes_a_run(
    runs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*TINY_RUN, "--epochs", 1, "--name", "by hand") == 0
    assert "epoch   1  VAE loss" in capsys.readouterr().out
    newest = runs.list_runs(runs_folder).runs[0]
    assert (newest.name, newest.state, len(newest.epochs)) == ("by hand", "finished", 1)
    changed = {"encoder_hidden", "decoder_hidden", "classifier_hidden", "epochs"}
    assert newest.setup.changed.keys() == changed
    assert newest.setup.held_out == 9700


def test_train_makes_a_run_in_the_folder_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "some" / "run"
    assert run(*TINY_RUN, "--epochs", 1, "--run", folder) == 0
    assert runs.load(tmp_path / "some", "run").state == "finished"
    assert run(*TINY_RUN, "--epochs", 1, "--run", folder) == 1
    assert "there already" in capsys.readouterr().err
    assert run("train", "--resume", folder) == 1
    assert "no unfinished training" in capsys.readouterr().err


def test_only_one_run_trains_at_a_time(
    runs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = acquire(runs_folder, "done", "training")
    try:
        assert run(*TINY_RUN) == 1
        assert "a training of 'first' is running" in capsys.readouterr().err
        assert run("evaluate", runs_folder / "done") == 1
        assert "is running" in capsys.readouterr().err
    finally:
        os.close(handle)
    assert len(runs.list_runs(runs_folder).runs) == 1


def test_interrupted_run_says_how_to_go_on_and_does(runs_folder: Path) -> None:
    folder = runs_folder / "cut"
    command = [sys.executable, "-m", "vae_model", *TINY_RUN, "--epochs", "25", "--run", folder]
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    begun = folder / "checkpoint" / "config.json"
    until(begun.exists, going=lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert f"train --resume {folder}" in error and "Traceback" not in error
    stopped = runs.load(runs_folder, "cut")
    assert stopped.state == "stopped" and 1 <= len(stopped.epochs) < 25
    assert run("train", "--resume", folder) == 0
    assert runs.load(runs_folder, "cut").state == "finished"
    assert len(runs.load(runs_folder, "cut").epochs) == 25


def test_diverged_run_is_said_with_code_1(
    runs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = ["--optimizer", "sgd", "--activation", "relu", "--learning-rate", "1e6"]
    assert run(*TINY_RUN, *wild) == 1
    error = capsys.readouterr().err
    assert "lower learning rate" in error and "Traceback" not in error
    failed = runs.list_runs(runs_folder).runs[0]
    assert failed.state == "failed" and "lower learning rate" in failed.message


def test_runs_are_listed(runs_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (runs_folder / "bad").mkdir()
    (runs_folder / "bad" / "run.json").write_text("{")
    assert run("runs") == 0
    first, second = capsys.readouterr().out.splitlines()
    for part in ("done", "first", "finished", "3/3 epochs", "sample", "accuracy 0."):
        assert part in first
    assert second.startswith("bad") and "cannot be read" in second


def test_a_run_goes_out_and_comes_in(
    runs_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", runs_folder / "done", "--out", tmp_path / "run.zip") == 0
    assert run("import", tmp_path / "run.zip") == 0
    assert len(runs.list_runs(runs_folder).runs) == 2
    capsys.readouterr()
    (tmp_path / "run.zip").write_bytes(b"hello")
    assert run("import", tmp_path / "run.zip") == 1
    assert "no readable .zip" in capsys.readouterr().err
    assert run("export", tmp_path / "nowhere", "--out", tmp_path / "x.zip") == 1
    assert "no run nowhere" in capsys.readouterr().err


def test_what_an_export_leaves_out_is_said(
    runs_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vae_model.runs.archive.MAX_PAGE_BYTES", 1)
    assert run("export", runs_folder / "done", "--out", tmp_path / "run.zip") == 0
    assert "without the weights of 2 epochs" in capsys.readouterr().out
    assert run("export", runs_folder / "done", "--out", tmp_path / "run.zip", "--whole") == 0
    assert "without" not in capsys.readouterr().out


def test_a_run_stands_for_its_model(
    runs_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sample", runs_folder / "done", "--out", tmp_path / "sheet.png") == 0
    assert run("read", runs_folder / "done", drawing(tmp_path / "one.png")) == 0


def quick_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    few = metrics.Sizes(generated=100, transferred=20, shared=20, probed=500, compared=20)
    monkeypatch.setattr(probes, "MLP_STEPS", 20)
    monkeypatch.setattr(metrics, "evaluate", partial(metrics.evaluate, sizes=few))


def test_evaluating_a_run_shows_progress_and_stores_the_figures_with_it(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick_evaluation(monkeypatch)
    seen: list[tuple[str, float, str]] = []

    def look(real: Callable[..., object]) -> Callable[..., object]:
        def measure(*arguments: object) -> object:
            at_work = runs.load(runs_folder, "done")
            assert at_work.job and at_work.progress
            told = at_work.progress
            seen.append((at_work.job.kind, told.share, told.message))
            assert at_work.state == "finished"
            return real(*arguments)

        return measure

    monkeypatch.setattr(metrics, "leak_figures", look(metrics.leak_figures))
    judge = ["--judge", ROOT / "checkpoints/judge"]
    data = ["--data", "sample", "--hold-out", "9000"]
    assert run("evaluate", runs_folder / "done", "--json", "--save", *judge, *data) == 0
    assert seen == [("evaluation", pytest.approx(6 / 8), "probing styles")]
    figures = json.loads(capsys.readouterr().out)
    evaluated = runs.load(runs_folder, "done")
    assert (evaluated.metrics, evaluated.job, evaluated.state) == (figures, None, "finished")


def test_an_evaluation_that_fails_is_told_with_the_run(
    runs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ["--judge", runs_folder / "nowhere", "--data", "sample"]
    assert run("evaluate", runs_folder / "done", *nowhere) == 1
    assert "nowhere" in capsys.readouterr().err
    failed = runs.load(runs_folder, "done")
    assert "nowhere" in failed.unevaluated and failed.state == "finished"


def test_estimate_prints_what_a_training_will_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("estimate", "--preset", "article", "--data", "sample", "--json", *SMALL) == 0
    estimate = json.loads(capsys.readouterr().out)
    assert estimate.keys() == {"seconds", "parameters", "bytes"}
    assert estimate["seconds"] > 0
    assert run("estimate", "--preset", "article", "--data", "sample", *SMALL) == 0
    assert "parameters, about " in capsys.readouterr().out


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training like `trained` that has not seen the last 500 digits."""
    out = tmp_path_factory.mktemp("runs") / "held-out"
    held_out = ["--hold-out", 500]
    assert run(*QUICK, *SMALL, *held_out, "--epochs", 2, "--z-dim", 3, "--out", out) == 0
    return out


def test_calibrate_fits_a_checkpoint_by_what_its_held_out_model_has_not_seen(
    trained: Path, held_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vae_model.evaluation.fit_calibration.DRAWINGS", 10)
    target = shutil.copytree(trained, tmp_path / "target")
    before = load(target)
    assert run("calibrate", target, "--by", held_out, "--data", "sample") == 0
    after = load(target)
    assert after.calibration is not None
    assert after.calibration.about["by"] == "held-out"
    assert after.calibration.about["images"] == 500
    assert after.calibration.hand_share is None  # the sample is in no order
    assert (after.metrics, after.history) == (before.metrics, before.history)


def test_calibrate_refuses_a_model_that_has_seen_every_digit(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("calibrate", trained, "--by", trained, "--data", "sample") == 1
    assert "has seen every digit" in capsys.readouterr().err
