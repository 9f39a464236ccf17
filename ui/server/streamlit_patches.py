"""Patches of Streamlit 1.67, for connections that break and for runs that overlap. With another
version, see whether the tests of each fail without it; where they pass, it goes."""

from dataclasses import replace
from weakref import WeakKeyDictionary, WeakSet

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import forward_msg_queue
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager


def prepare() -> None:
    """To be called once, when the server starts."""
    _answer_with_whole_pages()
    _hear_no_page_that_was_left()
    _leave_pages_as_they_are()
    _let_pages_come_to_their_end()
    _answer_uploads()


def _answer_with_whole_pages() -> None:
    """Run the whole page where its fragment is unknown. After a restart of the server a browser
    asks for the page (streamlit/streamlit#11660, closed), but what it asks of a fragment before
    that page has run is dropped, and a slider that was moved then counts for nothing.

    To go once AppSession.request_rerun keeps such a request, or answers it by the whole page.
    """
    begun: WeakSet[AppSession] = WeakSet()
    request_rerun = AppSession.request_rerun

    def request(session: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None:
            # A fragment that asks by itself, again and again, would begin the page again and again.
            lost = not session.has_fragment(client_state.fragment_id)
            if session not in begun or (lost and not client_state.is_auto_rerun):
                client_state.fragment_id = ""
        begun.add(session)
        request_rerun(session, client_state)

    AppSession.request_rerun = request  # type: ignore[assignment, method-assign]


def _hear_no_page_that_was_left() -> None:
    """Drop late requests of the page that a visitor has left, as Draw sends one when it comes to
    rest. Streamlit would run that fragment, or the whole old page, after the new page; the browser
    takes either for a way back, and shows an empty page. No issue is known.

    To go once AppSession drops what a page asks after another was asked for.
    """
    gone_to: WeakKeyDictionary[AppSession, str] = WeakKeyDictionary()
    request_rerun, tell = AppSession.request_rerun, AppSession._enqueue_forward_msg

    def request(session: AppSession, client_state: ClientState | None) -> None:
        page = client_state.page_script_hash if client_state is not None else ""
        if page and client_state is not None:
            if not client_state.fragment_id:
                gone_to[session] = page
            elif gone_to.get(session, page) != page:
                return
        request_rerun(session, client_state)

    def told(session: AppSession, message: ForwardMsg) -> None:
        # Every page says which one it is; the app itself may have changed it.
        if message.WhichOneof("type") == "navigation":
            gone_to[session] = message.navigation.page_script_hash
        tell(session, message)

    AppSession.request_rerun = request  # type: ignore[assignment, method-assign]
    AppSession._enqueue_forward_msg = told  # type: ignore[assignment, method-assign]


def _leave_pages_as_they_are() -> None:
    """Say nothing of a run that a cut connection has stopped. Told of its end on reconnecting, the
    page would remove every element that the run had not come to, the pad under the pen included; it
    asks for a new run anyway. No issue is known; streamlit/streamlit#9163 (closed) was of the same
    kind: a run that was cut short and said to have ended well.

    To go once such a run ends as one that was cut short, or its end is not kept for the next
    connection.
    """
    disconnect_session = WebsocketSessionManager.disconnect_session

    def disconnect(manager: WebsocketSessionManager, session_id: str) -> None:
        connected = manager.get_active_session_info(session_id)
        disconnect_session(manager, session_id)
        if connected is not None:
            connected.session.flush_browser_queue()
            # The session listens to its current run alone.
            connected.session._scriptrunner = None

    WebsocketSessionManager.disconnect_session = disconnect  # type: ignore[assignment, method-assign]


def _let_pages_come_to_their_end() -> None:
    """Run the whole page where a fragment is asked for while the last messages of a finished run
    wait to be sent: Streamlit would drop those as outdated, whatever part of the page they are. No
    issue is known.

    To go once the queue keeps what another fragment than the one that begins has said.
    """
    create = AppSession._create_scriptrunner

    def begin(session: AppSession, asked: RerunData) -> None:
        unheard = session._scriptrunner is not None
        create(session, replace(asked, fragment_id=None) if unheard else asked)

    AppSession._create_scriptrunner = begin  # type: ignore[assignment, method-assign]


def _answer_uploads() -> None:
    """Keep the answer on where an upload may go, which the browser asks for once. Where a run
    begins, Streamlit's queue drops it, and the upload is lost. No issue is known.

    To go once ForwardMsgQueue.clear keeps such an answer.
    """
    kept = forward_msg_queue._is_toast_delta
    forward_msg_queue._is_toast_delta = lambda msg: (
        kept(msg) or msg.WhichOneof("type") == "file_urls_response"
    )
