"""The real app in a real browser. Needs Playwright and any Chromium; skipped without."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from benchmarks.live_app import BROWSER_FLAGS, find_chromium, serve_process
from tests.browser.waiting import at_rest, settled
from vae_model.runs import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

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
        run.rename(root, run_id, name)
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
    # Without the windows of a desktop it does the same with a third less of the processor.
    program = shutil.which("chromium-headless-shell") or find_chromium()
    if program is None:
        pytest.skip("no Chromium found: install chromium or google-chrome to run browser tests")
    playwright.expect.set_options(timeout=PATIENCE_MS)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def used_window(browser: "Browser") -> Iterator["Page"]:
    """A window for one test after another: what a browser has loaded once costs it little."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def windows(
    browser: "Browser", server: str, used_window: "Page"
) -> Callable[[], AbstractContextManager[Open]]:
    """What opens the app for visitors who were never there; it complains afterwards of errors in
    their consoles and of requests that left for somewhere else."""
    return lambda: _windows(browser, server, used_window)


@pytest.fixture
def open_app(windows: Callable[[], AbstractContextManager[Open]]) -> Iterator[Open]:
    """Opens the app, for one test."""
    with windows() as open_app:
        yield open_app


@contextmanager
def _windows(browser: "Browser", server: str, used_window: "Page") -> Iterator[Open]:
    pages: list[Page] = []
    complaints: list[str] = []
    expected: list[str] = []
    own = (server, server.replace("http", "ws"), "data:", "blob:")
    # Below the root Streamlit looks for its own addresses beside the page first.
    beside = re.compile(re.escape(server) + r"/\w+/_stcore/(health|host-config)$")

    def check_console(message: "ConsoleMessage") -> None:
        known = beside.match(message.location["url"]) or any(
            text in message.text for text in expected
        )
        if message.type == "error" and not known:
            complaints.append(f"{message.text} {message.location['url']}")

    def check_request(request: "Request") -> None:
        if not request.url.startswith(own):
            complaints.append(f"request to {request.url}")

    def check_error(error: "Error") -> None:
        complaints.append(f"page error: {error}")

    def open_app(
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        color_scheme: Literal["light", "dark"] | None = None,
        reduced_motion: Literal["reduce"] | None = None,
        fresh: bool = False,
        init_script: str = "",
        expect_errors: Sequence[str] = (),
        **more: Any,
    ) -> "Page":
        """Fresh, or of other than the usual kind: a window of its own."""
        expected.extend(expect_errors)
        if fresh or init_script or more or used_window in pages:
            page = browser.new_context(**more).new_page()
            page.set_default_timeout(PATIENCE_MS)
            if init_script:
                page.add_init_script(init_script)
        else:
            page = used_window
            _forget(page, server)
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            color_scheme=color_scheme or "light", reduced_motion=reduced_motion or "no-preference"
        )
        page.on("pageerror", check_error)
        page.on("console", check_console)
        page.on("request", check_request)
        page.goto(f"{server}{path}")
        if re.match(r"/(\?|$)", path):
            settled(page.locator(".board"))
        else:
            at_rest(page)
        return page

    yield open_app
    for page in pages:
        if page is not used_window:
            page.context.close()
            continue
        page.remove_listener("pageerror", check_error)
        page.remove_listener("console", check_console)
        page.remove_listener("request", check_request)
        for other in page.context.pages:
            if other is not page:
                other.close()
    assert not complaints


def _forget(page: "Page", server: str) -> None:
    """All that the window knows of a visitor who was there before."""
    page.mouse.up()
    page.mouse.move(0, 0)
    page.goto(f"{server}/_stcore/health")
    page.evaluate("localStorage.clear(), sessionStorage.clear()")
    page.context.clear_cookies()
