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
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright
from playwright.async_api import Error as BrowserError

from benchmarks import faults
from benchmarks.container import WAIT, Engine
from benchmarks.faults import Lab, Result
from benchmarks.live_app import BROWSER_FLAGS, ROOT, find_chromium, free_port, serve_process

TRIES = 3
VISITORS = 8
RELOADS = 5
STRANGERS = 200
COOKIE = "replica"
PORT = 8501
"""Of a server of compose.yaml."""
SERVICES = ("app-1", "app-2")
METRICS = """
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())
"""


@dataclass
class Server:
    """One of the two; it can go, and come back at the same address."""

    folder: Path
    log: Path
    port: int = field(default_factory=free_port)
    _life: ExitStack = field(default_factory=ExitStack)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Its own, behind the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Until it is healthy."""
        self._life = ExitStack()
        environment = {"VAE_RUNS_DIR": str(self.folder)}
        serving = serve_process(port=self.port, log=self.log, environment=environment)
        _, self._process = self._life.enter_context(serving)

    def end(self, by: signal.Signals) -> None:
        """By a signal, until it is gone."""
        assert self._process is not None
        os.kill(self._process.pid, by)
        self._process.wait()

    def leave(self) -> None:
        """Whatever it does."""
        self._life.close()

    def visits(self) -> int:
        """Pages that are open on it, as it counts them itself."""
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/metrics", timeout=5) as answer:
                return open_pages(answer.read().decode())
        except OSError:
            return 0


@dataclass
class Service:
    """A server of compose.yaml."""

    engine: Engine
    name: str

    @cached_property
    def container(self) -> str:
        """Its id."""
        return self.engine.say(
            "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.service={self.name}"
        )

    def start(self) -> None:
        """Until it is healthy."""
        self.engine.say("start", self.container)
        wait = ("exec", self.container, "python", "-c", WAIT)
        self.engine.say(*wait, f"http://127.0.0.1:{PORT}/_stcore/health")

    def end(self, by: signal.Signals) -> None:
        """By a signal, until it is gone."""
        # A SIGTERM of another kind counts as a crash, after which the engine starts it again.
        self.engine.say("kill" if by is signal.SIGKILL else "stop", self.container)
        self.engine.say("wait", self.container)

    def leave(self) -> None:
        """Nothing: compose ends it."""

    def visits(self) -> int:
        """Pages that are open on it, as it counts them itself."""
        asked = ("exec", self.container, "python", "-c", METRICS)
        done = self.engine.run(*asked, f"http://127.0.0.1:{PORT}/_stcore/metrics")
        return open_pages(done.stdout)


def open_pages(metrics: str) -> int:
    """Of what a server tells of itself."""
    found = re.search(r"^active_sessions (\S+)$", metrics, re.MULTILINE)
    return int(float(found[1])) if found else 0


def caddyfile(text: str, upstreams: list[str]) -> str:
    """The repository's, with other servers behind it. Raises ValueError where it names another
    number of them."""
    named = re.search(r"^\s*reverse_proxy (.*) {$", text, re.MULTILINE)
    if named is None or len(named[1].split()) != len(upstreams):
        raise ValueError(f"expected a reverse_proxy of {len(upstreams)} servers")
    return text.replace(named[1], " ".join(upstreams))


@contextmanager
def proxy(program: str, upstreams: list[str], folder: Path) -> Iterator[str]:
    """Caddy before the servers; its address."""
    config = folder / "Caddyfile"
    config.write_text(caddyfile((ROOT / "Caddyfile").read_text(), upstreams))
    port = free_port()
    places = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "caddy.log").open("ab") as log:
        process = subprocess.Popen(
            [program, "run", "--adapter", "caddyfile", "--config", str(config)],
            env=os.environ | places | {"SITE": f":{port}"},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        if not comes_to_answer(address):
            raise RuntimeError(f"Caddy does not serve: {(folder / 'caddy.log').read_text()}")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


def answers(address: str) -> bool:
    """Whether a stranger is served there."""
    with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health") as answer:
        return bool(answer.read() == b"ok")
    return False


def comes_to_answer(address: str) -> bool:
    """Whether it does so in time."""
    end = time.monotonic() + 10
    while not (there := answers(address)) and time.monotonic() < end:
        time.sleep(0.1)
    return there


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
            style = await faults.open_explore(page, address)
            visitors.append((context, page, style, await replica(context)))
        counts = [server.visits() for server in servers]
        for context, page, style, before in visitors:
            for _ in range(RELOADS):
                await page.reload()
                await page.locator('.board[aria-busy="false"]').wait_for()
                if await replica(context) != before:
                    result.lost.append("the same server after a reload")
            await faults.still_shown(page, style, result, "after reloads")
            await page.get_by_test_id("stSidebarNav").get_by_role("link", name="Draw").click()
            await faults.stroke(page)
            await faults.still_read(page, result, "through the proxy")
            for side in (200, 1200):
                await page.reload()
                if await faults.upload(page, faults.picture(side)) != "1":
                    result.lost.append("an upload, read as something else")
            await faults.said(page, result)
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
        end = time.monotonic() + faults.PATIENCE_MS / 1000
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
        self.fallen.leave()
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
            style = await faults.open_explore(page, address)
            before = await replica(context)
            without = asyncio.create_task(unconnected(page))
            await fall.begin()
            seconds.append(await without)
            await faults.still_shown(page, style, result, "on the other server")
            if await replica(context) == before:
                result.lost.append("the cookie of the other server")
            await faults.said(page, result)
            await fall.end()
        await faults.through_an_outage(lab, result, address, fall.begin, fall.end)
    return seconds


@contextmanager
def on_this_machine(caddy: str, folder: Path) -> Iterator[tuple[str, list[Server]]]:
    """Two servers behind Caddy: its address, and the servers."""
    servers = [Server(folder / "runs", folder / "log") for _ in range(2)]
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.leave)
        upstreams = [server.address.removeprefix("http://") for server in servers]
        yield stack.enter_context(proxy(caddy, upstreams, folder)), servers


@contextmanager
def composed(
    compose: list[str], engine: Engine, folder: Path
) -> Iterator[tuple[str, list[Service]]]:
    """What compose.yaml brings up; down again afterwards, its volumes too. As `on_this_machine`."""
    address = "http://127.0.0.1"
    services = [Service(engine, name) for name in SERVICES]
    project = [*compose, "-p", "digit-styles-check"]
    try:
        subprocess.run([*project, "up", "-d"], cwd=ROOT, check=True, capture_output=True)
        for service in services:
            service.start()
        # The proxy asks for their health every two seconds.
        if not comes_to_answer(address):
            raise RuntimeError("the proxy does not serve")
        yield address, services
        logs = [engine.run("logs", service.container) for service in services]
        (folder / "log").write_text("".join(log.stdout + log.stderr for log in logs))
    finally:
        subprocess.run([*project, "down", "-v"], cwd=ROOT, check=False, capture_output=True)


async def visit(
    program: str, address: str, servers: Sequence[Server | Service], folder: Path, tries: int
) -> dict[str, object]:
    """Everything in turn; the figures."""
    figures: dict[str, object] = {"strangers": spread(address)}
    results = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        lab = Lab(browser, folder, tries)
        results.append(staying := Result("reloads and uploads"))
        figures["pages"] = await told(staying, stay(lab, staying, address, servers))
        for by in (signal.SIGKILL, signal.SIGTERM):
            results.append(moving := Result(f"server ended by {by.name}"))
            done = await told(moving, move_on(lab, moving, address, servers, by))
            figures[f"seconds_without_after_{by.name.lower()}"] = done
        await browser.close()
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
    program, caddy = find_chromium(), shutil.which("caddy")
    if program is None:
        sys.exit("no Chromium found: install chromium or google-chrome")
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
            figures = asyncio.run(visit(program, address, servers, folder, options.tries))
        errors = faults.logged_errors(folder / "log")
    how = options.compose or "on this machine"
    print(json.dumps({"benchmark": "replicas", "how": how, **figures, "logged_errors": errors}))


if __name__ == "__main__":
    main()
