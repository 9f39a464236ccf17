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


def test_a_run_is_let_through_as_it_was_left(root: Path, cut: Run, tiny: TrainingSpec) -> None:
    check(root / "done")
    check(cut.path)
    check(create(root, tiny).path)
    # Killed after an epoch was told, before the checkpoint was saved.
    add_epoch(cut.path, 2)
    check(cut.path)


def add_epoch(path: Path, number: int) -> None:
    """Tell of one more, as of the last one."""
    told = events.read(path / "events.jsonl")
    last = [event for event in told if event["event"] == "epoch"][-1]
    events.append(
        path / "events.jsonl", "epoch", **last | {"figures": last["figures"] | {"epoch": number}}
    )
    shutil.copytree(path / "epochs/0001", path / f"epochs/{number:04d}")


@pytest.mark.parametrize(("name", "more", "stands"), [("cut", (2, 3), 1), ("done", (4,), 3)])
def test_more_epochs_than_were_trained_are_refused(
    root: Path, cut: Run, name: str, more: tuple[int, ...], stands: int
) -> None:
    for number in more:
        add_epoch(root / name, number)
    with pytest.raises(RunsError, match=rf"after {stands} epochs, .* tells of {more[-1]}"):
        check(root / name)


def provenance(**changes: Any) -> Callable[[Checkpoint], dict[str, Any]]:
    return lambda before: {"provenance": before.provenance | changes}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: {"history": []}, "stands after 1 epochs, and its history tells of 0"),
        (lambda before: {"history": before.history * 3}, "its history tells of 3"),
        (lambda _: {"history": [1]}, "its history tells"),
        (lambda _: {"metrics": json.loads('{"deep": ' + "[" * 300 + "]" * 300 + "}")}, "too deep"),
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
    path = cut.path / "checkpoint"
    config, before = path / "config.json", load(path)
    changed_to = change(before)
    if "training_state" in changed_to:
        save(path, dataclasses.replace(before, **changed_to))
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
