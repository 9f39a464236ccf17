"""The real app in a real browser. Needs Playwright and any Chromium; skipped without."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.live_app import BROWSER_FLAGS, find_chromium, serve_process
from tests.browser.waiting import settled
from vae_model import runs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

PATIENCE_MS = 30_000
"""A state that has not come by then does not come."""
# Run names that a browser, Markdown or Plotly may take for more than text.
HOSTILE = {
    "html": "<img src=//x.invalid/a onerror=pwned=1><script>pwned=1",
    "pictures": "![a](http://x.invalid/b) [c](http://x.invalid/c) <b>d</b>",
    "marks": r":red[r] :smile: $\frac{a}{b}$ **b** _i_ `k` ~s~ &lt;",
    "links": "www.x.invalid http://x.invalid/e a@x.invalid",
}


@pytest.fixture(scope="session")
def runs_folder(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs with hostile names, by id."""
    root = tmp_path_factory.mktemp("browser") / "runs"
    for run_id, name in HOSTILE.items():
        shutil.copytree(trained_once / "done", root / run_id)
        runs.rename(root, run_id, name)
    return root


@pytest.fixture(scope="session")
def server(runs_folder: Path) -> Iterator[str]:
    """Address of the app with the shipped checkpoints, and runs of its own."""
    with serve_process(environment={"VAE_RUNS_DIR": str(runs_folder)}) as (address, _):
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One Chromium for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium found: install chromium or google-chrome to run browser tests")
    playwright.expect.set_options(timeout=PATIENCE_MS)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def windows(browser: "Browser", server: str) -> Callable[[], AbstractContextManager[Open]]:
    """What opens the app in fresh windows; it complains afterwards of errors in their consoles and
    of requests that left for somewhere else."""
    return lambda: _windows(browser, server)


@pytest.fixture
def open_app(windows: Callable[[], AbstractContextManager[Open]]) -> Iterator[Open]:
    """Opens the app in a fresh window, for one test."""
    with windows() as open_app:
        yield open_app


@contextmanager
def _windows(browser: "Browser", server: str) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    own = (server, server.replace("http", "ws"), "data:", "blob:")

    def check_console(message: "ConsoleMessage") -> None:
        if message.type == "error":
            complaints.append(message.text)

    def check_request(request: "Request") -> None:
        if not request.url.startswith(own):
            complaints.append(f"request to {request.url}")

    def open_app(
        path: str = "/", *, width: int = 1280, height: int = 800, touch: bool = False, **more: Any
    ) -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("console", check_console)
        page.on("request", check_request)
        page.goto(f"{server}{path}")
        settled(page.locator(".board"))
        return page

    yield open_app
    for context in contexts:
        context.close()
    assert not complaints
