import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vae_model.model.checkpoint import Checkpoint, load, save
from vae_model.runs import events
from vae_model.runs.check import check
from vae_model.runs.folders import RunsError
from vae_model.runs.run import Run, create
from vae_model.runs.spec import TrainingSpec


def changed(path: Path, **changes: Any) -> None:
    before = load(path / "checkpoint")
    shutil.rmtree(path / "checkpoint")
    save(path / "checkpoint", dataclasses.replace(before, **changes))


def test_a_run_is_let_through_as_it_was_left(root: Path, cut: Run, tiny: TrainingSpec) -> None:
    check(root / "done")
    check(cut.path)
    check(create(root, tiny).path)
    # Killed after an epoch was told, before the checkpoint was saved.
    told = (root / "done" / "events.jsonl").read_bytes().splitlines(keepends=True)

    def add_epoch(number: int) -> None:
        with (cut.path / "events.jsonl").open("ab") as file:
            file.write(told[number])
        name = f"epochs/{number:04d}"
        shutil.copytree(root / "done" / name, cut.path / name)

    add_epoch(2)
    check(cut.path)
    add_epoch(3)
    with pytest.raises(RunsError, match=r"stands after 1 epochs, and events\.jsonl tells of 3"):
        check(cut.path)


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
    cut: Run, change: Callable[[Checkpoint], dict[str, Any]], said: str
) -> None:
    config = cut.path / "checkpoint" / "config.json"
    changed_to = change(load(cut.path / "checkpoint"))
    if "training_state" in changed_to:
        changed(cut.path, **changed_to)
    else:
        # As a stranger would write it, who is held to no JSON without infinities.
        config.write_text(json.dumps(json.loads(config.read_text()) | changed_to))
    with pytest.raises(RunsError, match=said):
        check(cut.path)


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
