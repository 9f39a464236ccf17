import dataclasses
import errno
import math
import os
import resource
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.waiting import until
from vae_model.data.mnist import DataError
from vae_model.engine.digit_engine import DigitEngine
from vae_model.model.checkpoint import load
from vae_model.runs import desk, events, worker
from vae_model.runs import run as runs
from vae_model.runs.run import Run
from vae_model.runs.spec import TrainingSpec
from vae_model.runs.worker import RunFailed, fixed_style, train_run
from vae_model.training import resumable, trainer


class Killed(BaseException):
    """Stands for the end of the process at this very place: nothing may tidy up after it."""


@pytest.fixture
def run(root: Path, tiny: TrainingSpec) -> Run:
    return runs.create(root, tiny, run_id="new")


def again(run: Run) -> Run:
    return runs.load(run.path.parent, run.id)


def assert_same_run(first: Run, second: Run) -> None:
    """The same curves, digits and weights, to the bit; only the seconds may differ."""
    assert [(e.number, e.train, e.test, e.kl_per_dim) for e in first.epochs] == [
        (e.number, e.train, e.test, e.kl_per_dim) for e in second.epochs
    ]
    for one, other in zip(first.epochs, second.epochs, strict=True):
        for fixed in (False, True):
            np.testing.assert_array_equal(one.digits(fixed), other.digits(fixed))
    assert first.model and second.model
    weights, others = load(first.model).weights, load(second.model).weights
    for name, weight in weights.items():
        np.testing.assert_array_equal(weight, others[name])


def test_training_twice_gives_the_same_run(root: Path, run: Run) -> None:
    assert train_run(run)
    assert again(run).state == "finished"
    assert_same_run(again(run), runs.load(root, "done"))


def test_each_epoch_has_a_row_of_its_own_and_one_in_the_style_of_all(root: Path) -> None:
    run = runs.load(root, "done")
    styles = np.tile(fixed_style(3), (10, 1))
    for epoch in run.epochs:
        engine = DigitEngine.load(run.epoch_model(epoch.number))
        drawn = engine.decode(styles, np.eye(10, dtype=np.float32)) * 255
        np.testing.assert_allclose(epoch.digits(fixed_style=True), drawn, atol=0.51)
        assert not np.array_equal(epoch.digits(), epoch.digits(fixed_style=True))


def test_runs_of_other_style_dims_share_the_first_of_the_fixed_style() -> None:
    np.testing.assert_array_equal(fixed_style(10)[:4], fixed_style(4))


