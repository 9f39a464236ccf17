"""What broken connections do not take from a visitor."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, RuntimeConfig, SessionClient
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from tests.support import waiting
from ui.server import streamlit_patches

PATCHED = (
    (AppSession, "request_rerun"),
    (WebsocketSessionManager, "disconnect_session"),
)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries as the server sets them; as before afterwards."""
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    streamlit_patches.prepare()


def test_a_fragment_that_asks_by_itself_does_not_begin_the_page_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Session:
        def has_fragment(self, fragment_id: str) -> bool:
            return fragment_id == "known"

    asked: list[str] = []
    monkeypatch.setattr(
        AppSession, "request_rerun", lambda _, client_state: asked.append(client_state.fragment_id)
    )
    streamlit_patches._answer_with_whole_pages()
    session = Session()
    for fragment, by_itself in [("gone", True), ("gone", True), ("gone", False), ("known", False)]:
        state = ClientState(fragment_id=fragment, is_auto_rerun=by_itself)
        AppSession.request_rerun(session, state)  # type: ignore[arg-type]
    assert asked == ["", "gone", "", "known"]


class Browser(SessionClient):
    """What a browser's page hears from the server."""

    def __init__(self, runtime: Runtime, session: str | None = None) -> None:
        self.runtime = runtime
        self.heard: list[ForwardMsg] = []
        self.session = runtime.connect_session(self, {}, existing_session_id=session)

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        self.heard.append(msg)

    def ask(self) -> None:
        """For the whole page."""
        message = BackMsg()
        message.rerun_script.fragment_id = ""
        self.runtime.handle_backmsg(self.session, message)

    def kinds(self) -> list[str | None]:
        return [message.WhichOneof("type") for message in self.heard]


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


def is_running() -> bool:
    return any("ScriptRunner" in thread.name for thread in threading.enumerate())


Serve = Callable[[str, Callable[[Runtime], Awaitable[None]]], None]


@pytest.fixture
def run_in_server(prepared: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serves a script, and calls back with the server."""
    monkeypatch.setattr(Runtime, "_instance", None)

    def run(script: str, visit: Callable[[Runtime], Awaitable[None]]) -> None:
        path = tmp_path / "page.py"
        path.write_text(script)

        async def serve() -> None:
            storage, uploads = MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/up")
            runtime = Runtime(RuntimeConfig(str(path), storage, uploads))
            await runtime.start()
            await visit(runtime)
            runtime.stop()
            await runtime.stopped

        asyncio.run(asyncio.wait_for(serve(), waiting.PATIENCE_S))

    return run


def test_a_page_cut_off_in_a_run_does_not_take_what_it_had_not_heard_of_for_gone(
    run_in_server: Serve, tmp_path: Path
) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may end"
    script = f"""
import time
from pathlib import Path
import streamlit as st

st.text("above")
Path({str(begun)!r}).touch()
while not Path({str(may_end)!r}).exists():
    time.sleep(0.01)
st.text("below")
"""

    async def come_back(runtime: Runtime) -> None:
        before = Browser(runtime)
        before.ask()
        await until(begun.exists)
        runtime.disconnect_session(before.session)
        may_end.touch()
        await until(lambda: not is_running())
        browser = Browser(runtime, before.session)
        browser.ask()
        await until(lambda: "script_finished" in browser.kinds())
        assert browser.kinds().index("new_session") < browser.kinds().index("script_finished")

    run_in_server(script, come_back)
