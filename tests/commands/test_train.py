"""The command `train`: runs and plain checkpoints, and folders that are there already."""

import math
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.app import ROOT
from tests.support.runs import working
from tests.support.waiting import until
from vae_model import __main__
from vae_model.__main__ import main
from vae_model.commands import train
from vae_model.model import marked
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.runs import lock
from vae_model.runs.run import create, list_runs, load
from vae_model.runs.spec import TrainingSpec
from vae_model.training import trainer

Captured = pytest.CaptureFixture[str]
TRAIN = ["train", "--preset", "quick", "--data", "sample", "--hold-out", "9700"]
TRAIN += ["--encoder-hidden", "8", "--decoder-hidden", "8", "--classifier-hidden", "8"]


def test_a_checkpoint_holds_its_history_and_provenance(tmp_path: Path) -> None:
    out = tmp_path / "small"
    assert main([*TRAIN, "--epochs=2", "--z-dim=3", "--seed=5", f"--out={out}"]) == 0
    checkpoint = load_checkpoint(out)
    assert (checkpoint.model.z_dim, checkpoint.model.encoder_hidden) == (3, (8,))
    assert (checkpoint.train.epochs, checkpoint.train.seed) == (2, 5)
    assert [report["epoch"] for report in checkpoint.history] == [1, 2]
    assert checkpoint.provenance["preset"] == "quick"
    assert checkpoint.provenance["data"] == "sample"
    assert checkpoint.provenance["held_out_training_images"] == 9700
    assert len(checkpoint.provenance["data_checksum"]) == 64
    assert not checkpoint.training_state


def test_without_a_folder_it_makes_a_run_in_the_runs_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    assert main([*TRAIN, "--epochs=1"]) == 0
    assert "epoch   1  VAE loss" in capsys.readouterr().out
    newest = list_runs(root).runs[0]
    assert (newest.name, newest.state, len(newest.epochs)) == ("quick 1", "finished", 1)
    changed = {"encoder_hidden", "decoder_hidden", "classifier_hidden", "epochs"}
    assert newest.setup.changed.keys() == changed
    assert newest.setup.held_out == 9700


@pytest.mark.parametrize("kind", ["training", "evaluation"])
def test_one_run_is_worked_on_at_a_time(root: Path, kind: lock.JobKind, capsys: Captured) -> None:
    with working(root, kind=kind):
        for command in (
            [*TRAIN, f"--run={root / 'new'}"],
            ["evaluate", str(root / "done")],
            ["evaluate", str(root / "done" / "checkpoint"), "--save"],
            ["calibrate", str(root / "done"), "--by", str(root / "done")],
            ["layout", str(root / "done" / "checkpoint")],
        ):
            assert main(command) == 1
            assert f" {kind} of 'first' is running: only one can" in capsys.readouterr().err
    assert len(list_runs(root).runs) == 1


@pytest.mark.parametrize(("place", "number"), [("--run", signal.SIGINT), ("--out", signal.SIGTERM)])
def test_an_interrupted_training_saves_where_it_was_and_says_how_to_go_on(
    tmp_path: Path, place: str, number: signal.Signals, capsys: Captured
) -> None:
    out = tmp_path / "my runs" / "cut"
    model = out / "checkpoint" if place == "--run" else out

    def interrupt() -> None:
        until((model / "config.json").exists)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    assert main([*TRAIN, "--epochs=1000", f"{place}={out}"]) == 130
    thread.join()
    assert f"go on with: python -m vae_model train --resume '{out}'" in capsys.readouterr().err
    cut = load_checkpoint(model)
    assert cut.training_state and 1 <= len(cut.history) < 1000