@pytest.mark.parametrize("place", ["the epoch's model", "its event", "the checkpoint", "nearly"])
@pytest.mark.parametrize("epoch", [1, 3])
def test_a_run_killed_while_saving_goes_on_to_the_same_end(
    root: Path, run: Run, place: str, epoch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = 0

    def kill_at(real: Callable[..., None], chosen: bool) -> Callable[..., None]:
        def wrapped(*arguments: object, **values: object) -> None:
            nonlocal saved
            if chosen and (saved := saved + 1) == epoch:
                raise Killed
            real(*arguments, **values)

        return wrapped

    is_epoch = place == "the epoch's model"
    monkeypatch.setattr(worker, "save", kill_at(worker.save, is_epoch))
    monkeypatch.setattr(resumable, "save", kill_at(resumable.save, place == "the checkpoint"))
    append = events.append

    def append_or_die(path: Path, name: str, **values: object) -> None:
        nonlocal saved
        if place == "its event" and name == "epoch" and (saved := saved + 1) == epoch:
            with path.open("ab") as file:
                file.write(b'{"event": "epo')
            raise Killed
        if place == "nearly" and name == "finished":
            raise Killed
        append(path, name, **values)

    monkeypatch.setattr(events, "append", append_or_die)
    with pytest.raises(Killed):
        train_run(run)
    monkeypatch.undo()

    cut = again(run)
    assert cut.state == "interrupted" and cut.can_resume
    for whole in cut.epochs:
        load(cut.epoch_model(whole.number))
    runs.prepare(cut.path)
    assert train_run(cut)
    assert_same_run(again(run), runs.load(root, "done"))


@pytest.fixture
def file_size_limit() -> Iterator[None]:
    """No file may grow beyond 150 kB: a training state is larger, a tiny model is not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("file_size_limit")
def test_no_room_for_a_checkpoint_fails_the_run_and_harms_no_other(root: Path, run: Run) -> None:
    earlier = runs.load(root, "done")
    with pytest.raises(RunFailed, match="cannot write"):
        train_run(run)
    failed = again(run)
    assert failed.state == "failed" and failed.can_resume
    assert "cannot write" in failed.message and str(root) not in failed.message
    assert [epoch.number for epoch in failed.epochs] == [1]
    assert failed.model == failed.epoch_model(1) and load(failed.model)
    assert [entry.name for entry in failed.path.iterdir() if entry.name.startswith(".")] == []
    assert runs.load(root, "done") == earlier
    assert earlier.model and load(earlier.model)


def test_a_full_disk_fails_the_run_even_where_nobody_can_be_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFailed, match="No space left"):
        train_run(run)
    monkeypatch.undo()
    assert "cannot note 'failed'" in capsys.readouterr().err
    assert again(run).state == "interrupted"
    assert train_run(again(run))


def test_a_diverged_run_keeps_its_curves_and_says_why(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        trainer, "learning_rate", lambda _, progress: 1e-3 if progress < 2 else math.inf
    )
    with pytest.raises(RunFailed, match="lower learning rate"):
        train_run(run)
    failed = again(run)
    assert failed.state == "failed" and "lower learning rate" in failed.message
    assert len(failed.epochs) == 2


def test_missing_data_fails_the_run(
    root: Path, tiny: TrainingSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline() -> None:
        raise DataError("MNIST could not be downloaded")

    monkeypatch.setattr("vae_model.data.mnist.load_mnist", offline)
    run = runs.create(root, dataclasses.replace(tiny, data="mnist"))
    with pytest.raises(RunFailed, match="could not be downloaded"):
        train_run(run)
    assert again(run).message == "MNIST could not be downloaded"


def test_whatever_else_goes_wrong_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(resumable.Training, "state", broken)
    with pytest.raises(RunFailed, match="ZeroDivisionError: by nought"):
        train_run(run)
    assert again(run).message == "ZeroDivisionError: by nought"


def steered(run: Run, orders: list[tuple[str, str]]) -> list[str]:
    """Train a run, and give each order once the run's last event is what stands before it; the
    names of its events, without its epochs."""

    def told() -> list[str]:
        return [event["event"] for event in events.read(run.path / "events.jsonl")]

    def steer() -> None:
        for seen, order in orders:
            until(lambda seen=seen: told()[-1:] == [seen])  # type: ignore[misc]
            (run.path / "control").write_text(order)

    thread = threading.Thread(target=steer)
    thread.start()
    assert not train_run(run)
    thread.join()
    return [name for name in told() if name != "epoch"]


def test_a_run_pauses_goes_on_and_stops_when_told(root: Path, tiny: TrainingSpec) -> None:
    long = dataclasses.replace(tiny, train=dataclasses.replace(tiny.train, epochs=10_000))
    run = runs.create(root, long)
    orders = [("epoch", "pause"), ("paused", "run"), ("epoch", "stop")]
    assert steered(run, orders) == ["started", "paused", "resumed", "stopped"]
    stopped = again(run)
    assert stopped.state == "stopped" and stopped.can_resume and stopped.epochs
    assert stopped.model and load(stopped.model).training_state


def test_a_paused_run_can_be_stopped(root: Path, tiny: TrainingSpec) -> None:
    long = dataclasses.replace(tiny, train=dataclasses.replace(tiny.train, epochs=10_000))
    run = runs.create(root, long)
    orders = [("epoch", "pause"), ("paused", "stop")]
    assert steered(run, orders) == ["started", "paused", "stopped"]


def test_a_stopped_run_goes_on_to_the_same_end(
    root: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def in_the_second_epoch(_: object) -> bool:
        nonlocal asked
        asked += 1
        return asked == 9  # of six batches an epoch

    monkeypatch.setattr(worker.Desk, "waits_to_stop", in_the_second_epoch)
    assert not train_run(run)
    monkeypatch.undo()
    stopped = again(run)
    assert (stopped.state, len(stopped.epochs)) == ("stopped", 1)
    assert train_run(stopped)
    assert_same_run(again(run), runs.load(root, "done"))


def test_progress_says_where_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[events.Progress] = []
    monkeypatch.setattr(desk, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(events, "write_progress", lambda _, progress: shown.append(progress))
    assert train_run(run)
    assert shown[0].phase == "data"
    batches = [(p.epoch, p.batch) for p in shown if p.phase == "training" and p.batch]
    assert batches == [(epoch, batch) for epoch in range(3) for batch in range(1, 6)]
    late = shown[-1]
    assert (late.epoch, late.epochs, late.batches) == (3, 3, 6)
    assert late.images_per_second > 0 and late.seconds_left == 0
    assert any(p.seconds_left > 0 for p in shown)


def test_a_run_begun_on_other_data_does_not_go_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker.Desk, "waits_to_stop", lambda _: True)
    train_run(run)
    monkeypatch.undo()
    monkeypatch.setattr(
        resumable, "load_data", lambda *_: dataclasses.replace(DATA, checksum="another")
    )
    with pytest.raises(RunFailed, match="other data"):
        train_run(again(run))


DATA = resumable.load_data("sample", held_out=9700)
