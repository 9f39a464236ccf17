import dataclasses
import math
import os
import signal
import threading
from pathlib import Path
from types import ModuleType
from unittest.mock import Mock

import numpy as np
import pytest

from tests.support.runs import fill_disk, no_file_beyond
from tests.support.waiting import until
from vae_model.data import mnist
from vae_model.data.folder import DataError
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.runs import events, worker
from vae_model.runs.folders import RunsError
from vae_model.runs.run import Run, create, load, prepare
from vae_model.runs.spec import TrainingSpec
from vae_model.runs.worker import fixed_style, train_run
from vae_model.training import resumable, trainer


class Killed(BaseException):
    """Stands for the end of the process at this very place: nothing may tidy up after it."""


@pytest.fixture
def run(root: Path, tiny: TrainingSpec) -> Run:
    return create(root, tiny, run_id="new")


def again(run: Run) -> Run:
    return load(run.path.parent, run.id)


def assert_ends_like_done(run: Run) -> None:
    """The same curves, digits and weights as `done`, to the bit; only the seconds may differ."""
    run, done = again(run), load(run.path.parent, "done")
    assert run.state == "finished"
    for one, other in zip(run.epochs, done.epochs, strict=True):
        assert (one.train, one.test, one.kl_per_dim) == (other.train, other.test, other.kl_per_dim)
        for fixed in (False, True):
            np.testing.assert_array_equal(one.digits(fixed), other.digits(fixed))
    assert run.model and done.model
    others = load_checkpoint(done.model).weights
    for name, weight in load_checkpoint(run.model).weights.items():
        np.testing.assert_array_equal(weight, others[name])


def test_a_stopped_run_goes_on_to_the_same_end(cut: Run) -> None:
    assert (cut.state, len(cut.epochs)) == ("stopped", 1)
    assert train_run(cut)
    assert_ends_like_done(cut)


def test_each_epoch_has_a_row_of_its_own_and_one_in_the_style_of_all(root: Path) -> None:
    run = load(root, "done")
    styles = np.tile(fixed_style(3), (10, 1))
    np.testing.assert_array_equal(fixed_style(10)[:3], fixed_style(3))
    for epoch in run.epochs:
        engine = DigitEngine.load(run.epoch_model(epoch.number))
        drawn = engine.decode(styles, np.eye(10, dtype=np.float32)) * 255
        np.testing.assert_allclose(epoch.digits(fixed_style=True), drawn, atol=0.51)
        assert not np.array_equal(epoch.digits(), epoch.digits(fixed_style=True))


