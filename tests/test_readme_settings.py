"""The settings of docs/hosting.md do what their rows say, given as the rows give them."""

import asyncio
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig, NewSession
from streamlit.web.server.server_util import is_url_from_allowed_origins
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.app import free_port
from tests.support.waiting import PATIENCE_S, until

ROOT = Path(__file__).parent.parent
HOSTING = (ROOT / "docs" / "hosting.md").read_text("utf-8")
LIMIT_MB = 7
EXAMPLE = "digits.example.org"
# What each row of the table names, and the tests that vouch for it, here or elsewhere.
SHOWN_BY = {
    "STREAMLIT_SERVER_PORT": "test_readme_settings.py",
    "STREAMLIT_SERVER_BASE_URL_PATH": "test_readme_settings.py",
    "VAE_CHECKPOINTS_DIR": "ui/test_checkpoints.py",
    "VAE_TRAINING": "runs/test_jobs.py",
    "VAE_RUNS_DIR": "runs/test_folders.py",
    "VAE_RUNS_MAX_MB": "runs/test_folders.py",
    "VAE_DATA_DIR": "data/test_folder.py",
    "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "test_readme_settings.py",
    "STREAMLIT_THEME_BASE": "test_readme_settings.py",
    "STREAMLIT_BROWSER_SERVER_ADDRESS": "test_readme_settings.py",
    "STREAMLIT_SERVER_ALLOWED_HOSTS": "test_readme_settings.py",
    "In an iframe": "browser/test_pages.py",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "browser/test_pages.py",
}


def told(name: str) -> str:
    """The value that the table gives as its example."""
    found = re.search(rf"`{name}='?([^`']+)'?`", HOSTING)
    assert found, name
    return found[1]


def test_every_row_is_shown_by_a_test() -> None:
    rows = [line for line in HOSTING.splitlines() if line.startswith("| ")][1:]
    named = [
        re.findall(r"`(STREAMLIT_\w+|VAE_\w+)", row) or [row.split("|")[1].strip()] for row in rows
    ]
    assert {name for names in named for name in names} == SHOWN_BY.keys()
    for place in SHOWN_BY.values():
        assert (ROOT / "tests" / place).is_file()


@pytest.fixture(scope="module")
def hosted() -> Iterator[str]:
    """Address of a server that was set up by its environment alone."""
    port = str(free_port())
    names = ("SERVER_BASE_URL_PATH", "THEME_BASE", "SERVER_ALLOWED_HOSTS")
    settings = {f"STREAMLIT_{name}": told(f"STREAMLIT_{name}") for name in names}
    settings |= {"STREAMLIT_SERVER_PORT": port, "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": str(LIMIT_MB)}
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py"],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}/{settings['STREAMLIT_SERVER_BASE_URL_PATH']}"
        health = f"{address}/_stcore/health"
        until(lambda: status(health) == 200, going=lambda: server.poll() is None)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def status(address: str | urllib.request.Request) -> int:
    """Of the answer; 0 where there is none."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def session(address: str, name: str, then: Callable[[NewSession], Any] = lambda told: told) -> Any:
    """What the server tells a page at its beginning that was asked for under this name; or what
    comes of that while the page is open."""
    parts = urlsplit(address)
    address = f"ws://{name}:{parts.port}{parts.path}/_stcore/stream"

    async def ask() -> Any:
        protocols: Any = ["streamlit"]
        async with connect(
            address, host="127.0.0.1", subprotocols=protocols, max_size=None
        ) as socket:
            message = BackMsg()
            message.rerun_script.query_string = ""
            await socket.send(message.SerializeToString())
            while True:
                data = await asyncio.wait_for(socket.recv(), 30)
                assert isinstance(data, bytes)
                answer = ForwardMsg.FromString(data)
                if answer.WhichOneof("type") == "new_session":
                    return await asyncio.to_thread(then, answer.new_session)

    return asyncio.run(ask())


def test_the_port_and_the_path_are_those_that_were_set(hosted: str) -> None:
    assert status(f"{hosted}/") == 200
    assert status(f"{hosted.rpartition('/')[0]}/_stcore/health") == 404


def test_the_theme_is_the_one_that_was_set(hosted: str) -> None:
    theme = session(hosted, EXAMPLE).custom_theme
    assert CustomThemeConfig.BaseTheme.Name(theme.base) == told("STREAMLIT_THEME_BASE").upper()


def test_an_upload_beyond_the_limit_is_refused(hosted: str) -> None:
    with urllib.request.urlopen(f"{hosted}/_stcore/health", timeout=PATIENCE_S) as answer:
        cookie = answer.headers["set-cookie"].partition(";")[0]

    def upload(megabytes: int, told: NewSession) -> int:
        head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        return status(
            urllib.request.Request(
                f"{hosted}/_stcore/upload_file/{told.initialize.session_id}/{megabytes}",
                head + bytes(megabytes * 2**20) + b"\r\n--x--\r\n",
                {
                    "Content-Type": "multipart/form-data; boundary=x",
                    "Cookie": cookie,
                    "X-Xsrftoken": cookie.partition("=")[2],
                },
                method="PUT",
            )
        )

    assert session(hosted, EXAMPLE, partial(upload, LIMIT_MB - 1)) == 204
    assert session(hosted, EXAMPLE, partial(upload, LIMIT_MB + 1)) in (413, 0)


def test_a_page_under_another_name_than_those_allowed_gets_nothing(hosted: str) -> None:
    assert EXAMPLE in told("STREAMLIT_SERVER_ALLOWED_HOSTS")
    assert session(hosted, EXAMPLE)
    with pytest.raises(InvalidStatus, match="403"):
        session(hosted, "elsewhere.example")


def test_a_proxy_that_changes_the_host_header_is_let_through_where_it_is_named() -> None:
    before = config.get_option("browser.serverAddress")
    page = f"https://{EXAMPLE}"
    try:
        config.set_option("browser.serverAddress", "localhost")
        assert not is_url_from_allowed_origins(page)
        config.set_option("browser.serverAddress", told("STREAMLIT_BROWSER_SERVER_ADDRESS"))
        assert is_url_from_allowed_origins(page)
    finally:
        config.set_option("browser.serverAddress", before)
