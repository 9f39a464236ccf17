import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vae_model.model.checkpoint import Checkpoint, load, save
from vae_model.runs import events, worker
from vae_model.runs import run as runs
from vae_model.runs.check import check
from vae_model.runs.folders import RunsError
from vae_model.runs.spec import TrainingSpec


@pytest.fixture(scope="module")
def stopped_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three epochs that was stopped in its second one."""
    root = tmp_path_factory.mktemp("stopped")
    run = runs.create(root, runs.load(trained_once, "done").setup, run_id="cut")
    asked = iter([False] * 8 + [True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker.Desk, "waits_to_stop", lambda _: next(asked))
        assert not worker.train_run(run)
    return run.path


@pytest.fixture
def cut(stopped_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stopped_once, tmp_path / "cut"))


def changed(path: Path, **changes: Any) -> None:
    before = load(path / "checkpoint")
    shutil.rmtree(path / "checkpoint")
    save(path / "checkpoint", dataclasses.replace(before, **changes))


def test_a_run_is_let_through_as_it_was_left(root: Path, cut: Path, tiny: TrainingSpec) -> None:
    check(root / "done")
    check(cut)
    check(runs.create(root, tiny).path)
    # Killed after an epoch was told, before the checkpoint was saved.
    told = (root / "done" / "events.jsonl").read_bytes().splitlines(keepends=True)
    with (cut / "events.jsonl").open("ab") as file:
        file.write(told[2])
    shutil.copytree(root / "done" / "epochs" / "0002", cut / "epochs" / "0002")
    check(cut)
    with (cut / "events.jsonl").open("ab") as file:
        file.write(told[3])
    shutil.copytree(root / "done" / "epochs" / "0003", cut / "epochs" / "0003")
    with pytest.raises(RunsError, match=r"stands after 1 epochs, and events\.jsonl tells of 3"):
        check(cut)


@pytest.mark.parametrize("position", [[99, 0], [1, -3], [-1, 0], [2, 2]])
def test_a_place_to_go_on_from_that_cannot_be_is_refused(cut: Path, position: list[int]) -> None:
    state = load(cut / "checkpoint").training_state
    changed(cut, training_state=state | {"position": np.array(position)})
    with pytest.raises(RunsError, match="checkpoint: "):
        check(cut)


def history_of(length: int) -> Callable[[Checkpoint], dict[str, Any]]:
    return lambda before: {"history": (before.history * 9)[:length]}


def provenance(**changes: Any) -> Callable[[Checkpoint], dict[str, Any]]:
    return lambda before: {"provenance": before.provenance | changes}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (history_of(0), "stands after 1 epochs, and its history tells of 0"),
        (history_of(3), "its history tells of 3"),
        (lambda _: {"history": [1]}, "its history tells"),
        (lambda _: {"training_state": {}}, "stands after 3 epochs, and its history tells of 1"),
        (lambda _: {"training_state": {"position": np.array([1, 2])}}, "it lacks"),
        (provenance(data="mnist"), "not begun on the data"),
        (provenance(data=["sample"]), "not begun on the data"),
        (provenance(held_out_training_images=0), "hold out"),
        (provenance(held_out_training_images=float("inf")), "hold out"),
    ],
)
def test_a_checkpoint_that_contradicts_the_run_is_refused(
    cut: Path, change: Callable[[Checkpoint], dict[str, Any]], said: str
) -> None:
    config = cut / "checkpoint" / "config.json"
    changed_to = change(load(cut / "checkpoint"))
    if "training_state" in changed_to:
        changed(cut, **changed_to)
    else:
        # As a stranger would write it, who is held to no JSON without infinities.
        config.write_text(json.dumps(json.loads(config.read_text()) | changed_to))
    with pytest.raises(RunsError, match=said):
        check(cut)


def test_epochs_without_a_checkpoint_are_refused(root: Path) -> None:
    shutil.rmtree(root / "done" / "checkpoint")
    with pytest.raises(RunsError, match="stands after 0 epochs"):
        check(root / "done")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("events.jsonl", b"\n" * 20_000, "more lines than 3 epochs give"),
        ("events.jsonl", b" " * 5_000_000 + b"\n", "larger than 4 MiB, more than 3 epochs give"),
        ("checkpoint/config.json", b" " * 300_000, "larger than 268 KiB"),
        ("epochs/0002/config.json", b" " * 300_000, "larger than 260 KiB"),
    ],
)
def test_more_than_so_many_epochs_give_is_never_parsed(
    root: Path, file: str, content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (root / "done" / file).open("ab") as end:
        end.write(content)
    parsed = json.loads

    def parse(text: Any) -> Any:
        assert len(text) <= max(events.MAX_LINE_BYTES, 64 * 1024)
        return parsed(text)

    monkeypatch.setattr(json, "loads", parse)
    with pytest.raises(RunsError, match=said):
        check(root / "done")


def test_what_nests_too_deep_is_refused(root: Path) -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    changed(root / "done", metrics={"deep": deep})
    with pytest.raises(RunsError, match="nests too deep"):
        check(root / "done")
