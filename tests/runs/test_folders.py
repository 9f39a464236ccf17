import errno
import os
import re
import shutil
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.support.processes import python
from vae_model.model import marked
from vae_model.runs import folders, jobs
from vae_model.runs.folders import TRASH_SECONDS, RunsError, delete, deleted, undo_delete
from vae_model.runs.run import create, list_runs, load, prepare
from vae_model.runs.spec import TrainingSpec


def killed_at_work(parent: Path) -> Path:
    """What a process leaves that was killed while it wrote a checkpoint."""
    folder = marked.begin(parent)
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "weights.safetensors").write_bytes(b"half")
    return folder


def last_touched(seconds: float, *paths: Path) -> None:
    """Make it so long ago."""
    for path in paths:
        os.utime(path, (time.time() - seconds,) * 2)


def everything(root: Path) -> set[str]:
    """The name of all that lies in a folder, however deep."""
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", "../done", "done/../done", "/etc", ".trash", "a b", "a\n", "x" * 65, "é", None],
)
def test_what_is_no_id_never_becomes_a_path(root: Path, run_id: object) -> None:
    for act in (load, delete):
        with pytest.raises(RunsError, match="a run's id is a folder's name: up to 64"):
            act(root, run_id)  # type: ignore[arg-type]


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAE_RUNS_DIR", raising=False)
    assert folders.folder() == Path("runs")
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    assert folders.folder() == tmp_path


def test_each_undo_brings_back_the_run_deleted_there(root: Path, tiny: TrainingSpec) -> None:
    """Two of one id included: one was deleted before the other was made."""
    before, first = load(root, "done"), delete(root, "done")
    assert (list_runs(root).runs, deleted(root, first)) == ([], "done")
    create(root, tiny, "another", run_id="done")
    other = delete(root, "done")
    undo_delete(root, first)
    assert load(root, "done") == before
    assert deleted(root, first) is None and not (root / first).exists()
    with pytest.raises(RunsError, match="there is another done by now"):
        undo_delete(root, other)
    delete(root, "done")
    undo_delete(root, other)
    assert load(root, "done").name == "another"


@pytest.mark.parametrize("place", ["", ".", "..", "done", ".vae-trash-", ".vae-trash-../done"])
def test_only_what_lies_in_the_trash_comes_back(root: Path, place: str) -> None:
    with pytest.raises(RunsError, match="gone for good"):
        undo_delete(root, place)
    assert load(root, "done")


def test_what_was_deleted_makes_room_the_oldest_first(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        shutil.copytree(root / "done", root / name)
        with (root / name / "log.txt").open("wb") as file:
            file.truncate(1_000_000)
    places = [delete(root, name) for name in ("b", "a", "c")]
    monkeypatch.setattr(folders, "_trash", lambda _: [root / place for place in places])
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "4")
    with pytest.raises(RunsError, match=r"hold 0 MB of 4 MB already: .*VAE_RUNS_MAX_MB"):
        folders.check_room(root, 5_000_000)
    assert [deleted(root, place) for place in places] == ["b", "a", "c"], "in vain"
    folders.check_room(root, 2_000_000)
    assert [deleted(root, place) for place in places] == [None, None, "c"]
    # And where the disk itself is full.
    usage = type("Usage", (), {"free": 0})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    folders.check_room(root, 10)
    assert deleted(root, places[2]) is None


def test_after_a_day_the_trash_is_empty_and_leftovers_are_gone(root: Path) -> None:
    place = delete(root, "done")
    left = [root / place, killed_at_work(root)]
    last_touched(TRASH_SECONDS - 60, *left)
    list_runs(root)
    assert deleted(root, place) == "done"
    assert all(path.exists() for path in left)
    last_touched(TRASH_SECONDS + 60, *left)
    list_runs(root)
    assert deleted(root, place) is None
    assert [entry.name for entry in root.iterdir() if entry.is_dir()] == []


FOREIGN = (".git", ".ssh", ".trash", ".new-abcd1234", ".import-abcd1234", ".vae-abcd1234")


