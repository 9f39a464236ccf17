"""Files that never change, answered from memory."""

import pytest
from starlette.types import Receive, Scope, Send

from tests.support.asgi import ask
from ui.server import response_cache
from ui.server.response_cache import ResponseCache

PATH = "/static/js/a.js"
FOR_EVER = "public, max-age=9, immutable"


class Files:
    """A server that says how often it was asked."""

    def __init__(self, status: int = 200, kept: str = FOR_EVER, parts: int = 2) -> None:
        self.asked = 0
        self.status, self.kept, self.parts = status, kept, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        headers = [(b"cache-control", self.kept.encode()), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for part in range(self.parts):
            body = {"type": "http.response.body", "body": b"half"}
            await send({**body, "more_body": part < 1})


@pytest.mark.parametrize("path", [PATH, "/demo/assets/1/desk.js"])
def test_what_never_changes_is_asked_for_once(path: str) -> None:
    files = Files()
    app = ResponseCache(files)
    first, again = ask(app, path), ask(app, path)
    assert files.asked == 1 and again == first and again[2] == b"halfhalf"


def test_compressed_and_plain_answers_are_kept_apart() -> None:
    files = Files()
    app = ResponseCache(files)
    for encoding in ("gzip, br", "identity", "br, gzip", "br"):
        ask(app, PATH, accept_encoding=encoding)
    assert files.asked == 2


@pytest.mark.parametrize(
    ("files", "path", "method", "headers"),
    [
        (Files(), PATH, "GET", {"range": "bytes=0-9"}),
        (Files(), PATH, "HEAD", {}),
        (Files(), "/weights/1/decoder.safetensors", "GET", {}),
        (Files(), "/", "GET", {}),
        (Files(status=404), PATH, "GET", {}),
        (Files(status=304), PATH, "GET", {}),
        (Files(kept="no-cache"), PATH, "GET", {}),
        (Files(parts=1), PATH, "GET", {}),  # cut off
    ],
)
def test_what_may_change_or_is_no_whole_file_is_passed_on(
    files: Files, path: str, method: str, headers: dict[str, str]
) -> None:
    app = ResponseCache(files)
    for _ in range(2):
        ask(app, path, method, **headers)
    assert files.asked == 2


def test_ever_more_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MOST", 20)  # two files of eight bytes, not three
    files = Files()
    app = ResponseCache(files)
    for _ in range(2):
        for dots in range(4):
            ask(app, f"/static/{'./' * dots}js/a.js")
    assert files.asked == 4 + 2
