"""What SECURITY.md promises and no other test shows, as a stranger meets the running server."""

import asyncio
import re
from unittest.mock import Mock

import pytest
import requests

from tests.support.app import ROOT
from tests.support.visitor import Visitor
from tests.support.visits import draw, has_drawn
from tests.support.waiting import PATIENCE_S
from ui.draw import photo, session
from vae_model.runs import jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.spec import TrainingSpec

UNPICKLES = re.compile(
    r"^\s*(import|from) (pickle|marshal|shelve|dill|cloudpickle|joblib|jsonpickle|yaml)\b"
    r"|torch\.load|np\.fromfile|allow_pickle=(?!False)|(?<![.\w])(eval|exec)\(",
    re.MULTILINE,
)
"""Whatever may make objects, or run code, out of a file."""


def test_an_upload_in_another_pages_name_is_refused(server: str) -> None:
    address = f"{server}/_stcore/upload_file/session/file"
    answer = requests.put(address, files={"f": b"1"}, timeout=PATIENCE_S)
    assert answer.status_code == 403


def test_a_visitor_does_not_see_what_another_draws(server: str) -> None:
    async def visits() -> None:
        async with Visitor(server) as one, Visitor(server) as other:
            await one.open("draw")
            await draw(one)
            assert await has_drawn(one) and not await has_drawn(other)

    asyncio.run(visits())


def test_nothing_is_unpickled() -> None:
    sources = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "vae_model").rglob("*.py")]
    for path in sources:
        assert not UNPICKLES.search(path.read_text("utf-8")), path


def test_a_file_that_is_too_large_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Mock(size=session.MAX_UPLOAD_MB * 2**20 + 1)
    state: dict[str, object] = {"Upload": upload, "Camera": upload, "way": "Upload"}
    monkeypatch.setattr(session.st, "session_state", state)
    monkeypatch.setattr(photo, "read", lambda data: pytest.fail("decoded"))
    for way in ("Upload", "Camera"):
        session.take_file(way)  # type: ignore[arg-type]
    assert "larger than 10 MB" in session.current_note() and not upload.getvalue.called


def test_one_estimate_at_a_time_and_none_where_training_is_off(
    tiny: TrainingSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    def run(*_: object, **__: object) -> None:
        with pytest.raises(RunsError, match="another estimate") as problem:
            jobs.estimate(tiny)
        refused.append(problem)
        raise OSError

    monkeypatch.setattr(jobs.subprocess, "run", run)
    for _ in range(2):  # the first one, failed, is not in the way of the second
        with pytest.raises(RunsError, match="could not be estimated"):
            jobs.estimate(tiny)
    assert len(refused) == 2
    monkeypatch.setenv("VAE_TRAINING", "off")
    with pytest.raises(RunsError, match="turned off"):
        jobs.estimate(tiny)
