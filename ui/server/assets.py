"""What the server answers beside Streamlit: an address for the first page, and the components'
scripts and the models' weights, which a browser asks for once: their address says what they are."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from ui.shared.browser import tensors
from ui.shared.browser.bundles import SCRIPTS, VERSION
from ui.shared.pages import EXPLORE

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm"}


def routes() -> Sequence[BaseRoute]:
    """For the app's server, below its base path."""
    path = config.get_option("server.baseUrlPath").strip("/")
    base = f"/{path}" if path else ""
    return [
        Route(f"{base}/assets/{{version}}/{{name}}", _script),
        Route(f"{base}/weights/{{digest}}/{{part}}.safetensors", _weights),
        Route(f"{base}/{EXPLORE.address}", _redirect("./")),
        *([Route(base, _redirect(f"./{path.rpartition('/')[2]}/"))] if base else []),
    ]


async def _script(request: Request) -> Response:
    name = request.path_params["name"]
    if (content := SCRIPTS.get(name)) is None:
        return PlainTextResponse("There is no such script.", 404)
    # A page of another version of the app: better this script than none, but not for ever.
    current = request.path_params["version"] == VERSION
    headers = {"Cache-Control": _FOR_EVER if current else "no-store"}
    return Response(content, headers=headers, media_type=_TYPES[name[name.rindex(".") :]])


def _redirect(first_page: str) -> Callable[[Request], Awaitable[Response]]:
    """Streamlit knows the page that opens first by the app's own address alone, its last slash
    included. A relative one: a proxy may have put the app anywhere."""

    async def answer(request: Request) -> Response:
        query = request.url.query
        return RedirectResponse(f"{first_page}?{query}" if query else first_page)

    return answer


def _weights(request: Request) -> Response:
    """In a thread: to pack them takes a moment."""
    digest, part = request.path_params["digest"], request.path_params["part"]
    engine = tensors.offered(digest)
    if engine is None or part not in tensors.PARTS:
        return PlainTextResponse("There is no such model.", 404)
    # Weights do not get smaller: no compression is to be tried on them.
    headers = {"Cache-Control": _FOR_EVER, "Content-Encoding": "identity"}
    content = tensors.weights(engine, part)
    return Response(content, headers=headers, media_type="application/octet-stream")
