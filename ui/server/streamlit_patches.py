"""Two patches of Streamlit 1.67, for connections that break. With another version, see whether the
tests of each fail without it; where they pass, it goes."""

from weakref import WeakSet

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager


def prepare() -> None:
    """To be called once, when the server starts."""
    _answer_with_whole_pages()
    _leave_pages_as_they_are()


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