def test_what_is_not_ours_outlives_every_cleaning(root: Path, tiny: TrainingSpec) -> None:
    """The runs folder may be anybody's home."""
    for parent in (root, root / "done", root / "done" / "epochs"):
        for name in (*FOREIGN, ".done.previous", ".0002.previous", ".checkpoint.previous"):
            (parent / name).mkdir()
            (parent / name / "config.json").write_text('{"kind": "Deployment"}')
        (parent / ".env").write_text("SECRET=1")
    elsewhere = marked.begin(root.parent)
    (root / ".linked").symlink_to(elsewhere)
    foreign = root / f"{folders.TRASH_PREFIX}letters"
    shutil.copytree(root / "done", foreign / "mine")
    with pytest.raises(RunsError, match="gone for good"):
        undo_delete(root, foreign.name)
    before = everything(root.parent)
    old = [path for path in root.rglob(".*") if path.is_dir()]
    last_touched(TRASH_SECONDS + 60, elsewhere, *old)
    other = create(root, tiny).id
    delete(root, other)
    list_runs(root)
    prepare(root / "done")
    assert before - everything(root.parent) == {"runs/done/progress.json"}


def test_a_failed_delete_leaves_the_run_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = Mock(side_effect=PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunsError, match="cannot write"):
        delete(root, "done")
    assert [entry.name for entry in root.iterdir() if entry.is_dir()] == ["done"]


def test_runs_alone_take_room(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted and half made ones included, but nothing else that lies beside them."""
    of_runs = folders.used_bytes(root)
    assert of_runs == sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    (root / "stuff").mkdir()
    for film in (root / "film.mp4", root / "stuff" / "film.mp4"):
        with film.open("wb") as file:
            file.truncate(5 * 10**9)
    assert folders.used_bytes(root) == of_runs
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "100")
    create(root, tiny, run_id="mine")
    delete(root, "mine")
    killed_at_work(root)
    assert folders.used_bytes(root) > of_runs + len("half")


@pytest.mark.parametrize("text", ["plenty", "-1", "1.5"])
def test_a_cap_that_is_no_number_is_said(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_RUNS_MAX_MB", text)
    with pytest.raises(RunsError, match="VAE_RUNS_MAX_MB must be"):
        folders.cap_bytes()


def test_sweeping_removes_what_is_half_written_and_mends_what_was_put_aside(root: Path) -> None:
    path = root / "done"
    (path / "checkpoint").rename(path / ".checkpoint.previous")
    shutil.copytree(path / "epochs" / "0001", path / "epochs" / ".0001.previous")
    for parent in (path, path / "epochs"):
        killed_at_work(parent)
    folders.sweep(path)
    left = sorted(entry.name for entry in path.iterdir())
    assert left == ["checkpoint", "epochs", "events.jsonl", "progress.json", "run.json"]
    assert sorted(entry.name for entry in (path / "epochs").iterdir()) == ["0001", "0002", "0003"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, rf"runs as user {os.geteuid()}.*chown -R {os.geteuid()} "),
        (errno.EPERM, "chown"),
        (errno.ENOSPC, "No space left on device$"),
    ],
)
def test_a_folder_that_cannot_be_written_is_said_with_what_helps(
    root: Path, tiny: TrainingSpec, number: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", Mock(side_effect=OSError(number, os.strerror(number))))
    with pytest.raises(RunsError, match=f"cannot write {re.escape(str(root))}.*{said}"):
        jobs.start(root, tiny)


def test_the_folder_to_give_away_is_the_nearest_that_there_is(root: Path) -> None:
    said = f"chown -R {os.geteuid()} {root} "
    with pytest.raises(RunsError, match=re.escape(said)), folders.writing(root / "not" / "there"):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_may_not_even_be_looked_into_is_said(root: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from vae_model.runs import jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import holder
from vae_model.runs.run import list_runs, load
from vae_model.runs.spec import TrainingSpec
os.setgid(10001)
os.setuid(10001)
root = Path(sys.argv[1])
print(list_runs(root), holder(root))
for act in (lambda: jobs.start(root, TrainingSpec.of("quick", {})), lambda: load(root, "done")):
    try:
        act()
    except RunsError as error:
        print(error)
"""
    root.chmod(0o700)
    listed, start, load = python(code, root).splitlines()
    assert listed == "Listing(runs=[], broken={}) None"
    assert "chown -R 10001" in start and "there is no run done" in load


def test_a_run_in_a_hidden_folder_is_no_misnamed_one(root: Path) -> None:
    shutil.copytree(root / "done", root / ".done")
    shutil.copytree(root / "done", root / "done (copy)")
    assert list(folders.misnamed(root)) == ["done (copy)"]
