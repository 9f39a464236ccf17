"""What `train` does to folders that are there already."""

from pathlib import Path

import pytest

from vae_model.__main__ import main
from vae_model.commands import train
from vae_model.model.checkpoint import load

TRAIN = ["train", "--preset", "quick", "--data", "sample"]


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
    return path


@pytest.fixture(autouse=True)
def _nothing_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it has begun")

    for step in ("load_data", "_train_run"):
        monkeypatch.setattr(train, step, refuse)


@pytest.mark.parametrize("inside", [False, True])
def test_a_run_takes_no_folder_that_is_there(
    project: Path,
    inside: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(project if inside else project.parent)
    before = files(project.parent)
    assert main([*TRAIN, "--run", "." if inside else "project"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert files(project.parent) == before


def test_a_checkpoint_takes_no_folder_of_something_else(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(project.parent)
    for folder in (project, project / "checkpoints", project / ".env"):
        assert main([*TRAIN, "--out", str(folder)]) == 1
        assert f"{folder} " in (said := capsys.readouterr().err)
        assert "choose a folder" in said
    assert files(project.parent) == before


def test_a_judge_is_never_trained_over(capsys: pytest.CaptureFixture[str]) -> None:
    judge = Path(__file__).parents[2] / "checkpoints" / "judge"
    assert main([*TRAIN, "--out", str(judge)]) == 1
    assert "conditional-vae" in capsys.readouterr().err


@pytest.mark.parametrize("described", [None, "{}", '{"kind": "run"}'])
def test_only_a_run_or_a_checkpoint_is_gone_on_with(
    project: Path, described: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if described is not None:
        (project / "run.json").write_text(described)
    before = files(project.parent)
    for command in (["train", "--resume"], ["evaluate"]):
        assert main([*command, str(project)]) == 1
        assert "project" in capsys.readouterr().err
    assert files(project.parent) == before


def test_an_older_checkpoint_may_be_trained_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = root / "done" / "checkpoint"
    begun: list[str] = []
    monkeypatch.setattr(train, "load_data", lambda name, *_: begun.append(name))
    monkeypatch.setattr(train, "_train_plainly", lambda fit: 0)
    monkeypatch.setattr("vae_model.training.resumable.ResumableTraining.begin", lambda *_: None)
    assert main([*TRAIN, "--out", str(checkpoint)]) == 0
    assert begun == ["sample"]
    assert load(checkpoint)
