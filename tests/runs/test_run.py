import dataclasses
import json
import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from tests.support.runs import fill_disk, working
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model import marked
from vae_model.runs import events, folders, run
from vae_model.runs.events import Progress
from vae_model.runs.folders import RunsError
from vae_model.runs.run import create, list_runs, load, prepare, rename
from vae_model.runs.spec import TrainingSpec


def write_run_file(path: Path, **changes: object) -> None:
    file = path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_a_finished_run_tells_everything(root: Path, tiny: TrainingSpec) -> None:
    (done,) = list_runs(root).runs
    assert (done.id, done.name, done.state, done.message) == ("done", "first", "finished", "")
    assert (done.setup, done.data, done.metrics, done.job) == (tiny, "sample", {}, None)
    assert [epoch.number for epoch in done.epochs] == [1, 2, 3]
    assert not done.can_resume
    write_run_file(root / "done", data="auto")
    assert load(root, "done").data == "sample"


def test_every_epoch_has_a_model_and_the_last_one_is_the_runs(root: Path) -> None:
    done = load(root, "done")
    assert done.model is not None
    weights = [
        DigitEngine.load(path).checkpoint.weights["decoder.layers.0.bias"]
        for path in (*(done.epoch_model(number) for number in (1, 2, 3)), done.model)
    ]
    assert len({array.tobytes() for array in weights}) == 3
    np.testing.assert_array_equal(weights[2], weights[3])


def test_a_new_run_waits_to_be_begun(tmp_path: Path, tiny: TrainingSpec) -> None:
    new = create(tmp_path / "runs", tiny)
    assert (new.name, new.state, new.epochs, new.model) == ("quick 1", "interrupted", (), None)
    assert new.can_resume
    assert load(tmp_path / "runs", new.id) == new


@pytest.fixture
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that happens does so within a second, a microsecond at a time, and what is random falls
    as it should not."""
    moment = datetime(2031, 5, 5, 12, 30, 15, 98, UTC)
    moments = (moment + timedelta(microseconds=n) for n in count())
    clock = SimpleNamespace(now=lambda _: next(moments), fromisoformat=datetime.fromisoformat)
    falling = (f"{n:06x}" for n in count(0xFFFFFF, -1))
    for module in (run, folders):
        monkeypatch.setattr(module, "datetime", clock)
    monkeypatch.setattr(folders.secrets, "token_hex", lambda _: next(falling))


@pytest.mark.usefixtures("one_second")
def test_newer_runs_come_first_and_get_names_of_their_own(root: Path, tiny: TrainingSpec) -> None:
    write_run_file(root / "done", created="2020-01-01T00:00:00+00:00")
    for _ in range(4):
        create(root, tiny)
    rename(root, list_runs(root).runs[1].id, "renamed")
    names = [each.name for each in list_runs(root).runs]
    assert names == ["quick 4", "renamed", "quick 2", "quick 1", "first"]


@pytest.mark.usefixtures("one_second")
def test_runs_that_were_created_at_once_are_listed_by_when_they_came_here(root: Path) -> None:
    """Such as copies of one run."""
    came = [shutil.copytree(root / "done", root / folders.fresh_id()).name for _ in range(4)]
    assert [each.id for each in list_runs(root).runs] == ["done", *came[::-1]]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((status, "interrupted") for status in ("started", "paused", "resumed")),
        *((status, status) for status in ("stopped", "failed")),
    ],
)
def test_a_run_without_process_is_what_it_last_said(root: Path, status: str, state: str) -> None:
    events.append(root / "done" / "events.jsonl", status, message="why")  # type: ignore[arg-type]
    rests = load(root, "done")
    assert (rests.state, rests.can_resume) == (state, True)
    assert rests.message == ("why" if state == "failed" else "")


@pytest.mark.parametrize(
    ("phase", "status", "state"),
    [
        *((phase, "stopped", "starting") for phase in (None, "data")),
        *(("training", "started", "training"), ("testing", "resumed", "training")),
        *(("training", "paused", "paused"), ("training", "finished", "finished")),
        ("saving", "stopped", "stopped"),
    ],
)
def test_a_run_with_its_process_is_what_that_does(
    root: Path, phase: str | None, status: str, state: str
) -> None:
    path = root / "done"
    prepare(path)
    events.append(path / "events.jsonl", status)  # type: ignore[arg-type]
    if phase:
        events.write_progress(path / "progress.json", Progress(phase))  # type: ignore[arg-type]
    with working(root):
        trains = load(root, "done")
    assert trains.state == state
    assert not trains.can_resume
    # Its checkpoint may be replaced at any moment, the last epoch's model is not.
    assert trains.model == trains.epoch_model(3)


def test_an_evaluation_leaves_the_training_as_it_is(root: Path) -> None:
    path = root / "done"
    events.write_progress(path / "progress.json", Progress("evaluating", share=0.5))
    events.append(path / "events.jsonl", "unevaluated", message="no judge")
    with working(root, "done", "evaluation"):
        measured = load(root, "done")
    assert (measured.state, measured.unevaluated) == ("finished", "no judge")
    assert measured.job == "evaluation"
    assert measured.progress and measured.progress.share == 0.5
    events.append(path / "events.jsonl", "evaluated")
    assert load(root, "done").unevaluated == ""


def test_renaming_changes_the_name_alone(root: Path) -> None:
    before = load(root, "done")
    rename(root, "done", "  Grüße, 手書き  ")
    assert load(root, "done") == dataclasses.replace(before, name="Grüße, 手書き")
    assert not [entry for entry in before.path.iterdir() if entry.name.startswith(".")]
    rename(root, "done", "../../etc/passwd")
    assert load(root, "done").path == root / "done"


def test_a_run_whose_folder_lies_elsewhere_is_renamed_there(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Perhaps on another disk, onto which no file of this one can be moved."""
    disk = root.parent / "disk"
    disk.mkdir()
    (root / "done").rename(disk / "mine")
    (root / "done").symlink_to(disk / "mine")
    monkeypatch.setattr(marked, "temporary", beside := Mock(wraps=marked.temporary))
    rename(root, "done", "other")
    beside.assert_called_once_with(disk)
    assert (load(root, "done").name, (root / "done").is_symlink()) == ("other", True)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines", "nul\0", "‮evil", 7, None])
