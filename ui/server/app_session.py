"""A visitor's session: Streamlit 1.67's own, but for what that loses where connections break and
runs overlap. With another version, see whether the tests of each method fail without it; where they
pass, it goes."""

from collections.abc import Callable
from dataclasses import replace
from threading import RLock
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import websocket_session_manager
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.state import SessionState


def use() -> None:
    """Sessions are of the class below from now on: to be called once, when the server starts."""
    websocket_session_manager.AppSession = Session  # type: ignore[attr-defined]


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    """Not while another thread is in the same state."""

    def call(state: "State", *args: Any, **kwargs: Any) -> Any:
        with state.lock:
            return method(state, *args, **kwargs)

    return call


class State(SessionState):
    """What all runs of a session share, one thread at a time.

    A run that is told to stop goes on to its next word while another begins, and each has a lock of
    its own: one would walk through what the other changes, and fail (streamlit/streamlit#16763,
    open). To go once the runs of a session cannot overlap.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lock = RLock()

    on_script_will_rerun = _alone(SessionState.on_script_will_rerun)
    on_script_finished = _alone(SessionState.on_script_finished)
    register_widget = _alone(SessionState.register_widget)
    get_widget_states = _alone(SessionState.get_widget_states)
    __getitem__ = _alone(SessionState.__getitem__)
    __setitem__ = _alone(SessionState.__setitem__)
    __delitem__ = _alone(SessionState.__delitem__)


class Session(AppSession):
    """Streamlit has no setting for the class of its sessions."""

    _begun = False
    _page: str | None = None
    """Which was asked for last, by its hash; None before any."""
    _told: tuple[WidgetState, ...] = ()
    """What components stood at by the last request."""
    _along: tuple[WidgetState, ...] = ()
    """What went along to other pages since one last came to its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session_state = State()

    def request_rerun(self, client_state: ClientState | None) -> None:
        """Drop what comes late, and run the whole page where a fragment is unknown.

        A page that is left may still ask for something, as Draw does when it comes to rest.
        Streamlit would run that after the new page; the browser takes it for a way back, and shows
        an empty page. Browsers take back what a fragment asks by itself (streamlit/streamlit#9617,
        merged), and nothing else. To go once AppSession drops what a page asks too late.

        After a restart of the server a browser asks for the page (streamlit/streamlit#11660,
        closed), but what it asks of a fragment before that has run, such as by a slider, is
        dropped. To go once AppSession keeps it, or answers by the whole page.

        What a component said just before another page was asked for goes along, to the page after
        that too where the first is left before it has heard it: of two requests that come at once
        Streamlit takes the values of the second alone, and that has none of the page that is left.
        To go once it takes both.
        """
        if client_state is not None:
            page = client_state.page_script_hash
            states = client_state.widget_states.widgets
            told = tuple(each for each in states if each.WhichOneof("value") == "json_value")
            if page and not client_state.fragment_id:
                if page != self._page:
                    self._along += self._told
                said = {each.id for each in states}
                states.extend(each for each in self._along if each.id not in said)
                self._page = page
            elif page and self._page not in (None, page):
                return
            self._told = told
            # A fragment that asks by itself, again and again, would begin the page again and again.
            lost = not self.has_fragment(client_state.fragment_id)
            if not self._begun or (lost and not client_state.is_auto_rerun):
                client_state.fragment_id = ""
        self._begun = True
        super().request_rerun(client_state)

    def _enqueue_forward_msg(self, msg: ForwardMsg) -> None:
        """Note which page it is: every page says so, and the app itself may have changed it; and
        that it has come to its end, and heard what went along."""
        kind = msg.WhichOneof("type")
        if kind == "navigation":
            self._page = msg.navigation.page_script_hash
        elif kind == "script_finished" and msg.script_finished == msg.FINISHED_SUCCESSFULLY:
            self._along = ()
        super()._enqueue_forward_msg(msg)

    def _create_scriptrunner(self, initial_rerun_data: RerunData) -> None:
        """Run the whole page where a fragment is asked for while what a finished run said last is
        on its way to the browser: Streamlit ignores what an earlier runner says, whatever part of
        the page it is. streamlit/streamlit#9921 (closed) was of the same kind, and is mended for
        fragments that are gone alone.

        To go once AppSession hears an earlier runner to its end.
        """
        if self._scriptrunner is not None:
            initial_rerun_data = replace(initial_rerun_data, fragment_id=None)
        super()._create_scriptrunner(initial_rerun_data)

    def _clear_queue(self, fragment_ids_this_run: list[str] | None = None) -> None:
        """Keep what the browser has to hear, though something new begins.

        Of a page that has ended the queue would drop what it said of the fragment that begins, and
        keep its end: the browser takes the fragment for gone, the pad under the pen included. And
        where a page begins, it would drop the answer on where an upload may go, which the browser
        asks for once; it dropped toasts that way too (streamlit/streamlit#7740, closed).

        To go once ForwardMsgQueue.clear keeps both.
        """
        if fragment_ids_this_run is not None:
            super()._clear_queue([])
            return
        queued = list(self._browser_queue._queue)
        super()._clear_queue()
        for message in queued:
            if message.WhichOneof("type") == "file_urls_response":
                self._browser_queue.enqueue(message)

    def disconnect_file_watchers(self) -> None:
        """Where a connection is cut, say nothing of the run that this stops. Told of its end on
        reconnecting, the page would remove every element that the run had not come to, the pad
        under the pen included; it asks for a new run anyway. streamlit/streamlit#9163 (closed) was
        of the same kind: a run that was cut short and said to have ended well.

        To go once such a run ends as one that was cut short, or its end is not kept for the next
        connection.
        """
        super().disconnect_file_watchers()
        if self._state is not AppSessionState.SHUTDOWN_REQUESTED:
            self.flush_browser_queue()
            # A session listens to its current runner alone.
            self._scriptrunner = None
