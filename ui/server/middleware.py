"""What every request passes before Streamlit sees it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit import config

from ui.server.preloads import Preloads
from ui.server.response_cache import ResponseCache


def middleware() -> Sequence[Middleware]:
    """For the app's server, outermost first."""
    return [
        Middleware(OwnPages),
        Middleware(Preloads),
        Middleware(ResponseCache),
        # At 9 Streamlit's scripts get 4 % smaller, and cost more than twice the time.
        Middleware(GZipMiddleware, compresslevel=4),
    ]


def keep_uploads_in_memory() -> None:
    """A disk may be full, and a visitor's picture has no business there. Starlette has no other
    setting than this one of its parser; server.maxUploadSize limits uploads before, and the form
    around one takes a little more."""
    MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 1) * 2**20


class OwnPages:
    """Refuses websockets of other sites' pages. Streamlit would ask a web service for this
    machine's address first, and all visitors would wait for the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            headers = MutableHeaders(scope=scope)
            if not is_own(headers.get("origin"), headers.get("host")):
                await WebSocketClose(1008)(scope, receive, send)
                return
            # That is decided: Streamlit would look through the same addresses once more.
            del headers["origin"]
        await self.app(scope, receive, send)


def is_own(origin: str | None, host: str | None) -> bool:
    """Whether a page from this origin may connect to the app at this host. Programs name none."""
    if origin is None or not config.get_option("server.enableCORS"):
        return True
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    if page.hostname is None:
        return False  # as "null", and so would be an allowed origin that is written without scheme
    allowed = [urlsplit(each).hostname for each in config.get_option("server.corsAllowedOrigins")]
    # Where a proxy changes the host, the address that browsers see.
    allowed.append(config.get_option("browser.serverAddress"))
    return page.netloc == host or page.hostname in allowed
