"""What every request passes before Streamlit sees it, on the real server."""

import asyncio
import gzip
import json
import os
import re
import signal
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
import requests
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from streamlit import config, net_util
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support import waiting
from tests.support.app import serve, serve_process
from tests.support.visitor import Visitor
from tests.support.visits import draw, has_drawn
from ui.server import middleware
from ui.shared.browser import tensors
from ui.shared.browser.bundles import VERSION
from vae_model.engine.digit_engine import DigitEngine


def get(address: str, **headers: str) -> tuple[requests.Response, bytes]:
    """The response, and its content as it came over the wire."""
    answer = requests.get(address, headers=headers, stream=True, timeout=waiting.PATIENCE_S)
    return answer, answer.raw.read(decode_content=False)


def script_of_streamlit(server: str) -> str:
    found = re.search(r"static/js/index\.[\w-]+\.js", requests.get(server, timeout=9).text)
    assert found
    return f"{server}/{found[0]}"


def set_option(monkeypatch: pytest.MonkeyPatch, option: str, value: object) -> None:
    get_option = config.get_option
    monkeypatch.setattr(
        config, "get_option", lambda name: value if name == option else get_option(name)
    )


def test_scripts_come_compressed_and_are_kept(server: str) -> None:
    for address in (script_of_streamlit(server), f"{server}/assets/{VERSION}/desk.js"):
        plain, whole = get(address, **{"Accept-Encoding": "identity"})
        answer, content = get(address, **{"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert answer.headers["Content-Encoding"] == "gzip" and gzip.decompress(content) == whole
        assert len(content) < 0.5 * len(whole) and "immutable" in answer.headers["Cache-Control"]


def test_a_part_of_a_script_is_that_part(server: str) -> None:
    address = script_of_streamlit(server)
    whole = requests.get(address, timeout=9).content
    answer, part = get(address, **{"Accept-Encoding": "gzip", "Range": "bytes=1000-1999"})
    assert (answer.status_code, part) == (206, whole[1000:2000])


def test_weights_come_as_they_are(server: str, shipped: DigitEngine) -> None:
    address = f"{server}/weights/{tensors.digest(shipped)}/decoder.safetensors"
    answer, content = get(address, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "identity"
    assert content == tensors.weights(shipped, "decoder")


def test_a_foreign_page_is_turned_away(server: str) -> None:
    socket = f"{server}/_stcore/stream".replace("http", "ws", 1)

    async def connects(origin: str) -> bool:
        try:
            async with connect(socket, origin=origin):  # type: ignore[arg-type]
                return True
        except InvalidStatus as refused:
            assert refused.response.status_code == 403
            return False

    origins = [server, "http://localhost:1", "https://elsewhere.example", "null", "http://[bad"]
    assert [asyncio.run(connects(each)) for each in origins] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("option", "value", "origin", "is_own"),
    [
        ("browser.serverAddress", "digits.example", "https://digits.example", True),
        ("server.corsAllowedOrigins", ["https://digits.example"], "https://digits.example", True),
        ("server.enableCORS", False, "https://digits.example", True),
        # A page without a name is none of those allowed, however they are written.
        *(("server.corsAllowedOrigins", [name], "null", False) for name in ("school.example", "*")),
    ],
)
def test_a_host_names_origins(
    option: str, value: object, origin: str, is_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not middleware.is_own(origin, "10.0.0.7:8501")
    set_option(monkeypatch, option, value)
    assert middleware.is_own(origin, "10.0.0.7:8501") == is_own


def test_nobody_is_asked_about_a_page_that_the_host_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    set_option(monkeypatch, "server.corsAllowedOrigins", ["https://digits.example"])
    monkeypatch.setattr(net_util, "get_external_ip", lambda: pytest.fail("asks a web service"))
    streamlit = AsyncMock()
    said = [(b"origin", b"https://digits.example"), (b"host", b"10.0.0.7:8501")]
    scope = {"type": "websocket", "headers": said}
    asyncio.run(middleware.OwnPages(streamlit)(scope, AsyncMock(), AsyncMock()))
    headers = Headers(scope=streamlit.call_args.args[0])
    assert _is_origin_allowed(headers.get("origin"), headers.get("host"))


def test_an_upload_of_the_largest_size_touches_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    middleware.keep_uploads_in_memory()
    assert MultiPartParser.spool_max_size > config.get_option("server.maxUploadSize") * 2**20


def test_a_page_that_outlived_its_server_is_heard_by_the_next_one() -> None:
    async def draw_on(address: str, greets: bool) -> bool:
        async with Visitor(address) as before, Visitor(address) as after:
            await before.open("draw")
            after.take_over(before)
            if greets:
                await after.greet()
            async with asyncio.timeout(waiting.PATIENCE_S):
                await draw(after)
            return await has_drawn(after)

    with serve() as address:
        assert all(asyncio.run(draw_on(address, greets)) for greets in (False, True))


@pytest.mark.parametrize(
    ("cap", "said"),
    [("4000", []), ("a lot", ["how much the runs may hold is not set rightly"])],
)
def test_the_server_starts_quietly_but_for_wrong_settings_and_stops_when_asked(
    cap: str, said: list[str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serve_process(log=log, environment={"VAE_RUNS_MAX_MB": cap}) as (_, server):
        os.kill(server.pid, signal.SIGTERM)
        # Outside a container the server ends by the signal itself, once all is closed.
        assert server.wait(timeout=waiting.PATIENCE_S) in (0, -signal.SIGTERM)
    messages = [json.loads(line)["message"] for line in log.read_text().splitlines()]
    wanted = ["ready", *said, "stopped"]
    assert [m[: len(w)] for m, w in zip(messages, wanted, strict=True)] == wanted
