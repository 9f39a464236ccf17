import contextlib
import os
import threading
from pathlib import Path
from unittest.mock import Mock

import pytest

from vae_model.data import folder
from vae_model.runs import events
from vae_model.runs.desk import PATIENCE_SECONDS, STOPPED_CODE, Desk
from vae_model.runs.events import Progress
from vae_model.runs.run import load


@pytest.fixture
def done(root: Path) -> Path:
    return root.rename(root.with_name("my runs")) / "done"


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes that the process would have ended with."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    return codes


@pytest.mark.parametrize(
    ("phase", "waited", "again", "ends"),
    [
        *(("data", 0.0, False, True), ("evaluating", 0.0, False, True)),
        *(("training", 0.0, True, False), ("training", PATIENCE_SECONDS, True, True)),
        # Two signals that came at once are one.
        *(("training", 60.0, False, False), ("training", 0.0, True, False)),
        *(("testing", 60.0, True, False), ("saving", 60.0, True, False)),
    ],
)
def test_a_stop_waits_for_what_would_be_lost_and_for_nothing_else(
    done: Path,
    exits: list[int],
    phase: events.Phase,
    waited: float,
    again: bool,
    ends: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk(done)
    desk.show(Progress(phase))
    for _ in range(2):
        desk.stop()
    desk._stop_asked -= waited
    if again:
        desk.stop()
    desk._end_if_stuck()
    assert exits == [STOPPED_CODE] * ends
    # An evaluation is no part of the training's story.
    told = ends and phase != "evaluating"
    assert load(done.parent, "done").state == ("stopped" if told else "finished")
    assert (
        f"go on with: python -m vae_model train --resume '{done}'" in capsys.readouterr().err
    ) is told


@pytest.mark.parametrize("phase", ["evaluating", "data"])
def test_a_stop_comes_where_nobody_hears_of_it(
    done: Path, exits: list[int], phase: events.Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(done)
    desk.show(Progress(phase))
    monkeypatch.setattr(events, "append", Mock(side_effect=OSError("no room")))
    with contextlib.redirect_stderr(Mock(write=Mock(side_effect=OSError("no room")))):
        desk._end_if_stuck()
    assert exits == [STOPPED_CODE]


def test_a_stop_never_cuts_off_what_is_written(
    done: Path, exits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(done)
    desk.show(Progress("evaluating"))
    ender = threading.Thread(target=desk._end_if_stuck)
    append = events.append

    def append_while_a_stop_comes(path: Path, name: events.EventName, **values: object) -> None:
        ender.start()
        ender.join(0.1)
        assert ender.is_alive() and not exits
        append(path, name, **values)

    monkeypatch.setattr(events, "append", append_while_a_stop_comes)
    desk.tell("evaluated")
    ender.join()
    assert exits == [STOPPED_CODE]
    assert events.read(done / "events.jsonl")[-1]["event"] == "evaluated"


def test_a_download_shows_how_far_it_is(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "data"))
    raw = folder.raw_folder()
    raw.mkdir(parents=True)
    with (raw / "train-images-idx3-ubyte.gz").open("wb") as file:
        file.truncate(5_797_361)
    Desk(done)._show_download()
    progress = events.read_progress(done / "progress.json")
    assert progress and progress.share == pytest.approx(0.5)
    assert progress.message == "Downloading MNIST: 5.8 of 11.6 MB"
