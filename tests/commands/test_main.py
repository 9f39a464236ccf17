"""Commands on our program but for `train`, and what is said of a wrong one."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from PIL import Image

from tests.support.app import ROOT
from tests.support.runs import fill_disk
from vae_model.__main__ import main
from vae_model.commands import evaluate
from vae_model.data import mnist
from vae_model.engine.digit_engine import DigitEngine
from vae_model.engine.writer_style import Style, combine
from vae_model.evaluation import metrics, probes
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.model.checkpoint import update
from vae_model.runs.run import load

Captured = pytest.CaptureFixture[str]
QUICK = ["train", "--preset", "article", "--data", "sample", "--batch-size", "500", "--z-dim", "3"]
SMALL = ["--encoder-hidden", "8", "--decoder-hidden", "8", "--classifier-hidden", "8"]


def run(*arguments: object) -> int:
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as stop:  # argparse
        return int(stop.code or 0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose last 500 training digits were held out."""
    out = tmp_path_factory.mktemp("runs") / "small"
    assert run(*QUICK, *SMALL, "--epochs", 1, "--hold-out", 500, "--out", out) == 0
    return out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        *(("", "required"), ("fly", "invalid choice")),
        ("train --out x --run y", "not allowed with argument"),
        ("train --preset stdio --out x", "no preset 'stdio'; there are: "),
        ("train --data cifar --out x", "invalid choice: 'cifar'"),
        ("train --z-dim many --out x", "--z-dim must be a whole number, not 'many'"),
        ("train --z-dim 0 --out x", "z_dim must be at least 1"),
        ("train --augment yes --out x", "{on,off}"),
        ("train --encoder-hidden 8,,8 --out x", "--encoder-hidden must be whole numbers: "),
        ("train --hold-out 99999 --data sample --out x", "--hold-out"),
        ("train --hold-out 10000 --data sample --run x", "--hold-out must be from 0 to 9999"),
        ("train --resume x --epochs 3", "as it was begun"),
        ("train --resume x --data mnist", "as it was begun"),
        ("train --resume x --hold-out 5", "as it was begun"),
        ("sample checkpoints/article --styles 0 --out x", "--styles"),
        ("sample checkpoints/article --seed -1 --out x", "--seed"),
        (f"evaluate checkpoints/article --seed {'9' * 5000}", "--seed"),
        ("evaluate checkpoints/article --hold-out -1", "--hold-out"),
    ],
)
def test_wrong_usage_is_said_with_code_2(command: str, said: str, capsys: Captured) -> None:
    assert run(*command.split()) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_ctrl_c_before_all_is_imported_ends_it_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("import os; os.kill(os.getpid(), 2)")
    done = subprocess.run(
        [sys.executable, "-m", "vae_model", "--help"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_sample_writes_a_sheet_of_digits(root: Path, trained: Path, tmp_path: Path) -> None:
    for model, extra in ((trained, []), (trained, ["--digit", 7]), (root / "done", [])):
        path = tmp_path / "sheet.png"
        assert run("sample", model, "--styles", 3, "--out", path, *extra) == 0
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((280, 84), "L")
        path.unlink()


def test_a_sheet_that_cannot_be_written_whole_leaves_the_file_before(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"\x89PNG before")
    fill_disk(monkeypatch)
    assert run("sample", trained, "--out", out) == 1
    assert "No space left" in capsys.readouterr().err
    assert out.read_bytes() == b"\x89PNG before" and list(tmp_path.iterdir()) == [out]


def test_a_sheet_takes_the_place_of_no_other_file(
    trained: Path, drawing: Path, tmp_path: Path, capsys: Captured
) -> None:
    other = tmp_path / "config.json"
    other.write_bytes(b"somebody's own")
    for command in (["sample", trained, "--out"], ["read", trained, drawing, "--sheet"]):
        assert run(*command, other) == 1
        assert "choose another name" in capsys.readouterr().err
    assert other.read_bytes() == b"somebody's own"
    before = drawing.read_bytes()
    assert run("read", trained, drawing, "--sheet", drawing) == 2
    assert "choose another name" in capsys.readouterr().err and drawing.read_bytes() == before


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """Of a stick."""
    path = tmp_path / "one.png"
    canvas = np.full((100, 100), 255, np.uint8)
    canvas[20:80, 45:55] = 0
    Image.fromarray(canvas).save(path)
    return path


def test_read_prints_the_digit_and_the_hand_to_expect(drawing: Path, capsys: Captured) -> None:
    path = ROOT / "checkpoints/studio"
    assert run("read", path, drawing) == 0
    assert capsys.readouterr().out.startswith("1 (")
    assert run("read", path, drawing, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["digit"] == int(np.argmax(told["digit_probs"])) == 1
    style = Style(*(np.array(told[f"style_{key}"], np.float32) for key in ("mean", "std")))
    hand = combine([style], DigitEngine.load(path).habits)
    assert told["hand_mean"] == pytest.approx(hand.mean.tolist(), abs=1e-6)
    assert told["hand_std"] == pytest.approx(hand.std.tolist(), abs=1e-6)
    assert np.abs(told["hand_mean"]).sum() < 0.9 * np.abs(told["style_mean"]).sum()


def test_read_prints_a_number_with_each_digits_box_and_writes_it_in_that_hand(
    tmp_path: Path, capsys: Captured
) -> None:
    picture, sheet = Image.new("L", (400, 200), 240), tmp_path / "sheet.png"
    for left in (80, 180, 280):
        picture.paste(20, (left, 50, left + 14, 150))
    picture.save(tmp_path / "ones.png")
    path = ROOT / "checkpoints/studio"
    assert run("read", path, tmp_path / "ones.png", "--sheet", sheet) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "111" and [line[:3] for line in lines[1:]] == ["1 ("] * 3
    with Image.open(sheet) as written:
        assert written.size == (280, 28)
    assert run("read", path, tmp_path / "ones.png", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["number"] == "111"
    for each, left in zip(told["digits"], (80, 180, 280), strict=True):
        assert each["box"] == pytest.approx([left, 50, left + 14, 150], abs=3)


def test_a_run_stands_for_its_model_of_whose_hands_nothing_is_known(
    root: Path, drawing: Path, capsys: Captured
) -> None:
    assert run("read", root / "done", drawing, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["hand_mean"], told["hand_std"]) == (told["style_mean"], told["style_std"])


def test_a_digit_stands_where_it_does_on_the_page_that_is_read_and_which_that_is_is_said(
    tmp_path: Path, capsys: Captured
) -> None:
    page, file = Image.new("L", (3600, 2700), 255), tmp_path / "pages.tif"
    page.paste(0, (1500, 600, 1650, 2100))
    Image.new("L", (100, 75), 255).save(file, save_all=True, append_images=[page])
    assert run("read", ROOT / "checkpoints/studio", file, "--json") == 0
    out, error = capsys.readouterr()
    told = json.loads(out)
    assert told["digit"] == 1 and "frame 2 of 2" in error
    assert told["box"] == pytest.approx([1500, 600, 1650, 2100], abs=20)


def test_a_picture_can_come_through_a_pipe(drawing: Path) -> None:
    command = [sys.executable, "-m", "vae_model", "read", "checkpoints/studio", "/dev/stdin"]
    told = subprocess.check_output(command, cwd=ROOT, input=drawing.read_bytes())
    assert told.startswith(b"1 (")


@pytest.mark.parametrize("content", [None, b"hello", b""])
def test_read_of_no_image_is_said_with_code_1(
    trained: Path, tmp_path: Path, content: bytes | None, capsys: Captured
) -> None:
    path = tmp_path / "note.png"
    if content is not None:
        path.write_bytes(content)
    assert run("read", trained, path) == 1
    assert "note.png" in capsys.readouterr().err


def test_evaluating_a_run_shows_progress_and_stores_every_figure_with_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    few = metrics.Sizes(generated=100, transferred=20, shared=20, probed=500, compared=20)
    monkeypatch.setattr(probes, "MLP_STEPS", 20)
    monkeypatch.setattr(metrics, "evaluate", partial(metrics.evaluate, sizes=few))
    seen: list[tuple[object, ...]] = []
    measure = metrics.leak_figures

    def look(*arguments: Any) -> dict[str, float]:
        at_work = load(root, "done")
        told = at_work.progress
        assert told
        seen.append((at_work.job, at_work.state, told.share, told.message))
        return measure(*arguments)

    monkeypatch.setattr(metrics, "leak_figures", look)
    data = ["--data", "sample", "--hold-out", "9000"]
    assert run("evaluate", root / "done", "--json", "--save", *data) == 0
    assert seen == [("evaluation", "finished", pytest.approx(6 / 8), "probing styles")]
    figures = json.loads(capsys.readouterr().out)
    assert figures["checkpoint"] == "done"
    assert figures.keys() == load_checkpoint(ROOT / "checkpoints/studio").metrics.keys()
    evaluated = load(root, "done")
    assert (evaluated.metrics, evaluated.job, evaluated.state) == (figures, None, "finished")


@pytest.mark.parametrize(
    ("changes", "learned"), [({}, 300), ({"training_images": 0}, 0), ({"data_checksum": "x"}, 0)]
)
def test_copies_are_looked_for_among_the_digits_that_it_learned_from(
    root: Path, changes: dict[str, object], learned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "evaluate", asked := Mock(return_value={}))
    file = root / "done/checkpoint/config.json"
    config = json.loads(file.read_text())
    config["provenance"] |= changes
    file.write_text(json.dumps(config))
    other = dataclasses.replace(mnist.load_sample(), name="mnist", checksum="another")
    monkeypatch.setattr(mnist, "load_mnist", lambda: other)
    for data in ("mnist", "sample"):
        assert run("evaluate", root / "done", "--data", data) == 0
        digits = asked.call_args.kwargs["learned"]
        assert torch.equal(digits.images, mnist.load_sample().train.images[:learned])


def test_figures_that_cannot_be_stored_are_told_all_the_same(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(metrics, "evaluate", lambda *_, **__: {"kl": 1.5})
    fill_disk(monkeypatch)
    assert run("evaluate", trained, "--json", "--save", "--data", "sample") == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["kl"] == 1.5 and "No space left" in told.err


def test_an_evaluation_that_fails_is_told_with_the_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(evaluate, "JUDGE_FOLDER", root / "nowhere")
    assert run("evaluate", root / "done", "--data", "sample") == 1
    assert "nowhere" in capsys.readouterr().err
    failed = load(root, "done")
    assert "nowhere" in failed.unevaluated and failed.state == "finished"
    (root / "done/checkpoint/weights.safetensors").write_bytes(b"")
    assert run("evaluate", root / "done", "--data", "sample") == 1
    assert load(root, "done").unevaluated.startswith("checkpoint/weights.safetensors: ")


def test_calibrate_fits_a_checkpoint_by_what_its_held_out_model_has_not_seen(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in (("DRAWINGS", 10), ("PEN_DIGITS", 100)):
        monkeypatch.setattr(f"vae_model.evaluation.fit_calibration.{name}", count)
    target = shutil.copytree(trained, tmp_path / "target")
    before = load_checkpoint(target)
    figures = {"kl": 1.5, "calibration_error": 0.2, "calibration_bins": []}
    update(target, of=before, metrics=figures)
    assert run("calibrate", target, "--by", trained, "--data", "sample") == 0
    after = load_checkpoint(target)
    assert after.calibration is not None
    assert after.calibration.about["by"] == "small"
    assert after.calibration.about["images"] == 500
    assert after.calibration.habits is None  # the sample is in no order
    # Of the other figures none is of the temperature.
    assert (after.metrics, after.history) == ({"kl": 1.5}, before.history)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"held_out_training_images": 0}, "has seen every digit"),
        ({"data": "mnist"}, "has learned from some of the last 500 training digits of sample"),
        ({}, "is no model of the same form"),
    ],
    ids=["nothing held out", "other data", "other model"],
)
def test_calibrate_refuses_a_model_that_says_nothing_of_unseen_digits(
    trained: Path, tmp_path: Path, capsys: Captured, changes: dict[str, Any], said: str
) -> None:
    by = shutil.copytree(trained, tmp_path / "by")
    config = json.loads((by / "config.json").read_bytes())
    config["provenance"] |= changes
    (by / "config.json").write_text(json.dumps(config))
    target = trained if changes else ROOT / "checkpoints/article"
    assert run("calibrate", target, "--by", by, "--data", "sample") == 1
    assert said in capsys.readouterr().err
