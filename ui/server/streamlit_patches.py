"""Patches of Streamlit 1.67 for a server on the internet, where it has no setting.

Each says which fault it mends; with another version of Streamlit, see whether that is still there.
"""

from dataclasses import replace
from functools import cache
from weakref import WeakKeyDictionary, WeakSet

from starlette.formparsers import MultiPartParser
from streamlit import config, net_util
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import forward_msg_queue, metrics_util
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager


def prepare() -> None:
    """To be called once, when the server starts."""
    # To check a foreign Origin, Streamlit asks a web service for this machine's address, and every
    # visitor waits for the answer.
    net_util.get_external_ip = lambda: None
    # The theme's options are looked up among all options, six times in each run of a page: an
    # eighth of what a reading costs. They stay as they are while a server runs.
    options_of = cache(config.get_options_for_section)
    config.get_options_for_section = lambda section: dict(options_of(section))
    # Uploads stay in memory: a disk may be full, and a visitor's picture has no business there.
    # server.maxUploadSize limits them before; the form around one takes a little more.
    MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 1) * 2**20
    # A page takes servers with another machine id for another app, and drops its state where a
    # proxy passes the visitor from one container to another.
    metrics_util._get_machine_id_v3 = lambda: "any"
    # Where a run begins, the queue drops the answer on where an upload may go, which the browser
    # asks for once: the upload is lost.
    kept = forward_msg_queue._is_toast_delta
    forward_msg_queue._is_toast_delta = lambda msg: (
        kept(msg) or msg.WhichOneof("type") == "file_urls_response"
    )
    _answer_with_whole_pages()
    _hear_no_page_that_was_left()
    _leave_pages_as_they_are()
    _let_pages_come_to_their_end()


def _answer_with_whole_pages() -> None:
    """Run the whole page where its fragment is unknown: after a restart of the server a browser may
    ask for one before the new session has run the page, and Streamlit would drop that."""
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
    takes either for a way back, and shows an empty page."""
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
    asks for a new run anyway."""
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
    wait to be sent: Streamlit would drop those as outdated, whatever part of the page they are."""
    create = AppSession._create_scriptrunner

    def begin(session: AppSession, asked: RerunData) -> None:
        unheard = session._scriptrunner is not None
        create(session, replace(asked, fragment_id=None) if unheard else asked)

    AppSession._create_scriptrunner = begin  # type: ignore[assignment, method-assign]
