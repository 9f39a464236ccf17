"""What visitors see of two servers behind the proxy of compose.yaml: spread, kept, moved on.

    python -m benchmarks.replicas [--tries N]
    python -m benchmarks.replicas --compose "docker compose" --engine docker

Two servers that share a runs folder, and Caddy with the repository's Caddyfile, of which only the
servers' addresses and its own are replaced: all on this machine, without containers. Or, told how
to, compose.yaml itself, of an image that is built already. Visitors in Chromium must be spread over
both servers, stay on theirs over reloads and uploads, and be moved to the other, with their style
and drawing, when theirs is killed or asked to stop. The last line is JSON; needs Caddy, or an
engine and its compose (port 80 must be free).
"""

import argparse
import asyncio
import json
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack
from pathlib import Path

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as BrowserError

from benchmarks import visits
from benchmarks.container_engine import Engine
from benchmarks.servers import Server, Service, composed, on_this_machine
from benchmarks.visits import Lab, Result
from tests.support.browser import async_chromium

TRIES = 3
VISITORS = 8
RELOADS = 5
STRANGERS = 200
COOKIE = "replica"


def spread(address: str) -> list[int]:
    """How many of many strangers each server got, by the cookie they were given."""
    got: dict[str, int] = {}
    for _ in range(STRANGERS):
        with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
            given = re.search(rf"{COOKIE}=(\w+)", answer.headers["Set-Cookie"] or "")
        if given:
            got[given[1]] = got.get(given[1], 0) + 1
    return sorted(got.values())


async def replica(context: BrowserContext) -> str:
    """The server that a visitor has, by their cookie."""
    cookies = {cookie.get("name"): cookie.get("value") for cookie in await context.cookies()}
    return str(cookies[COOKIE])


async def stay(
    lab: Lab, result: Result, address: str, servers: Sequence[Server | Service]
) -> list[int]:
    """Visitors who reload and upload: each must stay. How many pages each server had."""
    visitors = []
    async with AsyncExitStack() as stack:
        for _ in range(VISITORS):
            result.tried += 1
            context = await stack.enter_async_context(lab.window())
            page = await context.new_page()
            style = await visits.open_explore(page, address)
            visitors.append((context, page, style, await replica(context)))
        counts = [server.visits() for server in servers]
        for context, page, style, before in visitors:
            for _ in range(RELOADS):
                await page.reload()
                await page.locator('.board[aria-busy="false"]').wait_for()
                if await replica(context) != before:
                    result.lost.append("the same server after a reload")
            await visits.still_shown(page, style, result, "after reloads")
            await page.get_by_test_id("stSidebarNav").get_by_role("link", name="Draw").click()
            await visits.stroke(page)
            await visits.still_read(page, result, "through the proxy")
            for side in (200, 1200):
                await page.reload()
                if await visits.upload(page, visits.picture(side)) != "1":
                    result.lost.append("an upload, read as something else")
            await visits.said(page, result)
        if (after := [server.visits() for server in servers]) != counts:
            result.lost.append(f"their servers: {counts} pages on each became {after}")
    return counts


class Fall:
    """Lets the server fall that has the one visitor, and come back later."""

    def __init__(
        self, servers: Sequence[Server | Service], by: signal.Signals, result: Result
    ) -> None:
        self.servers, self.by, self.result = servers, by, result
        self.fallen: Server | Service | None = None

    async def begin(self) -> None:
        """Only now, so that it is the server that the proxy chose."""
        end = time.monotonic() + visits.PATIENCE_MS / 1000
        while len(found := [server for server in self.servers if server.visits()]) != 1:
            if time.monotonic() > end:
                raise RuntimeError(f"expected a visitor on one server, not on {len(found)}")
            await asyncio.sleep(0.2)  # a visitor before this one is just leaving
        self.fallen = found[0]
        await asyncio.to_thread(self.fallen.end, self.by)

    async def end(self) -> None:
        """By then the visitor must be on the other server. The fallen one starts again."""
        (other,) = [server for server in self.servers if server is not self.fallen]
        if other.visits() != 1:
            self.result.lost.append("a place on the other server")
        assert self.fallen is not None
        await asyncio.to_thread(self.fallen.start)