def test_names_that_are_none_are_refused(root: Path, name: object) -> None:
    with pytest.raises(RunsError, match="a name must"):
        rename(root, "done", name)  # type: ignore[arg-type]
    assert load(root, "done").name == "first"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "conditional-vae"}, "describes no run"),
        ({"format_version": 2}, "update the program"),
        ({"format_version": "1"}, "format version"),
        ({"preset": "stdio"}, "no preset"),
        ({"model": {}}, "lacks"),
        ({"train": {"epochs": -1}}, "epochs"),
        ({"data": "cifar"}, "data"),
        *(({"held_out": count}, "held_out") for count in (None, -1)),
        ({"created": "yesterday"}, "yesterday"),
        ({"created": " " * 100_000}, "is larger than"),
        ({"name": "a\nb"}, "a name must"),
    ],
)
def test_a_run_that_cannot_be_read_is_listed_with_the_reason(
    root: Path, changes: dict[str, object], said: str
) -> None:
    shutil.copytree(root / "done", root / "bad")
    write_run_file(root / "bad", **changes)
    listing = list_runs(root)
    assert [each.id for each in listing.runs] == ["done"]
    assert said in listing.broken["bad"] and "bad/run.json" in listing.broken["bad"]


def test_what_is_no_run_is_not_listed(root: Path) -> None:
    (root / "checkpoint-of-old").mkdir()
    (root / "note.txt").write_text("hello")
    assert [each.id for each in list_runs(root).runs] == ["done"]
    assert list_runs(root).broken == {}
    assert list_runs(root / "nowhere").runs == []


def test_a_full_disk_leaves_no_half_run(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch)
    with pytest.raises(RunsError, match="No space left"):
        create(root, tiny)
    with pytest.raises(RunsError, match="No space left"):
        rename(root, "done", "other")
    monkeypatch.undo()
    assert [each.name for each in list_runs(root).runs] == ["first"]
    assert [entry.name for entry in root.iterdir() if entry.is_dir()] == ["done"]
