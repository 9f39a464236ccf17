"""The real app on a free port: for tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 90
"""A server that has not begun, or ended, by then does not: a busy machine takes its time."""


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
    *,
    port: int | None = None,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    wrapper: Sequence[str] = (),
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """As `serve`, with the server's process beside the address.

    On a free port unless told which. What it logs is added to a file; environment is added to this
    process's own, folder has the app.py to run, and wrapper is a command that is to run it.
    """
    own = {key: value for key, value in os.environ.items() if key != "VAE_CHECKPOINTS_DIR"}
    own |= environment or {}
    if checkpoints is not None:
        own["VAE_CHECKPOINTS_DIR"] = str(checkpoints)
    port = port or free_port()
    command = [*wrapper, sys.executable, "-m", "streamlit", "run", "app.py"]
    with (log or Path(os.devnull)).open("ab") as lines:
        server = subprocess.Popen(
            [*command, "--server.port", str(port), "--server.address", "127.0.0.1"],
            cwd=folder,
            env=own,
            stdout=subprocess.DEVNULL,
            stderr=lines,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, server)
        yield address, server
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def processor_seconds(process: int) -> float:
    """What a process has used of the processor since its start (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_until_healthy(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not become healthy within {PATIENCE_S} seconds")
