"""What a server on the internet needs of the libraries below the app, and has no setting for."""

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
    # To tell whether a foreign page that knocks is one of ours, Streamlit would ask a web service
    # for this machine's address, and every visitor would wait for the answer.
    net_util.get_external_ip = lambda: None
    # Streamlit looks through all of its options for those of the theme, six times in each run of a
    # page: an eighth of what a reading costs. They stay as they are while a server runs.
    options_of = cache(config.get_options_for_section)
    config.get_options_for_section = lambda section: dict(options_of(section))
    # Uploads stay in memory: a disk may be full, and a visitor's picture has no business there.
    # server.maxUploadSize limits them before; the form around one takes a little more.
    MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 1) * 2**20
    # A page takes servers of other machines for other apps and throws away what it holds, where a
    # visitor is passed from one container to another.
    metrics_util._get_machine_id_v3 = lambda: "any"
    # A browser asks once where an upload may go; where a page began in the same instant, Streamlit
    # threw the answer away, and the upload with it.
    kept = forward_msg_queue._is_toast_delta
    forward_msg_queue._is_toast_delta = lambda msg: (
        kept(msg) or msg.WhichOneof("type") == "file_urls_response"
    )
    _answer_with_whole_pages()
    _hear_no_page_that_was_left()
    _leave_pages_as_they_are()
    _let_pages_come_to_their_end()


def _answer_with_whole_pages() -> None:
    """A page that outlived its server may ask the next one for a fragment before the page around it
    has run. Streamlit drops that, for it does not know the fragment yet; whatever the visitor did
    would go unheard. So it is answered with the whole page."""
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
    """Until the page that a visitor goes to has begun, the one before may still ask for a fragment
    of its own: Draw does when it comes to rest. Streamlit ran that after the new page, or the whole
    old page again; the browser took either for a way back, and what it showed was empty."""
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
    """Where a connection is cut, Streamlit stops the run of its page. Told of the end of that run
    once it is back, the page took all that the run had not come to for gone: a pad was taken away
    from under the pen. It asks for itself anew anyway, so it need not hear of the end."""
    disconnect_session = WebsocketSessionManager.disconnect_session

    def disconnect(manager: WebsocketSessionManager, session_id: str) -> None:
        connected = manager.get_active_session_info(session_id)
        disconnect_session(manager, session_id)
        if connected is not None:
            connected.session.flush_browser_queue()
            # What is no longer the session's run has nothing more to say of it.
            connected.session._scriptrunner = None

    WebsocketSessionManager.disconnect_session = disconnect  # type: ignore[assignment, method-assign]


def _let_pages_come_to_their_end() -> None:
    """A run may be over while what it said last still waits to be passed on. A fragment asked for
    in that instant gets a run of its own, and Streamlit takes the rest of the one before for out of
    date, of whatever part of the page it is. So the whole page is run again."""
    create = AppSession._create_scriptrunner

    def begin(session: AppSession, asked: RerunData) -> None:
        unheard = session._scriptrunner is not None
        create(session, replace(asked, fragment_id=None) if unheard else asked)

    AppSession._create_scriptrunner = begin  # type: ignore[assignment, method-assign]
