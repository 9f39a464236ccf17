"""podman or docker, and one container of an image, seen from inside."""

import json
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Page
from playwright.async_api import Error as BrowserError

from tests.support.browser import async_chromium, chromium_program

NAME = f"digit-styles-check-{os.getpid()}"
PATIENCE_S = 60
RUN_OPTIONS = (
    *("--read-only", "--tmpfs=/tmp", "--network=none"),
    *("--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=2g", "--pids-limit=512"),
)
WAIT = """
import sys, time, urllib.request
while True:
    try:
        urllib.request.urlopen(sys.argv[1], timeout=1)
        break
    except OSError:
        time.sleep(0.02)
"""
FACTS = """
import json, os, re, shutil
status = open("/proc/1/status").read()
def of(name):
    return re.search(rf"^{name}:\\s*(.*)$", status, re.M)[1].split()
writable, data = [], []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in
                  ("/proc", "/sys", "/dev") and not os.path.islink(os.path.join(folder, name))]
    if os.access(folder, os.W_OK):
        writable.append(folder)
        folders.clear()
    data += [name for name in files if "ubyte" in name]
zombies = 0
for entry in filter(str.isdigit, os.listdir("/proc")):
    try:
        zombies += open(f"/proc/{entry}/stat").read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        pass
print(json.dumps({
    "ids": sorted({*of("Uid"), *of("Gid")}), "rights": of("CapEff")[0],
    "new_rights": of("NoNewPrivs")[0] == "0", "writable": writable, "data": data,
    "programs": [name for name in ("curl", "wget", "gcc") if shutil.which(name)],
    "zombies": zombies, "memory_mb": int(of("VmRSS")[0]) // 1024,
}))
"""


@dataclass
class Findings:
    """What was measured, and what is not as promised."""

    figures: dict[str, object] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def measured(self, name: str, value: object) -> None:
        """Keep and print a figure."""
        self.figures[name] = value
        print(f"{name}: {value}", flush=True)

    def check(self, holds: bool, complaint: str) -> None:
        """Keep and print the complaint unless it holds."""
        if not holds:
            self.complaints.append(complaint)
            print(f"NOT AS PROMISED: {complaint}", flush=True)


@dataclass(frozen=True)
class Engine:
    """podman or docker: the words that both understand."""

    command: tuple[str, ...]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command of the engine, to its end."""
        return subprocess.run(
            [*self.command, *arguments], capture_output=True, text=True, check=False
        )

    def say(self, *arguments: str) -> str:
        """What the command prints. Raises RuntimeError where it fails."""
        done = self.run(*arguments)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(arguments)[:200]} failed: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def look(self, kind: str, name: str) -> dict[str, Any]:
        """What the engine knows of a container or an image."""
        facts: dict[str, Any] = json.loads(self.say(kind, "inspect", name))[0]
        return facts

    @cached_property
    def version(self) -> str:
        """Name and number."""
        return self.say("--version")

    @property
    def is_podman(self) -> bool:
        """Whether it has podman's own options."""
        return self.version.startswith("podman")


@dataclass
class Container:
    """One container of the image; its environment is added to the image's."""

    engine: Engine
    image: str
    volumes: dict[str, str] = field(default_factory=dict)
    """By name, the folder of each."""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Of the app, in the container's own network."""
        port = self.environment.get("STREAMLIT_SERVER_PORT", "8501")
        path = self.environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        return f"http://127.0.0.1:{port}" + (f"/{path}" if path else "")

    @contextmanager
    def started(self) -> Iterator[float]:
        """The container up and healthy, and how many seconds that took; gone afterwards."""
        options = [f"--env={name}={value}" for name, value in self.environment.items()]
        options += [f"--volume={name}:{folder}" for name, folder in self.volumes.items()]
        if self.engine.is_podman:
            # Without the tmpfs on /run and /var/tmp that docker does not give.
            options.append("--read-only-tmpfs=false")
        begin = time.monotonic()
        try:
            self.engine.say("run", "--detach", f"--name={NAME}", *RUN_OPTIONS, *options, self.image)
            self.python(WAIT, f"{self.address}/_stcore/health")
            yield time.monotonic() - begin
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.log()}") from error
        finally:
            self.engine.run("rm", "--force", NAME)

    def python(self, code: str, *arguments: str, user: str = "") -> str:
        """What Python code prints that runs in the container."""
        who = ("--user", user) if user else ()
        return self.engine.say("exec", *who, NAME, "python", "-c", code, *arguments)

    def facts(self) -> dict[str, Any]:
        """How the server runs, as seen from inside."""
        found: dict[str, Any] = json.loads(self.python(FACTS))
        return found

    def health(self) -> int:
        """The exit code of the image's own health check."""
        return self.engine.run("exec", NAME, *health_check(self.engine, self.image)).returncode

    def stop(self) -> tuple[float, int]:
        """Ask the server to stop: seconds until it has, and its exit code."""
        begin = time.monotonic()
        self.engine.say("kill", "--signal", "TERM", NAME)
        code = int(self.engine.say("wait", NAME))
        return time.monotonic() - begin, code

    def log(self) -> str:
        """All that the server wrote so far."""
        done = self.engine.run("logs", NAME)
        return done.stdout + done.stderr

    @asynccontextmanager
    async def visitor(self, findings: Findings) -> AsyncIterator[Page]:
        """A page of a browser that has the container's network and no other."""
        program = chromium_program()
        process = self.engine.look("container", NAME)["State"]["Pid"]
        with tempfile.TemporaryDirectory() as folder:
            inside = Path(folder) / "chromium"
            enter = f"nsenter --net=/proc/{process}/ns/net {shlex.quote(program)}"
            inside.write_text(f'#!/bin/sh\nexec {enter} "$@"\n')
            inside.chmod(0o755)
            async with async_chromium(str(inside)) as browser:
                page = await browser.new_page(viewport={"width": 1280, "height": 900})
                page.set_default_timeout(1000 * PATIENCE_S)
                page.on("console", lambda line: _hear(findings, line))
                page.on("pageerror", lambda error: findings.check(False, f"a page fails: {error}"))
                page.on("request", lambda request: _follow(findings, self.address, request.url))
                try:
                    yield page
                except (BrowserError, AssertionError) as error:
                    findings.check(False, f"at {page.url}: {error}")


def _hear(findings: Findings, line: ConsoleMessage) -> None:
    # Opened below its own address, as in /train, Streamlit looks for its server there first.
    where = line.location["url"]
    sought = where.endswith(("/_stcore/health", "/_stcore/host-config")) and "404" in line.text
    findings.check(line.type != "error" or sought, f"the console says {line.text[:300]} ({where})")


def _follow(findings: Findings, address: str, url: str) -> None:
    own = (address, address.replace("http", "ws", 1), "data:", "blob:")
    findings.check(url.startswith(own), f"a page asked for {url[:200]}")


def health_check(engine: Engine, image: str) -> list[str]:
    """The command of the image's health check."""
    facts = engine.look("image", image)
    check = facts.get("Healthcheck") or facts["Config"].get("Healthcheck")
    if not check:
        raise RuntimeError("the image has no health check; podman builds one with --format docker")
    kind, *command = check["Test"]
    if kind != "CMD":
        raise RuntimeError(f"the health check needs a shell: {check['Test']}")
    return [str(word) for word in command]
