"""What a page will ask for, named with the page itself: a browser fetches it while Streamlit's own
scripts start, not after them."""

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from ui.shared import shelf
from ui.shared.browser.bundles import VERSION
from ui.shared.browser.tensors import facts
from ui.shared.pages import DRAW
from ui.shared.visit import MODEL

_NEEDED = {"": ("board.js", "decoder"), DRAW.address: ("desk.js", "reader", "decoder")}
"""By the page's address: its component's script, and parts of the model."""


class Preloads:
    """Adds a Link header to the pages that compute in the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = config.get_option("server.baseUrlPath").strip("/")
        page = scope.get("path", "").strip("/").removeprefix(base).strip("/")
        if scope["type"] != "http" or page not in _NEEDED:
            await self.app(scope, receive, send)
            return
        # In a thread: a model that is new in its folder is loaded then.
        links = await run_in_threadpool(_links, page, scope["query_string"].decode("latin-1"))

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Link", links)
            await send(message)

        await self.app(scope, receive, tell)


def _links(page: str, query: str) -> str:
    """Relative ones, as a proxy may have put the app anywhere."""
    script, *parts = _NEEDED[page]
    engines = shelf.models().engines
    asked = parse_qs(query).get(MODEL, [*engines, ""])[0]
    # A run's model has a name that the visit decides; its weights come when they are asked for.
    weights = facts(engines[asked])["weights"] if asked in engines else {}
    fetched = [f"assets/{VERSION}/affine.wasm", *(weights[part] for part in parts if weights)]
    rest = (f"<{path}>; rel=preload; as=fetch; crossorigin; fetchpriority=low" for path in fetched)
    return ", ".join([f"<assets/{VERSION}/{script}>; rel=modulepreload", *rest])
