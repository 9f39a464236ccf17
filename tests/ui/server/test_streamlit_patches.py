"""What broken connections and runs that overlap do not take from a visitor."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, RuntimeConfig, SessionClient, forward_msg_queue
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from tests.support import waiting
from ui.server import streamlit_patches

PATCHED = (
    (forward_msg_queue, "_is_toast_delta"),
    (AppSession, "request_rerun"),
    (AppSession, "_enqueue_forward_msg"),
    (AppSession, "_create_scriptrunner"),
    (WebsocketSessionManager, "disconnect_session"),
)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries as the server sets them; as before afterwards."""
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    streamlit_patches.prepare()


@pytest.mark.usefixtures("prepared")
def test_a_page_that_begins_leaves_an_upload_its_answer() -> None:
    queue = forward_msg_queue.ForwardMsgQueue()
    answer, old = ForwardMsg(), ForwardMsg()
    answer.file_urls_response.response_id = "upload"
    old.delta.new_element.text.body = "of the page before"
    old.metadata.delta_path.extend([0, 0])
    queue.enqueue(answer)
    queue.enqueue(old)
    queue.clear(retain_lifecycle_msgs=True)
    assert queue.flush() == [answer]


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

    def ask(self, fragment: str = "", page: str = "") -> None:
        """For a fragment, or for the whole page."""
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.page_script_hash = page
        self.runtime.handle_backmsg(self.session, message)

    async def has_heard(self, runs: int) -> None:
        """Return once so many runs have come to their end."""
        await until(lambda: self.kinds().count("script_finished") == runs and not is_running())

    def kinds(self) -> list[str | None]:
        return [message.WhichOneof("type") for message in self.heard]

    def saying(self, text: str) -> list[Delta]:
        """Where that was said."""
        return [m.delta for m in self.heard if m.delta.new_element.text.body == text]

    def fragment(self, text: str) -> str:
        """The fragment that said this last."""
        return self.saying(text)[-1].fragment_id

    @property
    def page(self) -> str:
        """The page that it shows."""
        begun = [message for message in self.heard if message.WhichOneof("type") == "new_session"]
        return begun[-1].new_session.page_script_hash

    @property
    def pages(self) -> list[str]:
        """Of the app, in order."""
        said = [message for message in self.heard if message.WhichOneof("type") == "navigation"]
        return [page.page_script_hash for page in said[-1].navigation.app_pages]


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


def test_a_fragment_asked_for_at_the_end_of_a_run_does_not_cut_off_what_that_said_last(
    run_in_server: Serve, tmp_path: Path
) -> None:
    script = f"""
from pathlib import Path
import streamlit as st

st.session_state.runs = st.session_state.get("runs", 0) + 1
(Path({str(tmp_path)!r}) / str(st.session_state.runs)).touch()

@st.fragment
def above():
    st.text("above")

@st.fragment
def below():
    st.text("below" if st.session_state.runs == 1 else "below, again")

above()
below()
"""

    async def ask_at_the_end(runtime: Runtime) -> None:
        browser = Browser(runtime)
        browser.ask()
        await browser.has_heard(runs=1)
        browser.ask()
        # The run comes to its end while the server has no time to pass on what it says.
        waiting.until((tmp_path / "2").exists)
        waiting.until(lambda: not is_running())
        browser.ask(browser.fragment("above"))
        await until(lambda: browser.kinds().count("script_finished") > 1 and not is_running())
        assert browser.saying("below, again")

    run_in_server(script, ask_at_the_end)


TWO_PAGES = """
import streamlit as st

@st.fragment
def below(name):
    st.text(f"below {name}")

def one():
    below("one")
    if st.session_state.pop("moved on", False):
        st.switch_page(pages[1])

def two():
    below("two")

pages = [st.Page(one), st.Page(two)]
st.navigation(pages).run()
"""


@pytest.mark.parametrize("late", [False, True], ids=["while the next begins", "after that"])
def test_a_page_that_was_left_asks_in_vain(run_in_server: Serve, late: bool) -> None:
    async def leave(runtime: Runtime) -> None:
        browser = Browser(runtime)
        browser.ask()
        await browser.has_heard(runs=1)
        one, two = browser.pages
        browser.ask(page=two)
        if late:
            await browser.has_heard(runs=2)
        browser.ask(browser.fragment("below one"), one)
        await browser.has_heard(runs=2)
        # What would come after it has come once this has been answered.
        browser.ask(browser.fragment("below two"), two)
        await browser.has_heard(runs=3)
        assert browser.page == two
        assert browser.kinds().count("new_session") == 3

    run_in_server(TWO_PAGES, leave)


def test_a_page_that_the_app_went_to_by_itself_is_heard(run_in_server: Serve) -> None:
    async def follow(runtime: Runtime) -> None:
        browser = Browser(runtime)
        browser.ask()
        await browser.has_heard(runs=1)
        one, two = browser.pages
        connected = runtime._session_mgr.get_active_session_info(browser.session)
        assert connected
        connected.session.session_state["moved on"] = True
        browser.ask(page=one)
        await until(lambda: len(browser.saying("below two")) == 1 and not is_running())
        browser.ask(browser.fragment("below two"), two)
        await until(lambda: len(browser.saying("below two")) == 2)

    run_in_server(TWO_PAGES, follow)