@pytest.mark.parametrize(
    ("module", "step", "event"),
    [
        *((module, "save", "") for module in (worker, resumable)),
        *((events, "append", event) for event in ("epoch", "finished")),
    ],
    ids=["the epoch's model", "the checkpoint", "its event", "nearly"],
)
@pytest.mark.parametrize("epoch", [1, 3])
def test_a_run_killed_while_saving_goes_on_to_the_same_end(
    run: Run, module: ModuleType, step: str, event: str, epoch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = getattr(module, step), 1 if event == "finished" else epoch

    def write_or_die(path: Path, what: object, **values: object) -> None:
        nonlocal left
        left -= event in ("", what)
        if not left:
            if event == "epoch":
                path.write_bytes(path.read_bytes() + b'{"event": "epo')
            raise Killed
        real(path, what, **values)

    monkeypatch.setattr(module, step, write_or_die)
    with pytest.raises(Killed):
        train_run(run)
    monkeypatch.undo()

    killed = again(run)
    assert killed.state == "interrupted" and killed.can_resume
    for whole in killed.epochs:
        load_checkpoint(killed.epoch_model(whole.number))
    prepare(killed.path)
    assert train_run(killed)
    assert_ends_like_done(killed)


def test_no_room_for_a_checkpoint_fails_the_run_and_harms_no_other(root: Path, run: Run) -> None:
    earlier = load(root, "done")
    # A training state is larger, a tiny model is not.
    with no_file_beyond(150_000), pytest.raises(RunsError, match="cannot write"):
        train_run(run)
    failed = again(run)
    assert failed.state == "failed" and failed.can_resume
    assert "cannot write" in failed.message and str(root) not in failed.message
    assert [epoch.number for epoch in failed.epochs] == [1]
    assert failed.model == failed.epoch_model(1) and load_checkpoint(failed.model)
    assert [entry.name for entry in failed.path.iterdir() if entry.name.startswith(".")] == []
    assert load(root, "done") == earlier
    assert earlier.model and load_checkpoint(earlier.model)


def test_a_full_disk_fails_the_run_even_where_nobody_can_be_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_disk(monkeypatch)
    with pytest.raises(RunsError, match="No space left"):
        train_run(run)
    monkeypatch.undo()
    assert "cannot note 'failed'" in capsys.readouterr().err
    assert again(run).state == "interrupted"
    assert train_run(again(run))


def test_a_diverged_run_keeps_curves_and_reason(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        trainer, "learning_rate", lambda _, progress: 1e-3 if progress < 2 else math.inf
    )
    with pytest.raises(RunsError, match="lower learning rate"):
        train_run(run)
    failed = again(run)
    assert failed.state == "failed" and "lower learning rate" in failed.message
    assert len(failed.epochs) == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DataError("no network"), "no network"),
        (ZeroDivisionError("by nought"), "ZeroDivisionError: by nought"),
    ],
)
def test_whatever_goes_wrong_is_told(
    run: Run, error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "load", Mock(side_effect=error))
    with pytest.raises(RunsError, match=said):
        train_run(run)
    assert (again(run).state, again(run).message) == ("failed", said)


@pytest.mark.parametrize("end", ["control file", signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("paused", [False, True])
def test_a_run_pauses_goes_on_and_stops_when_told(
    root: Path, long: TrainingSpec, paused: bool, end: str | signal.Signals
) -> None:
    run = create(root, long)

    def told() -> list[str]:
        return [event["event"] for event in events.read(run.path / "events.jsonl")]

    def order(seen: str, name: str | signal.Signals) -> None:
        """Give it once the run's last event is `seen`."""
        until(lambda: told()[-1:] == [seen])
        if isinstance(name, str):
            (run.path / "control").write_text(name)
        else:
            os.kill(os.getpid(), name)

    def steer() -> None:
        order("epoch", "pause")
        if not paused:
            order("paused", "run")
        order("paused" if paused else "epoch", "stop" if end == "control file" else end)

    thread = threading.Thread(target=steer)
    thread.start()
    assert not train_run(run)
    thread.join()
    story = [name for name in told() if name != "epoch"]
    assert story == ["started", "paused", *([] if paused else ["resumed"]), "stopped"]
    stopped = again(run)
    assert stopped.state == "stopped" and stopped.can_resume and stopped.epochs
    assert stopped.model and load_checkpoint(stopped.model).training_state


def test_progress_says_where_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[events.Progress] = []
    monkeypatch.setattr(worker, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(events, "write_progress", lambda _, progress: shown.append(progress))
    assert train_run(run)
    assert shown[0].phase == "data"
    batches = [(p.epoch, p.batch) for p in shown if p.phase == "training" and p.batch]
    assert batches == [(epoch, batch) for epoch in range(3) for batch in range(1, 6)]
    late = shown[-1]
    assert (late.epoch, late.epochs, late.batches) == (3, 3, 6)
    assert late.images_per_second > 0 and late.seconds_left == 0
    assert any(p.seconds_left > 0 for p in shown)


def test_a_run_of_other_data_does_not_go_on(cut: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    data = mnist.load("sample", held_out=9700)
    other = dataclasses.replace(data, checksum="another")
    monkeypatch.setattr(mnist, "load", lambda *_: other)
    with pytest.raises(RunsError, match="other data"):
        train_run(cut)
