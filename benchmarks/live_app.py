"""The real app on a free port, and a real browser to look at it: for tests and measurements."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The program of a Chromium that is installed on this machine."""
    names = ("/usr/bin/chromium", "chromium", "google-chrome", "chromium-browser")
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def serve(checkpoints: Path | None = None) -> Iterator[str]:
    """Run the app and give its address. Serves the shipped checkpoints unless told otherwise.

    Raises RuntimeError where it does not start.
    """
    with serve_process(checkpoints) as (address, _):
        yield address


@contextmanager
def serve_process(
    checkpoints: Path | None = None,
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """As `serve`, with the server's process beside the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key != "VAE_CHECKPOINTS_DIR"}
    if checkpoints is not None:
        environment["VAE_CHECKPOINTS_DIR"] = str(checkpoints)
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    server = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.address", "127.0.0.1"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, server)
        yield address, server
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_until_healthy(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not become healthy within 30 seconds")
