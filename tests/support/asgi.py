"""What an application answers without a server."""

import asyncio

from starlette.types import ASGIApp, Message


def ask(
    app: ASGIApp, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content. The request's own headers have _ in their names for -."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        said.append(message)

    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(),
        "headers": lines,
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    start, *parts = said
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], answered, b"".join(part.get("body", b"") for part in parts)
