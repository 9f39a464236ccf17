"""A browser's side of a Streamlit session, without a browser and without a network."""

import asyncio
import threading
from collections.abc import Callable

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, SessionClient
from streamlit.runtime.app_session import AppSession


class Browser(SessionClient):
    """What a browser's page hears from the server."""

    def __init__(self, runtime: Runtime, session: str | None = None) -> None:
        self.runtime = runtime
        self.heard: list[ForwardMsg] = []
        self.session = runtime.connect_session(self, {}, existing_session_id=session)

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        self.heard.append(msg)

    @property
    def app_session(self) -> AppSession:
        connected = self.runtime._session_mgr.get_active_session_info(self.session)
        assert connected
        return connected.session

    def ask(self, fragment: str = "", page: str = "", by_itself: bool = False, **said: str) -> None:
        """For a fragment, or for the whole page; `said` is what components say, in JSON."""
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.page_script_hash = page
        message.rerun_script.is_auto_rerun = by_itself
        for name, value in said.items():
            message.rerun_script.widget_states.widgets.add(id=name, json_value=value)
        self.runtime.handle_backmsg(self.session, message)

    def ask_where_to_upload(self) -> None:
        message = BackMsg()
        message.file_urls_request.request_id = "upload"
        message.file_urls_request.file_names.append("digit.png")
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


async def opened(runtime: Runtime) -> Browser:
    """A browser that shows the page."""
    browser = Browser(runtime)
    browser.ask()
    await browser.has_heard(runs=1)
    return browser


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


def is_running() -> bool:
    return any("ScriptRunner" in thread.name for thread in threading.enumerate())
