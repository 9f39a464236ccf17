"""The Train page with one finished run called `first`, and ways to change what runs there are."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.support.models import AddModel
from tests.support.seen import choose, open_page
from vae_model.runs.run import rename


@pytest.fixture
def train(
    add_model: AddModel, app: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """The page, with that run as `done`."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(root))
    add_model()
    return open_page(app, "train")


@pytest.fixture(params=["another view", "another page"])
def look_elsewhere(request: pytest.FixtureRequest, train: AppTest) -> Callable[[], object]:
    """Leaves the view that is open, and comes back to the page."""
    if request.param == "another view":
        return lambda: choose(train, "view", "Runs")
    return lambda: train.switch_page("ui/explore/page.py").run() and open_page(train, "train")


@pytest.fixture
def add_run(root: Path) -> Callable[..., None]:
    """Adds a copy of that run."""

    def add(run_id: str = "second", name: str = "") -> None:
        shutil.copytree(root / "done", root / run_id)
        rename(root, run_id, name or run_id)

    return add


@pytest.fixture
def intervals(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """How often each part of the page asks for news by itself, in seconds, in order."""
    asked: list[float | None] = []

    def fragment(show: Callable[..., None], run_every: float | None = None) -> Callable[..., None]:
        asked.append(run_every)
        return show

    monkeypatch.setattr(st, "fragment", fragment)
    return asked


@pytest.fixture
def unfinished(root: Path) -> None:
    """Takes the run's last event away, which says that it is finished."""
    events = root / "done" / "events.jsonl"
    events.write_text("".join(events.read_text().splitlines(keepends=True)[:-1]))
