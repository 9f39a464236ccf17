"""What broken connections and runs that overlap do not take from a visitor."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, RuntimeConfig, websocket_session_manager
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from tests.support import waiting
from tests.support.session_client import Browser, is_running, opened, until
from ui.server import app_session

Visit = Callable[[Runtime], Awaitable[None]]


def served(script: str) -> Callable[[Visit], Callable[..., None]]:
    """Makes a test of a visit to a server of this script, with sessions as the app has them, in a
    folder that is empty but for it."""

    def made(visit: Visit) -> Callable[..., None]:
        def test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
            monkeypatch.setattr(Runtime, "_instance", None)
            # As before afterwards.
            before = websocket_session_manager.AppSession  # type: ignore[attr-defined]
            monkeypatch.setattr(websocket_session_manager, "AppSession", before)
            app_session.use()
            monkeypatch.chdir(tmp_path)
            Path("page.py").write_text(script)

            async def serve() -> None:
                kept = MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/up")
                runtime = Runtime(RuntimeConfig("page.py", *kept))
                await runtime.start()
                await visit(runtime)
                runtime.stop()
                await runtime.stopped

            asyncio.run(asyncio.wait_for(serve(), waiting.PATIENCE_S))

        return test

    return made


ONE_FRAGMENT = """
import streamlit as st

@st.fragment
def below():
    st.text("below")

st.text("above")
below()
"""


@served(ONE_FRAGMENT)
async def test_a_fragment_that_is_unknown_is_answered_by_the_whole_page(runtime: Runtime) -> None:
    browser = Browser(runtime)
    browser.ask("of before the restart", by_itself=True)
    await browser.has_heard(runs=1)
    browser.ask("gone")
    await browser.has_heard(runs=2)
    # Again and again, as long as a page is in sight: nothing comes of it.
    browser.ask("gone", by_itself=True)
    browser.ask(browser.fragment("below"))
    await browser.has_heard(runs=3)
    assert len(browser.saying("above")) == 2 and len(browser.saying("below")) == 3


@served(ONE_FRAGMENT)
async def test_a_fragment_that_begins_leaves_what_the_page_said_of_it(runtime: Runtime) -> None:
    session = (await opened(runtime)).app_session
    said, end = ForwardMsg(), ForwardMsg()
    said.delta.fragment_id = "below"
    end.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    for message in (said, end):
        session._enqueue_forward_msg(message)
    session._clear_queue(["below"])
    assert session.flush_browser_queue() == [said, end]


@served(ONE_FRAGMENT)
async def test_a_page_that_begins_leaves_an_upload_its_answer(runtime: Runtime) -> None:
    browser = await opened(runtime)
    for runs, part in ((2, ""), (3, browser.fragment("below"))):
        browser.ask_where_to_upload()
        browser.ask(part)
        # The server has no time to pass the answer on before the page begins.
        waiting.until(lambda: not is_running())
        await browser.has_heard(runs)
        assert browser.kinds().count("file_urls_response") == runs - 1


LONG = """
import time
from pathlib import Path
import streamlit as st

st.text("above")
Path("begun").touch()
while not Path("may end").exists():
    time.sleep(0.01)
st.text("below")
"""


@served(LONG)
async def test_a_page_cut_off_in_a_run_does_not_take_what_it_had_not_heard_of_for_gone(
    runtime: Runtime,
) -> None:
    before = Browser(runtime)
    before.ask()
    await until(Path("begun").exists)
    runtime.disconnect_session(before.session)
    Path("may end").touch()
    await until(lambda: not is_running())
    browser = Browser(runtime, before.session)
    browser.ask()
    await until(lambda: "script_finished" in browser.kinds())
    assert browser.kinds().index("new_session") < browser.kinds().index("script_finished")


TWO_FRAGMENTS = """
from pathlib import Path
import streamlit as st

st.session_state.runs = st.session_state.get("runs", 0) + 1
Path(str(st.session_state.runs)).touch()

@st.fragment
def above():
    st.text("above")

@st.fragment
def below():
    st.text("below" if st.session_state.runs == 1 else "below, again")

