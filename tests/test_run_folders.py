import os
import time
from pathlib import Path

import pytest

from vae_model import run_folders, runs
from vae_model.lock import acquire
from vae_model.run_folders import RunsError, delete, deleted, undo_delete
from vae_model.setup import Setup


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", "../done", "done/../done", "/etc", ".trash", "a b", "a\n", "x" * 65, "é", None],
)
def test_what_is_no_id_never_becomes_a_path(root: Path, run_id: object) -> None:
    for act in (runs.load, delete):
        with pytest.raises(RunsError, match="a run's id is"):
            act(root, run_id)  # type: ignore[arg-type]


def test_a_run_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(RunsError, match="no run gone"):
        runs.load(root, "gone")


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAE_RUNS_DIR", raising=False)
    assert run_folders.folder() == Path("runs")
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    assert run_folders.folder() == tmp_path


def test_a_deleted_run_comes_back(root: Path) -> None:
    before = runs.load(root, "done")
    delete(root, "done")
    assert runs.list_runs(root).runs == []
    assert deleted(root) == "done"
    assert undo_delete(root) == "done"
    assert runs.load(root, "done") == before
    with pytest.raises(RunsError, match="nothing left"):
        undo_delete(root)


def test_the_next_deletion_empties_the_trash(root: Path, tiny: Setup) -> None:
    runs.create(root, tiny, run_id="other")
    delete(root, "done")
    delete(root, "other")
    assert deleted(root) == "other"
    assert sorted(entry.name for entry in root.iterdir() if entry.is_dir()) == [".trash"]


def test_after_a_day_the_trash_is_empty_and_leftovers_are_gone(root: Path) -> None:
    delete(root, "done")
    (root / ".import-killed").mkdir()
    recent = time.time() - run_folders.TRASH_SECONDS + 60
    for name in (".trash", ".import-killed"):
        os.utime(root / name, (recent, recent))
    runs.list_runs(root)
    assert deleted(root) == "done"
    long_ago = time.time() - run_folders.TRASH_SECONDS - 60
    for name in (".trash", ".import-killed"):
        os.utime(root / name, (long_ago, long_ago))
    runs.list_runs(root)
    assert deleted(root) is None
    assert [entry.name for entry in root.iterdir() if entry.is_dir()] == []


def test_a_run_at_work_cannot_be_deleted(root: Path) -> None:
    handle = acquire(root, "done", "training")
    with pytest.raises(RunsError, match="stop it first"):
        delete(root, "done")
    os.close(handle)
    delete(root, "done")


def test_a_run_comes_back_beside_none_of_its_id(root: Path, tiny: Setup) -> None:
    delete(root, "done")
    runs.create(root, tiny, run_id="done")
    with pytest.raises(RunsError, match="there already"):
        undo_delete(root)


def test_a_full_folder_says_how_full_it_is(
    root: Path, tiny: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = run_folders.used_bytes(root)
    assert used == sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "1")
    with pytest.raises(RunsError, match=r"of 1 MB already: .*VAE_RUNS_MAX_MB"):
        runs.create(root, tiny)
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "100")
    runs.create(root, tiny)


@pytest.mark.parametrize("text", ["plenty", "-1", "1.5"])
def test_a_cap_that_is_no_number_is_said(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_RUNS_MAX_MB", text)
    with pytest.raises(RunsError, match="VAE_RUNS_MAX_MB must be"):
        run_folders.cap_bytes()


def test_sweeping_removes_what_is_half_written_and_mends_what_was_put_aside(root: Path) -> None:
    path = root / "done"
    (path / "checkpoint").rename(path / ".checkpoint.previous")
    for leftover in (path / ".checkpoint-x1", path / "epochs" / ".0002-x2"):
        leftover.mkdir()
        (leftover / "weights.safetensors").write_bytes(b"half")
    (path / ".run-young").write_text("somebody renames the run just now")
    (path / ".run-old").write_text("somebody was killed")
    os.utime(path / ".run-old", (0, 0))
    run_folders.sweep(path)
    left = sorted(entry.name for entry in path.iterdir())
    assert left == [
        ".run-young",
        "checkpoint",
        "epochs",
        "events.jsonl",
        "progress.json",
        "run.json",
    ]
    assert sorted(entry.name for entry in (path / "epochs").iterdir()) == ["0001", "0002", "0003"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, tiny: Setup) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunsError, match="cannot write"):
        runs.create(tmp_path / "file" / "runs", tiny)
