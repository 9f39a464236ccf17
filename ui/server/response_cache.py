"""Files that never change, answered from memory."""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILES = re.compile("/(static|assets)/")
"""Streamlit's and ours. Weights are kept where they are packed."""
MOST = 64 * 2**20
"""Bytes: all files in both encodings are fewer. One file has any number of addresses, as
/static/./js/ is /static/js/, and whoever asks by all of them must not fill the memory."""


class ResponseCache:
    """Keeps answers that are said to be immutable, compressed as they were sent. A visit takes a
    hundred small scripts; from the disk, each costs the server three milliseconds, not half a one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[tuple[str, bool], tuple[Message, Message]] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http" and scope["method"] == "GET"
        headers = Headers(scope=scope) if is_http and _FILES.search(scope["path"]) else None
        if headers is None or "range" in headers:
            await self.app(scope, receive, send)
            return
        asked = scope["path"], "gzip" in headers.get("accept-encoding", "")
        if kept := self._kept.get(asked):
            for message in kept:
                await send(message)
            return
        said: list[Message] = []

        async def listen(message: Message) -> None:
            said.append(message)
            await send(message)

        await self.app(scope, receive, listen)
        start, *parts = said
        is_whole = start["status"] == 200 and not parts[-1].get("more_body", False)
        if is_whole and "immutable" in Headers(raw=start["headers"]).get("cache-control", ""):
            body = b"".join(part["body"] for part in parts)
            if asked not in self._kept and self._size + len(body) <= MOST:
                self._size += len(body)
                self._kept[asked] = start, {"type": "http.response.body", "body": body}
