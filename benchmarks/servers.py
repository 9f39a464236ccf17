"""Servers that can go and come back, and what stands between them and their visitors."""

import asyncio
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.container_engine import WAIT, Engine
from tests.support.app import ROOT, free_port, serve_process

PORT = 8501
"""Of a server of compose.yaml."""
SERVICES = ("app-1", "app-2")
METRICS = """
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())
"""


class Wire:
    """A wire between visitors and a server, which can be cut."""

    def __init__(self, address: str) -> None:
        self.target = int(address.rpartition(":")[2])
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let everything through, from now on."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """End all connections, and let none be made."""
        assert self._server is not None
        self._server.close()
        for end in self._open:
            end.transport.abort()
        self._open.clear()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._open -= {writer, far_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@dataclass
class Server:
    """The app on this machine; it can go, and come back at the same address."""

    folder: Path
    log: Path
    port: int = field(default_factory=free_port)
    _life: ExitStack = field(default_factory=ExitStack)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Its own, not a proxy's before it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Until it is healthy; again where it has ended."""
        self.leave()
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
