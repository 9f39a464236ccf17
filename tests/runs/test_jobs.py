"""The job as a process of its own. Each that begins takes seconds, so few do."""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.support.waiting import until
from vae_model.model.checkpoint import load
from vae_model.runs import events, jobs, lock
from vae_model.runs import run as runs
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import acquire
from vae_model.runs.run import Run
from vae_model.runs.spec import TrainingSpec


@pytest.fixture
def long(tiny: TrainingSpec) -> TrainingSpec:
    return dataclasses.replace(tiny, train=dataclasses.replace(tiny.train, epochs=10_000))


@pytest.fixture(autouse=True)
def _no_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "1000000")


@pytest.fixture(autouse=True)
def begun(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The processes of the jobs that were started here; none is left running."""
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
    found: list[Run] = []

    def look() -> bool:
        found[:] = [runs.load(root, run_id)]
        return true(found[0])

    until(look)
    return found[0]


def test_a_job_lives_pauses_dies_and_goes_on(
    root: Path, long: TrainingSpec, begun: list["subprocess.Popen[bytes]"]
) -> None:
    run_id = jobs.start(root, long, "mine")
    first = runs.load(root, run_id)
    assert (first.name, first.state) == ("mine", "starting")
    assert first.job and first.job == jobs.current(root)

    # Nobody starts another beside it, not even before it has begun.
    with pytest.raises(RunsError, match="a training of 'mine' is running"):
        jobs.start(root, long)
    with pytest.raises(RunsError, match="is running"):
        jobs.evaluate(root, "done")
    assert len(runs.list_runs(root).runs) == 2

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
    assert killed.model and load(killed.model).training_state
    for epoch in killed.epochs[-2:]:
        load(killed.epoch_model(epoch.number))

    jobs.resume(root, run_id)
    # Begun, it would take seconds to import torch: a stop does not wait for that.
    jobs.stop(root, run_id)
    assert wait(root, run_id, lambda run: run.job is None).state == "stopped"

    jobs.resume(root, run_id)
    wait(root, run_id, lambda run: len(run.epochs) > len(killed.epochs))
    jobs.stop(root, run_id)
    stopped = wait(root, run_id, lambda run: run.job is None)
    assert stopped.state == "stopped"
    assert stopped.model and load(stopped.model).training_state
    assert [epoch.number for epoch in stopped.epochs] == list(range(1, len(stopped.epochs) + 1))


def test_a_job_outlives_the_process_that_started_it(root: Path, tiny: TrainingSpec) -> None:
    """The server may be killed while it trains: the run goes on, and the next server finds it."""
    run = runs.create(root, tiny, run_id="orphan")
    code = (
        "import os, sys; from pathlib import Path; from vae_model.runs import jobs; "
        "jobs.resume(Path(sys.argv[1]), 'orphan'); os.kill(os.getpid(), 9)"
    )
    server = [sys.executable, "-c", code, str(root)]
    assert subprocess.run(server, check=False).returncode == -signal.SIGKILL
    assert runs.load(root, run.id).state == "starting"
    assert wait(root, run.id, lambda run: run.job is None).state == "finished"
    assert len(runs.load(root, run.id).epochs) == 3


def test_an_estimate_comes_from_this_machine() -> None:
    small = TrainingSpec.of("quick", {"epochs": 2}, "sample")
    estimate = jobs.estimate(small)
    assert 0.05 < estimate.seconds < 600
    assert (estimate.parameters, estimate.bytes) == (small.parameters, small.bytes_needed)


def test_what_has_no_job_cannot_be_steered(root: Path) -> None:
    for act in (jobs.pause, jobs.stop):
        with pytest.raises(RunsError, match=r"not training|nothing works"):
            act(root, "done")
    with pytest.raises(RunsError, match="is finished"):
        jobs.resume(root, "done")
    with pytest.raises(RunsError, match="no run gone"):
        jobs.resume(root, "gone")


def test_a_run_without_a_model_cannot_be_evaluated(root: Path, tiny: TrainingSpec) -> None:
    with pytest.raises(RunsError, match="no model yet"):
        jobs.evaluate(root, runs.create(root, tiny).id)


def test_a_host_can_switch_training_off(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobs.is_allowed()
    monkeypatch.setenv("VAE_TRAINING", "OFF")
    assert not jobs.is_allowed()
    with pytest.raises(RunsError, match="turned off on this server"):
        jobs.start(root, tiny)
    assert len(runs.list_runs(root).runs) == 1


def test_where_pytorch_is_not_installed_nothing_is_begun(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobs.has_torch()
    monkeypatch.setitem(sys.modules, "torch", None)
    assert not jobs.has_torch() and not jobs.is_allowed()
    for begin in (partial(jobs.start, root, tiny), partial(jobs.evaluate, root, "done")):
        with pytest.raises(RunsError, match="needs PyTorch"):
            begin()
    assert len(runs.list_runs(root).runs) == 1


def test_a_run_that_cannot_begin_leaves_nothing(
    root: Path, tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunsError, match="a name must"):
        jobs.start(root, tiny, "two\nlines")
    monkeypatch.setenv("VAE_RUNS_MAX_MB", "0")
    with pytest.raises(RunsError, match="VAE_RUNS_MAX_MB"):
        jobs.start(root, tiny)
    assert jobs.current(root) is None
    assert len(runs.list_runs(root).runs) == 1


def test_a_stop_reaches_a_job_wherever_it_runs(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another server, that is, of which there is the folder alone."""
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a process was signalled"))
    for kind in get_args(lock.JobKind):
        handle = acquire(root, "done", kind)
        try:
            jobs.stop(root, "done")
        finally:
            os.close(handle)
        assert (root / "done" / "control").read_text() == "stop"
        (root / "done" / "control").unlink()


@pytest.mark.parametrize("place", ["starting", "reading digits"])
def test_an_evaluation_is_stopped_where_it_is_and_leaves_nothing(root: Path, place: str) -> None:
    before = runs.load(root, "done")
    told = (root / "done" / "events.jsonl").read_bytes()
    jobs.evaluate(root, "done", "sample")
    wait(root, "done", lambda run: run.progress is not None and run.progress.message == place)
    assert jobs.current(root) == lock.Job("done", "evaluation")
    jobs.stop(root, "done")
    assert wait(root, "done", lambda run: run.job is None) == before
    assert (root / "done" / "events.jsonl").read_bytes() == told
    assert not list((root / "done").rglob(".*"))
