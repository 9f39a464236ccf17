"""The real app in a real browser. Needs any Chromium; skipped without."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.browser.waiting import at_rest, settled
from tests.support.app import serve_process
from tests.support.browser import chromium, find_chromium
from vae_model.runs import archive, run

PATIENCE_MS = 30_000
"""A state that has not come by then does not come."""
FINISHED_RUN = Path(__file__).parents[1] / "files" / "run-before-the-move.zip"
# Run names that a browser, Markdown or Plotly may take for more than text.
HOSTILE_NAMES = (
    "<img src=//x.invalid/a onerror=pwned=1> ![a](//x.invalid/b)",
    r":red[r] :smile: $\frac{a}{b}$ **b** `k` &lt; www.x.invalid",
)


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished runs with hostile names."""
    root = tmp_path_factory.mktemp("browser") / "runs"
    for name in HOSTILE_NAMES:
        run.rename(root, archive.import_run(root, FINISHED_RUN), name)
    return root


@pytest.fixture(scope="session")
def server(runs_folder: Path) -> Iterator[str]:
    """Address of the app with the shipped checkpoints, and runs of its own."""
    with serve_process(environment={"VAE_RUNS_DIR": str(runs_folder)}) as (address, _):
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    # Without the windows of a desktop it does the same with a third less of the processor.
    program = shutil.which("chromium-headless-shell") or find_chromium()
    if program is None:
        pytest.skip("no Chromium found: install chromium or google-chrome to run browser tests")
    expect.set_options(timeout=PATIENCE_MS)
    with chromium(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def used_window(browser: Browser) -> Iterator[Page]:
    """For one test after another: what a browser has loaded once costs it little."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def window(used_window: Page, server: str) -> Iterator[Page]:
    """A window that has forgotten all visitors before."""
    page = used_window
    page.mouse.up()
    page.mouse.move(0, 0)
    page.goto(f"{server}/_stcore/health")
    page.evaluate("localStorage.clear(), sessionStorage.clear()")
    page.context.clear_cookies()
    page.context.clear_permissions()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(
        media="screen", color_scheme="light", reduced_motion="no-preference", forced_colors="none"
    )
    yield page
    for other in page.context.pages:
        if other is not page:
            other.close()


Open = Callable[..., Page]


@pytest.fixture
def open_app(browser: Browser, server: str, window: Page) -> Iterator[Open]:
    """Opens the app for visitors who were never there; complains afterwards of errors in their
    consoles and of requests that left for somewhere else."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    expected: list[str] = []
    own = ["data:", "blob:"]
    # Below the root Streamlit looks for its own addresses beside the page first.
    beside = re.compile(r"http://[^/]+/\w+/_stcore/(health|host-config)$")

    def check_console(message: ConsoleMessage) -> None:
        known = beside.match(message.location["url"]) or any(
            text in message.text for text in expected
        )
        if message.type == "error" and not known:
            complaints.append(f"{message.text} {message.location['url']}")

    def check_request(request: Request) -> None:
        if not request.url.startswith(tuple(own)):
            complaints.append(f"request to {request.url}")

    def check_error(error: Any) -> None:
        complaints.append(f"page error: {error.error}")

    checks = {"console": check_console, "request": check_request, "weberror": check_error}

    def open_app(
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        color_scheme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "no-preference",
        init_script: str = "",
        expect_errors: Sequence[str] = (),
        at: str = server,
        **more: Any,
    ) -> Page:
        """Of the test's second visitor, or of one with more options: in a context of its own, which
        has loaded nothing yet and takes seconds longer."""
        expected.extend(expect_errors)
        own.extend([at, at.replace("http", "ws")])
        if more or contexts:
            context = browser.new_context(**more)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
        else:
            context, page = window.context, window
        contexts.append(context)
        if init_script:
            page = context.new_page()
            page.add_init_script(init_script)
        for event, check in checks.items():
            context.on(event, check)  # type: ignore[call-overload]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        page.goto(f"{at}{path}")
        if at == server and re.match(r"/(\?|$)", path):
            settled(page.locator(".board"))
        else:
            at_rest(page)
        return page

    yield open_app
    for context in contexts:
        if context is not window.context:
            context.close()
            continue
        for event, check in checks.items():
            context.remove_listener(event, check)
    assert not complaints