above()
below()
"""


@served(TWO_FRAGMENTS)
async def test_a_fragment_asked_for_at_the_end_of_a_run_does_not_cut_off_what_that_said_last(
    runtime: Runtime,
) -> None:
    browser = await opened(runtime)
    browser.ask()
    # The run comes to its end while the server has no time to pass on what it says.
    waiting.until(Path("2").exists)
    waiting.until(lambda: not is_running())
    browser.ask(browser.fragment("above"))
    await until(lambda: browser.kinds().count("script_finished") > 1 and not is_running())
    assert browser.saying("below, again")


OVERLAP = """
import time
from pathlib import Path
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import register_widget

def meet(own, other):
    Path(own).touch()
    # Not for ever: the other one may have to wait for this.
    for _ in range(20):
        if Path(other).exists():
            break
        time.sleep(0.01)

def read(value):
    if value == "moved":
        meet("begun", "new")
    return value

def register(name, deserializer):
    register_widget(
        name,
        deserializer=deserializer,
        serializer=lambda value: value,
        ctx=get_script_run_ctx(),
        value_type="json_value",
    )

register("known", read)
if st.session_state.setdefault("seen", False):
    register("late", lambda _: meet("stops", "begun"))
    Path("new").touch()
st.session_state.seen = True
"""


@served(OVERLAP)
async def test_a_run_that_is_to_stop_changes_nothing_under_the_one_that_begins(
    runtime: Runtime,
) -> None:
    browser = await opened(runtime)
    browser.ask()
    await until(Path("stops").exists)
    browser.ask(known='"moved"')
    await until(lambda: Path("begun").exists() and not is_running())
    await until(lambda: browser.kinds().count("script_finished") > 1)
    shown = [message.delta.new_element.WhichOneof("type") for message in browser.heard]
    assert "exception" not in shown


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


@served(TWO_PAGES)
async def test_a_page_that_was_left_asks_in_vain(runtime: Runtime) -> None:
    for is_late in (False, True):  # while the next begins, or after that
        browser = await opened(runtime)
        one, two = browser.pages
        browser.ask(page=two)
        if is_late:
            await browser.has_heard(runs=2)
        browser.ask(browser.fragment("below one"), one)
        await browser.has_heard(runs=2)
        # What would come after it has come once this has been answered.
        browser.ask(browser.fragment("below two"), two)
        await browser.has_heard(runs=3)
        assert browser.page == two
        assert browser.kinds().count("new_session") == 3


@served(TWO_PAGES)
async def test_a_page_that_the_app_went_to_by_itself_is_heard(runtime: Runtime) -> None:
    browser = await opened(runtime)
    one, two = browser.pages
    browser.app_session.session_state["moved on"] = True
    browser.ask(page=one)
    await until(lambda: len(browser.saying("below two")) == 1 and not is_running())
    browser.ask(browser.fragment("below two"), two)
    await until(lambda: len(browser.saying("below two")) == 2)


def test_what_a_component_said_last_goes_along_to_other_pages_until_one_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[str]] = []

    def ask(page: str, fragment: str, **values: str) -> None:
        state = ClientState(page_script_hash=page, fragment_id=fragment)
        for name, value in values.items():
            state.widget_states.widgets.add(id=name, **{value: "{}"})
        session.request_rerun(state)

    monkeypatch.setattr(AppSession, "__del__", lambda _: None)
    monkeypatch.setattr(AppSession, "has_fragment", lambda *_: True)
    monkeypatch.setattr(
        AppSession,
        "request_rerun",
        lambda _, state: asked.append([each.id for each in state.widget_states.widgets]),
    )
    monkeypatch.setattr(AppSession, "_enqueue_forward_msg", lambda *_: None)
    session = object.__new__(app_session.Session)
    ask("one", "part", desk="json_value", pressed="json_trigger_value", model="string_value")
    ask("two", "", model="string_value")
    ask("two", "", model="string_value")
    session._enqueue_forward_msg(
        ForwardMsg(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
    )
    ask("three", "", model="string_value")
    ask("one", "", desk="json_value")
    session._enqueue_forward_msg(ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY))
    ask("one", "", model="string_value")
    ask("two", "", model="string_value")
    assert asked[1:] == [*[["model", "desk"]] * 3, ["desk"], ["model"], ["model"]]
