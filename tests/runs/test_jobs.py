"""The job as a process of its own. Each that begins takes seconds, so few do."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args
from unittest.mock import Mock

import pytest

from tests.support.runs import working
from tests.support.waiting import until
from vae_model.model.checkpoint import load as load_checkpoint
from vae_model.runs import events, folders, jobs, lock
from vae_model.runs.folders import RunsError
from vae_model.runs.run import Run, create, list_runs, load
from vae_model.runs.spec import TrainingSpec


@pytest.fixture(autouse=True)
def begun(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The processes of the jobs that were started here, with room for any; none is left running."""
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "1000000")
    processes: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: Any, **values: Any) -> None:
            super().__init__(*arguments, **values)
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    yield processes
    for process in processes:
        process.kill()
        process.wait()
    until(lambda: not lock.holder(root))


def wait(root: Path, run_id: str, true: Callable[[Run], bool]) -> Run:
    until(lambda: true(load(root, run_id)))
    return load(root, run_id)


def test_a_job_lives_pauses_dies_and_goes_on(
    root: Path, long: TrainingSpec, begun: list["subprocess.Popen[bytes]"]
) -> None:
    run_id = jobs.start(root, long, "mine")
    first = load(root, run_id)
    assert (first.name, first.state, first.job) == ("mine", "starting", "training")
    assert lock.holder(root) == lock.Job(run_id, "training")

    # Nobody starts another beside it, not even before it has begun.
    with pytest.raises(RunsError, match="a training of 'mine' is running"):
        jobs.start(root, long)
    with pytest.raises(RunsError, match="is running"):
        jobs.evaluate(root, "done")
    assert len(list_runs(root).runs) == 2

    run = wait(root, run_id, lambda run: len(run.epochs) >= 2)
    assert run.state == "training" and run.progress and run.job
    (process,) = begun
    assert os.getsid(process.pid) == process.pid
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= min(19, jobs.NICENESS)

    jobs.pause(root, run_id)
    paused = wait(root, run_id, lambda run: run.state == "paused")
    jobs.resume(root, run_id)
    wait(root, run_id, lambda run: len(run.epochs) > len(paused.epochs))
    told = [event["event"] for event in events.read(run.path / "events.jsonl")]
    assert told[told.index("paused") + 1] == "resumed"

    process.kill()
    killed = wait(root, run_id, lambda run: run.job is None)
    assert killed.state == "interrupted" and killed.can_resume
    assert killed.model and load_checkpoint(killed.model).training_state
    for epoch in killed.epochs[-2:]:
        load_checkpoint(killed.epoch_model(epoch.number))

    jobs.resume(root, run_id)
    # Begun, it would take seconds to import torch: a stop does not wait for that.
    jobs.stop(root, run_id)
    assert wait(root, run_id, lambda run: run.job is None).state == "stopped"


def test_a_job_outlives_the_process_that_started_it(root: Path, cut: Run) -> None:
    """The server may be killed while it trains: the run goes on, and the next server finds it."""
    code = (
        "import os, sys; from pathlib import Path; from vae_model.runs import jobs; "
        "jobs.resume(Path(sys.argv[1]), 'cut'); os.kill(os.getpid(), 9)"
    )
    server = [sys.executable, "-c", code, str(root)]
    assert subprocess.run(server, check=False).returncode == -signal.SIGKILL
    assert load(root, cut.id).state == "starting"
    assert wait(root, cut.id, lambda run: run.job is None).state == "finished"
    assert len(load(root, cut.id).epochs) == 3


def test_an_estimate_comes_from_this_machine() -> None:
    assert 0.05 < jobs.estimate(TrainingSpec.of("quick", {"epochs": 2}, "sample")) < 600


def test_what_has_no_job_cannot_be_steered(root: Path, tiny: TrainingSpec) -> None:
    create(root, tiny, run_id="new")
    for act, run_id, said in (
        (jobs.pause, "done", "not training"),
        (jobs.stop, "done", "nothing works"),
        (jobs.resume, "done", "is finished"),
        (jobs.resume, "gone", "no run gone"),
        (jobs.evaluate, "new", "no model yet"),
    ):
        with pytest.raises(RunsError, match=said):
            act(root, run_id)


@pytest.mark.parametrize(
    ("value", "off"), [("disabled", True), ("OFF ", True), ("On", False), ("1", False)]
)
def test_a_host_who_writes_anything_but_on_has_turned_training_off(
    value: str, off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_TRAINING", value)
    assert jobs.is_turned_off() is off


@pytest.mark.parametrize("missing", ["permission", "PyTorch"])
def test_where_training_is_off_or_impossible_nothing_is_begun(
    root: Path, tiny: TrainingSpec, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobs.is_allowed() and jobs.has_torch()
    if missing == "PyTorch":
        monkeypatch.setitem(sys.modules, "torch", None)
    else:
        monkeypatch.setenv("VAE_TRAINING", "OFF")
    assert not jobs.is_allowed()
    for begin in (partial(jobs.start, root, tiny), partial(jobs.evaluate, root, "done")):
        with pytest.raises(RunsError, match=r"turned off on this server|needs PyTorch"):
            begin()
    assert len(list_runs(root).runs) == 1


def test_who_goes_on_needs_room_for_the_rest(
    root: Path, cut: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Mock(side_effect=RunsError("the disk is full"))
    monkeypatch.setattr(folders, "check_room", check)
    with pytest.raises(RunsError, match="the disk is full"):
        jobs.resume(root, cut.id)
    check.assert_called_once_with(root, cut.setup.bytes_needed - folders.bytes_under(cut.path))
    assert lock.holder(root) is None


def test_a_run_that_cannot_begin_leaves_nothing(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunsError, match="a name must"):
        jobs.start(root, tiny, "two\nlines")
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "0")
    with pytest.raises(RunsError, match="VAE_RUNS_MAX_MB"):
        jobs.start(root, tiny)
    assert lock.holder(root) is None
    assert len(list_runs(root).runs) == 1


@pytest.mark.parametrize("kind", get_args(lock.JobKind))
def test_a_stop_reaches_a_job_wherever_it_runs(
    root: Path, kind: lock.JobKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another server, that is, of which there is the folder alone."""
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a process was signalled"))
    with working(root, "done", kind):
        jobs.stop(root, "done")
        if kind == "training":  # others who pause or go on in the same moment
            jobs.pause(root, "done")
            jobs.resume(root, "done")
    assert (root / "done" / "control").read_text() == "stop"


@pytest.mark.parametrize("place", ["starting", "reading digits"])
def test_an_evaluation_is_stopped_where_it_is_and_leaves_nothing(
    root: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(root))  # without the full MNIST, which takes longer
    before = load(root, "done")
    told = (root / "done" / "events.jsonl").read_bytes()
    jobs.evaluate(root, "done")
    wait(root, "done", lambda run: run.progress is not None and run.progress.message == place)
    assert lock.holder(root) == lock.Job("done", "evaluation")
    jobs.stop(root, "done")
    assert wait(root, "done", lambda run: run.job is None) == before
    assert (root / "done" / "events.jsonl").read_bytes() == told
    assert not list((root / "done").rglob(".*"))
