"""What SECURITY.md promises and no other test shows, as a stranger meets the running server."""

import ast
import asyncio
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.app import ROOT, serve
from tests.support.visitor import Visitor
from tests.support.waiting import PATIENCE_S
from ui.draw import photo, session
from ui.shared import drawing
from ui.shared.words import escaped
from vae_model.runs import jobs
from vae_model.runs import run as runs
from vae_model.runs.folders import RunsError
from vae_model.runs.lock import acquire
from vae_model.runs.spec import TrainingSpec

LINE = {"points": [500, 150, 500, 400, 500, 600, 500, 850], "width": 72, "erases": False}
DRAWING = {"strokes": [LINE], "example": None, "penDown": False, "turn": 1}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve() as address:
        yield address


def status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_an_upload_in_another_pages_name_is_refused(server: str) -> None:
    address = f"{server}/_stcore/upload_file/session/file"
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert status(urllib.request.Request(address, body, headers, method="PUT")) == 403


@pytest.mark.parametrize("path", ["/../app.py", "/static/../../app.py", "/app/static/..%2fapp.py"])
def test_no_file_of_the_server_is_served(server: str, path: str) -> None:
    request = urllib.request.Request(server + path)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert b"import streamlit" not in answer.read()
    except urllib.error.HTTPError as refused:
        assert refused.code in (400, 403, 404)


def test_a_visitor_does_not_see_what_another_draws(server: str) -> None:
    async def visits() -> tuple[list[str], list[str]]:
        async with Visitor(server) as one, Visitor(server) as other:
            await one.open("draw")
            answered = lambda: one.components["draw_pad_answered"].data["turn"] == 1  # noqa: E731
            await one.say("draw_pad", {"drawing": DRAWING}, until=answered)
            seen = list(one.html)
            await other.open("draw")
            return seen, other.html

    one, other = asyncio.run(visits())
    assert any('class="headline' in body for body in one)
    assert other and not any('class="headline' in body for body in other)


UNPICKLERS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "yaml"}


def unpickled(source: str) -> list[str]:
    """Whatever in the code may make objects, or run code, out of a file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [name for name in names if name.partition(".")[0] in UNPICKLERS]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            allows = [word.value for word in node.keywords if word.arg == "allow_pickle"]
            if called in ("torch.load", "eval", "exec", "np.fromfile") or any(
                not isinstance(value, ast.Constant) or value.value for value in allows
            ):
                found.append(called)
    return found


def test_nothing_is_unpickled() -> None:
    sources = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "vae_model").rglob("*.py")]
    assert len(sources) > 50
    for path in sources:
        assert not unpickled(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=whatever)",
        "eval(text)",
    ],
)
def test_the_check_for_unpickling_can_fail(line: str) -> None:
    assert unpickled(line)


@pytest.mark.parametrize(
    "text",
    [
        "![a](http://x.invalid/b)",
        "<img src=x onerror=y>",
        ":red[a] :smile: :material/home:",
        "$a$ `b` **c** _d_ ~e~ # f\\",
    ],
)
def test_no_sign_that_markdown_knows_is_left_as_it_is(text: str) -> None:
    # Every sign is preceded by a backslash; tests/browser shows what a browser makes of it.
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>:$`*_~#!]", escaped(text))
    assert re.sub(r"\\(.)|\u2060", r"\1", escaped(text)) == text


def test_no_address_in_a_text_becomes_a_link() -> None:
    for address in ("http://x.invalid", "HTTPS://x.invalid", "www.x.invalid", "a@x.invalid"):
        plain = re.sub(r"\\(.)", r"\1", escaped(address))
        assert not re.search(r"https?://|www\.|\w@", plain, re.IGNORECASE)
        assert plain.replace("\u2060", "") == address


def test_a_file_that_is_too_large_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    class Upload:
        size = session.MAX_UPLOAD_MB * 2**20 + 1

        def getvalue(self) -> bytes:
            raise AssertionError("read")

    state: dict[str, object] = {"Upload": Upload(), "Camera": Upload(), "way": "Upload"}
    monkeypatch.setattr(session.st, "session_state", state)
    monkeypatch.setattr(photo, "read", lambda data: pytest.fail("decoded"))
    for way in ("Upload", "Camera"):
        session.take_file(way)  # type: ignore[arg-type]
    assert "larger than 10 MB" in session.current_note()


def test_a_hand_is_made_of_so_many_digits_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(session.st, "session_state", state)
    for ink in range(session.MAX_KEPT + 3):
        image = np.full((28, 28), ink / 10, np.float32)
        state["sources"] = {"Draw": drawing.Source(image, "Upload")}
        session.keep_current()
    assert len(session.kept()) == session.MAX_KEPT


def test_whatever_works_in_the_background_works_alone(root: Path, tiny: TrainingSpec) -> None:
    before = sorted(path.name for path in root.iterdir())
    # Of another run, and whatever its kind.
    for kind in ("training", "evaluation"):
        handle = acquire(root, "done", kind)  # type: ignore[arg-type]
        try:
            with pytest.raises(RunsError, match="only one can at a time"):
                jobs.start(root, tiny)
            with pytest.raises(RunsError, match="only one can at a time"):
                jobs.evaluate(root, "done")
        finally:
            os.close(handle)
    assert runs.load(root, "done").job is None
    assert [path.name for path in root.iterdir() if path.name != ".lock"] == before


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


def test_what_is_promised_is_shown_by_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`", text)
    assert len(named) >= 8
    assert all(Path(ROOT, name).is_file() for name in named)
