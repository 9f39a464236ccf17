"""The real app in a real browser. Needs Playwright and any Chromium; skipped without."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.live_app import BROWSER_FLAGS, find_chromium, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the app on the shipped checkpoints."""
    with serve() as address:
        yield address


# Closed with the last browser test: while it is open, no other test may start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium found: install chromium or google-chrome to run browser tests")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
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
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("console", check_console)
        page.on("request", check_request)
        page.goto(f"{server}{path}")
        page.locator('.board[aria-busy="false"]').wait_for()
        return page

    yield open_app
    for context in contexts:
        context.close()
    assert not complaints
