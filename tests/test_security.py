"""What SECURITY.md promises and no other test shows, as a stranger meets the running server."""

import asyncio
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.live_app import ROOT, serve
from benchmarks.visitor import Visitor

LINE = {"points": [500, 150, 500, 400, 500, 600, 500, 850], "width": 72, "erases": False}
DRAWING = {"strokes": [LINE], "example": None, "penDown": False, "turn": 1}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve() as address:
        yield address


def status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
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
        with urllib.request.urlopen(request, timeout=10) as answer:
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


def test_what_is_promised_is_shown_by_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`", text)
    assert len(named) >= 8
    assert all(Path(ROOT, name).is_file() for name in named)