def test_a_stop_takes_no_lock_that_a_second_one_would_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `timeout` sends two within microseconds, the second within what the first has begun."""
    taken: list[bool] = []

    def signalled(_: object, should_stop: Callable[[], bool]) -> bool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Condition, "notify_all", lambda _: taken.append(True))
            signal.raise_signal(signal.SIGINT)
        assert should_stop()
        return False

    monkeypatch.setattr(train, "drive", signalled)
    assert main([*TRAIN, f"--out={tmp_path / 'cut'}"]) == 130
    assert not taken


@pytest.mark.parametrize("place", ["done", "done/checkpoint", "link"])
def test_what_is_finished_does_not_go_on(root: Path, place: str, capsys: Captured) -> None:
    (root / "link").symlink_to(root / "done/checkpoint")
    assert main(["train", "--resume", str(root / place)]) == 1
    assert f"{root / 'done'} holds no unfinished training" in capsys.readouterr().err


def test_a_run_goes_on_to_its_end(root: Path, tiny: TrainingSpec) -> None:
    path = create(root, tiny).path
    assert main(["train", "--resume", str(path)]) == 0
    ended = load(root, path.name)
    assert (ended.state, len(ended.epochs)) == ("finished", tiny.train.epochs)


def test_what_could_not_be_saved_again_does_not_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    out = tmp_path / "cut"
    monkeypatch.setattr(
        train, "drive", lambda fit, _: fit.run(lambda: True, *[lambda *_: None] * 2)
    )
    assert main([*TRAIN, f"--out={out}"]) == 130
    monkeypatch.setattr(train, "drive", lambda *_: pytest.fail("it has begun"))
    monkeypatch.setattr(marked, "can_begin", lambda _: False)
    assert main(["train", "--resume", str(out)]) == 1
    assert f"{tmp_path} cannot be written to" in capsys.readouterr().err


@pytest.mark.usefixtures("_nothing_trains")
@pytest.mark.parametrize("place", ["checkpoint", "epochs/0002"])
def test_a_checkpoint_takes_no_model_of_a_run(root: Path, place: str, capsys: Captured) -> None:
    before = files(root)
    assert main([*TRAIN, f"--out={root / 'done' / place}"]) == 1
    assert f"belongs to the run {root / 'done'}" in capsys.readouterr().err
    assert files(root) == before


@pytest.mark.parametrize(
    ("epochs", "kept"), [(0, "nothing was saved"), (2, "keeps what was saved")]
)
def test_a_diverged_checkpoint_keeps_its_last_good_epoch(
    tmp_path: Path, epochs: int, kept: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(
        trainer, "learning_rate", lambda _, progress: 1e-3 if progress < epochs else math.inf
    )
    out = tmp_path / "wild"
    assert main([*TRAIN, "--epochs=5", f"--out={out}"]) == 1
    error = capsys.readouterr().err
    assert "lower learning rate" in error and kept in error
    assert len(load_checkpoint(out).history) == epochs if epochs else not out.exists()


def test_a_training_that_goes_astray_once_resumed_keeps_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    out, asked = tmp_path / "cut", iter([False, True])
    with monkeypatch.context() as patch:
        stopped = (lambda: next(asked), *[lambda *_: None] * 2)
        patch.setattr(train, "drive", lambda fit, _: fit.run(*stopped))
        assert main([*TRAIN, f"--out={out}"]) == 130
    monkeypatch.setattr(trainer, "learning_rate", lambda *_: math.inf)
    assert main(["train", "--resume", str(out)]) == 1
    assert f"({out} keeps what was saved last)" in capsys.readouterr().err
    assert load_checkpoint(out).training_state


@pytest.mark.parametrize("place", ["--run", "--out"])
def test_what_goes_astray_in_the_last_batch_of_an_epoch_keeps_nothing_of_it(
    tmp_path: Path, place: str, capsys: Captured
) -> None:
    out = tmp_path / "wild"
    assert main([*TRAIN, "--batch-size=300", "--learning-rate=1000", f"{place}={out}"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "on test after epoch 1" in error and "lower learning rate" in error
    assert not list(out.glob("**/weights.safetensors"))


def files(root: Path) -> dict[str, bytes]:
    """All that lies in a folder, by name."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else b""
        for path in root.rglob("*")
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's folder, with names that a run has too."""
    path = tmp_path / "home" / "project"
    for name in (".git/HEAD", ".venv/bin/python", "epochs/.cache/x", "checkpoints/studio/w"):
        (path / name).parent.mkdir(parents=True)
        (path / name).write_text("mine")
    for name in (".env", "progress.json", "control", "log.txt"):
        (path / name).write_text("mine")
    (path / "events.jsonl").write_text("no newline at the end")
    for name, described in (("empty", "{}"), ("run", '{"kind": "run"}')):
        (path / name).mkdir()
        (path / name / "run.json").write_text(described)
    for shipped in ("judge", "article"):
        (path / shipped).symlink_to(ROOT / "checkpoints" / shipped)
    return path


@pytest.fixture
def _nothing_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    for step in (train, "load_data"), (train, "_train_run"), (__main__, "load_data"):
        monkeypatch.setattr(*step, lambda *_: pytest.fail("it has begun"))


TAKEN = "{} holds something else already: choose a folder"
TAKING = ("train --resume", "evaluate")


@pytest.mark.usefixtures("_nothing_trains")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        *((f"train --run {path}", "is there already") for path in (".", "../project")),
        *((f"train --out {name}", TAKEN.format(name)) for name in ("checkpoints", "judge")),
        *((f"judge --out {name}", TAKEN.format(name)) for name in ("checkpoints", "article")),
        ("train --out .", TAKEN.format("project")),
        ("train --out .env", ".env is a file: choose a folder"),
        *((f"{command} .", "there is no checkpoint folder") for command in TAKING),
        *((f"{command} empty", "no format version") for command in TAKING),
        *((f"{command} run", "no format version") for command in TAKING),
    ],
)
def test_a_folder_of_something_else_is_left_as_it_is(
    project: Path, command: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(project)
    before = files(project.parent)
    assert main(command.split()) == 1
    assert said in capsys.readouterr().err
    assert files(project.parent) == before


def test_an_older_checkpoint_may_be_trained_again(root: Path) -> None:
    checkpoint = (root / "done" / "checkpoint").rename(root / "older")
    assert main([*TRAIN, "--epochs=1", f"--out={checkpoint}"]) == 0
    assert len(load_checkpoint(checkpoint).history) == 1