async def unconnected(page: Page) -> float:
    """Wait until the page has lost its server and found one; the seconds between."""
    connected = page.locator('.stApp[data-test-connection-state="CONNECTED"]')
    await connected.wait_for(state="detached")
    start = time.monotonic()
    await connected.wait_for()
    return round(time.monotonic() - start, 1)


async def move_on(
    lab: Lab, result: Result, address: str, servers: Sequence[Server | Service], by: signal.Signals
) -> list[float]:
    """Visitors whose server ends, while they set a style and draw; and of one who only looks, how
    many seconds they are without a server."""
    seconds = []
    for _ in range(lab.tries):
        fall = Fall(servers, by, result)
        async with lab.window() as context:
            result.tried += 1
            page = await context.new_page()
            style = await visits.open_explore(page, address)
            before = await replica(context)
            without = asyncio.create_task(unconnected(page))
            await fall.begin()
            seconds.append(await without)
            await visits.still_shown(page, style, result, "on the other server")
            if await replica(context) == before:
                result.lost.append("the cookie of the other server")
            await visits.said(page, result)
            await fall.end()
        await visits.through_an_outage(lab, result, address, fall.begin, fall.end)
    return seconds


async def visit(
    address: str, servers: Sequence[Server | Service], folder: Path, tries: int
) -> dict[str, object]:
    """Everything in turn; the figures."""
    figures: dict[str, object] = {"strangers": spread(address)}
    results = []
    async with async_chromium() as browser:
        lab = Lab(browser, folder, tries)
        results.append(staying := Result("reloads and uploads"))
        figures["pages"] = await told(staying, stay(lab, staying, address, servers))
        for by in (signal.SIGKILL, signal.SIGTERM):
            results.append(moving := Result(f"server ended by {by.name}"))
            done = await told(moving, move_on(lab, moving, address, servers, by))
            figures[f"seconds_without_after_{by.name.lower()}"] = done
    figures["tried"] = sum(result.tried for result in results)
    figures["lost"] = sum(len(result.lost) for result in results)
    figures["tracebacks"] = sum(result.tracebacks for result in results)
    return figures


async def told(result: Result, work: Awaitable[object]) -> object:
    """What came of the work, printed."""
    figures: object = None
    try:
        figures = await work
    except BrowserError as error:
        result.lost.append(f"the rest of the visit: {error.message.splitlines()[0]}")
    print(
        f"{result.fault}: tried {result.tried} times, {figures}, lost {result.lost or 'nothing'}, "
        f"{result.tracebacks} tracebacks; the page said {result.saw or 'nothing'}",
        flush=True,
    )
    return figures


def main() -> None:
    """Serve, visit, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tries", type=int, default=TRIES, help="of each end of a server")
    parser.add_argument("--compose", metavar="COMMAND", help="run compose.yaml by this")
    parser.add_argument("--engine", metavar="COMMAND", default="docker", help="of --compose")
    options = parser.parse_args()
    caddy = shutil.which("caddy")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        setting: AbstractContextManager[tuple[str, Sequence[Server | Service]]]
        if options.compose:
            engine = Engine(tuple(shlex.split(options.engine)))
            setting = composed(shlex.split(options.compose), engine, folder)
        elif caddy:
            setting = on_this_machine(caddy, folder)
        else:
            sys.exit("install Caddy, or name a compose command with --compose")
        with setting as (address, servers):
            figures = asyncio.run(visit(address, servers, folder, options.tries))
        errors = visits.logged_errors(folder / "log")
    how = options.compose or "on this machine"
    print(json.dumps({"benchmark": "replicas", "how": how, **figures, "logged_errors": errors}))


if __name__ == "__main__":
    main()
